"""The figures of the chapter draw the numbers that they are given, each where it belongs."""

import pytest

from lnlearn import figures

SIZES = {
    "falls": {"without": ([1, 0.1, 0.01], [0.04, 0.2, 1]), "with": ([1, 2, 2], [3, 3, 1])},
    "rises": {"without": ([1, 10, 100], [25, 5, 1]), "with": ([1, 2, 2], [3, 3, 1])},
}
NETWORKS = {
    "narrow": {1: [-2.9, 0.1, 0.1, 9], 25: [0.1] * 4},
    "wide": {1: [1, 2, 1, 2], 25: [9] * 4},
}
OF_WEIGHTS = {"falls": ([1, 0.1], [0.2, 3], [0.5]), "rises": ([1, 10], [7, 1], [6])}
RUNS = {"slow": [[1.02, 0.9], [1, 1.12]], "fast": [[1, 0.2], [9, 60]]}
EXAMPLES = {
    "sizes_through_depth": lambda: figures.sizes_through_depth(SIZES),
    "histograms": lambda: figures.histograms(NETWORKS),
    "sizes_at_the_end": lambda: figures.sizes_at_the_end({"a": [0.1, 0.3, 0.4], "b": [1, 2, 3]}),
    "gradients_of_weights": lambda: figures.gradients_of_weights(OF_WEIGHTS),
    "changes_of_factors": lambda: figures.changes_of_factors(RUNS),
}


@pytest.fixture
def axes():
    return EXAMPLES["sizes_through_depth"]().axes


def test_each_panel_shows_one_column_and_one_quantity_of_every_network(axes):
    panels = [(column, quantity) for quantity in (0, 1) for column in ("without", "with")]
    for ax, (column, quantity) in zip(axes, panels, strict=True):
        for line, network in zip(ax.lines, SIZES.values(), strict=True):
            depth, size = line.get_xydata().T
            assert depth.tolist() == [0, 1, 2]
            assert size.tolist() == network[column][quantity]


def test_panels_say_what_they_show(axes):
    assert [ax.get_title(loc="left") for ax in axes] == ["without", "with", "", ""]
    assert [ax.get_ylabel() for ax in axes] == [
        "size of the signal", "", "size of the gradient", ""
    ]  # fmt: skip
    assert [ax.get_xlabel() for ax in axes] == ["", "", "depth, in layers", "depth, in layers"]


def test_equal_factors_are_equal_steps_and_comparable_across_columns(axes):
    assert {ax.get_yscale() for ax in axes} == {"log"}
    assert axes[0].get_ylim() == axes[1].get_ylim()
    assert axes[2].get_ylim() == axes[3].get_ylim()


def test_every_network_is_named_once_in_its_own_colour(axes):
    [legend] = axes[0].figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(SIZES)
    for ax in axes:
        colours = [line.get_color() for line in ax.lines]
        assert colours == [handle.get_color() for handle in legend.legend_handles]
        assert len(set(colours)) == len(colours)


def test_curves_that_coincide_stay_visible(axes):
    for ax in axes:
        marked = [set(range(0, 99)[start::step]) for start, step in map(_marks, ax.lines)]
        assert not set.intersection(*marked)
        assert len({line.get_marker() for line in ax.lines}) == len(ax.lines)


def _marks(line):
    return line.get_markevery()


def test_histograms_show_the_share_of_all_numbers_and_nothing_outside_the_frame():
    shares = []
    for ax in EXAMPLES["histograms"]().axes:
        heights, edges, _ = ax.patches[0].get_data()
        assert edges[0] == -3
        assert edges[-1] == 3
        shares.append(sorted(heights[heights > 0]))
    assert shares == [[0.25, 0.5], [1.0], [0.5, 0.5], []]


def test_sizes_at_the_end_mark_one_and_the_median():
    for ax, median in zip(EXAMPLES["sizes_at_the_end"]().axes, (0.3, 2), strict=True):
        assert [line.get_xdata()[0] for line in ax.lines] == [1, median]
        assert ax.texts[0].get_text() == f"median {median:.2f}"
        assert ax.patches[0].get_data().values.sum() == 3


def test_gradients_of_weights_belong_to_layers_and_the_others_to_depths():
    axes = EXAMPLES["gradients_of_weights"]().axes
    for ax, given in zip(axes, OF_WEIGHTS.values(), strict=True):
        assert [line.get_ydata().tolist() for line in ax.lines] == [list(part) for part in given]
        assert [line.get_xdata().tolist() for line in ax.lines] == [[0, 1], [0, 1], [1]]


def test_changes_of_factors_are_drawn_step_by_step_on_an_axis_of_their_own():
    axes = EXAMPLES["changes_of_factors"]().axes
    for ax, steps in zip(axes, RUNS.values(), strict=True):
        *lines, unchanged = ax.lines
        assert unchanged.get_ydata() == [1, 1]
        for line, changes in zip(lines, steps, strict=True):
            assert line.get_xdata().tolist() == [1, 2]
            assert line.get_ydata().tolist() == changes
        low, high = ax.get_ylim()
        assert all(low < tick < high for tick in ax.get_yticks())
        assert len(ax.get_yticks()) >= 3
    assert axes[0].get_ylim()[1] < 2 < axes[1].get_ylim()[1]
    [legend] = axes[0].figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["after step 1", "after step 2"]
