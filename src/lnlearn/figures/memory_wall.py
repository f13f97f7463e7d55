"""The figures of the chapter on the wall between processor and memory."""

import numpy as np

from lnlearn.figures.style import BAND, BLUE, GREEN, MUTED, ORANGE, PAPER, SHAPES, WIDTH, new_figure


def shares(bars):
    """Draw what part of a whole each of a few numbers is.

    Parameters
    ----------
    bars : mapping of str to float
        For each bar, named above it, its share of the whole, between 0 and 1.

    Returns
    -------
    matplotlib.figure.Figure
        Orange on a light bar that is the whole, with the percentage beside it.
    """
    figure, [ax] = new_figure(WIDTH, 0.4 + 0.55 * len(bars))
    for row, (name, share) in enumerate(bars.items()):
        ax.barh(-row, 1, height=0.34, color=BAND)
        ax.barh(-row, share, height=0.34, color=ORANGE)
        ax.text(0, 0.24 - row, name, va="bottom")
        ax.text(1.02, -row, f"{share:.2%}" if share < 0.01 else f"{share:.0%}", va="center")
    ax.set(xlim=(0, 1.2), ylim=(-len(bars) + 0.6, 0.65))
    ax.axis("off")
    return figure


def walks(panels):
    """Draw which arrays each line of a program reads from memory and writes to it.

    Parameters
    ----------
    panels : mapping of str to sequence of (str, int, int)
        For each program, named above its panel, its lines: what the line is called, how many
        arrays it reads and how many it writes.

    Returns
    -------
    matplotlib.figure.Figure
        A blue square for each array that is read, an orange one for each that is written.
    """
    lines = [len(panel) for panel in panels.values()]
    figure, axes = new_figure(
        WIDTH, 0.35 * len(lines) + 0.25 * sum(lines), len(lines), height_ratios=lines
    )
    for ax, (title, panel) in zip(axes, panels.items(), strict=True):
        for row, (name, reads, writes) in enumerate(panel):
            ax.text(-0.6, -row, name, ha="right", va="center")
            for place in range(reads + writes):
                colour, letter = (BLUE, "R") if place < reads else (ORANGE, "W")
                ax.plot(place, -row, "s", color=colour, ms=13)
                ax.text(place, -row - 0.03, letter, color=PAPER, ha="center", va="center")
        total = sum(reads + writes for _, reads, writes in panel)
        ax.set_title(f"{title}: {total} transfers", fontsize=10)
        ax.set(xlim=(-8, 5), ylim=(-len(panel) + 0.4, 0.6))
        ax.axis("off")
    return figure


def copy_speeds(curves):
    """Draw how fast arrays of different sizes are copied.

    Parameters
    ----------
    curves : mapping of str to (sequence of float, sequence of float)
        For each of at most two machines, named at the foot: sizes of the array in bytes, and
        bytes read and written in a second. The last one is drawn on top.

    Returns
    -------
    matplotlib.figure.Figure
        Sizes lie on a logarithmic axis.
    """
    figure, [ax] = new_figure(WIDTH, 2.9)
    for i, (name, (sizes, speeds)) in enumerate(curves.items()):
        colour = (MUTED, BLUE)[i - len(curves)]
        speeds = np.array(speeds) / 1e9
        ax.plot(sizes, speeds, f"{SHAPES[i]}-", color=colour, ms=5, mec=PAPER, label=name)
    ax.set(xscale="log", ylim=(0, None), ylabel="read and written, GB/s")
    ax.set_xlabel("size of the array")
    ticks = 2.0 ** np.arange(18, 27, 2)
    ax.set_xticks(ticks, [_bytes(size) for size in ticks])
    ax.minorticks_off()
    figure.legend(loc="outside lower center", frameon=False)
    return figure


def _bytes(size):
    return f"{size / 2**20:.0f} MiB" if size >= 2**20 else f"{size / 2**10:.0f} KiB"


def block_times(curves, whole):
    """Draw how long a layer norm takes that works through an array in blocks of rows.

    Parameters
    ----------
    curves : mapping of str to (sequence of float, sequence of float)
        For each of at most two machines, named at the foot: rows in a block, and seconds.
    whole : mapping of str to float
        For the same machines, the seconds of the textbook expression: a dashed line.

    Returns
    -------
    matplotlib.figure.Figure
        Milliseconds over a logarithmic axis of rows.
    """
    figure, [ax] = new_figure(WIDTH, 3.0)
    for i, (name, (rows, seconds)) in enumerate(curves.items()):
        colour = (MUTED, BLUE)[i - len(curves)]
        times = 1e3 * np.array(seconds)
        ax.plot(rows, times, f"{SHAPES[i]}-", color=colour, ms=5, mec=PAPER, label=name)
        ax.axhline(1e3 * whole[name], color=colour, ls="--", lw=1.2)
    ax.annotate(
        "textbook", (rows[-1], 1e3 * whole[name]), (0, 3), textcoords="offset points",
        ha="right", color=colour,
    )  # fmt: skip
    ax.set(xscale="log", ylim=(0, None), ylabel="milliseconds", xlabel="rows in a block")
    ax.set_xticks(rows[::2], [f"{row}" for row in rows[::2]])
    ax.minorticks_off()
    figure.legend(loc="outside lower center", frameon=False)
    return figure


def run_times(seconds, recorded, floors):
    """Draw how long several ways to the same result take.

    Parameters
    ----------
    seconds : mapping of str to float
        For each way, named above its bar, the time on this machine.
    recorded : mapping of str to float
        The same of another machine: a mark on the bar.
    floors : mapping of str to float
        The time that the bytes of each way need at the speed of a copy: a line across its bar.

    Returns
    -------
    matplotlib.figure.Figure
        Bars from 0, in milliseconds.
    """
    figure, [ax] = new_figure(WIDTH, 0.75 + 0.55 * len(seconds))
    for row, (name, time) in enumerate(seconds.items()):
        ax.barh(-row, 1e3 * time, height=0.34, color=BLUE)
        ax.plot(2 * [1e3 * floors[name]], [-row - 0.22, -row + 0.22], color=ORANGE, lw=3)
        ax.plot(1e3 * recorded[name], -row, "D", color=MUTED, mec=PAPER, ms=8)
        ax.text(0, 0.22 - row, f"{name}: {1e3 * time:.1f} ms", va="bottom")
    ax.set(ylim=(-len(seconds) + 0.6, 0.75), xlim=(0, None), xlabel="milliseconds")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    handles = [
        ax.barh(0, 0, color=BLUE, label="here"),
        *ax.plot([], [], "D", color=MUTED, label="recorded"),
        *ax.plot([], [], color=ORANGE, lw=3, label="bytes / bandwidth"),
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=3, frameon=False,
        columnspacing=1, handlelength=1.2,
    )  # fmt: skip
    return figure


def rooflines(machines):
    """Draw what memory and arithmetic allow, and what was reached.

    Parameters
    ----------
    machines : mapping of str to (float, float or None, mapping of str to (float, float))
        For each of at most three machines, named at the foot: bytes in a second; operations in a
        second at most, or None if that was not measured, and then the roof has no flat part; and
        points, each named beside it: operations for each byte, and operations in a second. The
        first of three is for comparison: it is grey, and its points are diamonds without names.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes are logarithmic. A roof with both parts is marked "memory" and "arithmetic".
    """
    figure, [ax] = new_figure(WIDTH, 4.4)
    colours = (MUTED, BLUE, GREEN) if len(machines) == 3 else (BLUE, GREEN)
    for colour, (machine, (bandwidth, peak, points)) in zip(
        colours, machines.items(), strict=False
    ):
        named = colour != MUTED
        corner = peak / bandwidth if peak else 4 * max(at for at, _ in points.values())
        roof = [(0.06, 0.06 * bandwidth), (corner, corner * bandwidth)]
        roof += [(400, peak)] if peak else []
        ax.plot(*zip(*roof, strict=True), color=colour, lw=1.6, label=machine)
        if peak and named:
            top = max(ceiling for _, ceiling, _ in machines.values() if ceiling)
            slope = corner / 4, bandwidth * corner / 4
            _beside(ax, "memory", slope, (-6, 2), ha="right", color=colour)
            _beside(ax, "arithmetic", (400, top), (0, 14), ha="right", color=colour)
        for name, (at, reached) in points.items():
            if not named:  # large enough to be seen below a point in the same place
                ax.plot(at, reached, "D", color=colour, ms=10, mec=PAPER, mew=0.8)
                continue
            ax.plot(at, reached, "o", color=colour, ms=7, mec=PAPER, mew=0.8)
            right = peak and at > corner  # under the flat part, where the axis ends
            place, side = ((4, -12), "right") if right else ((7, -4), "left")
            _beside(ax, name, (at, reached), place, ha=side)
    ax.set(xscale="log", yscale="log", ylabel="operations in a second")
    ax.set_xlabel("operations for each byte")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, columnspacing=1)
    return figure


def _beside(ax, text, point, offset, **kwargs):
    ax.annotate(text, point, offset, textcoords="offset points", va="center", **kwargs)
