"""The figures of the chapter on what layer norm lets a network compute."""

import numpy as np

from lnlearn.figures.style import (
    BAND,
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    SERIES,
    SHAPES,
    WIDTH,
    new_figure,
)


def winners(keys, names):
    """Draw keys of two features, and around them which key wins for a query in each direction.

    Parameters
    ----------
    keys : array-like of shape (N, 2)
        At most six.
    names : sequence of str

    Returns
    -------
    matplotlib.figure.Figure
        A key and its part of the ring have the same colour, and the part bears the key's name.
        The convex hull of the keys is filled.
    """
    keys = np.asarray(keys, float)
    figure, [ax] = new_figure(WIDTH, 3.7)
    radius = 1.5 * np.linalg.norm(keys, axis=1).max()
    angles = np.radians(np.arange(720) / 2)
    queries = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    won_by = (queries @ keys.T).argmax(axis=1)
    _fill_hull(ax, keys[np.unique(won_by)])
    for n, (key, name) in enumerate(zip(keys, names, strict=True)):
        ring = radius * queries[won_by == n]
        ax.plot(*ring.T, ls="none", marker=".", ms=7, color=SERIES[n])
        if len(ring):
            ax.text(*(1.17 * radius * key / np.linalg.norm(key)), name, ha="center", va="center")
        ax.plot(*key, SHAPES[n], color=SERIES[n], ms=8, mec=PAPER)
        ax.annotate(name, key, xytext=(-17, -4), textcoords="offset points")
    limits = np.array([-1.3, 1.3]) * radius
    ax.set(xlim=limits, ylim=limits, aspect="equal")
    ax.set_xlabel("first feature")
    ax.set_ylabel("second feature")
    return figure


def hulls(panels):
    """Draw sets of keys side by side, each with the outline of its convex hull.

    Parameters
    ----------
    panels : mapping of str to (array-like of shape (N, 2), array-like of shape (N,))
        For each title the keys, and for each key whether some query selects it.

    Returns
    -------
    matplotlib.figure.Figure
        Keys that can be selected are blue circles, and the outline joins them. The others are
        orange crosses.
    """
    figure, axes = new_figure(WIDTH, 2.4, columns=len(panels))
    for ax, (title, (keys, selectable)) in zip(axes, panels.items(), strict=True):
        keys, selectable = np.asarray(keys, float), np.asarray(selectable, bool)
        corners, others = keys[selectable], keys[~selectable]
        _fill_hull(ax, corners)
        ax.plot(*corners.T, "o", color=BLUE, ms=6, mec=PAPER, mew=0.7, label="selectable")
        ax.plot(*others.T, "X", color=ORANGE, ms=7, mec=PAPER, mew=0.7, label="unselectable")
        ax.set_title(title, fontsize=10)
        ax.set(xticks=[], yticks=[], aspect="equal")
        ax.spines[:].set_visible(False)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def hash_gaps(integers, gaps, spacings):
    """Draw by how much an integer's own key wins, and where number formats stop seeing it.

    Parameters
    ----------
    integers, gaps : array-like of shape (N,)
    spacings : mapping of str to float
        For a number format, the distance from 1 to the number below it.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes are logarithmic.
    """
    figure, [ax] = new_figure(WIDTH, 3.2)
    ax.plot(integers, gaps, "o-", color=BLUE, ms=4, mec=PAPER, mew=0.5)
    for name, spacing in spacings.items():
        ax.axhline(spacing, color=ORANGE, lw=1, ls="--")
        at_the_right = spacing > np.median(gaps)  # where the line is far from the curve
        x, side = (max(integers), "right") if at_the_right else (min(integers), "left")
        ax.text(x, spacing * 1.6, name, ha=side)
    ax.set(xscale="log", yscale="log")
    ax.set_xlabel("integer i")
    ax.set_ylabel("lead of the right key")
    return figure


def xor(inputs, circle, threshold):
    """Draw the four inputs of XOR, and where width 3 and layer norm take them.

    Parameters
    ----------
    inputs : array-like of shape (4, 2)
        Each number is -1 or 1. Where the two differ, XOR is 1.
    circle : array-like of shape (4, 2)
        The same four after layer norm, in coordinates of the plane of layer norm.
    threshold : float
        Of the second coordinate: XOR is 1 above it.

    Returns
    -------
    matplotlib.figure.Figure
        Where XOR is 1 the points are orange squares, elsewhere blue circles.
    """
    inputs, circle = np.asarray(inputs, float), np.asarray(circle, float)
    figure, (before, after) = new_figure(WIDTH, 2.5, columns=2)
    turn = np.linspace(0, 2 * np.pi, 181)
    after.plot(3**0.5 * np.cos(turn), 3**0.5 * np.sin(turn), color=BAND, lw=3)
    after.axhline(threshold, color=INK, lw=1, ls="--")
    after.spines[:].set_visible(False)
    for ax, points in ((before, inputs), (after, circle)):
        for x, point in zip(inputs, points, strict=True):
            shape, colour = ("s", ORANGE) if x[0] != x[1] else ("o", BLUE)
            ax.plot(*point, shape, color=colour, ms=9, mec=PAPER)
        ax.set(xlim=(-2.1, 2.1), ylim=(-2.1, 2.1), xticks=[], yticks=[], aspect="equal")
    before.set(xticks=[-1, 1], yticks=[-1, 1], xlabel="first input", ylabel="second input")
    before.set_title("inputs", fontsize=10)
    after.set_title("after layer norm", fontsize=10)
    return figure


def _fill_hull(ax, corners):
    """Fill a convex polygon, given its corners in any order."""
    around = np.arctan2(*(corners - corners.mean(axis=0)).T)
    ax.fill(*corners[around.argsort()].T, fc=BAND, ec=MUTED, lw=1)
