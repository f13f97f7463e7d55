"""The figures of the chapter on what does the work in layer norm."""

import numpy as np

from lnlearn.figures.style import (
    BAND,
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    SHAPES,
    WIDTH,
    new_figure,
)

COLOURS = {"no norm": MUTED, "neither": ORANGE, "only μ": PURPLE, "only σ": GREEN, "both": BLUE}
MARKERS = dict(zip(COLOURS, SHAPES, strict=False))


def gradients_of_one_token(gradients):
    """Draw one token's gradient, feature by feature, as four versions of a norm return it.

    Parameters
    ----------
    gradients : mapping of str to sequence of float
        By the name of the version, one of `COLOURS`, the gradient of each feature.
    """
    figure, axes = new_figure(WIDTH, 3.6, 2, 2, sharex=True, sharey=True)
    for ax, (name, dx) in zip(axes, gradients.items(), strict=True):
        places = np.arange(1, len(dx) + 1)
        ax.bar(places, dx, 0.6, color=COLOURS[name])
        ax.axhline(0, color=INK, lw=0.8)
        for place, value in zip(places, dx, strict=True):
            above = value >= 0
            ax.annotate(
                f"{value:.2f}", (place, value), (0, 2 if above else -2), ha="center",
                va="bottom" if above else "top", textcoords="offset points",
            )  # fmt: skip
        ax.set_title(f"{name}, sum {abs(sum(dx)):.2f}", loc="left", fontsize=10)
        ax.set(ylim=(-1.0, 1.5), xticks=places)
    for ax in axes[2:]:
        ax.set_xlabel("feature")
    figure.supylabel("gradient of x", fontsize=10)
    return figure


def variance_and_correlation(correlation, ratios):
    """Draw the variance of dx, relative to that of g/σ, against the correlation of g and x.

    Parameters
    ----------
    correlation : array-like of shape (N,)
        For each of N tokens, between its features and their gradients.
    ratios : mapping of str to array-like of shape (N,)
        Of the two versions "neither" and "both".
    """
    figure, [ax] = new_figure(WIDTH, 3.0)
    for name, ratio in ratios.items():
        ax.plot(correlation, ratio, MARKERS[name], ms=4, mfc="none", color=COLOURS[name])
    ax.text(0, 1.1, "σ held fixed: 1", ha="center", color=COLOURS["neither"])
    ax.text(0, 0.5, "σ followed: 1 − ρ²", ha="center", color=COLOURS["both"])
    ax.set(xlabel="correlation ρ of g and x", ylabel="variance of dx · σ² / variance of g")
    ax.set(xlim=(-1.05, 1.05), ylim=(0, 1.2))
    return figure


def errors_of_runs(settings):
    """Draw the error of every trained network as a mark, a row for each version of the norm.

    Parameters
    ----------
    settings : mapping of str to mapping of str to sequence of float
        For each panel, by its title: for each version, by its name in `COLOURS`, the error of
        every seed in per cent.
    """
    height = 0.6 + sum(0.4 + 0.24 * len(versions) for versions in settings.values())
    rows = [len(versions) + 1 for versions in settings.values()]
    figure, axes = new_figure(
        WIDTH, height, len(settings), sharex=True, gridspec_kw={"height_ratios": rows}
    )
    for ax, (title, versions) in zip(axes, settings.items(), strict=True):
        for row, (name, errors) in enumerate(versions.items()):
            ax.plot([min(errors), max(errors)], [row, row], color=BAND, lw=6, zorder=0)
            ax.plot(errors, [row] * len(errors), MARKERS[name], ms=5, color=COLOURS[name])
        ax.set_yticks(range(len(versions)), versions)
        ax.set(xlim=(0, 100), ylim=(len(versions) - 0.4, -0.6))
        ax.set_title(title, loc="left", fontsize=10)
    axes[-1].set_xlabel("wrong test images, in %")
    return figure


def derivatives_by_rate(settings):
    """Draw the mean error of each version of the norm against the learning rate, on a log axis.

    Parameters
    ----------
    settings : mapping of str to mapping of str to mapping of float to float
        For each panel, by its title: for each version, by its name in `COLOURS`, the error in per
        cent by learning rate.
    """
    figure, axes = new_figure(WIDTH, 0.6 + 1.5 * len(settings), len(settings), sharey=True)
    for ax, (title, versions) in zip(axes, settings.items(), strict=True):
        for name, errors in versions.items():
            rates, values = zip(*errors.items(), strict=True)
            ax.plot(rates, values, MARKERS[name] + "-", ms=5, color=COLOURS[name], label=name)
        ax.set(xscale="log", ylim=(0, 100))
        ax.minorticks_off()
        ax.set_title(title, loc="left", fontsize=10)
    axes[-1].set_xlabel("learning rate")
    figure.supylabel("wrong test images, in %", fontsize=10)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3, frameon=False)
    return figure


def cosines_by_layer(cosines):
    """Draw how well a gradient agrees with the true one, layer by layer.

    Parameters
    ----------
    cosines : mapping of str to array-like of shape (N, layers)
        For each version, by its name in `COLOURS`, the cosine in each layer of N networks.
    """
    figure, [ax] = new_figure(WIDTH, 3.0)
    for name, values in cosines.items():
        values = np.asarray(values)
        layers = np.arange(1, values.shape[1] + 1)
        mean = values.mean(0)
        ax.plot(layers, mean, MARKERS[name] + "-", ms=4, color=COLOURS[name])
        offset, side = (-6, "top") if name == "neither" else (5, "bottom")
        ax.annotate(
            name, (layers[0], mean[0]), (0, offset), va=side, color=COLOURS[name],
            textcoords="offset points",
        )  # fmt: skip
    ax.set(xlabel="layer of the weights", ylabel="cosine to the true gradient", ylim=(0, 1.1))
    return figure
