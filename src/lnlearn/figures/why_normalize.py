"""The figures of the chapter that asks why one normalizes."""

import numpy as np
from matplotlib.ticker import NullLocator

from lnlearn.figures.style import BAND, BLUE, INK, MUTED, ORANGE, SERIES, SHAPES, WIDTH, new_figure

QUANTITIES = ("size of the signal", "size of the gradient")


def histograms(networks):
    """Draw histograms of what some layers put out, a row of panels for each network.

    Parameters
    ----------
    networks : mapping of str to mapping of int to array-like of shape (D,)
        For each network, named above its row: by the number of the layer, what it puts out. Every
        network has the same layers.

    Returns
    -------
    matplotlib.figure.Figure
        All panels have the same axes, from -3 to 3. A bar that is higher than its panel is cut
        off.
    """
    layers = list(next(iter(networks.values())))
    height = 0.6 + 0.95 * len(networks)
    figure, axes = new_figure(WIDTH, height, len(networks), len(layers), sharex=True, sharey=True)
    edges = np.linspace(-3, 3, 25)
    for i, (name, by_layer) in enumerate(networks.items()):
        row = axes[i * len(layers) : (i + 1) * len(layers)]
        # Above all four panels: the title is not to widen the first.
        row[0].set_title(name, loc="left", fontsize=10).set_in_layout(False)
        for ax, layer in zip(row, layers, strict=True):
            numbers = np.asarray(by_layer[layer])
            counts, _ = np.histogram(numbers, edges)
            ax.stairs(counts / numbers.size, edges, fill=True, color=SERIES[i])
            ax.set(xlim=(-3, 3), ylim=(0, 0.25), xticks=(-2, 0, 2), yticks=[])
            ax.spines["left"].set_visible(False)
    for ax, layer in zip(axes[-len(layers) :], layers, strict=True):
        ax.set_xlabel(f"layer {layer}")
    return figure


def sizes_at_the_end(draws):
    """Draw how the size of the last list is distributed over many networks.

    Parameters
    ----------
    draws : mapping of str to array-like of shape (N,)
        For each kind of network, named above its panel, the sizes at the end of N of them.

    Returns
    -------
    matplotlib.figure.Figure
        One panel above the other, on a logarithmic axis. A dashed line marks the size 1, a solid
        one the median, with its value.
    """
    figure, axes = new_figure(WIDTH, 0.6 + 1.15 * len(draws), len(draws), sharex=True)
    edges = np.logspace(-1.5, 1, 51)
    for ax, (name, sizes) in zip(axes, draws.items(), strict=True):
        counts, _ = np.histogram(sizes, edges)
        median = float(np.median(sizes))
        ax.stairs(counts, edges, fill=True, color=BAND)
        ax.axvline(1, color=MUTED, ls="--")
        ax.axvline(median, color=ORANGE)
        ax.annotate(
            f"median {median:.2f}", (median, 0.86), (-5, 0), ha="right", color=ORANGE,
            xycoords=("data", "axes fraction"), textcoords="offset points",
        )  # fmt: skip
        ax.set(xscale="log", yticks=[])
        ax.xaxis.set_major_formatter("{x:g}")
        ax.set_title(name, loc="left", fontsize=10)
        ax.spines["left"].set_visible(False)
    axes[-1].set_xlabel("size of the signal after fifty layers")
    return figure


def sizes_through_depth(networks):
    """Draw the size of the signal and of the gradient against depth, one curve a network.

    Parameters
    ----------
    networks : mapping of str to mapping of str to (sequence of float, sequence of float)
        For each network, named in the legend (at most 6): by the title of the column, the size of
        the signal and the size of the gradient at depth 0, 1, 2 and so on. Every network has the
        same columns.

    Returns
    -------
    matplotlib.figure.Figure
        Signals above gradients, on logarithmic axes. Each curve has its own marks, at depths where
        no other curve has one, so that curves which coincide are all seen.
    """
    columns = list(next(iter(networks.values())))
    figure, axes = new_figure(WIDTH, 4.6, 2, len(columns), sharex=True, sharey="row")
    for i, (name, by_column) in enumerate(networks.items()):
        for j, column in enumerate(columns):
            for row, sizes in enumerate(by_column[column]):
                ax = axes[row * len(columns) + j]
                style = {"color": SERIES[i], "marker": SHAPES[i], "ms": 4.5, "lw": 1.2}
                every = (3 * i, 3 * len(networks))
                ax.plot(sizes, markevery=every, label=name if ax is axes[0] else None, **style)
    for ax, column in zip(axes, columns, strict=False):
        ax.set_title(column, loc="left", fontsize=10)
    for ax, quantity in zip(axes[:: len(columns)], QUANTITIES, strict=True):
        ax.set(yscale="log", ylabel=quantity)
    for ax in axes[len(columns) :]:
        ax.set_xlabel("depth, in layers")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, columnspacing=1)
    return figure


def gradients_of_weights(networks):
    """Draw signal, gradient and the gradient of the weights against depth, a panel a network.

    Parameters
    ----------
    networks : mapping of str to (sequence of float, sequence of float, sequence of float)
        For each network, named above its panel: the sizes of the signal and of the gradient at
        depth 0 to n, and the size of the gradient of the weights in layers 1 to n.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = new_figure(WIDTH, 3.0, 1, len(networks), sharey=True)
    for ax, (name, (signal, gradient, weights)) in zip(axes, networks.items(), strict=True):
        ax.plot(signal, color=BLUE, label="signal")
        ax.plot(gradient, color=ORANGE, ls="--", label="gradient")
        layers = np.arange(1, len(weights) + 1)
        ax.plot(layers, weights, "o", color=INK, ms=2.5, label="gradient of weights")
        ax.set(yscale="log", xlabel="depth, in layers")
        ax.set_title(name, loc="left", fontsize=10)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside lower center", ncols=3, frameon=False,
        columnspacing=1, handlelength=1.5,
    )  # fmt: skip
    return figure


def changes_of_factors(runs):
    """Draw how training changes the factor by which each layer multiplies the size.

    Parameters
    ----------
    runs : mapping of str to sequence of sequences of float
        For each run, named above its panel: after each step (at most 6), the factor of every layer
        divided by what it was at the start.

    Returns
    -------
    matplotlib.figure.Figure
        One panel above the other, each with a logarithmic axis of its own. A line marks what has
        not changed.
    """
    figure, axes = new_figure(WIDTH, 0.9 + 1.5 * len(runs), len(runs), sharex=True)
    for ax, (name, steps) in zip(axes, runs.items(), strict=True):
        for step, changes in enumerate(steps):
            layers = np.arange(1, len(changes) + 1)
            style = {"color": SERIES[step], "ms": 3, "label": f"after step {step + 1}"}
            ax.plot(layers, changes, SHAPES[step], **style)
        ax.axhline(1, color=MUTED, lw=0.8)
        ax.set(yscale="log", ylabel="times its start")
        low, high = ax.get_ylim()
        few_percent = high / low < 1.5
        ticks = (0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2) if few_percent else (0.1, 0.3, 0.6, 1, 2, 4, 10)
        ax.set_yticks([tick for tick in ticks if low < tick < high])
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_locator(NullLocator())
        ax.set_title(name, loc="left", fontsize=10)
    axes[-1].set_xlabel("layer")
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside lower center", ncols=3, frameon=False,
        markerscale=2, columnspacing=1, handletextpad=0.2,
    )  # fmt: skip
    return figure
