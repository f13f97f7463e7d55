"""The figures of the chapter on what layer norm lets a network compute."""

import numpy as np

from lnlearn import figures
from lnlearn.figures.style import BLUE, ORANGE, SERIES

KEYS = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0], [0.5, 0.5]])
INPUTS = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
CIRCLE = np.sqrt(3) * np.array([[-0.8, 0.6], [0, 1], [0, 1], [0.8, 0.6]])
EXAMPLES = {
    "winners": lambda: figures.winners(KEYS, "ABCD"),
    "hulls": lambda: figures.hulls(
        {"keys": (KEYS, [True, True, True, False]), "corners": (KEYS[:3], [True] * 3)}
    ),
    "hash_gaps": lambda: figures.hash_gaps([1, 2], [0.05, 0.01], {"float32": 6e-8}),
    "xor": lambda: figures.xor(INPUTS, CIRCLE, 1.2),
}


def test_each_direction_of_the_ring_has_the_colour_of_the_key_that_wins_there():
    axes = EXAMPLES["winners"]().axes[0]
    rings = [line for line in axes.lines if line.get_marker() == "."]
    assert sum(len(line.get_xdata()) for line in rings) == 720
    for line in rings:
        for query in line.get_xydata()[::20]:
            scores = [query[0] * key[0] + query[1] * key[1] for key in KEYS]
            assert line.get_color() == SERIES[scores.index(max(scores))]
    assert len(rings[3].get_xdata()) == 0  # D is inside
    assert {tuple(corner) for corner in axes.patches[0].get_xy()} == {tuple(k) for k in KEYS[:3]}
    written = [text.get_text() for text in axes.texts]
    assert [written.count(name) for name in "ABCD"] == [2, 2, 2, 1]


def test_the_outline_joins_the_selectable_keys_and_holds_the_others():
    first, second = EXAMPLES["hulls"]().axes
    assert {tuple(corner) for corner in first.patches[0].get_xy()} == {tuple(k) for k in KEYS[:3]}
    assert first.patches[0].get_path().contains_point(KEYS[3])
    selectable, others = first.lines
    assert (selectable.get_color(), others.get_color()) == (BLUE, ORANGE)
    assert np.allclose(others.get_xydata(), [KEYS[3]])
    assert len(second.lines[1].get_xdata()) == 0


def test_the_outline_of_many_corners_does_not_cross_itself():
    turn = np.random.default_rng(0).permutation(12) * np.pi / 6
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    outline = figures.hulls({"": (circle, [True] * 12)}).axes[0].patches[0].get_xy()
    steps = np.linalg.norm(np.diff(outline, axis=0), axis=1)
    assert np.allclose(steps, 2 * np.sin(np.pi / 12))


def test_gaps_and_spacings_are_drawn_where_they_are():
    gaps, spacing = EXAMPLES["hash_gaps"]().axes[0].lines
    assert np.allclose(gaps.get_xydata(), [[1, 0.05], [2, 0.01]])
    assert set(spacing.get_ydata()) == {6e-8}


def test_the_four_inputs_keep_their_colours_on_the_circle():
    before, after = EXAMPLES["xor"]().axes
    for axes, points in ((before, INPUTS), (after, CIRCLE)):
        drawn = axes.lines[-4:]
        assert np.allclose([line.get_xydata()[0] for line in drawn], points)
        assert [line.get_color() for line in drawn] == [BLUE, ORANGE, ORANGE, BLUE]
    circle, threshold = after.lines[:2]
    assert np.allclose(np.linalg.norm(circle.get_xydata(), axis=1), 3**0.5)
    assert set(threshold.get_ydata()) == {1.2}
