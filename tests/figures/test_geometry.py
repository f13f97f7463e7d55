"""The figures of the chapter on geometry."""

import numpy as np
import torch

from figure_examples import points
from lnlearn import figures

TOKENS = np.array([[2.0, 1.0], [-1.0, 2.5], [0.5, -2.0]])
OUTPUTS = np.array([[1.0, -1.0], [-1.0, 1.0], [1.0, -1.0]])
EXAMPLES = {
    "two_features": lambda: figures.two_features(TOKENS, OUTPUTS),
    "singular_values": lambda: figures.singular_values(1e-5, {0.1: (9.99, 0.01)}),
    "beside_an_outlier": lambda: figures.beside_an_outlier({8: ([1, 10], [0.9, 0.3])}),
    "along_ones": lambda: figures.along_ones([3, 64], [[0.5, 0.4], [0.1, 0.2]], [[0.9], [0.6]]),
}


def drawn(name):
    return EXAMPLES[name]().axes[0]


def test_an_arrow_leads_from_each_token_to_its_output():
    axes = drawn("two_features")
    arrows = [(text.xyann, text.xy) for text in axes.texts if getattr(text, "arrow_patch", None)]
    assert np.allclose(arrows, np.stack([TOKENS, OUTPUTS], axis=1))
    shapes = {tuple(line.get_xydata()[0]): line.get_marker() for line in axes.lines[2:]}
    assert [shapes[tuple(token)] for token in TOKENS] == ["s", "o", "s"]
    assert {(1.0, -1.0), (-1.0, 1.0)} <= set(points(axes))
    across, ones = (line.get_xydata() for line in axes.lines[:2])
    assert np.allclose(across @ [1, 1], 0)
    assert np.allclose(ones @ [1, -1], 0)
    low, high = axes.get_xlim()
    assert low < TOKENS.min() < TOKENS.max() < high


def test_the_curves_are_the_singular_values_of_the_jacobian():
    ideal, around, along = (line.get_xydata() for line in drawn("singular_values").lines[:3])
    assert np.allclose(ideal.prod(axis=1), 1)
    for i in (60, 120, 200):
        sigma = around[i, 0]
        x = torch.tensor([1.0, -1.0, -1.0, 1.0], dtype=torch.float64) * sigma
        J = torch.autograd.functional.jacobian(
            lambda x: torch.nn.functional.layer_norm(x, (4,), eps=1e-5), x
        )
        values = torch.linalg.svdvals(J).numpy()
        assert np.allclose(values, [around[i, 1], around[i, 1], along[i, 1], 0], atol=1e-9)
    assert points(drawn("singular_values")) == [(0.1, 9.99), (0.1, 0.01)]


def test_the_curve_is_what_layer_norm_leaves_beside_an_outlier():
    curve, measured = (line.get_xydata() for line in drawn("beside_an_outlier").lines)
    assert np.allclose(measured, [[1, 0.9], [10, 0.3]])
    others = np.array([1, -1, 1, -1, 1, -1, 0]) * np.sqrt(7 / 6)
    for a, left in curve[::40]:
        y = torch.nn.functional.layer_norm(torch.tensor([a, *others]), (8,), eps=0).numpy()
        assert np.isclose(y[1:].std(), left)


def test_every_cosine_is_drawn_at_its_width():
    line, random, positive = (line.get_xydata() for line in drawn("along_ones").lines)
    assert np.allclose(line, [[3, 3**-0.5], [64, 1 / 8]])
    assert np.allclose(random, [[3, 0.5], [3, 0.4], [64, 0.1], [64, 0.2]])
    assert np.allclose(positive, [[3, 0.9], [64, 0.6]])
