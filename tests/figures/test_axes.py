"""The figure of the chapter shows each number at its place, and who moves."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from figure_examples import points
from lnlearn import figures

NAMES = ("image", "channel")

ONE_MOVES = np.zeros((2, 3, 2, 2), dtype=bool)
ONE_MOVES[1, 2, 0, 1] = True
EXAMPLES = {
    "blocks": lambda: figures.blocks({"one": ONE_MOVES}, (1, 2, 0, 1), NAMES),
    "shared": lambda: figures.shared({"rows": [[0, 0], [1, 1]]}, [[1, 2], [3, 4]], NAMES),
}


def squares(axes, colour):
    """The middle of each square of that colour."""
    patches = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    shown = [patch for patch in patches if to_hex(patch.get_facecolor()) == figures.COLOURS[colour]]
    return {tuple(np.round(patch.get_center(), 9)) for patch in shown}


def only(shape, at):
    moves = np.zeros(shape, dtype=bool)
    moves[at] = True
    return moves


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 2), (2, 2, 2, 3)])
def test_each_number_has_a_square_of_its_own_and_the_star_is_on_the_one_that_was_changed(shape):
    places = {}
    for at in np.ndindex(shape):
        axes = figures.blocks({"": only(shape, at)}, at, NAMES).axes[0]
        [place] = squares(axes, "blue")
        assert len(squares(axes, "band")) == np.prod(shape) - 1
        assert np.allclose(points(axes), [place])
        places[at] = place
    assert len(set(places.values())) == np.prod(shape)
    for at, (x, y) in places.items():  # the first axis and rows go down, the others to the right
        for axis, length in enumerate(shape):
            if at[axis] + 1 < length:
                after = places[(*at[:axis], at[axis] + 1, *at[axis + 1 :])]
                down = axis == 0 or (axis == 2 and len(shape) == 4)
                assert (
                    (after[0] == x and after[1] > y) if down else (after[1] == y and after[0] > x)
                )


def test_blocks_stand_apart_and_the_squares_of_a_block_touch():
    shape = (2, 2, 2, 2)
    axes = figures.blocks({"": np.ones(shape)}, (0, 0, 0, 0), NAMES).axes[0]
    for values in zip(*squares(axes, "blue"), strict=True):
        steps = np.diff(sorted(set(values)))
        assert np.allclose(steps[[0, 2]], 1)
        assert steps[1] > 1.5


def test_rows_are_drawn_downwards_inside_the_frame_and_named_from_one():
    axes = figures.blocks({"": np.ones((2, 3, 2, 2))}, (0, 0, 0, 0), NAMES).axes[0]
    x, y = np.array(sorted(squares(axes, "blue"))).T
    assert axes.get_ylim()[0] > y.max() + 0.5
    assert axes.get_ylim()[1] < y.min() - 0.5
    assert axes.get_xlim()[0] < x.min() - 0.5
    assert axes.get_xlim()[1] > x.max() + 0.5
    assert (axes.get_ylabel(), axes.get_xlabel()) == NAMES
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1", "2"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "3"]
    for ticks, middles, size in ((axes.get_xticks(), x, 6), (axes.get_yticks(), y, 4)):
        per_block = np.sort(np.unique(middles)).reshape(-1, 2).mean(axis=1)
        assert np.allclose(ticks, per_block)
        assert len(np.unique(middles)) == size


def test_each_panel_has_its_title_and_no_place_is_left_empty():
    shown = figures.blocks({t: np.ones((2, 2)) for t in "abc"}, (0, 0), NAMES)
    assert [axes.get_title("left") for axes in shown.axes] == ["a", "b", "c"]
    beside = [axes.get_subplotspec().colspan.start for axes in shown.axes]
    assert beside == [0, 1, 0]
    three = figures.blocks({t: np.ones((2, 2)) for t in "abc"}, (0, 0), NAMES, columns=3)
    assert [axes.get_subplotspec().colspan.start for axes in three.axes] == [0, 1, 2]


def test_the_legend_says_what_star_and_colours_mean():
    [legend] = figures.blocks({"": np.ones((2, 2))}, (0, 0), NAMES).legends
    meaning = {
        text.get_text(): (to_hex(handle.get_color()), handle.get_marker())
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True)
    }
    assert meaning["moves"] == (figures.COLOURS["blue"], "s")
    assert meaning["stays"] == (figures.COLOURS["band"], "s")
    assert meaning["changed"][1] == "*"
    words = ("the loss", "dx", "no dx")
    [legend] = figures.blocks({"": np.ones((2, 2))}, (0, 0), NAMES, meaning=words).legends
    assert tuple(text.get_text() for text in legend.get_texts()) == words


def test_shared_gives_each_set_its_colour_and_each_square_its_number_in_every_panel():
    panels = {"rows": [[0, 0], [1, 1]], "columns": [[0, 5], [0, 5]]}  # set 5 has the colour of 1
    numbers = {"rows": [[1, 2], [3, 4]], "columns": [["a", "b"], ["c", "d"]]}
    shown = figures.shared(panels, numbers, ("text", "token"), columns=2)
    for axes, (title, sets) in zip(shown.axes, panels.items(), strict=True):
        assert axes.get_title("left") == title
        written = {text.get_position(): text.get_text() for text in axes.texts}
        middles = sorted(written, key=lambda place: (place[1], place[0]))  # row by row
        assert [written[place] for place in middles] == [str(n) for n in np.ravel(numbers[title])]
        for number, colour in ((0, "blue"), (1, "orange")):
            belong = np.ravel(sets) % 4 == number
            places = {tuple(np.round(p, 9)) for p, yes in zip(middles, belong, strict=True) if yes}
            assert squares(axes, colour) == places


def test_shared_can_write_the_same_numbers_into_all_panels():
    shown = figures.shared({"a": [[0, 1]], "b": [[1, 0]]}, [[7, 8]], ("", ""), columns=2)
    for axes in shown.axes:
        assert [text.get_text() for text in axes.texts] == ["7", "8"]
