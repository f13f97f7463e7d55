"""The figures of the chapter *Invariances*."""

from itertools import pairwise

import numpy as np

from lnlearn.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    PURPLE,
    SERIES,
    WIDTH,
    new_figure,
)

CELLS = {
    "same": (GREEN, "✓"),
    "sign": (BLUE, "±"),
    "eps": (PURPLE, "✓ if ε = 0"),
    "differs": (ORANGE, "✗"),
}


def before_and_after(rows):
    """Draw the outputs of a few neurons before and after a norm, as bars.

    Parameters
    ----------
    rows : mapping of str to (sequence of float, sequence of float)
        For each row, by its name, the outputs before and after; at most six neurons.

    Returns
    -------
    matplotlib.figure.Figure
        A row for each entry. All bars of a column share one scale.
    """
    figure, axes = new_figure(WIDTH, 0.5 + 0.5 * len(rows), len(rows), 2, sharex=True, sharey="col")
    for (name, pair), *both in zip(rows.items(), axes[::2], axes[1::2], strict=True):
        for ax, values in zip(both, pair, strict=True):
            ax.bar(range(len(values)), values, color=SERIES[: len(values)], width=0.7)
            ax.axhline(0, color=INK, lw=0.8)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        both[0].set_ylabel(name, rotation=0, ha="right", va="center")
    axes[0].set_title("sums", fontsize=10)
    axes[1].set_title("after the norm", fontsize=10)
    return figure


def invariance_grid(columns, rows):
    """Draw which changes leave the output of which norm as it was, as a coloured grid.

    Parameters
    ----------
    columns : sequence of str
        The changes; a line break in a name is kept.
    rows : mapping of str to sequence of str
        For each norm a word for each change: "same", "eps" for the same but for eps, "sign" for
        the same but for its sign, or "differs".

    Returns
    -------
    matplotlib.figure.Figure
        Signs in the cells repeat what the colours say.
    """
    figure, [ax] = new_figure(WIDTH, 0.6 + 0.42 * len(rows))
    for row, words in enumerate(rows.values()):
        for column, word in enumerate(words):
            colour, sign = CELLS[word]
            ax.fill_between([column - 0.46, column + 0.46], row - 0.44, row + 0.44, color=colour)
            lines = sign.split(" if ")  # each a text of its own, so that it stays in the middle
            for n, line in enumerate(lines):
                y = row + 0.38 * (n - (len(lines) - 1) / 2)
                ax.text(column, y, line, color=PAPER, ha="center", va="center")
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0, labelsize=10)
    ax.xaxis.tick_top()
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    ax.spines[:].set_visible(False)
    return figure


def change_when_doubled(eps, measured):
    """Draw by how much a layer norm's output grows when its input is doubled.

    Parameters
    ----------
    eps : sequence of float
        A curve is drawn for each.
    measured : mapping of float to (array-like, array-like)
        For some of them standard deviations before doubling, and the growth measured there.

    Returns
    -------
    matplotlib.figure.Figure
        The curves are sqrt((s² + eps) / (s² + eps / 4)) - 1, at standard deviation s.
    """
    figure, [ax] = new_figure(WIDTH, 2.8)
    s = np.logspace(-7, 1, 400)
    for colour, one in zip(SERIES, eps, strict=False):
        growth = 0.75 * one / (s**2 + one / 4)  # of the square; no cancellation where it is small
        ax.plot(s, growth / (1 + np.sqrt(1 + growth)), color=colour, lw=1.5)
        middle = (375 * one) ** 0.5  # where the growth is about 1e-3
        ax.text(middle / 2, 1e-3, f"ε = {one:.0e}".replace("e-0", "e-"), color=colour, ha="right")
        if one in measured:
            ax.plot(*measured[one], "o", color=colour, mec=PAPER, ms=6)
    ax.set(xscale="log", yscale="log", ylim=(1e-10, 5), xlim=(1e-7, 10))
    ax.set_xticks([1e-7, 1e-5, 1e-3, 1e-1, 1e1])
    ax.minorticks_off()
    ax.set_xlabel("standard deviation before doubling")
    ax.set_ylabel("growth of the output")
    return figure


def right_angles(loss, path):
    """Draw gradient descent on two weights whose length the loss does not see.

    Parameters
    ----------
    loss : callable
        From angles in radians, an array, to losses.
    path : array-like of shape (steps + 1, 2)
        The weights before each step, and after the last.

    Returns
    -------
    matplotlib.figure.Figure
        The darker a ray from the origin, the lower its loss. A circle for each place of the path
        marks equal length.
    """
    path = np.asarray(path)
    figure, [ax] = new_figure(4.2, 3.4)
    reach = 1.12 * np.abs(path).max()
    angles = np.linspace(-0.15, np.pi / 2 + 0.15, 61)
    levels = loss((angles[1:] + angles[:-1]) / 2)
    levels = (levels - levels.min()) / np.ptp(levels)
    for (one, two), level in zip(pairwise(angles), levels, strict=True):
        corners = 2 * reach * np.array([np.cos([one, two]), np.sin([one, two])])
        dark = 0.6 * (1 - level) ** 3  # so that the darkest rays stand out
        ax.fill([0, *corners[0]], [0, *corners[1]], color=GREEN, alpha=dark, lw=0)
    turn = np.linspace(0, np.pi / 2, 100)
    for radius in np.linalg.norm(path, axis=1):
        ax.plot(radius * np.cos(turn), radius * np.sin(turn), color=MUTED, lw=1, ls=":")
    sides = np.array([-path[0], path[1] - path[0]])  # of a small square, for the right angle
    sides *= 0.06 * reach / np.linalg.norm(sides, axis=1, keepdims=True)
    ax.plot(*np.transpose(path[0] + [sides[0], sides.sum(0), sides[1]]), color=INK, lw=1)
    ax.plot(*path[0], "o", color=BLUE, ms=7)
    for start, end in pairwise(path):
        style = {"arrowstyle": "-|>", "color": BLUE, "lw": 1.4, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", end, start, arrowprops=style)
    ax.plot([0, path[0][0]], [0, path[0][1]], color=INK, lw=1)
    ax.plot([0, path[-1][0]], [0, path[-1][1]], color=INK, lw=1)
    ax.text(*(0.45 * path[0] + [0, 0.03 * reach]), "start", ha="center")
    ax.text(*(0.6 * path[-1] + [0.03 * reach, 0]), "end", va="top")
    ax.set(xlim=(0, reach), ylim=(0, reach), aspect="equal")
    ax.set_xlabel("first weight")
    ax.set_ylabel("second weight")
    return figure


def curves_by_step(panels, scales):
    """Draw curves of a training run against the step, a panel for each quantity.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        For each quantity, which names the vertical axis, its curves by their names.
    scales : mapping of str to str
        "log" for the quantities whose axis is logarithmic.

    Returns
    -------
    matplotlib.figure.Figure
        A curve has its name at its end. The first is drawn wide, so that one on it stays visible.
    """
    figure, axes = new_figure(WIDTH, 0.3 + 2.2 * len(panels), len(panels), 1, sharex=True)
    for ax, (quantity, curves) in zip(axes, panels.items(), strict=True):
        for n, (name, values) in enumerate(curves.items()):
            ax.plot(values, color=SERIES[n], lw=5 if n == 0 else 1.6, alpha=0.5 if n == 0 else 1)
            height = values[-1]
            ax.annotate(
                name,
                (len(values) - 1, height),
                (6, 0),
                textcoords="offset points",
                color=SERIES[n],
                va="bottom" if n == 0 else "center" if n > 1 else "top",
            )
        ax.set(ylabel=quantity, yscale=scales.get(quantity, "linear"))
    axes[-1].set_xlabel("step")
    return figure
