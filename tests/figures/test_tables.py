"""Tables of results: the words alone say everything, on every surface."""

import re

import pytest

from lnlearn import figures

COLUMNS = ["mistake", "common test", "<chosen>"]
ROWS = [["eps missing", "passes", "caught"], ["one pass", "passes", "caught & named"]]
MARKS = [[None, "orange", "green"], [None, None, "green"]]


def words(html):
    """What is left on GitHub, which removes classes and styles, row by row."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_the_html_has_every_text_once_in_its_place_and_escaped():
    html = figures.table(COLUMNS, ROWS, MARKS)._repr_html_()
    assert words(html) == [
        ["mistake", "common test", "&lt;chosen&gt;"],
        ["eps missing", "passes", "caught"],
        ["one pass", "passes", "caught &amp; named"],
    ]
    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == 2


def test_a_mark_adds_a_colour_to_its_own_cell_and_no_word():
    plain = figures.table(COLUMNS, ROWS)._repr_html_()
    marked = figures.table(COLUMNS, ROWS, MARKS)._repr_html_()
    assert words(marked) == words(plain)
    assert "mark-" not in plain
    assert re.findall(r'class="mark-(\w+)"[^>]*>([^<]*)', marked) == [
        ("orange", "passes"),
        ("green", "caught"),
        ("green", "caught &amp; named"),
    ]
    assert "rgba(194, 82, 0, 0.2)" in marked  # figures.COLOURS["orange"], translucent


def test_as_text_the_columns_are_aligned():
    assert repr(figures.table(COLUMNS, ROWS)).splitlines() == [
        "mistake      common test  <chosen>",
        "eps missing  passes       caught",
        "one pass     passes       caught & named",
    ]


@pytest.mark.parametrize(
    ("columns", "rows", "marks", "error", "message"),
    [
        (["a", "b"], [["1"]], None, ValueError, r"rows\[0\] needs 2 texts"),
        (["a"], [["1"], [2.5]], None, TypeError, r"rows\[1\] needs texts, got 2\.5"),
        ([1], [["1"]], None, TypeError, "columns needs texts, got 1"),
        (["a"], [["1"]], [["green", None]], ValueError, "marks needs the shape of rows"),
        (["a"], [["1"]], [["red"]], ValueError, "marks needs names out of green.*got 'red'"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(columns, rows, marks, error, message):
    with pytest.raises(error, match=message):
        figures.table(columns, rows, marks)
