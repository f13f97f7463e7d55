"""The figures of the chapter on layer norm over many devices."""

import numpy as np
from matplotlib.patches import Rectangle

from lnlearn.figures.style import (
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

DEVICES = (BLUE, ORANGE, GREEN)


def two_cuts(tokens, features, shares):
    """Draw an array of tokens twice: cut by features, and cut between tokens.

    Parameters
    ----------
    tokens, features : int
        Rows and columns of the array; both are multiples of the sum of `shares`.
    shares : sequence of int
        How much each of three devices holds, in proportion.

    Returns
    -------
    matplotlib.figure.Figure
        The cells have the colour of their device; an arrow shows along which axis the devices
        have to add up.
    """
    heights = [tokens + 2, tokens + 0.6]  # above the first stands an arrow
    figure, axes = new_figure(WIDTH, 4.3, 2, height_ratios=heights)
    device = np.repeat(range(len(shares)), shares)
    for ax, by_features in zip(axes, (True, False), strict=True):
        of = np.repeat(device, (features if by_features else tokens) // sum(shares))
        for row in range(tokens):
            for column in range(features):
                colour = DEVICES[of[column if by_features else row]]
                ax.add_patch(Rectangle((column, row), 1, 1, fc=colour, ec=PAPER, lw=1.5))
        for k in range(len(shares)):
            middle = np.flatnonzero(of == k).mean() // 1 + 0.5  # of a cell
            at = (middle, tokens // 2 + 0.5) if by_features else (features // 2 + 0.5, middle)
            ax.text(*at, f"{k}", ha="center", va="center", color=PAPER, weight="bold")
        ends = ((0, -0.5), (features, -0.5)) if by_features else ((-0.5, 0), (-0.5, tokens))
        ax.annotate("", *ends, arrowprops={"arrowstyle": "<->", "color": INK, "lw": 1.4})
        title = "cut by features" if by_features else "cut between tokens"
        ax.set_title(f"{title}: devices 0, 1 and 2", loc="left", fontsize=10)
        what = "a sum over features crosses devices"
        if by_features:
            ax.text(features / 2, -0.75, what, ha="center", va="bottom")
        else:
            for x, line in ((-1.75, "a sum over tokens"), (-0.85, "crosses devices")):
                ax.text(x, tokens / 2, line, ha="center", va="bottom", rotation=90,
                        rotation_mode="anchor")  # fmt: skip
        top = -1.8 if by_features else -0.4
        ax.set(xlim=(-2.6, features + 0.2), ylim=(tokens + 0.2, top), aspect="equal")
        ax.axis("off")
    return figure


def merge_digits(curves):
    """Draw how many digits of a merged variance are right against the mean.

    Parameters
    ----------
    curves : mapping of str to (sequence of float, sequence of float)
        For each way to merge, named at the end of its curve, means in standard deviations, and
        right digits there; NaN is left out.

    Returns
    -------
    matplotlib.figure.Figure
        A dashed line stands where no digit is right.
    """
    figure, [ax] = new_figure(WIDTH, 3.2)
    ax.axhline(0, color=MUTED, ls="--", lw=1)
    for i, (name, (means, digits)) in enumerate(curves.items()):
        ax.plot(means, digits, color=SERIES[i], marker=SHAPES[i], ms=4.5)
        ax.annotate(
            name, (means[-1], digits[-1]), (6, 0), va="center", textcoords="offset points",
            color=SERIES[i],
        )  # fmt: skip
    ax.set(xscale="log", xlim=(0.8, 1e7), ylabel="right digits")
    ax.set_xticks([1, 1e2, 1e4])
    ax.set_xlabel("mean, in standard deviations")
    return figure


def drift(panels, right):
    """Draw one entry of a weight on every device, step by step.

    Parameters
    ----------
    panels : mapping of str to sequence of sequence of float
        For each panel, named above it, the value on each of up to three devices before and after
        each step.
    right : sequence of float
        The same on one device that has all tokens.

    Returns
    -------
    matplotlib.figure.Figure
        The thick grey line is the one device.
    """
    figure, axes = new_figure(WIDTH, 1.9 * len(panels) + 0.3, len(panels), sharex=True, sharey=True)
    for ax, (name, devices) in zip(axes, panels.items(), strict=True):
        ax.plot(right, color=MUTED, lw=6, alpha=0.45, solid_capstyle="round")
        for k, values in enumerate(devices):
            ax.plot(values, color=DEVICES[k], lw=1.6, ls=("-", "--", ":")[k])
        ends = [values[-1] for values in devices]
        if max(ends) - min(ends) > 0.05:
            for k, end in enumerate(ends):
                ax.annotate(f"device {k}", (len(right) - 1, end), (5, 0), va="center",
                            textcoords="offset points", color=DEVICES[k])  # fmt: skip
        else:
            ax.annotate("all three", (len(right) - 1, ends[0]), (5, 0), va="center",
                        textcoords="offset points", color=INK)  # fmt: skip
        ax.set_title(name, loc="left", fontsize=10)
        ax.set(xlim=(0, len(right) + 5), ylabel="γ₂")
        ax.set_xticks(range(0, len(right), 5))
    axes[-1].set_xlabel("step")
    return figure


def costs(devices, curves, alone=None):
    """Draw how long exchanges take against the number of devices.

    Parameters
    ----------
    devices : sequence of int
    curves : mapping of str to sequence of float
        For each way, named at the end of its curve, seconds for each number of devices.
    alone : (str, sequence of float), optional
        A name and seconds to compare with, drawn as a dashed line.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes are logarithmic.
    """
    figure, [ax] = new_figure(WIDTH, 3.3)
    drawn = [(name, values, SERIES[i], SHAPES[i], "-") for i, (name, values) in
             enumerate(curves.items())]  # fmt: skip
    if alone is not None:
        drawn.append((*alone, MUTED, None, "--"))
    for name, values, colour, shape, line in drawn:
        ax.plot(devices, values, color=colour, marker=shape, ms=4.5, ls=line)
        ax.annotate(name, (devices[-1], values[-1]), (6, 0), va="center",
                    textcoords="offset points", color=colour)  # fmt: skip
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ticks = [p for p in devices if np.log2(p / devices[0]) % 4 == 0 or p == devices[-1]]
    ax.set_xticks(ticks, [f"{p:,}".replace(",", " ") for p in ticks])
    ax.minorticks_off()
    scale = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]
    ax.set_yticks(scale, ["10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"])
    ax.set(xlabel="devices", xlim=(devices[0] / 1.3, devices[-1] * 90))
    return figure
