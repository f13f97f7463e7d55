"""The figures of the chapter on floating point."""

import numpy as np

from lnlearn.figures.style import (
    BAND,
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    PURPLE,
    SERIES,
    SHAPES,
    WIDTH,
    new_figure,
)


def squares_on_the_grid(exact, stored):
    """Draw where numbers lie between those that a dtype can store, and where they are stored.

    Parameters
    ----------
    exact, stored : sequence of int
        Each number, and the multiple of 8 as which it is stored.

    Returns
    -------
    matplotlib.figure.Figure
        A number line for each, with a tick at every multiple of 8.
    """
    figure, axes = new_figure(WIDTH, 0.75 * len(exact), len(exact))
    for ax, number, place in zip(axes, exact, stored, strict=True):
        ax.axhline(0, color=INK, lw=0.8, zorder=0)
        ticks = np.arange(place - 16, place + 24, 8)
        ax.plot(ticks, 0 * ticks, "|", color=INK, ms=10)
        ax.plot(place, 0, "s", color=ORANGE, ms=9)
        ax.plot(number, 0, "o", color=BLUE, ms=5)
        ax.text(place - 18, 0.5, f"{number:,} → {place:,}".replace(",", " "))
        ax.set(xlim=(place - 18, place + 18), ylim=(-0.8, 1.6))
        ax.axis("off")
    return figure


def variance_digits(panels, expected):
    """Draw how many digits of a variance are right, one panel for each dtype.

    Parameters
    ----------
    panels : mapping of str to mapping of str to (sequence of float, sequence of float)
        For each dtype, named above its panel: for each way to a variance, named in the legend (at
        most 6), the ratios of mean to standard deviation and the right digits there. Digits that
        are NaN or infinite are left out: there the variance was not finite.
    expected : mapping of str to float
        For each dtype the unit roundoff u, for two thin lines: 1/u loses the digits of the ratio
        once, or twice.

    Returns
    -------
    matplotlib.figure.Figure
        A dashed line stands where no digit is right.
    """
    figure, axes = new_figure(WIDTH, 5.4, len(panels), sharex=True)
    for ax, (dtype, ways) in zip(axes, panels.items(), strict=True):
        ax.axhline(0, color=MUTED, ls="--", lw=1)
        ratios = np.array([1, 1e5])
        for times in (1, 2):
            digits = -np.log10(expected[dtype]) - times * np.log10(ratios)
            ax.plot(ratios, digits, color=MUTED, lw=0.8, zorder=0)
        for i, (way, (at, digits)) in enumerate(ways.items()):
            digits = np.where(np.isfinite(digits), digits, np.nan)
            style = {"color": SERIES[i], "marker": SHAPES[i], "ms": 4.5, "lw": 1.4}
            ax.plot(at, digits, label=way if ax is axes[0] else None, **style)
        ax.set(xscale="log", ylabel="right digits", ylim=(-3.4, 8.4))
        ax.set_title(dtype, loc="left", fontsize=10)
    axes[-1].set_xlabel("mean, in standard deviations")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, columnspacing=1)
    return figure


def reports(lines, reported):
    """Draw where public reports of wrong layer norms lie on the curves of two ways to a variance.

    Parameters
    ----------
    lines : mapping of str to (sequence of float, sequence of float)
        For each of two ways, named at its curve, ratios of mean to standard deviation and the
        right digits there.
    reported : mapping of str to (float, float)
        For each report, named in the figure: the ratio of its input, and the digits that the
        first way gets right there.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, [ax] = new_figure(WIDTH, 3.9)
    ax.axhline(0, color=MUTED, ls="--", lw=1)
    for (way, (at, digits)), colour in zip(lines.items(), (BLUE, GREEN), strict=True):
        ax.plot(at, digits, color=colour)
        ax.annotate(
            way, (at[3], digits[3]), (4, 4), textcoords="offset points", color=colour, va="bottom"
        )
    for i, (name, (ratio, digits)) in enumerate(reported.items()):
        ax.plot(
            ratio,
            digits,
            color=ORANGE,
            marker=SHAPES[i],
            ms=9,
            ls="none",
            label=name,
            mec=PAPER,
            mew=0.6,
        )
    ax.set(xscale="log", ylabel="right digits of the variance", ylim=(-4.4, 8.4))
    ax.set_xlabel("mean, in standard deviations")
    figure.legend(loc="outside lower center", ncols=2, frameon=False, columnspacing=1)
    return figure


def output_errors(curves):
    """Draw the largest error of a layer norm's outputs against the mean of its rows.

    Parameters
    ----------
    curves : mapping of str to (sequence of float, sequence of float)
        For each of at most two ways to centre a row, named at its curve: means of rows with
        standard deviation 1, and the largest error of an output.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes are logarithmic.
    """
    figure, [ax] = new_figure(WIDTH, 3.0)
    for i, (name, (means, errors)) in enumerate(curves.items()):
        colour = (ORANGE, GREEN)[i]
        ax.plot(means, errors, color=colour, marker=SHAPES[i], ms=4.5)
        ax.annotate(
            name, (means[-1], errors[-1]), (-14, 0 if i == 0 else -6), ha="right",
            va="bottom" if i == 0 else "top", textcoords="offset points", color=colour,
        )  # fmt: skip
    ax.set(xscale="log", yscale="log", ylim=(1e-8, 1))
    ax.set_xlabel("mean of the row, in standard deviations")
    ax.set_ylabel("largest error of an output")
    return figure


def number_ranges(ranges, marks):
    """Draw which sizes of numbers each dtype has, and which of them can be squared.

    Parameters
    ----------
    ranges : mapping of str to (float, float)
        For each dtype, named beside its bar, the smallest number above 0 and the largest number,
        as powers of ten: -7.2 for 6e-8.
    marks : mapping of str to float
        Two lines across all bars, the lower one first, named above the bars, at powers of ten.

    Returns
    -------
    matplotlib.figure.Figure
        A light bar for what can be stored, a narrow dark one for what also can be squared.
    """
    figure, [ax] = new_figure(WIDTH, 2.6)
    for row, (low, high) in enumerate(ranges.values()):
        ax.barh(-row, high - low, left=low, height=0.7, color=BAND)
        ax.barh(-row, (high - low) / 2, left=low / 2, height=0.22, color=BLUE)
    looks = ((PURPLE, "right", -4), (ORANGE, "left", 4))
    for (name, place), (colour, side, offset) in zip(marks.items(), looks, strict=True):
        ax.axvline(place, color=colour, lw=1.4)
        ax.annotate(
            name, (place, 0.5), (offset, 2), textcoords="offset points", ha=side, color=colour
        )
    ax.set_yticks([-row for row in range(len(ranges))], list(ranges))
    ax.set(ylim=(0.5 - len(ranges), 1.1), xlabel="power of ten")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    for label in ax.get_yticklabels():
        label.set_color(INK)
    return figure
