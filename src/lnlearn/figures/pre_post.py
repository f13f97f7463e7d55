"""The figures of the chapter on norms before and after the sublayers."""

import numpy as np
from matplotlib.ticker import LogLocator, StrMethodFormatter

from lnlearn.figures.style import BAND, INK, MUTED, ORANGE, PAPER, SERIES, SHAPES, new_figure


def norm_places():
    """Draw one sublayer with its norm, twice: Post-LN on the left, Pre-LN on the right."""
    figure, axes = new_figure(3.9, 3.4, 1, 2)
    arrow = {"arrowstyle": "->", "color": INK, "lw": 1.3}
    skip = {"arrowstyle": "->", "color": ORANGE, "lw": 2.2}
    steps = {
        "Post-LN": (("attention", 1), ("+", 2), ("norm", 3)),
        "Pre-LN": (("norm", 1), ("attention", 2), ("+", 3)),
    }
    for ax, (name, boxes) in zip(axes, steps.items(), strict=True):
        ax.set(xlim=(-1.3, 1), ylim=(-0.2, 4.2))
        ax.set_axis_off()
        ax.set_title(name, fontsize=11)
        ax.text(0.12, 0, "x", ha="left", va="center")
        for text, height in boxes:
            box = {"boxstyle": "round,pad=0.3", "fc": BAND if text == "norm" else PAPER, "ec": INK}
            ax.text(0, height, text, ha="center", va="center", bbox=box)
        for height in range(4):
            ax.annotate("", (0, height + 0.72), (0, height + 0.25), arrowprops=arrow)
        [plus] = [height for text, height in boxes if text == "+"]
        ax.plot([0, -1.05, -1.05], [0.35, 0.35, plus], color=ORANGE, lw=2.2)
        ax.annotate("", (-0.2, plus), (-1.05, plus), arrowprops=skip)
    return figure


def along_blocks(curves, ylabel, band=None, log=True):
    """Draw a quantity of each block, as a mean over seeds with its spread.

    Parameters
    ----------
    curves : mapping of str to array of shape (seeds, blocks)
        By the name of the placement.
    ylabel : str
    band : tuple of two arrays of shape (blocks,), optional
        The lower and the upper bound of a theorem, drawn as an area.
    log : bool, default True
        Whether equal factors are equal steps upwards.
    """
    figure, [ax] = new_figure(3.9, 3.4)
    if band is not None:
        ax.fill_between(np.arange(1, len(band[0]) + 1), *band, color=BAND, label="bounds")
    for i, (name, values) in enumerate(curves.items()):
        values = np.asarray(values)
        blocks = np.arange(1, values.shape[1] + 1)
        ax.fill_between(blocks, values.min(0), values.max(0), color=SERIES[i], alpha=0.25, lw=0)
        ax.plot(blocks, values.mean(0), color=SERIES[i], marker=SHAPES[i], ms=4, label=name)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set(xlabel="block", ylabel=ylabel)
    if log:
        _plain_logarithmic(ax)
    columns = 2 if band is None else 3
    figure.legend(loc="outside lower center", ncols=columns, columnspacing=1, frameon=False)
    return figure


def _plain_logarithmic(ax):
    """Make equal factors equal steps upwards, with ticks like 0.1, 0.2 and 0.5."""
    ax.set_yscale("log")
    ax.minorticks_off()
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))


def against_depth(depths, curves, ylabel):
    """Draw a quantity against the number of blocks, with the power of the depth that fits it.

    Parameters
    ----------
    depths : sequence of int
    curves : mapping of str to (array of shape (seeds, depths), float)
        By the name of the placement, the values and the slope in a log-log plot.
    ylabel : str
    """
    figure, [ax] = new_figure(3.9, 3.4)
    for i, (name, (values, slope)) in enumerate(curves.items()):
        logs = np.log(values)
        mean, x = np.exp(logs.mean(0)), np.log(depths)
        spread = np.exp([logs.mean(0) - logs.min(0), logs.max(0) - logs.mean(0)])
        low, high = mean / spread[0], mean * spread[1]
        bars = [mean - low, high - mean]
        look = {"color": SERIES[i], "marker": SHAPES[i], "ms": 5, "lw": 0, "elinewidth": 1.2}
        ax.errorbar(depths, mean, bars, label=f"{name}: depth to the power {slope:.2f}", **look)
        line = np.exp(logs.mean() + slope * (x - x.mean()))
        ax.plot(depths, line, color=SERIES[i], lw=1.2)
    ax.set(xscale="log", xlabel="blocks", ylabel=ylabel)
    ax.set_xticks(depths, [str(depth) for depth in depths])
    _plain_logarithmic(ax)
    figure.legend(loc="outside lower center", ncols=1, frameon=False)
    return figure


def errors_by_placement(rows, chance=0.9):
    """Draw test errors, one point a seed, in a row for each placement.

    Parameters
    ----------
    rows : mapping of str to mapping of str to sequence of float
        By placement, by the name of the setting, the error of each seed, between 0 and 1.
    chance : float, default 0.9
        The error of guessing, drawn as a dotted line.
    """
    settings = list(next(iter(rows.values())))
    figure, [ax] = new_figure(3.9, 1.2 + 0.34 * len(rows))
    for y, by_setting in enumerate(rows.values()):
        for i, setting in enumerate(settings):
            errors = 100 * np.asarray(by_setting[setting])
            height = y + 0.14 * (i - (len(settings) - 1) / 2)
            label = setting if y == 0 else None
            look = {"color": SERIES[i], "marker": SHAPES[i], "ms": 5, "lw": 0}
            ax.plot(errors, np.full(len(errors), height), label=label, **look)
    ax.axvline(100 * chance, color=MUTED, ls=":", lw=1)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(xlabel="test error in percent", xlim=(0, 100), ylim=(len(rows) - 0.5, -0.5))
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure
