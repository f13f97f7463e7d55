"""A made-up class is graded as was written down beforehand, from the command line, and in parts."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from check.made_up_class import CLASS, DAEMONS_NAME, SHEET, cells, gets, write_class, write_notebook
from lnlearn.check.__main__ import main
from lnlearn.check.gradebook import found_in


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder of the class after the whole of it was graded."""
    folder = tmp_path_factory.mktemp("class")
    write_class(folder)
    options = ["--jobs", "2", "--seconds", "8", "--feedback", "out", "--summary", "class.html"]
    run = command(folder, "submissions", *options, "--strict", "--csv", "grades.csv")
    assert run.returncode == 0, run.stderr
    (folder / "progress").write_text(run.stderr)
    return folder


def command(folder, *arguments):
    line = [sys.executable, "-m", "lnlearn.check", "--like", "sheet.ipynb", *arguments]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True)


def results(folder):
    lines = (folder / "grades.jsonl").read_text().splitlines()
    return {one["student"]: one for one in map(json.loads, lines)}


@pytest.mark.parametrize("student", CLASS)
def test_everybody_gets_what_was_written_down(student, graded):
    found = results(graded)[student]["verdicts"]
    assert len(found) == 3
    for verdict, expected in zip(found, CLASS[student][1], strict=True):
        assert gets(verdict, expected), (expected, verdict["message"])


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="/proc says who is alive")
def test_a_daemon_in_a_session_of_its_own_ends_with_its_notebook(graded):
    commands = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            commands.append(entry.read_text(errors="replace"))
        except OSError:  # it has just ended
            continue
    assert not any(DAEMONS_NAME in text for text in commands)


def test_the_table_has_a_row_for_each_student(graded):
    with open(graded / "grades.csv", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["points possible", *sorted(CLASS)]
    assert rows["anna"]["points"] == rows["points possible"]["points"] == "3"
    assert (rows["fay"]["rms_norm"], rows["fay"]["percent"], rows["fay"]["remarks"]) == (
        "0",
        "67",
        "",
    )
    assert rows["quin"]["remarks"].startswith("rms_norm, merge_moments: not graded: ")
    assert "it calls lnlearn.scratch.variants.rms_norm)" in rows["eve"]["remarks"]
    progress = (graded / "progress").read_text().splitlines()
    assert progress[len(CLASS) - 1].startswith(f"{len(CLASS)} of {len(CLASS)}  ")
    assert progress[-1] == "Not graded in full, see the remarks: quin, sven, udo, xena, yves."


def test_each_student_gets_a_page_with_examples_and_hints(graded):
    page = (graded / "out" / "gus.html").read_text()
    assert "2 of 3 points" in page
    assert "eps-missing and weight-skipped" in page
    assert page.count("<summary>A hint</summary>") == 2
    assert '<th scope="row">weight</th>' in page
    assert {path.stem for path in (graded / "out").iterdir()} == set(CLASS)


def test_the_class_sees_which_mistakes_were_frequent(graded):
    page = (graded / "class.html").read_text()
    assert f"{len(CLASS)} submissions" in page
    assert "others-forgotten" in page
    counted = sum(verdicts[0] == "right" for _, verdicts in CLASS.values())
    assert f"{counted}</td>" in page.partition("rms_norm")[0]


def test_what_was_graded_is_kept_and_what_was_not_is_tried_again(graded):
    before = results(graded)
    write_notebook(graded / "submissions" / "carl.ipynb", cells())
    with open(graded / "grades.jsonl", "a") as file:
        file.write('{"student": "anna", "verd')  # the computer went down
    run = command(graded, "submissions", "--csv", "grades.csv", "--strict", "--seconds", "4")
    again = {"carl", "quin", "sven", "udo", "xena", "yves"}
    assert run.stderr.startswith(f"{len(CLASS) - len(again)} of {len(CLASS)} were graded before.")
    after = results(graded)
    assert {s for s in before if before[s] != after[s]} == {"carl", "quin"}
    assert all(verdict["passed"] for verdict in after["carl"]["verdicts"])


@pytest.fixture
def small(tmp_path):
    """Two students in folders of their own: two thirds right, and all."""
    write_notebook(tmp_path / "sheet.ipynb", SHEET)
    for name, sources in {"one": cells("largest = abs"), "two/.ipynb_checkpoints": []}.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        write_notebook(tmp_path / "in" / name / "by_hand.ipynb", sources)
    write_notebook(tmp_path / "in" / "two" / "by_hand.ipynb", cells())
    return tmp_path


def test_students_are_called_like_their_folders(small):
    assert list(found_in([small / "in"])) == ["one", "two"]
    assert list(found_in([small / "in" / "two" / "by_hand.ipynb"])) == ["by_hand"]
    (small / "empty").mkdir()
    with pytest.raises(ValueError, match=r"There is no notebook in .*empty"):
        found_in([small / "empty"])


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ([], 0),
        (["--fail-under", "66"], 0),
        (["--fail-under", "67"], 1),
        (["--fail-under", "67", "--points", "largest_feature=0"], 0),
        (["--points", "largest=2"], 2),
        (["--exercises", "no_such_module"], 2),
    ],
)
def test_the_status_says_what_became_of_it(small, monkeypatch, capsys, options, status):
    monkeypatch.chdir(small)
    assert main(["in", "--like", "sheet.ipynb", *options]) == status
    assert len(capsys.readouterr().out.splitlines()) == (0 if status == 2 else 6)


def test_a_table_needs_a_sheet(small, monkeypatch, capsys):
    monkeypatch.chdir(small)
    assert main(["in", "--csv", "grades.csv"]) == 2
    assert "need --like" in capsys.readouterr().err
    assert not os.path.exists("grades.csv")


def test_no_name_is_a_formula_in_a_spreadsheet(small, monkeypatch):
    monkeypatch.chdir(small)
    os.rename("in/one", "in/=1+1")
    assert main(["in", "--like", "sheet.ipynb", "--csv", "grades.csv"]) == 0
    assert "\n'=1+1," in (small / "grades.csv").read_text()


def test_without_ipython_nobody_is_graded_and_it_is_said_why(small):
    code = (
        "import sys; sys.modules['IPython'] = None\n"
        "from lnlearn.check.__main__ import main\n"
        "sys.exit(main(['in', '--like', 'sheet.ipynb']))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=small, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert 'pip install "lnlearn[grade]"' in run.stderr
