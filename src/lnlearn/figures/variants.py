"""The figures of the chapter on RMS norm and its relatives."""

from dataclasses import fields

import numpy as np

from lnlearn.figures.style import (
    BAND,
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    SERIES,
    SHAPES,
    WIDTH,
    new_figure,
)

HEADINGS = ("x + c", "3x", "−x", "moved", "learned")
PLACES = (1.95, 2.35, 2.73, 3.22, 3.83)  # of the columns, in inches


def portraits(values, panels):
    """Draw what a norm returns for a token while one of its features moves.

    Parameters
    ----------
    values : array-like of shape (N,)
        Of the first feature.
    panels : mapping of str to array-like of shape (N, 3)
        For each norm the outputs of the first feature and of two that are held.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each norm, three in a row. All have the same axes.
    """
    names = ("first feature", "second", "fourth")
    rows = -(-len(panels) // 3)
    figure, axes = new_figure(
        WIDTH, 1.65 * rows + 0.6, rows=rows, columns=3, sharex=True, sharey=True
    )
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    for ax, (title, outputs) in zip(axes, panels.items(), strict=False):
        ax.axhline(0, color=MUTED, lw=0.6)
        for output, colour, dashes, name in zip(
            np.asarray(outputs).T, (BLUE, ORANGE, GREEN), ("-", "--", ":"), names, strict=True
        ):
            ax.plot(values, output, dashes, color=colour, lw=2, label=name)
        ax.set_title(title, fontsize=10)
    figure.supxlabel("the first feature of the token", fontsize=10)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
    return figure


def family(traits, parents):
    """Draw a family of norms as a tree, and beside it what was measured of each.

    Parameters
    ----------
    traits : mapping of str to lnlearn.scratch.family.Traits
        For each norm; a parent stands before its children.
    parents : mapping of str to str
        The norm that each of them comes from, "" for the first.

    Returns
    -------
    matplotlib.figure.Figure
        A filled circle where the output stays, a ring where it changes. What differs from the
        parent is orange, and in bold if it is text.
    """
    order = list(_depth_first(parents, ""))
    figure, [ax] = new_figure(WIDTH, 0.29 * (len(order) + 1))
    ax.set(xlim=(0, WIDTH + 0.25), ylim=(len(order) - 0.4, -1.5))
    ax.axis("off")
    rows = {name: row for row, (name, _) in enumerate(order)}
    for place, heading in zip(PLACES, HEADINGS, strict=True):
        ax.text(place, -1, heading, ha="center", va="center", color=MUTED)
    for name, depth in order:
        row, parent = rows[name], parents[name]
        ax.text(0.17 * depth, row, name, va="center")
        if parent:
            x = 0.17 * depth - 0.12
            ax.plot([x, x, x + 0.09], [rows[parent] + 0.4, row, row], color=MUTED, lw=1)
        _row_of_traits(ax, row, traits[name], traits[parent] if parent else traits[name])
    return figure


def _depth_first(parents, parent, depth=0):
    for name, of in parents.items():
        if of == parent:
            yield name, depth
            yield from _depth_first(parents, name, depth + 1)


def _row_of_traits(ax, row, own, inherited):
    for place, field in zip(PLACES, fields(own), strict=True):
        value = getattr(own, field.name)
        new = value != getattr(inherited, field.name)
        colour = ORANGE if new else INK
        if isinstance(value, bool):
            ax.plot(place, row, "o", ms=8, mew=1.5, mec=colour, mfc=colour if value else PAPER)
        else:
            weight = "bold" if new else "normal"
            ax.text(place, row, value, ha="center", va="center", color=colour, weight=weight)


def stored_gains(gains, spacing):
    """Draw a gain that many small steps should raise, as it is stored in different ways.

    Parameters
    ----------
    gains : mapping of str to array-like of shape (N,)
        For each way to store it, the gain before the first step and after each; first what
        it should be.
    spacing : float
        Between the numbers from 1 to 2 that can be stored. Each is a thin line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, [ax] = new_figure(WIDTH, 2.9)
    for level in np.arange(1, 1.12, spacing):
        ax.axhline(level, color=BAND, lw=1)
    for n, (name, gain) in enumerate(gains.items()):
        steps = np.arange(len(gain))
        colour = MUTED if n == 0 else SERIES[n - 1]
        ax.plot(steps, gain, "--" if n == 0 else "-", color=colour, lw=2)
        ax.annotate(
            name,
            (steps[-1], gain[-1]) if n else (steps[len(steps) // 2], gain[len(steps) // 2]),
            xytext=(-4, -55 if gain[-1] > 1.05 and n else 7),
            textcoords="offset points",
            ha="right",
            color=colour,
        )
    ax.set(xlabel="steps of 0.001", ylabel="gain", ylim=(0.99, 1.13))
    return figure


def largest_scores(rates, scores, bound):
    """Draw how large the scores of attention become, by learning rate.

    Parameters
    ----------
    rates : array-like of shape (R,)
    scores : mapping of str to array-like of shape (R, seeds)
        For each way to hold them, the largest score of each run.
    bound : float
        What no score exceeds behind a QK norm without gain.

    Returns
    -------
    matplotlib.figure.Figure
        A mark for each run, and a line through the means. Both axes are logarithmic.
    """
    figure, [ax] = new_figure(WIDTH, 3.6)
    for n, (name, largest) in enumerate(scores.items()):
        largest = np.asarray(largest)
        ax.plot(rates, largest.mean(1), color=SERIES[n], lw=1.5)
        ax.plot(rates, largest, SHAPES[n], color=SERIES[n], ms=6, mec=PAPER, mew=0.5, ls="none")
        ax.annotate(
            name,
            (rates[1], largest[1].mean()),
            xytext=(3, -15),
            textcoords="offset points",
            color=SERIES[n],
        )
    ax.axhline(bound, color=MUTED, lw=1, ls="--")
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="largest score")
    ax.set_ylim(bottom=0.6 * bound)
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    return figure
