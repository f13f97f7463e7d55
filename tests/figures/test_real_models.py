"""The figures of the chapter on the norms of released models."""

import numpy as np

from lnlearn import figures
from lnlearn.figures.style import BLUE, ORANGE

EPS = {"a": 1e-12, "b": 1e-5, "c": 1e-6}
EXAMPLES = {
    "readings": lambda: figures.readings({"one": [1.0, -2.0], "two": [0.5, 0.0]}),
    "eps_of_models": lambda: figures.eps_of_models(EPS, {"a": True, "b": True, "c": False}),
    "mistakes_by_depth": lambda: figures.mistakes_by_depth(
        [1, 4], {"small": {"bad": [[0.5, 0.1], [0.7, 0.3]], "good": [[1.0, 1.0]]}, "large": {}}
    ),
    "folding": lambda: figures.folding({"before": ("a", "b", "c"), "after": ("a", "", "d")}),
    "sizes_after": lambda: figures.sizes_after([0.01, 0.1, 1.0], {"small": 1e-6, "large": 1e-2}),
}


def test_each_reading_has_a_panel_with_its_numbers():
    first, second, *_ = EXAMPLES["readings"]().axes
    assert [bar.get_height() for bar in first.patches] == [1.0, -2.0]
    assert [bar.get_height() for bar in second.patches] == [0.5, 0.0]
    assert [first.get_title(), second.get_title()] == ["one", "two"]
    assert first.get_ylim() == second.get_ylim()


def test_models_stand_from_the_largest_eps_down_and_layer_norms_are_blue():
    [axes] = EXAMPLES["eps_of_models"]().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "c", "a"]
    places = [line.get_ydata()[0] for line in axes.lines]
    assert places == sorted(places, reverse=True)
    assert [line.get_xdata()[0] for line in axes.lines] == [1e-5, 1e-6, 1e-12]
    assert [line.get_color() for line in axes.lines] == [BLUE, ORANGE, BLUE]


def test_a_token_as_large_as_the_root_of_eps_comes_out_at_0_7():
    small, large = EXAMPLES["sizes_after"]().axes[0].lines
    assert np.isclose(large.get_ydata()[1], 0.5**0.5)  # size 0.1, eps 0.01
    assert np.isclose(small.get_ydata()[2], 1)
    assert (small.get_ydata() > large.get_ydata()).all()


def test_each_mistake_has_a_line_for_each_seed_and_marks_at_their_mean():
    figure = EXAMPLES["mistakes_by_depth"]()
    assert [axes.get_title() for axes in figure.axes] == ["small", "large"]
    one, two, mean, *good = figure.axes[0].lines
    assert one.get_xydata().tolist() == [[1, 0.5], [4, 0.1]]
    assert two.get_ydata().tolist() == [0.7, 0.3]
    assert np.allclose(mean.get_ydata(), [0.6, 0.2])
    assert [line.get_ydata().tolist() for line in good] == [[1.0, 1.0], [1.0, 1.0]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["bad", "good"]


def test_what_a_step_changes_is_orange_and_what_is_gone_has_no_box():
    [axes] = EXAMPLES["folding"]().axes
    written = [(text.get_text(), text.get_color() == ORANGE) for text in axes.texts]
    before, after = written[:4], written[4:]
    assert before == [("before", False), ("a", False), ("b", False), ("c", False)]
    assert after == [("after", False), ("a", False), ("d", True)]
