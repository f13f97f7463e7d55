"""The figures on Pre-LN and Post-LN draw what they are given, where it belongs."""

import numpy as np
import pytest

from lnlearn import figures

VALUES = np.array([[1.0, 2.0, 4.0], [3.0, 2.0, 8.0]])
BAND = (np.array([1.0, 1.5, 2.0]), np.array([2.0, 3.0, 4.0]))
POWER = np.array([[1.0, 2.0, 4.0], [4.0, 8.0, 16.0]])  # the depth to the power 1, twice
ERRORS = {
    "post": {"fast": [0.9, 0.8], "slow": [0.2, 0.1]},
    "pre": {"fast": [0.1, 0.2], "slow": [0, 1]},
}

EXAMPLES = {
    "norm_places": figures.norm_places,
    "along_blocks": lambda: figures.along_blocks({"post": VALUES, "pre": 2 * VALUES}, "size", BAND),
    "against_depth": lambda: figures.against_depth([2, 4, 8], {"post": (POWER, 1.0)}, "gradient"),
    "errors_by_placement": lambda: figures.errors_by_placement(ERRORS),
}


def test_the_norm_stands_after_the_addition_in_one_and_before_attention_in_the_other():
    for ax, order in zip(
        figures.norm_places().axes,
        (["attention", "+", "norm"], ["norm", "attention", "+"]),
        strict=True,
    ):
        boxes = sorted(
            (text.get_position()[1], text.get_text()) for text in ax.texts if text.get_bbox_patch()
        )
        assert [text for _, text in boxes] == order


def test_along_blocks_draws_the_mean_the_spread_and_the_bounds():
    [ax] = EXAMPLES["along_blocks"]().axes
    assert [list(line.get_ydata()) for line in ax.lines] == [[2, 2, 6], [4, 4, 12]]
    bounds, spread, _ = (area.get_paths()[0].vertices[:, 1] for area in ax.collections)
    assert (bounds.min(), bounds.max()) == (1, 4)
    assert (spread.min(), spread.max()) == (1, 8)
    assert ax.get_yscale() == "log"
    [legend] = ax.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["bounds", "post", "pre"]


def test_against_depth_draws_geometric_means_and_a_line_of_the_given_slope():
    [ax] = EXAMPLES["against_depth"]().axes
    points, line = ax.lines[0], ax.lines[-1]
    assert points.get_ydata() == pytest.approx([2, 4, 8])
    assert line.get_ydata() == pytest.approx([2, 4, 8])
    [bars] = [part for part in ax.collections]
    assert bars.get_segments()[0][:, 1] == pytest.approx([1, 4])
    assert "power 1.00" in ax.figure.legends[0].get_texts()[0].get_text()


def test_errors_stand_in_the_row_of_their_placement():
    [ax] = EXAMPLES["errors_by_placement"]().axes
    drawn = {}
    for line in ax.lines[:-1]:
        row = round(line.get_ydata()[0])
        drawn.setdefault(row, []).extend(line.get_xdata())
    assert [label.get_text() for label in ax.get_yticklabels()] == list(ERRORS)
    assert sorted(drawn[0]) == pytest.approx([10, 20, 80, 90])
    assert sorted(drawn[1]) == pytest.approx([0, 10, 20, 100])
    assert ax.yaxis_inverted()
