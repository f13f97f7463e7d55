"""The figures of the chapter on axes."""

import math

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from lnlearn.figures.style import BAND, BLUE, GREEN, INK, ORANGE, PAPER, PURPLE, new_figure

SETS = (BLUE, ORANGE, GREEN, PURPLE)


def blocks(panels, changed, names, columns=2, meaning=("changed", "moves", "stays")):
    """Draw which numbers of an array move when one of them is changed, one array a panel.

    Parameters
    ----------
    panels : mapping of str to array-like of bool
        For each title, whether each number of an array of 2 to 4 dimensions moves. All have the
        same shape.
    changed : tuple of int
        The number that was changed. It is marked with a star.
    names : (str, str)
        What the first two axes hold. Their blocks are laid out as a table, and a block shows the
        last two axes (one row of squares, or one square, where there are fewer).
    columns : int, default 2
        How many panels stand side by side.
    meaning : (str, str, str), optional
        What the legend calls the star, a true number and a false one.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shape = np.shape(next(iter(panels.values())))
    figure, axes = _tables(list(panels), shape, names, columns, legend=0.35)
    for ax, moves in zip(axes, panels.values(), strict=True):
        for at, (x, y) in _squares(shape):
            _square(ax, x, y, BLUE if np.asarray(moves)[at] else BAND)
            if at == tuple(changed):
                ax.plot(x + 0.5, y + 0.5, "*", color=PAPER, mew=0)
    square = {"ls": "none", "marker": "s", "ms": 8, "mew": 0}
    legend = [
        Line2D([], [], ls="none", marker="*", color=INK, mew=0, label=meaning[0]),
        Line2D([], [], color=BLUE, label=meaning[1], **square),
        Line2D([], [], color=BAND, label=meaning[2], **square),
    ]
    figure.legend(handles=legend, loc="outside lower center", ncols=3, frameon=False)
    return figure


def shared(panels, numbers, names, columns=3):
    """Draw which numbers of an array belong together, in one colour, one grouping a panel.

    Parameters
    ----------
    panels : mapping of str to array-like of int
        For each title, the set that each number of an array of 2 to 4 dimensions belongs to.
        Sets 0 to 3 have colours of their own; then the colours begin again.
    numbers : mapping of str to array-like, or array-like
        What is written into the squares: for each title, or the same in all panels.
    names : (str, str)
        What the first two axes hold, as in `blocks`.
    columns : int, default 3
        How many panels stand side by side.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shape = np.shape(next(iter(panels.values())))
    figure, axes = _tables(list(panels), shape, names, columns, legend=0)
    for ax, (title, sets) in zip(axes, panels.items(), strict=True):
        written = numbers[title] if isinstance(numbers, dict) else numbers
        for at, (x, y) in _squares(shape):
            _square(ax, x, y, SETS[np.asarray(sets)[at] % len(SETS)])
            text = f"{np.asarray(written)[at]}"
            ax.text(x + 0.5, y + 0.5, text, color=PAPER, ha="center", va="center")
    return figure


def _tables(titles, shape, names, columns, legend):
    """A figure with an empty table of blocks for each title, and room for a legend below."""
    down, across, height, width = _four_axes(shape)
    rows = math.ceil(len(titles) / columns)
    down_by, across_by = height + _gap(shape), width + _gap(shape)  # from block to block
    ratio = (down * down_by) / (across * across_by)
    size = 0.1 + legend + rows * (0.75 + ratio * (3.9 / columns - 0.45))
    figure, axes = new_figure(3.9, size, rows, columns)
    for ax, title in zip(axes, titles, strict=False):
        ax.set_title(title, loc="left", fontsize=10)
        ax.set_xticks([b * across_by + width / 2 for b in range(across)], range(1, across + 1))
        ax.set_yticks([a * down_by + height / 2 for a in range(down)], range(1, down + 1))
        ax.set(ylabel=names[0], xlabel=names[1], aspect="equal")
        ax.set_xlim(-0.1, across * across_by - _gap(shape) + 0.1)
        ax.set_ylim(down * down_by - _gap(shape) + 0.1, -0.1)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    for ax in axes[len(titles) :]:
        ax.remove()
    return figure, axes[: len(titles)]


def _gap(shape):
    """What separates two blocks, in squares: little where each is a single square."""
    return 0.7 if len(shape) > 2 else 0.1


def _squares(shape):
    """The index of each number of an array, and the corner of its square."""
    _, _, height, width = _four_axes(shape)
    for at in np.ndindex(shape):
        a, b, h, w = _four_axes(at, fill=0)
        yield at, (b * (width + _gap(shape)) + w, a * (height + _gap(shape)) + h)


def _square(ax, x, y, colour):
    ax.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=PAPER))


def _four_axes(shape, fill=1):
    """A shape of 2 to 4 axes, of which the first two are a table of blocks, with all four."""
    return (*shape[:2], *(fill, fill)[: 4 - len(shape)], *shape[2:])
