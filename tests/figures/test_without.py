"""The figures of the chapter draw the numbers that they are given, each where it belongs."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from lnlearn import figures
from lnlearn.figures.without import COLOURS

TOKENS = {"short": [-1.0, 1.0], "long": [3.0, -3.0]}
NORMS = {
    "first": {"letters": ([1, 2], [1, 1.5])},
    "last": {"letters": ([1, -2], [0.5, -1]), "spaces": ([4, -4], [2, -2])},
}
RATES = {"layer norm": {0.001: [5, 6, 7], 0.01: [8, 9, 10]}, "DyT": {0.001: [20, 30], 0.01: [9, 7]}}
LONGER = {"layer norm": [2, 2.1, 2.2], "frozen": [2, 3, 30]}
STAGES = {"with norms": [2.0, 2.1], "without": [2.5, 2.4]}
EXAMPLES = {
    "lines_of_tokens": lambda: figures.lines_of_tokens(TOKENS, 0.5),
    "inputs_and_outputs": lambda: figures.inputs_and_outputs(NORMS, (3, 0.2)),
    "by_rate": lambda: figures.by_rate(RATES, "error in %", chance=90),
    "when_longer": lambda: figures.when_longer((1, 2, 4), LONGER, "loss"),
    "stages_of_removal": lambda: figures.stages_of_removal(STAGES),
    "cost_of_each_norm": lambda: figures.cost_of_each_norm(["a", "b", "a"], [3, 1, 2], "cost"),
}


def test_a_token_lies_on_a_line_through_the_origin_and_ends_at_one_size():
    [ax] = EXAMPLES["lines_of_tokens"]().axes
    assert ax.lines[0].get_xydata().tolist() == [[-1, -1], [1, 1]]
    assert ax.lines[1].get_xydata().tolist() == [[-3, -1], [3, 1]]


def test_every_feature_is_a_mark_and_the_curve_stands_in_the_last_panel():
    first, last = EXAMPLES["inputs_and_outputs"]().axes
    assert first.lines[0].get_xydata().tolist() == [[1, 1], [2, 1.5]]
    assert last.lines[1].get_xydata().tolist() == [[4, 2], [-4, -2]]
    x, y = last.lines[-1].get_data()
    np.testing.assert_allclose(y, 3 * np.tanh(0.2 * x))
    assert len(first.lines) == 3  # marks and two axes


def test_every_seed_is_a_mark_at_about_its_rate_and_the_line_joins_their_means():
    [ax] = EXAMPLES["by_rate"]().axes
    mean, *marks = ax.lines[:3]
    assert mean.get_ydata().tolist() == [6, 9]
    for line, (rate, seeds) in zip(marks, RATES["layer norm"].items(), strict=True):
        assert line.get_ydata().tolist() == seeds
        np.testing.assert_allclose(line.get_xdata(), rate, rtol=0.1)


def test_with_titles_there_is_a_panel_for_each_mapping():
    panels = [LONGER, {"frozen": [1, 2, 3]}]
    figure = figures.when_longer((1, 2, 4), panels, "loss", ["itself", "others"], log=True)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["itself", "others"]
    assert figure.axes[1].lines[0].get_xydata().tolist() == [[1, 1], [2, 2], [4, 3]]
    assert figure.axes[0].get_yscale() == "log"
    assert EXAMPLES["when_longer"]().axes[0].get_yscale() == "linear"


def test_every_stage_has_a_row():
    [ax] = EXAMPLES["stages_of_removal"]().axes
    assert [label.get_text() for label in ax.get_yticklabels()] == list(STAGES)
    assert ax.lines[1].get_xydata().tolist() == [[2.5, 1], [2.4, 1]]


def test_every_norm_has_a_bar_at_its_number_in_the_colour_of_its_kind():
    [ax] = EXAMPLES["cost_of_each_norm"]().axes
    bars = {round(bar.get_x() + bar.get_width() / 2): bar for bar in ax.patches}
    assert {number: bar.get_height() for number, bar in bars.items()} == {1: 3, 2: 1, 3: 2}
    assert bars[1].get_facecolor() == bars[3].get_facecolor() != bars[2].get_facecolor()


@pytest.mark.parametrize("name", ["by_rate", "when_longer"])
def test_layer_norm_has_the_same_colour_in_every_figure(name):
    [ax] = EXAMPLES[name]().axes
    assert to_hex(ax.lines[0].get_color()) == COLOURS["layer norm"]
