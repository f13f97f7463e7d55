"""The figure of the page for teachers marks what it is told."""

from lnlearn import figures

EXAMPLES = {
    "mistakes_by_input": lambda: figures.mistakes_by_input("ab", "uvw", [[1, 0, 0], [0, 1, 1]])
}


def test_a_large_dot_marks_each_input_that_shows_a_mistake():
    [axes] = EXAMPLES["mistakes_by_input"]().axes
    large, small = axes.lines
    assert large.get_markersize() > 3 * small.get_markersize()
    assert set(zip(*large.get_data(), strict=True)) == {(0, 0), (1, 1), (2, 1)}
    assert set(zip(*small.get_data(), strict=True)) == {(1, 0), (2, 0), (0, 1)}
    assert [t.get_text() for t in axes.get_xticklabels()] == ["u", "v", "w"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["a", "b"]
    assert axes.yaxis_inverted()  # rows are read from the top
