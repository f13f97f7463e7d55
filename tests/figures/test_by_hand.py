"""The figures of the chapter draw the numbers that they are given."""

import numpy as np

from figure_examples import points
from lnlearn import figures

TOKENS = np.array([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])
EXAMPLES = {
    "feature_bars": lambda: figures.feature_bars([("one", TOKENS[0]), ("two", TOKENS[1])]),
    "number_lines": lambda: figures.number_lines([("before", TOKENS), ("after", TOKENS * 3)]),
    "std_after_norm": lambda: figures.std_after_norm([1e-5, 1e-12], {"a token": (0.1, 0.9)}),
    "bessel_gap": lambda: figures.bessel_gap([3, 8, 768]),
}


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


def test_feature_bars_show_every_feature_with_mean_and_std():
    axes = EXAMPLES["feature_bars"]().axes
    for ax, features in zip(axes, TOKENS, strict=True):
        band, *bars = ax.patches
        assert [bar.get_height() for bar in bars] == features.tolist()
        assert np.isclose(band.get_y(), features.mean() - features.std())
        assert np.isclose(band.get_height(), 2 * features.std())
        assert np.allclose(ax.lines[0].get_ydata(), features.mean())


def test_std_after_norm_draws_formula_and_tokens():
    axes = EXAMPLES["std_after_norm"]().axes[0]
    for line, eps in zip(axes.lines[:2], [1e-5, 1e-12], strict=True):
        sigma, after = line.get_xydata().T
        assert np.allclose(after**2 * (sigma**2 + eps), sigma**2)
    assert points(axes) == [(0.1, 0.9)]


def test_bessel_gap_draws_the_ratio_of_the_two_standard_deviations():
    axes = EXAMPLES["bessel_gap"]().axes[0]
    for width, percent in points(axes):
        row = np.random.default_rng(0).standard_normal(int(width))
        assert np.isclose(percent, 100 * (row.std(ddof=1) / row.std() - 1))
