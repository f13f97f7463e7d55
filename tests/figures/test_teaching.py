"""The figure of the page for teachers marks what it is told."""

from lnlearn import figures

EXAMPLES = {
    "mistakes_by_input": lambda: figures.mistakes_by_input("ab", "uvw", [[1, 0, 0], [0, 1, 1]])
}


def test_a_large_dot_marks_each_input_that_shows_a_mistake():
    axes, _ = EXAMPLES["mistakes_by_input"]().axes
    large, small = axes.lines[:2]
    assert large.get_markersize() > 3 * small.get_markersize()
    assert set(zip(*large.get_data(), strict=True)) == {(0, 0), (1, 1), (2, 1)}
    assert set(zip(*small.get_data(), strict=True)) == {(1, 0), (2, 0), (0, 1)}
    assert [t.get_text() for t in axes.get_yticklabels()] == ["a", "b"]
    assert axes.yaxis_inverted()  # rows are read from the top


def test_the_inputs_are_numbered_from_the_left_and_named_below_in_this_order():
    inputs = [f"input {letter}" for letter in "abcdefg"]
    axes, key = figures.mistakes_by_input("m", inputs, [[True] * 7]).axes
    ticks = dict(zip(axes.get_xticks(), axes.get_xticklabels(), strict=True))
    assert {place: text.get_text() for place, text in ticks.items()} == {0: "1", 4: "5"}
    texts = [text.get_text() for text in key.texts]
    assert list(zip(texts[::2], texts[1::2], strict=True)) == [
        (str(number), name) for number, name in enumerate(inputs, 1)
    ]
    heights = [text.get_position()[1] for text in key.texts]
    assert heights[::2] == heights[1::2] == sorted(heights[::2], reverse=True)
