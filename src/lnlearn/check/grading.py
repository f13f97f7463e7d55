"""Grade a submitted notebook: run it in a process of its own, then check its functions there."""

import ast
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path


def grade(notebook, like=None, seconds=60):
    """Run a submitted notebook and check every exercise in it.

    The notebook runs in a process of its own, in an empty folder, and is ended when its time is
    over. Nothing that it does reaches the process that calls this.

    Parameters
    ----------
    notebook : path of an .ipynb file
    like : path of an .ipynb file, optional
        The notebook that was handed out. Its check cells, ``check.NAME(FUNCTION)``, say what is
        graded. Left out: the submission's own check cells.
    seconds : float, default 60
        For the whole notebook.

    Returns
    -------
    list of dict
        For each exercise: "exercise", the checker's name; "function"; "passed"; "mistakes", names
        of the catalogue; "message", one line.

    Raises
    ------
    ValueError
        A file is not a notebook, or holds no check cell.
    """
    source = like or notebook
    tasks = [task for cell in code_cells(source) for task in _tasks(cell)]
    tasks = list({task["function"]: task for task in tasks}.values())
    if not tasks:
        raise ValueError(
            f"{source} holds no check of an exercise. "
            f"A check is a call such as check.layer_norm(my_layer_norm)."
        )
    job = {"cells": code_cells(notebook), "tasks": tasks}
    found, ended = _in_a_process(job, seconds)
    return [
        found.get(task["function"]) or _verdict(task, f"not graded: the notebook {ended}")
        for task in tasks
    ]


def code_cells(path):
    """The code of a notebook, cell by cell; without its solutions."""
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
        return [
            "".join(cell["source"])
            for cell in cells
            if cell["cell_type"] == "code"
            and "solution" not in cell.get("metadata", {}).get("tags", [])
        ]
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path} is not a notebook. Pass the path of an .ipynb file.") from None


def _tasks(source):
    """The calls ``check.NAME(FUNCTION, ...)`` in a cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics, or a student's slip
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="check"), attr=name),
                args=[ast.Name(id=function)],
                keywords=keywords,
            ):
                with contextlib.suppress(ValueError):
                    options = {k.arg: ast.literal_eval(k.value) for k in keywords}
                    yield {"exercise": name, "function": function, "options": options}


def _verdict(task, message):
    names = {key: task[key] for key in ("exercise", "function")}
    return {**names, "passed": False, "mistakes": [], "message": message}


def _in_a_process(job, seconds):
    """Return the verdicts by function, and what became of the process in words."""
    with tempfile.TemporaryDirectory() as folder:
        work, verdicts = Path(folder, "work"), Path(folder, "verdicts")
        work.mkdir()
        Path(folder, "job").write_text(json.dumps(job), encoding="utf-8")
        environment = {
            **os.environ,
            "MPLBACKEND": "Agg",
            "IPYTHONDIR": folder,
            "PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path))),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "lnlearn.check.grading", folder],
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
            ended = "ended Python before it was through"
        except subprocess.TimeoutExpired:
            ended = f"did not finish within {seconds:g} seconds"
        finally:
            _end(process)
        lines = verdicts.read_text(encoding="utf-8").splitlines() if verdicts.exists() else []
        with contextlib.suppress(ValueError):
            return {verdict["function"]: verdict for verdict in map(json.loads, lines)}, ended
        return {}, ended


def _end(process):
    """End the process and whatever it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


# In that process ---------------------------------------------------------------------------------


def _run(folder):
    """Run the notebook, then write a line for each exercise."""
    from IPython.core.interactiveshell import InteractiveShell

    from lnlearn import check

    job = json.loads(Path(folder, "job").read_text(encoding="utf-8"))
    shell = InteractiveShell.instance()
    failed = ""
    for number, source in enumerate(job["cells"], 1):
        result = shell.run_cell(source)
        error = result.error_before_exec or result.error_in_exec
        if error and not failed and not isinstance(error, NotImplementedError):
            failed = f"; code cell {number} fails with {type(error).__name__}"
    with open(Path(folder, "verdicts"), "w", encoding="utf-8") as verdicts:
        for task in job["tasks"]:
            verdict = _graded(check, task, shell.user_ns, failed)
            verdicts.write(json.dumps(verdict) + "\n")
            verdicts.flush()


def _graded(check, task, names, failed):
    checker = getattr(check, task["exercise"], None)
    if not isinstance(checker, check.Checker):
        return _verdict(task, f"there is no exercise called {task['exercise']}")
    if task["function"] not in names:
        return _verdict(task, f"the notebook defines no {task['function']}{failed}")
    report = checker(names[task["function"]], **task["options"])
    return {"exercise": checker.name, "function": task["function"], **report.as_dict()}


if __name__ == "__main__":
    _run(sys.argv[1])
