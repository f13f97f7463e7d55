"""A report reads well as text and as HTML, and holds what a grade book needs."""

from html.parser import HTMLParser

import pytest

from lnlearn.check.report import Example, Report

WRONG = Report(
    "layer_norm",
    mistakes=("eps-missing",),
    problem="y differs in 2 < 3 numbers.",
    explained=(("It uses no eps.", "What becomes of a constant token?"),),
    example=Example("one <token>", (("x", "[1. 2.]"), ("eps", "0.1")), "[1. 1.]", "[2. 2.]", "hi"),
    tried=(("one", False), ("two", True)),
)


def test_the_first_line_is_the_verdict():
    assert str(WRONG).splitlines()[0] == "not right yet: eps-missing"
    assert str(Report("f", written=False)) == "not written yet"
    assert str(Report("f", passed=True, tried=(("a", True),))) == "right"
    assert str(Report("f", passed=True, tried=(("a", True),) * 2)) == "right (2 inputs tried)"
    assert repr(Report("f", passed=True, tried=(("a", True),) * 3)) == "right (3 inputs tried)"
    assert Report("f", mistakes=("unknown",)).verdict == "not right yet"
    assert Report("f", mistakes=("a", "b")).verdict == "not right yet: a and b"


AS_TEXT = """\
not right yet: eps-missing
Mistake    It uses no eps.
Hint       What becomes of a constant token?
Problem    y differs in 2 < 3 numbers.
Input      one <token>
  x        [1. 2.]
  eps      0.1
Yours      [1. 1.]
Expected   [2. 2.]
Printed    hi
Tried      1 of 2 inputs right. Wrong: one"""


def test_text_has_everything_in_the_order_in_which_it_is_needed():
    assert str(WRONG) == AS_TEXT


def test_a_report_is_not_altered_by_accident():
    for thing, name in [(WRONG, "passed"), (WRONG.example, "yours")]:
        with pytest.raises(AttributeError):
            setattr(thing, name, True)


def test_long_lines_are_broken_but_not_arrays():
    long = Report(
        "f",
        mistakes=("unknown",),
        problem="word " * 40,
        example=Example("i", (("x", "[" + "1.0 " * 30 + "]"),), "", ""),
    )
    lines = str(long).splitlines()
    assert all(len(line) <= 79 for line in lines if "[" not in line)
    assert sum("1.0" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("abcd", "0 of 4 inputs right. Wrong: a; b; c; d"),
        ("abcde", "0 of 5 inputs right. Wrong: a; b; c; d; and 1 more"),
        ("abcdef", "0 of 6 inputs right. Wrong: a; b; c; d; and 2 more"),
    ],
)
def test_at_most_four_inputs_are_named(names, words):
    tried = tuple((name, False) for name in names)
    assert str(Report("f", mistakes=("unknown",), tried=tried)).endswith(words)


class Outline(HTMLParser):
    """The elements of a piece of HTML, and whether they are closed in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_html_is_closed_escaped_and_says_the_same():
    outline = Outline(WRONG._repr_html_())
    assert outline.open == []
    assert outline.text == "".join(
        [
            *("✗ not right yet: eps-missing", "It uses no eps."),
            *("A hint", "What becomes of a constant token?", "y differs in 2 < 3 numbers."),
            *("Input: one <token>", "x", "[1. 2.]", "eps", "0.1"),
            *("Yours", "[1. 1.]", "Expected", "[2. 2.]", "Printed", "hi"),
            *("What was tried", "1 of 2 inputs right. Wrong: one"),
        ]
    )
    others = (
        (Report("f", written=False), "… not written yet"),
        (Report("f", passed=True), "✓ right"),
    )
    for report, text in others:
        assert Outline(report._repr_html_()).text == text


def test_html_can_be_read_aloud_and_folds_the_hint_away():
    elements = Outline(WRONG._repr_html_()).elements
    assert elements[0][1]["aria-label"] == "check of layer_norm"
    assert elements[0][1]["role"] == "group"
    headers = [attributes for tag, attributes in elements if tag == "th"]
    assert len(headers) == 5
    assert all(attributes["scope"] == "row" for attributes in headers)
    details = [attributes for tag, attributes in elements if tag == "details"]
    assert len(details) == 2
    assert not any("open" in attributes for attributes in details)
    assert any(tag == "caption" for tag, _ in elements)


def test_html_has_no_colour_of_its_own():
    for report in (WRONG, Report("f", written=False), Report("f", passed=True)):
        html = report._repr_html_()
        assert "color" not in html
        assert "#" not in html


def test_a_grade_book_gets_plain_values():
    assert WRONG.as_dict() == {
        "exercise": "layer_norm",
        "passed": False,
        "mistakes": ["eps-missing"],
        "message": "not right yet: eps-missing. y differs in 2 < 3 numbers.",
    }
    assert Report("f", passed=True).as_dict()["message"] == "right"
