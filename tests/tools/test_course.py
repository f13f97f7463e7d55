"""The files for other graders: what can be run here is run, on a made-up class."""

import doctest
import json
import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
import yaml

import course
import student
from check.made_up_class import CLASS, LARGEST, SHEET, cells, write_class, write_notebook
from lnlearn import check
from lnlearn.check.sheet import checkers
from lnlearn.check.tasks import read_tasks


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    out = tmp_path_factory.mktemp("course")
    assert course.main(["by_hand", "--out", str(out), "--install", "pip install it"]) == 0
    return out / "by_hand"


def test_nbgrader_finds_a_cell_that_fails_behind_each_check(kit):
    notebook = nbformat.read(kit / "nbgrader/source/by_hand/by_hand.ipynb", as_version=4)
    nbformat.validate(notebook)
    told = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    graded = [cell for cell in told if cell.metadata["nbgrader"]["grade"]]
    tasks = read_tasks(kit / "student.ipynb", checkers())
    assert [cell.metadata["nbgrader"]["grade_id"] for cell in graded] == [t.exercise for t in tasks]
    for cell in graded:
        assert cell.source.endswith("\nassert report.passed, report")
        assert cell.metadata["nbgrader"]["points"] == 1
    assert len(told) == 2 * len(tasks)  # as many cells to be filled in
    for cell in told:
        if cell.metadata["nbgrader"]["solution"]:
            assert "### BEGIN SOLUTION\n    raise NotImplementedError\n    ### END" in cell.source


def test_our_own_grader_reads_nbgrader_s_edition_too(kit):
    source = kit / "nbgrader/source/by_hand/by_hand.ipynb"
    ours = read_tasks(kit / "student.ipynb", checkers())
    assert [t.key for t in read_tasks(source, checkers())] == [t.key for t in ours]


def test_otter_grades_where_a_check_cell_stands(kit):
    notebook = nbformat.read(kit / "student.ipynb", as_version=4)
    told = [cell for cell in notebook.cells if "otter" in cell.metadata]
    for cell, task in zip(told, read_tasks(kit / "student.ipynb", checkers()), strict=True):
        assert cell.metadata["otter"] == {"tests": [task.exercise]}
        assert cell.source.startswith(f"check.{task.exercise}({task.function}")


def passes_in_otter(test, names):
    """Whether the answers among these names pass a test file of Otter's."""
    found = {}
    exec(test, found)
    code = found["test"]["suites"][0]["cases"][0]["code"]
    parsed = doctest.DocTestParser().get_doctest(code, names, found["test"]["name"], None, None)
    return doctest.DocTestRunner().run(parsed, out=lambda text: None).failed == 0


@pytest.mark.parametrize("name", ["anna", "emil", "carl", "bela"])
def test_otter_s_tests_pass_where_an_answer_is_right(name, tmp_path):
    write_notebook(tmp_path / "sheet.ipynb", SHEET)
    names = {}
    for source in CLASS[name][0]:
        exec(source, names)
    tasks = read_tasks(tmp_path / "sheet.ipynb", checkers())
    for task, expected in zip(tasks, CLASS[name][1], strict=True):
        assert passes_in_otter(course.otter_test(task), names) == (expected == "right")


def gradescope(kit, folder, *notebooks):
    """Run the autograder as Gradescope would; return results.json."""
    (folder / "submission").mkdir()
    with zipfile.ZipFile(kit / "gradescope.zip") as archive:
        archive.extractall(folder / "source")
        assert archive.getinfo("run_autograder").external_attr >> 16 == 0o755
    write_notebook(folder / "source" / "sheet.ipynb", SHEET)
    for name, sources in notebooks:
        write_notebook(folder / "submission" / name, sources)
    environment = {**os.environ, "AUTOGRADER_FOLDER": str(folder)}
    command = [sys.executable, folder / "source" / "run_autograder"]
    subprocess.run(command, env=environment, check=True)
    return json.loads((folder / "results" / "results.json").read_text())


def test_gradescope_gets_a_result_for_each_exercise(kit, tmp_path):
    found = gradescope(kit, tmp_path, ("mine.ipynb", cells("largest = abs")))
    assert [(test["score"], test["max_score"]) for test in found["tests"]] == [
        (0, 1),
        (1, 1),
        (1, 1),
    ]
    assert found["tests"][0]["output"].startswith("not right yet")


def test_gradescope_is_told_when_there_is_not_one_notebook(kit, tmp_path):
    found = gradescope(kit, tmp_path)
    assert found == {"score": 0, "output": "Hand in one notebook; there are 0."}


def test_the_classroom_s_workflow_fails_below_full_points(kit):
    workflow = yaml.safe_load((kit / "classroom/.github/workflows/classroom.yml").read_text())
    *_, install, grade = workflow["jobs"]["grade"]["steps"]
    assert install["run"] == "pip install it"
    command = grade["run"].split()
    assert command[:3] == ["python", "-m", "lnlearn.check"]
    assert command[-2:] == ["--fail-under", "100"]
    assert (kit / "classroom" / command[3]).exists()
    assert (kit / "classroom" / command[5]).exists()


@pytest.fixture(scope="module")
def kit_of_2027(tmp_path_factory):
    out = tmp_path_factory.mktemp("course")
    assert course.main(["by_hand", "--out", str(out), "--cohort", "2027"]) == 0
    return out / "by_hand"


OF_2027 = "check.token_on_paper(on_paper, cohort=2027)"
ANSWERS = {  # of the cohort, of the book, and of the cohort with a mistake
    "4, 9.5, [-0.973, -0.649, 1.622, 0]": (True, []),
    "3, 3.5, [-1.069, -0.535, 0, 1.604]": (False, ["unknown"]),
    "4, 12.667, [-0.843, -0.562, 1.405, 0]": (False, ["unbiased-variance"]),
}


def test_each_grader_s_files_ask_for_the_cohort_s_numbers(kit_of_2027):
    with zipfile.ZipFile(kit_of_2027 / "gradescope.zip") as archive:
        sheets = [archive.read("sheet.ipynb").decode()]
    for path in (
        *("student.ipynb", "nbgrader/source/by_hand/by_hand.ipynb"),
        *("classroom/by_hand.ipynb", "classroom/.github/sheet.ipynb"),
    ):
        sheets.append((kit_of_2027 / path).read_text())
    assert all(OF_2027 in sheet and "token 1, 2, 9, 4 with" in sheet for sheet in sheets)
    assert OF_2027 in (kit_of_2027 / "otter/tests/token_on_paper.py").read_text()
    assert "math.sqrt(9.5)" in (kit_of_2027 / "solutions.ipynb").read_text()


@pytest.mark.parametrize("answer", ANSWERS)
def test_of_a_cohort_s_sheet_two_graders_give_the_same_verdict(kit_of_2027, tmp_path, answer):
    defined = f"def on_paper():\n    return {answer}"
    write_notebook(tmp_path / "sheet.ipynb", ["from lnlearn import check", OF_2027])
    write_notebook(tmp_path / "mine.ipynb", [defined, "check.token_on_paper(on_paper)"])
    [ours] = check.grade(tmp_path / "mine.ipynb", like=tmp_path / "sheet.ipynb")
    assert (ours["passed"], ours["mistakes"]) == ANSWERS[answer]
    names = {}
    exec(defined, names)
    test = (kit_of_2027 / "otter/tests/token_on_paper.py").read_text()
    assert passes_in_otter(test, names) == ours["passed"]


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
def test_in_the_container_there_is_no_network_and_the_verdicts_are_the_same(tmp_path):
    if subprocess.run(["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]).returncode:
        pytest.skip("bubblewrap may not make a container here")
    write_class(tmp_path)
    shutil.rmtree(tmp_path / "submissions")
    (tmp_path / "submissions").mkdir()
    writes = f"open({str(tmp_path / 'submissions' / 'x')!r}, 'w')"
    alone = LARGEST.replace("0.5", "(0.5 if len(socket.if_nameindex()) < 2 else 0)")
    sources = cells("import socket\n" + alone, last=[writes])
    write_notebook(tmp_path / "submissions" / "one.ipynb", sources)
    write_notebook(tmp_path / "submissions" / "two.ipynb", CLASS["emil"][0])
    script = course.TEMPLATES / "contained.sh"
    command = [script, tmp_path / "results", tmp_path / "submissions", tmp_path / "sheet.ipynb"]
    environment = {**os.environ, "PYTHON": sys.executable}
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    rows = (tmp_path / "results" / "grades.csv").read_text().splitlines()
    assert [row.split(",")[4] for row in rows] == ["points", "3", "3", "2"]
    assert not (tmp_path / "submissions" / "x").exists()


def test_every_chapter_with_exercises_can_be_written(tmp_path):
    for path in student.chapters():
        if course.has_exercises(path):
            course.write(tmp_path / path.stem, path, "pip install it")
    assert len(list(tmp_path.glob("*/gradescope.zip"))) >= 12
