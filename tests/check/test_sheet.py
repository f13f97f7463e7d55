"""A sheet is read before anybody is graded: nothing drops out, and what is wrong is named."""

import textwrap

import pytest

from check.made_up_class import write_notebook
from lnlearn.check.grading import Grader
from lnlearn.check.sheet import checkers
from lnlearn.check.tasks import read_tasks, tasks_of_a_submission

EXERCISE = '''\
"""Exercises of a course."""
from lnlearn.check import Checker, Probe

twice = Checker("doubled", ("x",), ("y",), lambda ways, x: 2 * x, (Probe("three", (3.0,)),))
'''


@pytest.fixture
def sheet(tmp_path):
    """Write cells as a sheet, and return its path."""

    def write(*sources):
        write_notebook(tmp_path / "sheet.ipynb", [textwrap.dedent(source) for source in sources])
        return tmp_path / "sheet.ipynb"

    return write


@pytest.fixture
def my_course(tmp_path, monkeypatch):
    (tmp_path / "my_course.py").write_text(EXERCISE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "my_course", raising=False)
    return ["my_course"]


def tasks(path, modules=(), **options):
    return [
        (task.exercise, task.function, task.options)
        for task in read_tasks(path, checkers(modules), **options)
    ]


MOMENTS = ("moments", "f", {})
WITHOUT = ("moments", "f", {"without": ["float16"]})
OF_2027 = ("token_on_paper", "f", {"cohort": 2027})


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("check.moments(f)", [MOMENTS]),
        ("import lnlearn.check\nlnlearn.check.moments(f)", [MOMENTS]),
        ("import lnlearn.check as c\nc.moments(f)", [MOMENTS]),
        ("from lnlearn.check import moments\nmoments(f)", [MOMENTS]),
        ("from lnlearn.check import moments as m, rms_norm\nm(f)", [MOMENTS]),
        ("left_out = ['float16']\ncheck.moments(f, without=left_out)", [WITHOUT]),
        ("check.moments(f, without=('float16',))", [WITHOUT]),
        ("check.token_on_paper(f, cohort=2027)", [OF_2027]),
        ("year = 2027\ncheck.token_on_paper(f, cohort=year)", [OF_2027]),
        ("%precision 3\ncheck.moments(f)", [MOMENTS]),
        ("%%time\ncheck.moments(f)", [MOMENTS]),
        ("!ls\nreport = check.moments(f)\nassert report.passed, report", [MOMENTS]),
        ("try:\n    check.moments(f)\nexcept ValueError:\n    pass", [MOMENTS]),
        ("check.moments(f)\ncheck.rms_norm(f)", [MOMENTS, ("rms_norm", "f", {})]),
        ("check.moments(f)\ncheck.moments(g)", [MOMENTS, ("moments", "g", {})]),
        ("check.moments(f)\ncheck.moments(f)", [MOMENTS]),
        ("check.moments(f)\nfor one in (f, g):\n    check.rms_norm(one)", [MOMENTS]),
        ("check.moments(f)\ndef report():\n    return check.rms_norm(f)", [MOMENTS]),
        ("check.moments(f)\nprint(check.rms_norm.probes, check.Report('any'))", [MOMENTS]),
    ],
)
def test_an_exercise_is_found_however_it_is_asked(sheet, cell, found):
    assert tasks(sheet("import numpy as np", cell)) == found


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("check.moments(f, without=['float61'])", "names no input of moments; its inputs are"),
        ("check.moments(f, without=[n for n in names])", "write out its value here"),
        ("check.moments(f, withuot=['float16'])", "withuot= is no option of a check"),
        ("check.moments(f, seconds='many')", "needs to be a positive number"),
        ("check.token_on_paper(f, cohort='2027')", "cohort is '2027', and needs to be an integer"),
        ("check.token_on_paper(f, cohort=True)", "cohort is True, and needs to be an integer"),
        ("check.moments(f, cohort=2027)", "asks every cohort the same. Leave cohort=2027 out."),
        ("check.token_on_paper(f, without=['the token 1, 2, 9, 4'], cohort=2027)", "no input"),
        ("check.moment(f)", "no exercise called moment. Did you mean lnlearn.check.moments?"),
        ("check.moments(lambda x: x)", "does not check a function by its name"),
        ("check.moments()", "does not check a function by its name"),
        ("check.moments(f", "code cell 2 (check.moments(f) is not Python"),
        ("check.moments(f)\nimport not_there", "imports not_there, which is not installed"),
        ("from my_course import twice\ntwice(f)", "Grade with --exercises my_course"),
        (
            "mine = check.Checker('mine', (), ('y',), formula, ())\nmine(f)",
            "the sheet itself defines the exercise mine",
        ),
        ("check.moments(f)\ncheck.moments(f, without=['float16'])", "different options"),
    ],
)
def test_a_slip_of_the_teacher_is_named_before_any_student_is(sheet, my_course, cell, says):
    path = sheet("import numpy as np", cell)
    with pytest.raises(ValueError, match=r"sheet\.ipynb cannot be graded as it is:") as error:
        Grader(path)
    assert says in str(error.value)
    assert "code cell" in str(error.value) or "it imports" in str(error.value)


def test_all_slips_are_named_at_once(sheet):
    with pytest.raises(ValueError, match=r"(?s)code cell 1 .*code cell 2 .*code cell 3 "):
        Grader(sheet("check.moment(f)", "check.rms_norm(g, wihtout=[])", "for"))


def test_exercises_of_a_course_are_graded_when_their_module_is_named(sheet, my_course, tmp_path):
    path = sheet("from my_course import twice", "twice(double)", "check.moments(f)")
    assert tasks(path, my_course) == [("doubled", "double", {}), MOMENTS]
    write_notebook(tmp_path / "in.ipynb", ["def double(x):\n    return x + x"])
    with Grader(path, exercises=my_course) as grader:
        doubled, moments = grader.grade(tmp_path / "in.ipynb")
    assert doubled.passed
    assert moments.message == "the notebook defines no f"


def test_a_module_of_exercises_that_is_wrong_is_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "empty_course.py").write_text("")
    (tmp_path / "like_ours.py").write_text(EXERCISE.replace("doubled", "moments"))
    for module, says in {
        "empty_course": "holds no Checker",
        "like_ours": "another exercise is called 'moments'",
        "none_such": "cannot be imported",
    }.items():
        with pytest.raises(ValueError, match=says):
            checkers([module])


def test_a_checker_whose_formula_fails_is_named_before_any_student_is(sheet, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "broken_course.py").write_text(EXERCISE.replace("2 * x", "1 / 0"))
    path = sheet("from broken_course import twice\ntwice(double)")
    with pytest.raises(ValueError, match=r"code cell 1 .*its formula fails for three: ZeroDiv"):
        Grader(path, exercises=["broken_course"])


def test_points_come_from_the_command_or_from_nbgrader(tmp_path):
    import json

    path = tmp_path / "sheet.ipynb"
    cell = {"cell_type": "code", "source": "check.moments(f)\ncheck.rms_norm(g)"}
    cell["metadata"] = {"nbgrader": {"points": 2, "grade": True}}
    path.write_text(json.dumps({"cells": [cell]}))
    worth = [task.points for task in read_tasks(path, checkers(), {"rms_norm": 0.5})]
    assert worth == [2, 0.5]


def test_a_submission_by_itself_says_what_is_graded_and_nothing_of_it_is_imported(
    sheet, my_course, tmp_path
):
    (tmp_path / "my_course.py").write_text("raise SystemExit('imported')")
    path = sheet("from my_course import twice\ntwice(f)", "for", "check.moments(f, wrong=g)")
    found = tasks_of_a_submission(path, checkers())
    assert [(task.exercise, task.function, task.options) for task in found] == [MOMENTS]
