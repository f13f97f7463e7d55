"""The records: read and checked, raised by a cell that finds otherwise, shown on their pages."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest

from lnlearn import records
from lnlearn.records import reading

BOOK = Path(__file__).resolve().parents[2] / "book"
CLAIM = {
    "id": '"a-claim"',
    "source": '"A paper, 2020"',
    "url": '"https://example.org/a?b&c"',
    "says": '"That `x < y`."',
    "setting": '"We ran it."',
    "seeds": "3",
    "scale": '"8 features"',
    "outcome": '"holds in part"',
    "saw": '"σ² was 2."',
    "date": "2026-01-02",
}
QUESTION = {"id": '"a-question"', "asked": '"Why?"', "answer": '"So."', "where": '"axes#there"'}


def table(kind, keys):
    return f"[[{kind}]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """The functions of `records` on one file, with one claim and one question."""
    text = table("claim", CLAIM) + table("question", QUESTION)
    (tmp_path / "axes.toml").write_text(text, encoding="utf-8")
    entries = reading.read(tmp_path)
    monkeypatch.setattr(reading, "_all", lambda: entries)


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("computed", [True, False, np.False_, "holds", "not testable here"])
def test_a_cell_that_finds_another_outcome_fails_and_says_both(computed):
    word = computed if isinstance(computed, str) else "holds" if computed else "does not hold"
    with pytest.raises(AssertionError, match=f"'a-claim'.*'holds in part'.*'{word}'.*axes.toml"):
        records.claim("a-claim", holds=computed)
    assert records.claim("a-claim", holds="holds in part").saw == "σ² was 2."


@pytest.mark.usefixtures("recorded")
def test_an_answer_that_does_not_hold_fails_its_cell():
    assert records.question("a-question", holds=np.True_).answer == "So."
    with pytest.raises(AssertionError, match="a-question"):
        records.question("a-question", holds=False)


@pytest.mark.usefixtures("recorded")
def test_what_is_not_an_outcome_or_not_recorded_is_refused():
    for wrong in (1, 0.5, "hold"):
        with pytest.raises((TypeError, ValueError), match="holds"):
            records.claim("a-claim", holds=wrong)
    with pytest.raises(TypeError, match="True or False"):
        records.question("a-question", holds="holds")
    with pytest.raises(KeyError, match=r"'a-question'.*a-claim"):
        records.claim("a-question", holds=True)


@pytest.mark.usefixtures("recorded")
def test_a_record_shows_its_outcome_and_links_to_its_source_and_chapter():
    [claim], [question] = records.claims(), records.questions()
    for text in ("A paper, 2020", "holds in part", "8 features; 3 seeds", "2 January 2026"):
        assert text in repr(claim).replace("\n    ", " ")
        assert text in claim._repr_html_()
    assert 'href="https://example.org/a?b&amp;c"' in claim._repr_html_()
    assert "<code>x &lt; y</code>" in claim._repr_html_()
    assert 'href="axes.ipynb#there"' in question._repr_html_()
    assert list(records.claims().of("axes")) == [claim]
    assert list(records.claims().of("by_hand")) == []


@pytest.mark.parametrize(
    ("kind", "key", "value", "message"),
    [
        ("claim", "saw", None, "saw is missing"),
        ("claim", "seed", "3", "seed is no key"),
        ("claim", "seeds", '"3"', "seeds must be a whole number"),
        ("claim", "seeds", "-1", "seeds must be 0 or more"),
        ("claim", "says", '"$x$"', "without \\$"),
        ("claim", "says", '" "', "plain text"),
        ("claim", "id", '"A claim"', "hyphens"),
        ("claim", "outcome", '"true"', "not one of"),
        ("claim", "url", '"http://a.org"', "https"),
        ("claim", "date", '"2026-01-02"', "date must be a date without quotes"),
        ("question", "where", '"axes.ipynb"', "chapter#section"),
        ("question", "id", '"a-claim"', "taken"),
        ("answer", "id", '"a-claim"', "use \\[\\[claim"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_the_fix(tmp_path, kind, key, value, message):
    keys = dict(CLAIM if kind == "claim" else QUESTION) | {key: value}
    text = table(kind, {k: v for k, v in keys.items() if v})
    first = "" if kind == "claim" else table("claim", CLAIM)
    (tmp_path / "axes.toml").write_text(first + text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"axes.toml.*{message}"):
        reading.read(tmp_path)


# The book ----------------------------------------------------------------------------------------


def code(name):
    notebook = nbformat.read(BOOK / f"{name}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("kind", ["claim", "question"])
def test_each_entry_is_asserted_by_its_own_chapter_and_each_assertion_has_an_entry(kind):
    entries = records.claims() if kind == "claim" else records.questions()
    asserted = {
        (path.stem, id)
        for path in BOOK.glob("*.ipynb")
        for cell in code(path.stem)
        for id in re.findall(rf'records\.{kind}\(\s*"([^"]+)"', cell.source)
    }
    assert asserted == {(entry.chapter, entry.id) for entry in entries}


def test_reproductions_store_what_the_claims_say_now():
    stored = [
        out.data.get("text/html", "")
        for cell in code("reproductions")
        for out in cell.outputs
        if "data" in out
    ]
    assert all(stored), "a chapter without claims has a heading"
    shown = "".join(stored)
    missing = [claim.id for claim in records.claims() if claim._repr_html_() not in shown]
    assert not missing
    assert len(records.claims()) == shown.count('<div class="lnlearn-record ') > 0


def test_each_question_has_its_section_on_the_page_and_a_cell_that_shows_the_answer():
    cells = nbformat.read(BOOK / "questions.ipynb", as_version=4).cells
    shown = [
        cell.source
        for cell, after in pairwise(cells)
        if cell.source.startswith("### ") and after.cell_type == "code" and after.outputs
    ]
    assert sorted(shown) == sorted(entry.section() for entry in records.questions())
