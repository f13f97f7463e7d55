"""What holds for every plot of the book: its palette, its size, the same bytes every time."""

import inspect
import re

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from figure_examples import DRAWN, svg
from lnlearn import figures


@pytest.fixture(params=DRAWN)
def draw(request):
    return DRAWN[request.param]


def test_drawing_twice_gives_the_same_bytes(draw):
    assert svg(draw()) == svg(draw())


def test_only_the_palette_is_used(draw):
    colours = {c.lower() for c in re.findall(r"#[0-9a-fA-F]{6}\b", svg(draw()))}
    assert colours <= set(figures.COLOURS.values())


def test_text_is_stored_as_text(draw):
    assert "<text" in svg(draw())


def test_a_figure_fits_on_a_phone(draw):
    assert draw().get_size_inches()[0] <= 5


@pytest.mark.parametrize("name", ["ink", "muted", "blue", "orange", "green", "purple"])
def test_what_is_drawn_stands_out_from_the_paper(name):
    def luminance(colour):
        rgb = np.array(to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    contrast = (luminance(figures.PAPER) + 0.05) / (luminance(figures.COLOURS[name]) + 0.05)
    assert contrast >= 4.5  # WCAG 2, level AA


def test_drawing_does_not_change_the_settings_of_the_reader():
    before = dict(matplotlib.rcParams)
    DRAWN["bessel_gap"]()
    assert dict(matplotlib.rcParams) == before


def test_every_figure_has_an_example():
    functions = {name for name in figures.__all__ if inspect.isfunction(getattr(figures, name))}
    assert set(DRAWN) == functions - {"show_as_svg", "table"}
