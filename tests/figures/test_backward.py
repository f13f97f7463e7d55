"""The figures of the chapter on the backward pass."""

import numpy as np
import pytest

from lnlearn import figures

COLOUR = {name: figures.COLOURS[name] for name in ("blue", "orange", "green", "ink", "muted")}

EXAMPLES = {
    "three_paths": lambda: figures.three_paths(D=3, i=3),
    "step_size": lambda: figures.step_size(
        {"coarse": ([0.1, 0.2], [0.3, 0.1]), "fine": ([1e-3, 1e-2, 0.1], [0.0, 1e-6, 1e-4])},
        {"fine": 0.02},
    ),
}


def nodes(axes):
    """The place of each node, by its name, and the labels of the arrows."""
    texts = [text for text in axes.texts if text.get_text()]
    named = {t.get_text(): t.get_position() for t in texts if t.get_bbox_patch() is None}
    labels = [t for t in texts if t.get_bbox_patch() is not None]
    return named, labels


def arrows(axes):
    """(from, to, colour) of each arrow, by the names of the nodes."""
    named, _ = nodes(axes)
    names = {tuple(map(float, place)): name for name, place in named.items()}
    found = []
    for text in axes.texts:
        if getattr(text, "arrow_patch", None):
            start, end = (names[tuple(map(float, place))] for place in (text.xyann, text.xy))
            found.append((start, end, text.arrowprops["color"]))
    return sorted(found)


@pytest.mark.parametrize(("D", "i"), [(3, 3), (3, 1), (4, 2)])
def test_three_paths_lead_from_the_feature_to_the_loss(D, i):
    index = "₀₁₂₃₄₅₆₇₈₉"
    x, outputs = f"x{index[i]}", [f"x̂{index[j]}" for j in range(1, D + 1)]
    expected = [
        (x, f"x̂{index[i]}", COLOUR["blue"]),
        (x, "μ", COLOUR["orange"]),
        (x, "σ²", COLOUR["green"]),
        ("μ", "σ²", COLOUR["muted"]),
        *(("μ", output, COLOUR["orange"]) for output in outputs),
        *(("σ²", output, COLOUR["green"]) for output in outputs),
        *((output, "L", COLOUR["ink"]) for output in outputs),
    ]
    assert arrows(figures.three_paths(D, i).axes[0]) == sorted(expected)


@pytest.mark.parametrize(("D", "i"), [(3, 3), (4, 2)])
def test_each_kind_of_arrow_has_its_derivative_once(D, i):
    _, labels = nodes(figures.three_paths(D, i).axes[0])
    index = "₀₁₂₃₄₅₆₇₈₉"
    expected = {
        "blue": ["1/s"],
        "orange": [f"1/{D}", "−1/s"],
        "green": [f"2(x{index[i]} − μ)/{D}", "−x̂ⱼ/2s²"],
        "muted": ["0"],
        "ink": [f"g{index[j]}" for j in range(1, D + 1)],
    }
    for name, words in expected.items():
        shown = [t.get_text() for t in labels if t.get_color() == COLOUR[name]]
        assert sorted(shown) == sorted(words)


def test_a_label_stands_in_the_middle_of_an_arrow_of_its_colour():
    axes = figures.three_paths(3, 3).axes[0]
    middles = {
        (t.arrowprops["color"], tuple(np.mean([t.xyann, t.xy], axis=0)))
        for t in axes.texts
        if getattr(t, "arrow_patch", None)
    }
    for label in nodes(axes)[1]:
        assert (label.get_color(), tuple(label.get_position())) in middles


def test_no_two_nodes_stand_in_the_same_place():
    named, _ = nodes(figures.three_paths(4, 2).axes[0])
    places = np.array(list(named.values()), dtype=float)
    distances = np.linalg.norm(places[:, None] - places, axis=-1)
    assert distances[~np.eye(len(places), dtype=bool)].min() > 0.7


def test_every_node_lies_inside_the_figure():
    axes = figures.three_paths(3, 3).axes[0]
    for x, y in nodes(axes)[0].values():
        assert axes.get_xlim()[0] < x < axes.get_xlim()[1]
        assert axes.get_ylim()[0] < y < axes.get_ylim()[1]


def test_step_size_draws_every_error_that_is_not_zero():
    axes = EXAMPLES["step_size"]().axes[0]
    coarse, fine, mark = axes.lines
    assert np.allclose(coarse.get_xydata(), [[0.1, 0.3], [0.2, 0.1]])
    assert np.allclose(fine.get_xydata(), [[1e-2, 1e-6], [0.1, 1e-4]])
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert mark.get_xdata() == [0.02, 0.02]
    assert mark.get_color() == fine.get_color() != coarse.get_color()
    assert axes.get_xlabel() == "step h"
    assert "error" in axes.get_ylabel()
    assert [text.get_text() for text in axes.figure.legends[0].get_texts()] == ["coarse", "fine"]
