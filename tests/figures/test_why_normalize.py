"""The figure of the chapter draws the sizes that it is given, each where it belongs."""

import numpy as np
import pytest

from lnlearn import figures

SIZES = {
    "falls": {"without": ([1, 0.1, 0.01], [0.04, 0.2, 1]), "with": ([1, 2, 2], [3, 3, 1])},
    "rises": {"without": ([1, 10, 100], [25, 5, 1]), "with": ([1, 2, 2], [3, 3, 1])},
}
EXAMPLES = {"sizes_through_depth": lambda: figures.sizes_through_depth(SIZES)}


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
    widths = np.array([[line.get_linewidth() for line in ax.lines] for ax in axes])
    assert (np.diff(widths) <= -1).all()
    assert widths.min() >= 1
