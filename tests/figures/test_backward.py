"""The figures of the chapter on the backward pass."""

import numpy as np
import pytest
import torch

from lnlearn import figures

COLOUR = {name: figures.COLOURS[name] for name in ("blue", "orange", "green", "ink", "muted")}

EXAMPLES = {
    "three_paths": lambda: figures.three_paths(D=3, i=3),
    "projection": lambda: figures.projection([3.0, 1.0, 2.0], [0.0, -1.0, 1.0]),
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
        "green": [f"2(x{index[i]} − μ)/{D}", "−x̂ⱼ/(2s²)"],
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
    coarse, fine, mark, meaning = axes.lines
    assert np.allclose(coarse.get_xydata(), [[0.1, 0.3], [0.2, 0.1]])
    assert np.allclose(fine.get_xydata(), [[1e-2, 1e-6], [0.1, 1e-4]])
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert mark.get_xdata() == [0.02, 0.02]
    assert mark.get_color() == fine.get_color() != coarse.get_color()
    assert axes.get_xlabel() == "step h"
    assert "error" in axes.get_ylabel()
    names = [text.get_text() for text in axes.figure.legends[0].get_texts()]
    assert names == ["coarse", "fine", "recommended step, in the curve's colour"]
    assert mark.get_linestyle() == meaning.get_linestyle() != fine.get_linestyle()


def overlap(box, start, end):
    """Whether a straight arrow passes through a box; both in pixels."""
    points = np.linspace(start, end, 200)
    return bool(((points > box.min) & (points < box.max)).all(axis=1).any())


@pytest.mark.parametrize(("D", "i"), [(3, 3), (4, 2)])
def test_no_arrow_passes_through_the_label_of_another(D, i):
    figure = figures.three_paths(D, i)
    [axes] = figure.axes
    figure.draw_without_rendering()
    shown = [(t.xyann, t.xy) for t in axes.texts if getattr(t, "arrow_patch", None)]
    for label in nodes(axes)[1]:
        box = label.get_window_extent()
        for ends in shown:
            if not np.allclose(np.mean(ends, axis=0), label.get_position()):
                assert not overlap(box, *axes.transData.transform(ends)), label.get_text()


def test_the_sums_of_the_paths_are_written_in_their_colours_with_their_total():
    texts = figures.three_paths(3, 3, sums=(24.477, -24.477, -6.11)).axes[0].texts
    below = [t for t in texts if t.get_text() and t.get_position()[1] < -0.3]
    below.sort(key=lambda t: (t.get_position()[0], -t.get_position()[1]))
    assert [t.get_text() for t in below[::2]] == ["directly", "through μ", "through σ²", "dx₃"]
    assert [t.get_text() for t in below[1::2]] == ["24.477", "−24.477", "−6.110", "−6.110"]
    colours = [COLOUR[name] for name in ("blue", "orange", "green", "ink")]
    assert [t.get_color() for t in below[::2]] == [t.get_color() for t in below[1::2]] == colours


def test_the_projection_leads_from_g_by_two_steps_to_what_pytorch_leaves():
    x = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64, requires_grad=True)
    x_hat = torch.nn.functional.layer_norm(x, (3,), eps=0)
    g = torch.tensor([3.0, 1.0, 2.0], dtype=torch.float64)
    [dx] = torch.autograd.grad(x_hat, x, g)
    rest = (dx * x.std(correction=0)).detach().numpy()
    axes = figures.projection(g.numpy(), x_hat.detach().numpy()).axes[0]
    dashed = [line.get_xydata() for line in axes.lines if line.get_linestyle() == "--"]
    arrows = {t.get_text(): t for t in axes.texts}
    tips = [t.xy for t in axes.texts if getattr(t, "arrow_patch", None)]
    assert np.allclose(dashed[0][1], dashed[1][0])  # the second step begins where the first ends
    assert np.allclose([dashed[0][0], dashed[1][1]], tips)  # from the tip of g to that of s dx
    assert dashed[0][0][0] == pytest.approx(dashed[0][1][0])  # (1, 1, 1) points up
    assert dashed[0][0][1] - dashed[0][1][1] == pytest.approx(2 * np.sqrt(3))  # mean(g) is 2
    # what is left has no part in the two directions, so it lies on the line of `across`
    assert np.hypot(*tips[1]) == pytest.approx(np.linalg.norm(rest) * np.hypot(1, 0.22))
    assert {"g", "s · dx", "− mean(g)", "− x̂ mean(g x̂)"} <= set(arrows)
