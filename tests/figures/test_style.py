"""What holds for every plot of the book: its palette, its size, the same bytes every time."""

import re
from functools import cache

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from figure_examples import examples, svg
from lnlearn import figures

EXAMPLES = examples()
OF_THE_BENCHMARK = {"bench", "bench_gpu"}  # which the book does not show


@cache
def example(name):
    """The figure, drawn once for the tests that only look at it."""
    return EXAMPLES[name]()


@cache
def text(name):
    return svg(example(name))


@pytest.fixture(params=[name for name in EXAMPLES if isinstance(example(name), Figure)])
def name(request):
    return request.param


def test_drawing_twice_gives_the_same_bytes(name):
    assert svg(EXAMPLES[name]()) == text(name)


def test_only_the_palette_is_used(name):
    colours = {c.lower() for c in re.findall(r"#[0-9a-fA-F]{6}\b", text(name))}
    assert colours <= set(figures.COLOURS.values())


def test_text_is_stored_as_text(name):
    assert "<text" in text(name)


def test_on_a_phone_no_letter_is_smaller_than_11_pixels(name):
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', text(name))[1])
    sizes = re.findall(r"<text[^>]*font-size: ([\d.]+)px", text(name))  # exponents are no <text>
    assert name in OF_THE_BENCHMARK or min(map(float, sizes)) * 355 / width >= 10.95


@pytest.mark.parametrize("colour", ["ink", "muted", "blue", "orange", "green", "purple"])
def test_what_is_drawn_stands_out_from_the_paper(colour):
    def luminance(colour):
        rgb = np.array(to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    contrast = (luminance(figures.PAPER) + 0.05) / (luminance(figures.COLOURS[colour]) + 0.05)
    assert contrast >= 4.5  # WCAG 2, level AA


def test_drawing_does_not_change_the_settings_of_the_reader():
    before = dict(matplotlib.rcParams)
    EXAMPLES["bessel_gap"]()
    assert dict(matplotlib.rcParams) == before


def test_every_figure_has_an_example_in_the_test_of_its_chapter():
    assert set(EXAMPLES) == set(figures.__all__) - {
        "COLOURS", "PAPER", "STYLE", "show_as_svg", "table"
    }  # fmt: skip
