"""The figures of the chapter on the module."""

import numpy as np

from lnlearn import figures

PANELS = {
    "too-short": ("y", [1.0, -2.0], [0.5, -1.0]),
    "no-number": ("y", [0.0, 0.0], [np.nan, 0.0]),
    "not-summed": ("dγ", [1.0], [[0.25], [0.75]]),
}
VERDICTS = {"one": [True, False], "two": [False, True], "three": [True, True]}

EXAMPLES = {
    "kept_for_backward": lambda: figures.kept_for_backward({"lines": 3.17, "own": 1.2}),
    "symptoms": lambda: figures.symptoms(PANELS),
    "tests_against_mistakes": lambda: figures.tests_against_mistakes("ab", VERDICTS),
}


def test_each_bar_is_as_long_as_the_number_beside_it():
    [axes] = EXAMPLES["kept_for_backward"]().axes
    assert [bar.get_width() for bar in axes.patches] == [3.17, 1.2]
    assert [text.get_text().strip() for text in axes.texts] == ["3.17", "1.20"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["lines", "own"]


def test_a_symptom_has_the_right_numbers_as_outlines_and_the_wrong_ones_filled():
    figure = EXAMPLES["symptoms"]()
    for axes, (name, (compared, right, wrong)) in zip(figure.axes, PANELS.items(), strict=False):
        outlines = [bar.get_height() for bar in axes.patches if not bar.get_fill()]
        filled = [bar.get_height() for bar in axes.patches if bar.get_fill()]
        assert np.allclose(outlines, right)
        assert np.allclose(filled, np.nan_to_num(np.ravel(wrong)))
        assert (axes.get_title(loc="left"), axes.get_ylabel()) == (name, compared)
    assert [text.get_text() for text in figure.axes[1].texts] == ["nan"]
    one_token, two_tokens = (
        np.diff([bar.get_x() for bar in figure.axes[i].patches if bar.get_fill()]) for i in (0, 2)
    )
    assert two_tokens > one_token + 0.5  # a gap
    assert not figure.axes[3].axison  # the place that is left over


def test_a_caught_mistake_has_a_tick_on_green_and_one_that_passes_an_orange_dot():
    [axes] = EXAMPLES["tests_against_mistakes"]().axes
    signs = {text.get_position()[::-1]: text for text in axes.texts}
    for row, caught in enumerate(VERDICTS.values()):
        for column, one in enumerate(caught):
            assert signs[row, column].get_text() == ("✓" if one else "●")
            colour = figures.COLOURS["paper" if one else "orange"]
            assert signs[row, column].get_color() == colour
    assert len(axes.collections) == 4  # green squares
    assert [tick.get_text() for tick in axes.get_yticklabels()] == list(VERDICTS)
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first row is on top
