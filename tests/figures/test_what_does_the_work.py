"""The figures of the chapter draw the numbers that they are given, each where it belongs."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from lnlearn import figures
from lnlearn.figures.what_does_the_work import COLOURS

GRADIENTS = {
    "neither": [1.2, 0, 0], "only μ": [0.8, -0.4, -0.4], "only σ": [0.5, 0.6, 0.1],
    "both": [0.1, 0.2, -0.3],
}  # fmt: skip
RATIOS = {"neither": [1, 1, 1], "both": [0.2, 0.8, 0.6]}
SETTINGS = {
    "shallow": {"no norm": [50, 60], "both": [2, 3]},
    "deep": {"no norm": [90, 91], "neither": [80, 70], "both": [8, 9]},
}
BY_RATE = {
    "SGD": {"neither": {0.1: 50, 1.0: 90}, "both": {0.1: 3, 0.5: 20}},
    "Adam": {"neither": {0.01: 70}, "both": {0.01: 5}},
}
COSINES = {"neither": [[0.1, 0.9], [0.3, 0.7]], "only σ": [[0.9, 1], [1, 1]]}
EXAMPLES = {
    "gradients_of_one_token": lambda: figures.gradients_of_one_token(GRADIENTS),
    "variance_and_correlation": lambda: figures.variance_and_correlation([-1, 0.5, 0.7], RATIOS),
    "errors_of_runs": lambda: figures.errors_of_runs(SETTINGS),
    "derivatives_by_rate": lambda: figures.derivatives_by_rate(BY_RATE),
    "cosines_by_layer": lambda: figures.cosines_by_layer(COSINES),
}


def test_every_feature_has_a_bar_as_high_as_its_gradient():
    for ax, (name, dx) in zip(
        EXAMPLES["gradients_of_one_token"]().axes, GRADIENTS.items(), strict=True
    ):
        assert [bar.get_height() for bar in ax.patches] == dx
        assert ax.get_title(loc="left") == f"{name}, sum {sum(dx):.2f}".replace("-", "")


def test_every_token_is_a_mark_at_its_correlation():
    [ax] = EXAMPLES["variance_and_correlation"]().axes
    for line, ratio in zip(ax.lines, RATIOS.values(), strict=True):
        assert line.get_xydata().tolist() == [[-1, ratio[0]], [0.5, ratio[1]], [0.7, ratio[2]]]


def test_every_run_is_a_mark_in_the_row_of_its_version():
    for ax, (title, versions) in zip(
        EXAMPLES["errors_of_runs"]().axes, SETTINGS.items(), strict=True
    ):
        assert ax.get_title(loc="left") == title
        assert [label.get_text() for label in ax.get_yticklabels()] == list(versions)
        for row, (line, errors) in enumerate(zip(ax.lines[1::2], versions.values(), strict=True)):
            assert line.get_xydata().tolist() == [[error, row] for error in errors]


def test_every_error_stands_at_its_rate():
    axes = EXAMPLES["derivatives_by_rate"]().axes
    for ax, (title, versions) in zip(axes, BY_RATE.items(), strict=True):
        assert ax.get_title(loc="left") == title
        for line, (name, errors) in zip(ax.lines, versions.items(), strict=True):
            assert line.get_label() == name
            assert line.get_xydata().tolist() == [list(pair) for pair in errors.items()]


def test_a_curve_is_the_mean_over_networks():
    [ax] = EXAMPLES["cosines_by_layer"]().axes
    for line, values in zip(ax.lines, COSINES.values(), strict=True):
        np.testing.assert_allclose(
            line.get_xydata(), [[1, np.mean(values, 0)[0]], [2, np.mean(values, 0)[1]]]
        )


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_detached_has_the_same_colour_in_every_figure(name):
    axes = EXAMPLES[name]().axes
    drawn = [bar.get_facecolor() for ax in axes for bar in ax.patches]
    drawn += [line.get_color() for ax in axes for line in ax.lines]
    assert to_hex(COLOURS["neither"]) in {to_hex(colour) for colour in drawn}
