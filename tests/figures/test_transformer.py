"""The figures on the Transformer draw the numbers that they are given."""

import numpy as np
import pytest

from lnlearn import figures

STAGES = ["embedded", "+ attention", "norm"]
TOKENS = np.array([[3.0, 0.0, 0.0], [3.0, 3.0, 0.0], [0.0, 0.0, 2.0]])
RUNS = {"with": [[4.0, 2.0, 1.0, 1.0], [4.0, 4.0, 2.0, 0.0]], "without": [[5.0, 5.0, 5.0, 5.0]]}
MOVED = {"before": (1, [True, True, True]), "after": (1, [False, True, False])}
WEIGHTS = np.array([[0.25, 0.75], [1.0, 0.0]])

EXAMPLES = {
    "encoder_map": figures.encoder_map,
    "token_path": lambda: figures.token_path(STAGES, TOKENS),
    "who_moves": lambda: figures.who_moves("a b", MOVED),
    "learning_curves": lambda: figures.learning_curves(RUNS, every=2),
    "attention_map": lambda: figures.attention_map(WEIGHTS, "ab"),
}


def test_the_map_shows_each_step_with_its_shape_in_order():
    [ax] = figures.encoder_map([f"shape {i}" for i in range(7)]).axes
    by_height = sorted(ax.texts, key=lambda text: -text.get_position()[1])
    said = [text.get_text() for text in by_height if text.get_text() not in ("", "one block")]
    assert said[1::2] == [f"shape {i}" for i in range(7)]
    assert said[::2][2:4] == ["attention", "Add & Norm"]
    with pytest.raises(ValueError, match=r"shapes has 1 entries, but there are 7 steps"):
        figures.encoder_map(["x"])


def test_a_token_is_drawn_with_its_mean_its_deviation_and_its_turns():
    above, below = EXAMPLES["token_path"]().axes
    points = [line for line in above.lines if line.get_marker() not in ("None", None, "")]
    assert [line.get_ydata()[0] for line in points] == pytest.approx(TOKENS.mean(1), abs=1e-6)
    bars = [line for line in above.lines if line.get_linewidth() == 5]
    half = [np.ptp(line.get_ydata()) / 2 for line in bars]
    assert half == pytest.approx(TOKENS.std(1), abs=1e-6)
    assert [bar.get_height() for bar in below.patches] == pytest.approx([45, 90])
    norm, other = points[2], points[1]
    assert norm.get_color() != other.get_color()
    assert norm.get_marker() != other.get_marker()


def test_the_tokens_that_moved_are_filled_and_the_changed_one_has_a_thick_edge():
    [ax] = EXAMPLES["who_moves"]().axes
    filled = [patch.get_facecolor()[:3] != (1, 1, 1) for patch in ax.patches]
    assert filled == [True, True, True, False, True, False]
    assert [line.get_linewidth() > 1 for line in ax.lines] == [False, True, False] * 2
    assert "␣" in [text.get_text() for text in ax.texts]


def test_a_learning_curve_averages_neighbouring_steps_and_each_seed_has_its_own():
    [ax] = EXAMPLES["learning_curves"]().axes
    assert [list(line.get_ydata()) for line in ax.lines] == [[3, 1], [4, 1], [5, 5]]
    assert [list(line.get_xdata()) for line in ax.lines] == [[1, 3]] * 3
    colours = [line.get_color() for line in ax.lines]
    assert colours[0] == colours[1] != colours[2]
    [legend] = ax.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["with", "without"]


def test_the_area_of_a_square_is_its_weight():
    [ax] = EXAMPLES["attention_map"]().axes
    corners = [patch.get_xy() for patch in ax.patches]
    areas = [np.prod(np.ptp(xy, axis=0)) for xy in corners]
    assert np.array(areas) == pytest.approx(0.96**2 * WEIGHTS.ravel(), abs=1e-3)
    assert corners[1].mean(0).round() == pytest.approx([1, 0])  # row 0, column 1
