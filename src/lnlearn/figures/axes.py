"""The figure of the chapter on axes."""

import math

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from lnlearn.figures.style import BAND, BLUE, INK, PAPER, new_figure

GAP = 0.7  # between blocks, in squares


def blocks(panels, changed, names, columns=2):
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

    Returns
    -------
    matplotlib.figure.Figure
    """
    star = np.zeros(np.shape(next(iter(panels.values()))))
    star[changed] = 1
    star = _four_axes(star)
    down, across, height, width = star.shape
    rows = math.ceil(len(panels) / columns)
    ratio = (down * (height + GAP)) / (across * (width + GAP))
    size = 0.45 + rows * (0.75 + ratio * (4.8 / columns - 0.45))
    figure, axes = new_figure(4.8, size, rows, columns)
    for ax, (title, moves) in zip(axes, panels.items(), strict=False):
        moves = _four_axes(moves)
        for a, b, h, w in np.ndindex(star.shape):
            x, y = b * (width + GAP) + w, a * (height + GAP) + h
            colour = BLUE if moves[a, b, h, w] else BAND
            ax.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=PAPER))
            if star[a, b, h, w]:
                ax.plot(x + 0.5, y + 0.5, "*", color=PAPER, mew=0)
        ax.set_title(title, loc="left", fontsize=10)
        ax.set_xticks([b * (width + GAP) + width / 2 for b in range(across)], range(1, across + 1))
        ax.set_yticks([a * (height + GAP) + height / 2 for a in range(down)], range(1, down + 1))
        ax.set(ylabel=names[0], xlabel=names[1], aspect="equal")
        ax.set_xlim(-0.1, across * (width + GAP) - GAP + 0.1)
        ax.set_ylim(down * (height + GAP) - GAP + 0.1, -0.1)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    for ax in axes[len(panels) :]:
        ax.remove()
    figure.legend(handles=_legend(), loc="outside lower center", ncols=3, frameon=False)
    return figure


def _four_axes(array):
    """Give an array of 2 to 4 axes, of which the first two are a table of blocks, all four."""
    shape = np.shape(array)
    return np.reshape(array, (*shape[:2], *(1, 1)[: 4 - len(shape)], *shape[2:]))


def _legend():
    square = {"ls": "none", "marker": "s", "ms": 8, "mew": 0}
    return [
        Line2D([], [], ls="none", marker="*", color=INK, mew=0, label="changed"),
        Line2D([], [], color=BLUE, label="moves", **square),
        Line2D([], [], color=BAND, label="stays", **square),
    ]
