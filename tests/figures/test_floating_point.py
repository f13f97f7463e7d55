"""The figures of the chapter draw the numbers that they are given, each where it belongs."""

import numpy as np
import pytest

from lnlearn import figures

PANELS = {
    "wide": {"a": ([1, 10, 100], [7, 5, 3]), "b": ([1, 10, 100], [7, 7, 6])},
    "narrow": {"a": ([1, 10, 100], [3, 1, -np.inf]), "b": ([1, 10], [3, np.nan])},
}
LINES = {"a": ([1, 10, 100, 1000], [7, 5, 3, 1]), "b": ([1, 10, 100, 1000], [7, 7, 7, 6])}
REPORTED = {"one": (2000, 0.5), "two": (30000, -2)}
EXAMPLES = {
    "squares_on_the_grid": lambda: figures.squares_on_the_grid([160, 1001], [160, 1000]),
    "variance_digits": lambda: figures.variance_digits(PANELS, {"wide": 1e-7, "narrow": 1e-3}),
    "reports": lambda: figures.reports(LINES, REPORTED),
    "output_errors": lambda: figures.output_errors(
        {"textbook": ([1, 10], [1e-7, 1e-6]), "corrected": ([1, 10], [1e-7, 1e-7])}
    ),
    "number_ranges": lambda: figures.number_ranges(
        {"wide": (-45, 38), "narrow": (-7, 5)}, {"small": -12, "larger": -5}
    ),
}


def test_a_number_and_what_is_stored_for_it_lie_on_a_grid_of_eights():
    for ax, number, stored in zip(
        EXAMPLES["squares_on_the_grid"]().axes, (160, 1001), (160, 1000), strict=True
    ):
        _, grid, square, dot = ax.lines
        assert (np.diff(grid.get_xdata()) == 8).all()
        assert stored in grid.get_xdata()
        assert (square.get_xdata()[0], dot.get_xdata()[0]) == (stored, number)


def test_digits_are_drawn_where_they_are_finite():
    for ax, ways in zip(EXAMPLES["variance_digits"]().axes, PANELS.values(), strict=True):
        curves = [line for line in ax.lines if line.get_marker() != "None"]
        for line, (at, digits) in zip(curves, ways.values(), strict=True):
            wanted = [d if np.isfinite(d) else np.nan for d in digits]
            assert line.get_xdata().tolist() == list(at)
            assert np.array_equal(line.get_ydata(), wanted, equal_nan=True)


def test_thin_lines_lose_one_and_two_digits_a_decade():
    for ax, u in zip(EXAMPLES["variance_digits"]().axes, (1e-7, 1e-3), strict=True):
        _, *thin = [line for line in ax.lines if line.get_marker() == "None"]
        for line, times in zip(thin, (1, 2), strict=True):
            start, end = line.get_ydata()
            decades = np.log10(line.get_xdata()[1] / line.get_xdata()[0])
            assert start == pytest.approx(-np.log10(u))
            assert (start - end) / decades == pytest.approx(times)


def test_every_way_is_named_once_and_looks_the_same_in_both_panels():
    figure = EXAMPLES["variance_digits"]()
    [legend] = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]
    first, second = (
        [(line.get_color(), line.get_marker()) for line in ax.lines if line.get_marker() != "None"]
        for ax in figure.axes
    )
    assert first == second
    assert len(set(first)) == 2


def test_reports_lie_at_their_ratio_and_digits_and_are_named():
    figure = EXAMPLES["reports"]()
    [ax] = figure.axes
    points = {
        line.get_label(): (line.get_xdata()[0], line.get_ydata()[0])
        for line in ax.lines
        if line.get_label() in REPORTED
    }
    assert points == REPORTED
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(REPORTED)
    assert [text.get_text() for text in ax.texts] == list(LINES)


def test_errors_are_drawn_on_logarithmic_axes():
    [ax] = EXAMPLES["output_errors"]().axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [line.get_ydata().tolist() for line in ax.lines] == [[1e-7, 1e-6], [1e-7, 1e-7]]
    assert [text.get_text() for text in ax.texts] == ["textbook", "corrected"]


def test_what_can_be_squared_is_half_as_far_from_one_as_what_can_be_stored():
    [ax] = EXAMPLES["number_ranges"]().axes
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert bars == [(-45, 38), (-22.5, 19), (-7, 5), (-3.5, 2.5)]
    assert [line.get_xdata()[0] for line in ax.lines] == [-12, -5]
