"""The figures of the chapter on GPU kernels."""

import numpy as np
from matplotlib.patches import Rectangle

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

OF_PROGRAMS = (BLUE, ORANGE, GREEN, PURPLE)


def _box(ax, x, y, width, height, color, text="", **style):
    """A rectangle with its lower left corner at (x, y), and a text in its middle."""
    how = {"facecolor": PAPER, "edgecolor": color, "lw": 1.2} | style
    ax.add_patch(Rectangle((x, y), width, height, **how))
    ax.text(x + width / 2, y + height / 2, text, ha="center", va="center")


def gpu_levels(multiprocessors, l2, memory):
    """Draw who computes on a GPU and what memory each has.

    Parameters
    ----------
    multiprocessors : int
        How many there are.
    l2, memory : int
        Bytes of the last cache and of the memory.

    Returns
    -------
    matplotlib.figure.Figure
        A warp of threads in a block in a multiprocessor in a cluster; the cache and the memory
        below, as wide as the figure.
    """
    figure, (ax,) = new_figure(WIDTH, 4.9)
    ax.set(xlim=(-0.5, 100.5), ylim=(-0.5, 126))
    ax.axis("off")
    _box(ax, 0, 44, 100, 72, MUTED, ls="--")
    ax.text(1, 118, "cluster: blocks that share their memories", color=INK)
    for left, number in ((3, "1"), (53, "2")):
        _box(ax, left, 47, 44, 66, INK, facecolor=BAND)
        ax.text(left + 22, 108.5, f"multiprocessor {number}", ha="center", va="center")
        _box(ax, left + 2, 61, 40, 42, BLUE)
        ax.text(left + 22, 98.5, "block", color=BLUE, ha="center", va="center")
        for warp in range(2):
            y = 82 - 17 * warp
            _box(ax, left + 4, y, 36, 12.5, ORANGE)
            ax.text(left + 22, y + 8.6, "warp: 32 threads", color=ORANGE, ha="center", va="center")
            lanes = left + 5.1 + np.arange(32) * 1.06
            ax.plot(lanes, np.full(32, y + 3), "|", color=GREEN, ms=5, mew=1)
        ax.text(left + 22, 56.5, "registers,", ha="center", va="center")
        ax.text(left + 22, 51, "shared memory", ha="center", va="center")
    ax.plot([50, 50], [37, 44], color=INK, lw=3)
    _box(ax, 0, 24, 100, 13, INK, f"cache (L2) of all {multiprocessors}: {l2 / 2**20:.0f} MiB")
    ax.plot([50, 50], [17, 24], color=INK, lw=1.5)
    _box(ax, 0, 0, 100, 17, INK, f"memory: {memory / 2**30:.0f} GiB", facecolor=BAND)
    return figure


def lanes(stages, width):
    """Draw what the lanes of a program hold, one line for each step.

    Parameters
    ----------
    stages : mapping of str to sequence of str
        The step, written above its line, and the content of each lane.
    width : int
        How many lanes are the row's; the others are drawn in another colour.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = len(next(iter(stages.values())))
    figure, (ax,) = new_figure(WIDTH, 0.78 * len(stages))
    ax.set(xlim=(-0.05, count + 0.05), ylim=(-1.7 * len(stages), 0.05))
    ax.axis("off")
    for i, (step, contents) in enumerate(stages.items()):
        top = -1.7 * i
        ax.text(0, top - 0.3, step, va="center")
        for lane, content in enumerate(contents):
            own = lane < width
            style = {} if own else {"facecolor": BAND, "ls": "--"}
            _box(ax, lane, top - 1.5, 1, 0.9, BLUE if own else ORANGE, content, **style)
    return figure


def covered(widths, blocks):
    """Draw how a row is covered by lanes: all at once, and in pieces.

    Parameters
    ----------
    widths : sequence of int
        The width of each row.
    blocks : mapping of str to sequence of (int, int)
        For each way to cover a row, named at its bars: (lanes of a piece, pieces) for each width.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each width, a bar for each way, cut into pieces; lanes beyond the row are
        hatched.
    """
    figure, axes = new_figure(WIDTH, 1.05 * len(widths) + 0.3, len(widths))
    for i, (ax, width) in enumerate(zip(axes, widths, strict=True)):
        most = max(block * pieces for ways in blocks.values() for block, pieces in [ways[i]])
        for y, ways in enumerate(blocks.values()):
            block, pieces = ways[i]
            for piece in range(pieces):
                start, end = piece * block, (piece + 1) * block
                inside = max(0, min(end, width) - start)
                ax.barh(-y, inside, left=start, color=BLUE, ec=PAPER, height=0.7)
                beyond = {"color": PAPER, "ec": ORANGE, "hatch": "////", "height": 0.7}
                if inside < block:
                    ax.barh(-y, block - inside, left=start + inside, **beyond)
        ax.set_yticks([0, -1], blocks)
        ax.set_xticks([width, most])
        ax.set(xlim=(0, most), title=f"{width} columns")
        ax.title.set(fontsize=10)
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.tick_params(length=0)
    return figure


def sums_over_rows(rows, programs):
    """Draw how programs share the rows of dy: one partial sum each, and then their sum.

    Parameters
    ----------
    rows, programs : int
        At most 4 programs. Program p has the rows p, p + programs, and so on.

    Returns
    -------
    matplotlib.figure.Figure
        Rows on the left, partial sums in the middle, the total on the right.
    """
    figure, (ax,) = new_figure(WIDTH, 0.28 * rows + 0.7)
    ax.set(xlim=(-0.5, 100.5), ylim=(-rows - 0.2, 1.4))
    ax.axis("off")
    middles = [-(rows / programs) * (p + 0.5) for p in range(programs)]
    for row in range(rows):
        p = row % programs
        _box(ax, 0, -row - 0.9, 27, 0.8, OF_PROGRAMS[p], facecolor=BAND)
        ax.text(13.5, -row - 0.5, f"row {row}", ha="center", va="center")
        ax.plot([27, 40], [-row - 0.5, middles[p]], color=OF_PROGRAMS[p], lw=1)
    for p, middle in enumerate(middles):
        _box(ax, 40, middle - 0.55, 28, 1.1, OF_PROGRAMS[p], f"program {p}")
        ax.plot([68, 80], [middle, -rows / 2], color=INK, lw=1)
    _box(ax, 80, -rows / 2 - 0.55, 20, 1.1, INK, "total")
    for x, heading in ((13.5, "dy · x̂"), (54, "partial sums"), (90, "dweight")):
        ax.text(x, 0.8, heading, ha="center", va="center")
    return figure


def bytes_per_second(results, task):
    """Draw the bytes that each method moves in a second, and a copy, against the width.

    Parameters
    ----------
    results : sequence of dict
        As ``lnlearn.bench.gpu.run`` reports them: "task", "shape" and "bytes per second" by method.
        Of the rows of this task, those with the number of rows that is most frequent are drawn.
    task : str
        ``"forward"``, say.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = [result for result in results if result["task"] == task]
    counts = [result["shape"][0] for result in rows]
    most = max(sorted(set(counts)), key=counts.count)
    rows = sorted((r for r in rows if r["shape"][0] == most), key=lambda r: r["shape"][1])
    widths = [row["shape"][1] for row in rows]
    names = dict.fromkeys(name for row in rows for name in row["bytes per second"])
    figure, (ax,) = new_figure(WIDTH, 3.4)
    speeds = {
        name: np.array([row["bytes per second"].get(name, np.nan) / 1e12 for row in rows])
        for name in names
    }
    ax.fill_between(widths, speeds["copy"], 0, color=BAND, lw=0)
    ax.plot(widths, speeds.pop("copy"), color=INK, lw=2.5, label="only moving the bytes")
    for i, (name, values) in enumerate(speeds.items()):
        again, i = divmod(i, len(SERIES))
        line = f"{SHAPES[i]}{'--' if again else '-'}"
        ax.plot(widths, values, line, color=SERIES[i], ms=5, mec=PAPER, label=name)
    ax.set_xscale("log", base=2)
    ax.set_xticks([w for w in widths if w & (w - 1) == 0])
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.tick_params(axis="x", which="minor", length=0)
    ax.set(ylim=(0, None), xlabel=f"columns ({most} rows)", ylabel="TB in a second")
    figure.legend(loc="outside lower center", ncols=2, frameon=False, columnspacing=1)
    return figure
