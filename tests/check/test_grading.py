"""A submitted notebook is graded in a process of its own, whatever it does."""

import inspect
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lnlearn import check
from lnlearn.check.__main__ import main
from pipe import piped

RIGHT = """\
def mine(D):
    return (D - 1) ** 0.5
"""
CHECK = "from lnlearn import check\ncheck.largest_feature(mine)"


@pytest.fixture
def notebook(tmp_path):
    """Write cells as a notebook; a pair is a cell and its tags."""

    def write(*cells, name="submission.ipynb"):
        cells = [cell if isinstance(cell, tuple) else (cell, []) for cell in cells]
        written = [
            {"cell_type": "code", "source": source, "metadata": {"tags": tags}, "outputs": []}
            for source, tags in cells
        ]
        written.append({"cell_type": "markdown", "source": "check.rms_norm(mine)", "metadata": {}})
        path = tmp_path / name
        path.write_text(json.dumps({"cells": written, "nbformat": 4}))
        return path

    return write


def test_a_right_answer_passes_and_a_wrong_one_is_named(notebook):
    [right] = check.grade(notebook(RIGHT, CHECK))
    assert right == {
        "exercise": "largest_feature",
        "function": "mine",
        "passed": True,
        "mistakes": [],
        "message": "right (4 inputs tried)",
    }
    [wrong] = check.grade(notebook(RIGHT.replace("- 1", ""), CHECK))
    assert not wrong["passed"]
    assert wrong["mistakes"] == ["others-forgotten"]


def test_what_was_handed_out_says_what_is_graded(notebook):
    like = notebook(CHECK, name="chapter.ipynb")
    [found] = check.grade(notebook(RIGHT), like=like)  # the check cell was removed
    assert found["passed"]
    [found] = check.grade(notebook("check = mine = None"), like=like)
    assert not found["passed"]


def test_options_of_a_check_are_used(notebook):
    cells = [RIGHT, CHECK.replace("(mine)", "(mine, without=['D = 768'])")]
    assert "3 inputs" in check.grade(notebook(*cells))[0]["message"]


def test_a_cell_that_fails_does_not_stop_the_others_and_is_named(notebook):
    cells = ["1 / 0", "this is no Python", RIGHT, CHECK, "check.moments(never_written)"]
    first, second = check.grade(notebook(*cells))
    assert first["passed"]
    assert second["message"] == (
        "the notebook defines no never_written; code cell 1 fails with ZeroDivisionError"
    )


def test_stubs_are_not_written_yet(notebook):
    stub = "def mine(D):\n    raise NotImplementedError\n"
    assert check.grade(notebook(stub, CHECK))[0]["message"] == "not written yet"


def test_solutions_are_not_graded(notebook):
    cells = [RIGHT, CHECK, ("check.moments(solution)", ["solution"])]
    assert len(check.grade(notebook(*cells))) == 1


def test_magics_and_shell_settings_run(notebook):
    assert check.grade(notebook("%precision 3", RIGHT, CHECK))[0]["passed"]


def test_an_exercise_that_does_not_exist_is_said_to_be_none(notebook):
    [found] = check.grade(notebook("mine = 1", "check.nothing(mine)"))
    assert found["message"] == "there is no exercise called nothing"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("while True:\n    pass", "did not finish within 4 seconds"),
        (
            "while True:\n    try:\n        import time; time.sleep(9)\n"
            "    except BaseException:\n        pass",
            "did not finish within 4 seconds",
        ),
        ("import os; os._exit(0)", "ended Python"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended Python"),
    ],
)
def test_a_notebook_that_does_not_end_or_ends_python_is_not_graded(notebook, cell, says):
    start = time.monotonic()
    [found] = check.grade(notebook(RIGHT, cell, CHECK), seconds=4)
    assert not found["passed"]
    assert found["message"].startswith("not graded: the notebook ")
    assert says in found["message"]
    assert time.monotonic() - start < 20


def test_what_was_graded_before_a_function_ends_python_counts(notebook):
    ends = "import os\ndef ends(D):\n    os._exit(0)"
    like = notebook(CHECK, "check.largest_feature(ends)", name="chapter.ipynb")
    first, second = check.grade(notebook(RIGHT, ends), like=like)
    assert first["passed"]
    assert second["message"].startswith("not graded: the notebook ended Python")


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc says who is alive")
def test_what_the_notebook_has_started_ends_with_it(notebook, tmp_path):
    started = tmp_path / "pid"
    cell = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
        f"open({str(started)!r}, 'w').write(str(child.pid))"
    )
    assert check.grade(notebook(cell, RIGHT, CHECK))[0]["passed"]
    pid, limit = int(started.read_text()), time.monotonic() + 10
    while alive(pid) and time.monotonic() < limit:
        time.sleep(0.1)
    assert not alive(pid)


def test_a_notebook_may_import_what_this_process_may(notebook, tmp_path, monkeypatch):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "of_the_course.py").write_text("root = lambda number: number**0.5\n")
    monkeypatch.syspath_prepend(tmp_path / "lib")
    answer = "from of_the_course import root\ndef mine(D):\n    return root(D - 1)"
    assert check.grade(notebook(answer, CHECK))[0]["passed"]


def test_a_notebook_that_asks_for_input_gets_none_and_does_not_wait(notebook):
    asks = (
        "import sys\ngiven = sys.stdin.read()\n"
        "def mine(D):\n    return (D - 1) ** 0.5 if given == '' else None"
    )
    code = "import sys; from lnlearn import check; print(check.grade(sys.argv[1])[0]['passed'])"
    command = [sys.executable, "-c", code, notebook(asks, CHECK)]
    run = subprocess.run(command, input="what the terminal holds", capture_output=True, text=True)
    assert run.stdout.strip() == "True"


def test_nothing_reaches_this_process_or_this_folder(notebook, monkeypatch, tmp_path, capfd):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    cells = [
        "import os; os.environ['LEAKED'] = '1'; open('file', 'w').close(); print('word')",
        "import sys; sys.exit(3)",
        RIGHT,
        CHECK,
    ]
    assert check.grade(notebook(*cells))[0]["passed"]
    assert "LEAKED" not in os.environ
    assert os.listdir(here) == []
    assert capfd.readouterr() == ("", "")


def test_what_is_not_a_notebook_is_refused_by_name(tmp_path, notebook):
    text = tmp_path / "text.ipynb"
    text.write_text("hello")
    with pytest.raises(ValueError, match=r"text\.ipynb is not a notebook"):
        check.grade(text)
    with pytest.raises(ValueError, match=r"none\.ipynb cannot be read: No such file"):
        check.grade(tmp_path / "none.ipynb")
    with pytest.raises(ValueError, match="holds no check of an exercise"):
        check.grade(notebook(RIGHT))


def test_each_notebook_is_printed_when_it_is_graded(monkeypatch, notebook):
    """Whoever reads the lines through a pipe does not wait for the last notebook."""
    seen = piped(monkeypatch)
    first, second = notebook(RIGHT, CHECK), notebook(RIGHT, CHECK, name="second.ipynb")
    assert main([str(first), str(second)]) == 0
    assert [len(text.splitlines()) for text in seen] == [1, 2]


def test_the_command_prints_a_line_of_json_for_each_exercise(notebook, capsys):
    good, bad = notebook(RIGHT, CHECK), notebook(RIGHT, name="bad.ipynb")
    assert main([str(good)]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["notebook"] == str(good)
    assert json.loads(line)["passed"]
    assert main([str(bad), str(good), "--seconds", "30"]) == 2
    out, err = capsys.readouterr()
    assert "holds no check" in err
    assert len(out.splitlines()) == 1
    assert main([str(bad), "--like", str(good)]) == 0
    assert json.loads(capsys.readouterr().out)["passed"]


def test_the_command_is_a_program(notebook):
    command = [sys.executable, "-m", "lnlearn.check", notebook(RIGHT, CHECK)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0
    assert json.loads(run.stdout)["passed"]
    missing = subprocess.run([*command[:3], "none.ipynb"], capture_output=True, text=True)
    assert missing.returncode == 2
    assert "cannot be read" in missing.stderr


def test_a_notebook_has_a_minute_unless_another_time_is_asked_for(capsys):
    assert inspect.signature(check.grade).parameters["seconds"].default == 60
    with pytest.raises(SystemExit):
        main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("usage: python -m lnlearn.check ")
    assert "Grade submitted notebooks" in text
    assert "default 60" in text
    assert "exit status: 0 all submissions were graded" in text
