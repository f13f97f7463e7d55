"""The book's plots draw the numbers that they are given, in its palette, to the same bytes."""

import io
import re

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lnlearn import figures

TOKENS = np.array([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])

RESULTS = [
    {"dtype": dtype, "shape": shape, "seconds": {"copy": 2.0, "other copy": 4.0, "a": a, "b": 6.0}}
    for dtype in ("float32", "bfloat16")
    for shape, a in [([32, 768], 3.0), ([512, 768], 5.0)]
]

DRAWN = {
    "bench": lambda: figures.bench(RESULTS),
    "number_lines": lambda: figures.number_lines([("before", TOKENS), ("after", TOKENS * 3)]),
    "std_after_norm": lambda: figures.std_after_norm([1e-5, 1e-12], {"a token": (0.1, 0.9)}),
    "bessel_gap": lambda: figures.bessel_gap([3, 8, 768]),
}


@pytest.fixture(params=DRAWN)
def draw(request):
    return DRAWN[request.param]


def svg(figure):
    """The figure as the notebooks store it."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context(figures.STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return buffer.getvalue()


def points(axes):
    """Everything that is drawn on `axes` as a single point."""
    return [tuple(line.get_xydata()[0]) for line in axes.lines if len(line.get_xydata()) == 1]


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


def test_number_lines_show_every_number_and_the_mean_and_std_of_each_row():
    figure = figures.number_lines([("before", TOKENS), ("after", 2 * TOKENS + 1)])
    for axes, rows in zip(figure.axes, (TOKENS, 2 * TOKENS + 1), strict=True):
        shown = [x for x, _ in points(axes) if np.isfinite(x)]
        assert np.allclose(shown, rows.ravel())
        bars = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
        for row, bar, tick in zip(rows, bars[0::2], bars[1::2], strict=True):
            assert np.allclose(bar, [row.mean() - row.std(), row.mean() + row.std()])
            assert np.allclose(tick, row.mean())


def test_a_row_may_be_given_alone():
    assert len(figures.number_lines([("one", [1, 2])]).axes[0].get_yticks()) == 1


def test_std_after_norm_draws_formula_and_tokens():
    axes = DRAWN["std_after_norm"]().axes[0]
    for line, eps in zip(axes.lines[:2], [1e-5, 1e-12], strict=True):
        sigma, after = line.get_xydata().T
        assert np.allclose(after**2 * (sigma**2 + eps), sigma**2)
    assert points(axes) == [(0.1, 0.9)]


def test_bessel_gap_draws_the_ratio_of_the_two_standard_deviations():
    axes = DRAWN["bessel_gap"]().axes[0]
    for width, percent in points(axes):
        row = np.random.default_rng(0).standard_normal(int(width))
        assert np.isclose(percent, 100 * (row.std(ddof=1) / row.std() - 1))


def test_drawing_does_not_change_the_settings_of_the_reader():
    import matplotlib

    before = dict(matplotlib.rcParams)
    DRAWN["bessel_gap"]()
    assert dict(matplotlib.rcParams) == before


def test_bench_draws_times_as_multiples_of_the_fastest_copy():
    figure = DRAWN["bench"]()
    assert [axes.get_title("left") for axes in figure.axes] == ["float32", "bfloat16"]
    for axes in figure.axes:
        a, b = (line.get_ydata() for line in axes.lines[:2])
        assert np.allclose(a, [1.5, 2.5])
        assert np.allclose(b, [3.0, 3.0])
        assert [label.get_text() for label in axes.get_xticklabels()] == ["32×768", "512×768"]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
        assert np.array_equal(axes.lines[2].get_ydata(), [1, 1])  # the copy
        assert axes.get_yscale() == "log"
        assert axes.get_ylabel() == "time / time of a copy"
        figure.draw_without_rendering()
        ticks = {label.get_text() for label in axes.get_yticklabels(which="both")}
        assert ticks >= {"1", "2", "5"}
        assert not any("10^" in tick for tick in ticks)
    assert figure.axes[-1].get_xlabel() == "rows × width"
