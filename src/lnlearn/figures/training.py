"""The figures of the chapter on training with layer norm."""

import numpy as np
from matplotlib.ticker import NullLocator

from lnlearn.figures.style import BLUE, GREEN, MUTED, ORANGE, PURPLE, SHAPES, WIDTH, new_figure

NORM_COLOURS = {"no norm": MUTED, "batch norm": ORANGE, "layer norm": BLUE, "RMS norm": GREEN}
NORM_SHAPES = dict(zip(NORM_COLOURS, SHAPES, strict=False))


def loss_curves(curves, window):
    """Draw the loss of the batches during training, a line for each seed.

    Parameters
    ----------
    curves : mapping of str to array of shape (seeds, windows)
        By the name of the norm, the mean loss in each window of steps.
    window : int
        How many steps a window has.
    """
    figure, [ax] = new_figure(WIDTH, 3.0)
    for name, seeds in curves.items():
        for number, losses in enumerate(seeds):
            steps = window * np.arange(1, len(losses) + 1)
            label = name if number == 0 else None
            ax.plot(steps, losses, color=NORM_COLOURS[name], lw=1.5, label=label)
    ax.set(xlabel="step", ylabel="loss of the batches", ylim=(0, None), xlim=(0, None))
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def errors_by_rate(panels, chance=90):
    """Draw the test error against the learning rate, a panel for each network.

    Parameters
    ----------
    panels : mapping of str to mapping of str to tuple
        By the panel's title and the name of the norm: the learning rates, an array of shape
        (rates,), and the errors in per cent, of shape (rates, seeds). The line is their mean, the
        area goes from the smallest to the largest.
    chance : float, default 90
        The error of guessing, drawn as a dotted line.
    """
    figure, axes = new_figure(WIDTH, 0.5 + 1.9 * len(panels), len(panels))
    for ax, (title, norms) in zip(axes, panels.items(), strict=True):
        for name, (rates, errors) in norms.items():
            errors = np.asarray(errors)
            low, high = errors.min(1), errors.max(1)
            ax.fill_between(rates, low, high, color=NORM_COLOURS[name], alpha=0.2, lw=0)
            look = {"color": NORM_COLOURS[name], "marker": NORM_SHAPES[name], "ms": 5}
            ax.plot(rates, errors.mean(1), label=name if ax is axes[0] else None, **look)
        ax.axhline(chance, color=MUTED, ls=":", lw=1)
        ax.set_xscale("log")
        ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
        ax.xaxis.set_minor_locator(NullLocator())
        _errors_upwards(ax, title)
    axes[-1].set_xlabel("learning rate")
    figure.legend(loc="outside lower center", ncols=3, columnspacing=1, frameon=False)
    return figure


def errors_by_batch(panels):
    """Draw the test error at the best learning rate, for every batch size.

    Parameters
    ----------
    panels : mapping of str to mapping of str to mapping of int to sequence of float
        By the panel's title, the name of the norm and the batch size: an error in per cent for each
        seed, drawn as a mark. A line joins their means.
    """
    figure, axes = new_figure(WIDTH, 0.5 + 1.9 * len(panels), len(panels), sharex=True)
    for ax, (title, norms) in zip(axes, panels.items(), strict=True):
        for number, (name, by_batch) in enumerate(norms.items()):
            places = np.arange(len(by_batch)) + 0.1 * (number - (len(norms) - 1) / 2)
            errors = np.array(list(by_batch.values()))
            look = {"color": NORM_COLOURS[name], "marker": NORM_SHAPES[name], "ms": 4}
            ax.plot(places, errors.mean(1), color=NORM_COLOURS[name], lw=1.5)
            for seed in errors.T:
                ax.plot(places, seed, lw=0, **look)
            if ax is axes[0]:
                ax.plot([], [], label=name, **look)
        ax.set_xticks(range(len(by_batch)), [f"{batch}" for batch in by_batch])
        _errors_upwards(ax, title)
    axes[-1].set_xlabel("images in a batch")
    figure.legend(loc="outside lower center", ncols=3, columnspacing=1, frameon=False)
    return figure


def _errors_upwards(ax, title):
    """Make equal factors of the error equal steps upwards, from 1 to 100 per cent."""
    ax.set_yscale("log")
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_yticks((1, 3, 10, 30, 100), ("1", "3", "10", "30", "100"))
    ax.set(ylim=(0.9, 115), ylabel="error, %")
    ax.set_title(title, loc="left", fontsize=10)


def along_the_gradient(strides, losses):
    """Draw the loss after one step along the gradient, against the length of the step.

    Parameters
    ----------
    strides : array of shape (strides,)
        By what the gradient is multiplied.
    losses : mapping of str to array of shape (seeds, strides)
        By the name of the norm, the loss after the step divided by that before.
    """
    figure, [ax] = new_figure(WIDTH, 3.2)
    for name, seeds in losses.items():
        for number, values in enumerate(seeds):
            label = name if number == 0 else None
            ax.plot(strides, values, color=NORM_COLOURS[name], lw=1.5, label=label)
    ax.axhline(1, color=PURPLE, ls="--", lw=1)
    ax.text(strides[0], 1.03, "unchanged", color=PURPLE, va="bottom")
    ax.set(xscale="log", ylim=(0, 2), xlabel="stride")
    ax.set_ylabel("loss, after / before")
    ax.xaxis.set_minor_locator(NullLocator())
    ticks = 10.0 ** np.arange(np.ceil(np.log10(strides[0])), np.log10(strides[-1]) + 0.1)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    figure.legend(loc="outside lower center", ncols=3, columnspacing=1, frameon=False)
    return figure
