"""The figures of the chapter on RMS norm and its relatives."""

import numpy as np

from lnlearn import figures
from lnlearn.figures.style import INK, ORANGE
from lnlearn.scratch.family import Traits

VALUES = np.array([-1.0, 0.0, 2.0])
OUTPUTS = np.array([[-1.0, 1.0, 0.5], [0.0, 2.0, 0.5], [1.0, 3.0, 0.5]])
TRAITS = {
    "first": Traits(True, True, True, "all", "2D"),
    "child": Traits(False, True, True, "all", "D"),
    "grandchild": Traits(False, True, True, "one", "D"),
}
EXAMPLES = {
    "portraits": lambda: figures.portraits(VALUES, {"first": OUTPUTS, "second": -OUTPUTS}),
    "family": lambda: figures.family(
        TRAITS, {"first": "", "child": "first", "grandchild": "child"}
    ),
    "stored_gains": lambda: figures.stored_gains(
        {"exact": [1, 1.05, 1.1], "stored": [1, 1, 1]}, spacing=0.02
    ),
    "largest_scores": lambda: figures.largest_scores(
        [0.01, 0.1, 1], {"nothing": [[9, 11], [90, 110], [900, 1100]]}, bound=3
    ),
}


def test_each_portrait_has_the_three_outputs_on_common_axes():
    first, second = EXAMPLES["portraits"]().axes[:2]
    for ax, outputs in ((first, OUTPUTS), (second, -OUTPUTS)):
        drawn = [line.get_ydata() for line in ax.lines[1:]]
        assert np.allclose(drawn, outputs.T)
    assert first.get_ylim() == second.get_ylim()


def test_what_differs_from_the_parent_is_orange_and_the_rest_is_not():
    axes = EXAMPLES["family"]().axes[0]
    circles = [line for line in axes.lines if line.get_marker() == "o"]
    rows = {row: [c for c in circles if c.get_ydata()[0] == row] for row in range(3)}
    assert [c.get_mec() for c in rows[0]] == [INK] * 3
    assert [c.get_mec() for c in rows[1]] == [ORANGE, INK, INK]
    assert [c.get_mec() for c in rows[2]] == [INK] * 3
    filled = [[c.get_mfc() == c.get_mec() for c in rows[row]] for row in range(3)]
    assert filled == [[True] * 3, [False, True, True], [False, True, True]]
    orange = [text.get_text() for text in axes.texts if text.get_color() == ORANGE]
    assert orange == ["D", "one"]


def test_a_child_stands_further_in_than_its_parent_and_is_joined_to_it():
    axes = EXAMPLES["family"]().axes[0]
    place = {text.get_text(): text.get_position() for text in axes.texts}
    assert place["first"][0] < place["child"][0] < place["grandchild"][0]
    lines = [line for line in axes.lines if len(line.get_xdata()) == 3]
    assert [round(line.get_ydata()[-1]) for line in lines] == [1, 2]
    assert [int(line.get_ydata()[0]) for line in lines] == [0, 1]


def test_numbers_that_can_be_stored_are_lines_one_spacing_apart():
    axes = EXAMPLES["stored_gains"]().axes[0]
    *levels, exact, stored = axes.lines
    heights = [line.get_ydata()[0] for line in levels]
    assert np.allclose(np.diff(heights), 0.02)
    assert heights[0] == 1
    assert list(exact.get_ydata()) == [1, 1.05, 1.1]
    assert list(stored.get_ydata()) == [1, 1, 1]


def test_scores_have_a_mark_for_each_run_and_a_line_through_the_means():
    axes = EXAMPLES["largest_scores"]().axes[0]
    means, *runs, bound = axes.lines
    assert list(means.get_ydata()) == [10, 100, 1000]
    assert [list(run.get_ydata()) for run in runs] == [[9, 90, 900], [11, 110, 1100]]
    assert set(bound.get_ydata()) == {3}
