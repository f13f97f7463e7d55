"""Figures that the reader moves, as far as no browser is needed: what is written into the page."""

import re

import numpy as np
import pytest
import torch

import lnlearn
from lnlearn import explorables
from lnlearn.explorables.space import BIAS, TOKEN, WEIGHT, project

EXPLORABLES = {
    "explorer": lnlearn.explorer,
    "projection": explorables.projection,
    "space": explorables.space,
}


@pytest.fixture(params=EXPLORABLES)
def html(request):
    return EXPLORABLES[request.param]()._repr_html_()


def test_it_weighs_less_than_25_kilobytes(html):
    assert len(html.encode()) < 25_000


def test_it_names_no_other_host_and_no_id(html):
    assert "://" not in html
    assert not re.search(r"\bid=", html)


def test_writing_it_twice_gives_the_same_text():
    for explorable in EXPLORABLES.values():
        assert explorable()._repr_html_() == explorable()._repr_html_()


def test_the_figure_that_stands_still_shows_the_numbers_of_pytorch():
    x = torch.tensor([0.2, 0.1, 0.3], dtype=torch.float64, requires_grad=True)
    y = torch.nn.functional.layer_norm(x, (3,))
    y[0].backward()
    html = lnlearn.explorer()._repr_html_()
    rows = dict(re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', html))
    for name, expected in [("y", y), ("x̂", y), ("∂L/∂x", x.grad), ("x", x)]:
        shown = [float(c.replace("−", "-")) for c in re.findall("<td>(.*?)</td>", rows[name])]
        assert shown == pytest.approx(expected.tolist(), abs=5e-5)


def curves(attribute="data-at"):
    """The places in space of every line of the scene, and how it is drawn."""
    found = re.findall(rf'<[^>]*{attribute}="([^"]*)"([^>]*)', explorables.space().still)
    return [(np.array([p.split(",") for p in at.split()], float), style) for at, style in found]


def drawn_with(style):
    return [places for places, styles in curves() if style in styles]


def test_the_circle_is_where_the_plane_meets_the_sphere():
    [circle] = drawn_with('stroke="var(--blue)" stroke-width="2.5"')
    assert np.allclose(np.linalg.norm(circle, axis=1), np.sqrt(3), atol=1e-3)
    assert np.allclose(circle.sum(axis=1), 0, atol=2e-3)
    [plane] = drawn_with("fill-opacity")
    assert np.allclose(plane.sum(axis=1), 0, atol=2e-3)
    assert np.ptp(np.arctan2(circle[:, 0], circle[:, 1])) > 6  # all the way around


def test_the_ellipsoid_is_what_weight_and_bias_make_of_the_sphere():
    wires = drawn_with('stroke="var(--green)" stroke-width="0.8"')
    [ellipse] = drawn_with('stroke="var(--green)" stroke-width="2.5"')
    assert len(wires) == 3
    for places in (*wires, ellipse):
        assert np.allclose((((places - BIAS) / WEIGHT) ** 2).sum(axis=1), 3, atol=5e-3)
    assert np.allclose(((ellipse - BIAS) / WEIGHT).sum(axis=1), 0, atol=5e-3)


def test_the_token_goes_where_the_norms_of_pytorch_send_it():
    x, weight, bias = map(torch.from_numpy, (TOKEN, WEIGHT, BIAS))
    by_layer_norm = torch.nn.functional.layer_norm(x, (3,), eps=0)
    by_rms_norm = torch.nn.functional.rms_norm(x, (3,), eps=1e-30)
    ways = [places for places, style in curves("data-way") if "fill" in style]
    for way, x_hat in zip(ways, (by_layer_norm, by_rms_norm), strict=True):
        assert np.allclose(way[0], x)
        assert np.allclose(way[2], x_hat, atol=1e-3)
        assert np.allclose(way[3], x_hat * weight + bias, atol=1e-3)
    assert np.allclose(ways[0][1], x - x.mean(), atol=1e-3)
    assert np.array_equal(ways[1][1], ways[1][0])  # RMS norm does not project


def test_the_drawing_is_seen_from_far_away():
    """Nothing looks smaller for being farther away."""
    corners = np.vstack([np.eye(3), -np.eye(3)])
    for turn, tilt in [(0, 0), (-30, 22), (100, -50)]:
        seen = np.array([project(c, turn, tilt).split() for c in corners], float) - [240, 200]
        assert np.allclose(seen[:3], -seen[3:], atol=0.11)
        assert (seen[:3] ** 2).sum() == pytest.approx(2 * 70**2, rel=5e-3)


def test_from_above_the_third_axis_is_a_point_and_the_others_turn_to_the_left():
    """So it is no mirror image: from the first axis a quarter turn to the left is the second."""
    seen = [project(axis, 0, 90).split() for axis in np.eye(3)]
    assert np.array_equal(np.array(seen, float), [[240, 270], [310, 200], [240, 200]])
