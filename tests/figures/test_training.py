"""The figures on training draw what they are given, where it belongs."""

import numpy as np
import pytest

from lnlearn import figures
from lnlearn.figures.training import NORM_COLOURS

RATES = np.array([0.01, 0.1, 1.0])
ERRORS = np.array([[10.0, 20.0], [5.0, 7.0], [90.0, 40.0]])
BY_RATE = {"MLP": {"no norm": (RATES, ERRORS), "layer norm": (RATES, ERRORS / 2)}}
BY_BATCH = {
    "MLP": {
        "no norm": {2: [30.0, 50.0], 8: [10.0, 20.0]},
        "layer norm": {2: [8.0, 9.0], 8: [1.0, 2.0]},
    }
}

EXAMPLES = {
    "loss_curves": lambda: figures.loss_curves({"no norm": [[2, 1, 0.5], [3, 2, 1]]}, 10),
    "errors_by_rate": lambda: figures.errors_by_rate(BY_RATE),
    "errors_by_batch": lambda: figures.errors_by_batch(BY_BATCH),
    "along_the_gradient": lambda: figures.along_the_gradient(
        RATES, {"layer norm": [[0.9, 0.5, 3.0], [0.8, 0.7, 1.5]]}
    ),
}


def drawn(line):
    return line.get_xdata().tolist(), line.get_ydata().tolist()


def test_a_window_of_losses_stands_at_its_last_step():
    [ax] = EXAMPLES["loss_curves"]().axes
    assert [drawn(line) for line in ax.lines] == [
        ([10, 20, 30], [2, 1, 0.5]),
        ([10, 20, 30], [3, 2, 1]),
    ]


def test_errors_by_rate_draws_the_mean_of_the_seeds_and_their_spread():
    [ax] = EXAMPLES["errors_by_rate"]().axes
    none, layer, _ = ax.lines
    assert drawn(none) == (RATES.tolist(), [15, 6, 65])
    assert layer.get_ydata().tolist() == [7.5, 3, 32.5]
    assert layer.get_color() == NORM_COLOURS["layer norm"]
    spread = ax.collections[0].get_paths()[0].vertices
    assert set(spread[:, 1]) == {10, 20, 5, 7, 90, 40}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.01", "0.1", "1"]


def test_errors_by_batch_draws_every_seed_beside_its_batch_size():
    [ax] = EXAMPLES["errors_by_batch"]().axes
    mean, first, second = ax.lines[:3]
    assert mean.get_ydata().tolist() == [40, 15]
    assert [first.get_ydata().tolist(), second.get_ydata().tolist()] == [[30, 10], [50, 20]]
    assert np.round(first.get_xdata()).tolist() == [0, 1]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "8"]


def test_along_the_gradient_draws_a_line_for_each_seed_and_one_for_no_change():
    [ax] = EXAMPLES["along_the_gradient"]().axes
    first, second, level = ax.lines
    assert drawn(first) == (RATES.tolist(), [0.9, 0.5, 3.0])
    assert second.get_ydata().tolist() == [0.8, 0.7, 1.5]
    assert level.get_ydata() == pytest.approx([1, 1])
    assert [text.get_text() for text in ax.figure.legends[0].get_texts()] == ["layer norm"]
