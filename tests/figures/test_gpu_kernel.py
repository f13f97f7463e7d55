"""The figures of the chapter draw the numbers that they are given, each where it belongs."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from lnlearn import figures

STAGES = {"loaded": ["1", "5", "0", "0"], "centred": ["-2", "2", "-3", "-3"]}
BLOCKS = {"at once": [(8, 1), (16, 1)], "in pieces": [(2, 3), (4, 3)]}


def result(rows, width, speeds, task="forward"):
    return {"task": task, "shape": [rows, width], "bytes per second": speeds}


RESULTS = [
    result(64, 2048, {"ours": 2e12, "other": 1e12, "copy": 4e12}),
    result(64, 1024, {"ours": 1e12, "copy": 3e12}),
    result(1, 1024, {"ours": 1e10, "copy": 1e11}),
    result(64, 1024, {"ours": 5e11, "copy": 2e12}, "backward"),
]
EXAMPLES = {
    "gpu_levels": lambda: figures.gpu_levels(132, 50 * 2**20, 80 * 2**30),
    "lanes": lambda: figures.lanes(STAGES, 2),
    "covered": lambda: figures.covered([6, 10], BLOCKS),
    "sums_over_rows": lambda: figures.sums_over_rows(7, 3),
    "bytes_per_second": lambda: figures.bytes_per_second(RESULTS, "forward"),
}


def texts(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_the_levels_have_the_sizes_that_are_given_and_32_threads_a_warp():
    figure = EXAMPLES["gpu_levels"]()
    assert {"cache (L2) of all 132: 50 MiB", "memory: 80 GiB"} <= set(texts(figure))
    warps = [line for line in figure.axes[0].lines if line.get_marker() == "|"]
    assert [len(line.get_xdata()) for line in warps] == [32] * 4


def test_the_lanes_of_the_row_look_unlike_those_beyond_it():
    figure = EXAMPLES["lanes"]()
    (ax,) = figure.axes
    boxes = [p for p in ax.patches if isinstance(p, Rectangle)]
    solid = [box.get_linestyle() in ("-", "solid") for box in boxes]
    assert solid == [True, True, False, False] * 2
    assert texts(figure) == ["loaded", *STAGES["loaded"], "centred", *STAGES["centred"]]


def test_a_row_is_covered_by_lanes_and_those_beyond_are_hatched():
    for i, (ax, width) in enumerate(zip(EXAMPLES["covered"]().axes, (6, 10), strict=True)):
        for y, ways in enumerate(BLOCKS.values()):
            bars = [p for p in ax.patches if p.get_y() == pytest.approx(-y - 0.35)]
            own, beyond = (
                sum(bar.get_width() for bar in bars if bool(bar.get_hatch()) == hatched)
                for hatched in (False, True)
            )
            block, pieces = ways[i]
            assert (own, beyond) == (width, block * pieces - width)


def test_each_row_leads_to_its_program_and_each_program_to_the_total():
    (ax,) = EXAMPLES["sums_over_rows"]().axes
    from_rows = [line for line in ax.lines if line.get_xdata()[0] < 40]
    assert len(from_rows) == 7
    ends = [line.get_ydata()[1] for line in from_rows]
    assert all(ends[i] == ends[i % 3] for i in range(7))
    assert len(set(ends)) == len([line for line in ax.lines if line.get_xdata()[0] > 40]) == 3


def test_the_copy_is_the_first_line_and_the_most_frequent_number_of_rows_is_drawn():
    (ax,) = EXAMPLES["bytes_per_second"]().axes
    copy, ours, other = ax.lines
    assert ours.get_xdata().tolist() == [1024, 2048]
    assert (copy.get_ydata().tolist(), ours.get_ydata().tolist()) == ([3, 4], [1, 2])
    assert np.array_equal(other.get_ydata(), [np.nan, 1], equal_nan=True)
    assert ax.get_xlabel() == "columns (64 rows)"


def test_the_speeds_have_room_for_every_rung():
    speeds = {f"m{i}": 1e12 for i in range(11)} | {"copy": 2e12}
    (ax,) = figures.bytes_per_second([result(64, 1024, speeds)], "forward").axes
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines[1:]}) == 11
