"""Figures that the reader moves, as far as no browser is needed: what is written into the page."""

import re

import pytest
import torch

import lnlearn

EXPLORABLES = {"explorer": lnlearn.explorer}


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
