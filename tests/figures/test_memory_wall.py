"""The figures of the chapter draw the numbers that they are given, each where it belongs."""

import numpy as np
import pytest

from figure_examples import points
from lnlearn import figures

WALKS = {"long": [("a", 1, 0), ("b", 1, 1)], "short": [("c", 2, 1)]}
SIZES = [2**17, 2**20, 2**24]
SECONDS = {"slow": 0.03, "fast": 0.004}
MACHINES = {
    "there": (2e10, 2e11, {"a": (0.1, 9e8)}),
    "here": (1e10, 1e11, {"a": (0.1, 5e8), "b": (1.0, 8e9), "product": (200, 1e11)}),
    "gpu": (3e12, None, {"c": (2.0, 5e12)}),
}
EXAMPLES = {
    "shares": lambda: figures.shares({"of one": 0.0034, "of the other": 0.25}),
    "walks": lambda: figures.walks(WALKS),
    "copy_speeds": lambda: figures.copy_speeds(
        {"there": (SIZES, [5e10, 2e10, 1e10]), "here": (SIZES, [9e10, 4e10, 1e10])}
    ),
    "block_times": lambda: figures.block_times(
        {"there": ([1, 16, 256], [0.05, 0.01, 0.02]), "here": ([1, 16, 256], [0.04, 0.02, 0.03])},
        {"there": 0.04, "here": 0.06},
    ),
    "run_times": lambda: figures.run_times(
        SECONDS, {"slow": 0.02, "fast": 0.003}, {"slow": 0.015, "fast": 0.002}
    ),
    "rooflines": lambda: figures.rooflines(MACHINES),
}


def test_a_share_is_a_part_of_a_bar_and_has_its_percentage():
    [ax] = EXAMPLES["shares"]().axes
    assert [bar.get_width() for bar in ax.patches] == [1, 0.0034, 1, 0.25]
    assert [text.get_text() for text in ax.texts] == ["of one", "0.34%", "of the other", "25%"]


def test_each_array_that_is_read_or_written_has_its_square():
    for ax, (title, lines) in zip(EXAMPLES["walks"]().axes, WALKS.items(), strict=True):
        letters = [text.get_text() for text in ax.texts if text.get_text() in "RW"]
        assert letters == [c for _, reads, writes in lines for c in "R" * reads + "W" * writes]
        assert len(points(ax)) == len(letters)
        assert ax.get_title() == f"{title}: {len(letters)} transfers"


def test_speeds_are_in_gigabytes_a_second_and_sizes_have_units():
    [ax] = EXAMPLES["copy_speeds"]().axes
    assert np.allclose([line.get_ydata() for line in ax.lines], [[50, 20, 10], [90, 40, 10]])
    assert [label.get_text() for label in ax.get_xticklabels()][:3] == [
        "256 KiB", "1 MiB", "4 MiB",
    ]  # fmt: skip


def test_block_times_are_in_milliseconds_beside_those_of_the_textbook():
    [ax] = EXAMPLES["block_times"]().axes
    there, dashed_there, here, dashed_here = ax.lines
    assert np.allclose(there.get_ydata(), [50, 10, 20])
    assert np.allclose(here.get_ydata(), [40, 20, 30])
    assert np.allclose([line.get_ydata()[0] for line in (dashed_there, dashed_here)], [40, 60])
    assert there.get_color() == dashed_there.get_color() != here.get_color()


def test_a_bar_is_the_time_here_a_diamond_the_record_and_a_line_the_floor():
    [ax] = EXAMPLES["run_times"]().axes
    assert np.allclose([bar.get_width() for bar in ax.patches][:2], [30, 4])
    assert points(ax) == [(20, 0), (3, -1)]
    floors = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2]
    assert np.allclose(floors, [[15, 15], [2, 2]])
    assert [text.get_text() for text in ax.texts] == ["slow: 30.0 ms", "fast: 4.0 ms"]


def test_a_roof_rises_with_the_bandwidth_until_it_meets_the_peak():
    [ax] = EXAMPLES["rooflines"]().axes
    roofs = [line for line in ax.lines if len(line.get_xdata()) > 1]
    for roof, (bandwidth, peak, _) in zip(roofs, MACHINES.values(), strict=True):
        at, height = roof.get_xdata(), roof.get_ydata()
        assert height[:2] == pytest.approx(at[:2] * bandwidth)
        assert list(height[1:]) == pytest.approx([peak, peak] if peak else [height[1]])
    assert points(ax) == [p for *_, drawn in MACHINES.values() for p in drawn.values()]


def test_points_and_the_parts_of_a_roof_bear_their_names():
    [ax] = EXAMPLES["rooflines"]().axes
    named = {text.get_text(): text.xy for text in ax.texts}
    assert len(ax.texts) == len(named)  # and the points of the first machine have none
    for bandwidth, peak, drawn in list(MACHINES.values())[1:]:
        assert drawn.items() <= named.items()
        if peak:
            at, height = named["memory"]
            assert height == pytest.approx(at * bandwidth)
            assert height < peak < named["arithmetic"][1] == 2e11  # above both ceilings
