"""The sheet of a cohort: all of the book's numbers are replaced, and the solutions are right."""

import argparse
import ast
import math
import re

import nbformat
import numpy as np
import pytest

import cohort
import student
from lnlearn import check
from lnlearn.check.cohort import matching

BOOK = {
    checker.name: (checker, cells)
    for path in student.chapters()
    for checker, cells in cohort.exercises(nbformat.read(path, as_version=4))
}
# What must not stay of the book's exercise: its numbers, and what only goes with them.
OF_THE_BOOK = {
    "fifth_row": r"[Cc]osine|angle|True, |False, ",
    "gradients_on_paper": r"2, 2|\(2|0, 1|\d\.\d|Mean|s = ",
    "growth_factor": r"(?i)thousand|1000|fifty|50|fifteen",
    "how_many_means": r"\b(32|10|512|16|6|20|30|3)\b",
    "lost_directions": r"D = 8|a token whose|the token move|: [12]",
    "matching_rates": r"(?i)five|\b5|\b25",
    "token_on_paper": r"1, 2|\d\.\d|Mean|/ root",
    "which_tokens_move": r"four tokens|A, B|ABC|BCD|\bB\b(?! or at D)",
}


def texts(checker, cells):
    """All that students see of an exercise: its cells, and the checker's words."""
    told = [(mistake.sentence, mistake.hint) for mistake in checker.mistakes]
    words = [checker.probes[0].name, *(text for pair in told for text in pair)]
    return [cells[0].source.rpartition("### ")[2], *(cell.source for cell in cells[1:]), *words]


def solved(source):
    """The function of a cell with a solution; the check at its end is not run."""
    tree = ast.parse(source)
    *defined, last = tree.body
    assert ast.unparse(last).startswith("check.")
    names = {"math": math, "np": np}
    exec(ast.unparse(ast.Module(defined, [])), names)
    return names[last.value.args[0].id]


def test_every_exercise_with_other_numbers_is_found_in_its_chapter():
    varied = {name for name in check.__all__ if getattr(getattr(check, name), "variation", None)}
    assert set(BOOK) == set(OF_THE_BOOK) == varied


@pytest.mark.parametrize("exercise", OF_THE_BOOK)
def test_each_number_of_the_book_is_in_a_phrase_and_each_phrase_is_in_the_book(exercise):
    checker, cells = BOOK[exercise]
    phrases = checker.variation.phrases(*checker.variation.numbers)
    text = "\n".join(texts(checker, cells))
    assert len(phrases) == len(set(phrases))
    for phrase in phrases:
        assert re.search(matching([phrase]), text), f"the book does not say {phrase!r} any more"
    assert re.search(OF_THE_BOOK[exercise], text)
    rest = re.sub(matching(phrases), "", text)
    assert not re.search(OF_THE_BOOK[exercise], rest), rest


@pytest.mark.parametrize("exercise", OF_THE_BOOK)
def test_with_all_other_numbers_the_solution_is_right_and_fits_the_page(exercise):
    checker, (*_, solution) = BOOK[exercise]
    for numbers in checker.variation.others:
        of_cohort = checker.variation.applied(checker, numbers)
        reworded = checker.variation.reword(solution.source, numbers)
        assert of_cohort(solved(reworded)).passed, reworded
        assert max(map(len, reworded.splitlines())) <= 80


@pytest.mark.parametrize("exercise", OF_THE_BOOK)
def test_last_year_s_solution_and_the_book_s_are_wrong(exercise):
    checker, (*_, solution) = BOOK[exercise]
    last_year = checker.variation.reword(solution.source, checker.variation.drawn(2026))
    for source in (solution.source, last_year):
        assert checker(solved(source), cohort=2027).mistakes


@pytest.mark.parametrize("number", [0, 1, 2027, 10**18])
def test_a_chapter_has_the_cohort_s_exercises_and_else_stays(number):
    for path in student.chapters(["by_hand", "transformer"]):
        book, ours = nbformat.read(path, as_version=4), nbformat.read(path, as_version=4)
        cohort.rewrite(ours, number)
        pairs = zip(book.cells, ours.cells, strict=True)
        changed = [(one, two) for one, two in pairs if one != two]
        assert len(changed) in (3, 4)  # a stub may say nothing of numbers
        for one, two in changed:
            assert one.source.rpartition("### ")[0] == two.source.rpartition("### ")[0]
        calls = re.findall(
            r"check\.\w+\(\w+, cohort=\d+\)", "\n".join(c.source for c in ours.cells)
        )
        assert len(calls) == 2
        assert all(call.endswith(f"cohort={number})") for call in calls)


def test_what_stands_above_the_heading_or_below_the_exercise_stays():
    text, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    token = "the token 1, 2, 3, 6"
    cells = [text(f"{token}\n\n### 1. On {token}"), code("check.token_on_paper(f)"), text(token)]
    notebook = nbformat.v4.new_notebook(cells=[*cells, code(f"# {token}")])
    cohort.rewrite(notebook, 2027)
    assert [cell.source for cell in notebook.cells] == [
        f"{token}\n\n### 1. On the token 1, 2, 9, 4",
        "check.token_on_paper(f, cohort=2027)",
        *(token, f"# {token}"),
    ]


def test_the_same_cohort_gives_the_same_sheet_and_two_cohorts_do_not(tmp_path, capsys):
    def sheet(name, number):
        arguments = ["by_hand", "--out", str(tmp_path / name / "student"), "--cohort", number]
        assert student.main(arguments) == 0
        return [
            (tmp_path / name / e / "by_hand.ipynb").read_text() for e in ("student", "solutions")
        ]

    first = sheet("first", "2027")
    assert "With numbers of cohort 2027: token_on_paper." in capsys.readouterr().out
    assert first == sheet("again", "2027")
    assert first != sheet("next", "2028")
    assert "token 1, 2, 9, 4" in first[0]
    assert "math.sqrt(9.5)" not in first[0]
    assert "math.sqrt(9.5)" in first[1]


@pytest.mark.parametrize("text", ["twenty", "2027.5", "", "20 27"])
def test_a_cohort_that_is_no_integer_is_an_error(text, capsys):
    with pytest.raises(argparse.ArgumentTypeError, match="write an integer, such as 2027"):
        cohort.integer(text)
    with pytest.raises(SystemExit):
        student.main(["--cohort", text])
    assert "is no cohort: write an integer" in capsys.readouterr().err
