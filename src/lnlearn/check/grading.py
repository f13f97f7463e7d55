"""Grade submitted notebooks: each runs in a process of its own; what it returns is judged here.

The process that judges never imports, unpickles or runs anything of a submission.
"""

import contextlib
import json
import os
import queue
import secrets
import select
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from lnlearn.check.sheet import checkers, code_cells, keys, names_of_modules
from lnlearn.check.tasks import read_tasks, tasks_of_a_submission
from lnlearn.check.verdicts import LARGEST, Verdict, verdicts

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def grade(notebook, like=None, seconds=60):
    """Run a submitted notebook and check every exercise in it.

    The notebook runs in a process of its own, in an empty folder, and is ended when its time is
    over, with everything that it started. Nothing that it does reaches the process that calls this.

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
        A file is not a notebook, or holds no check cell, or a check cell of `like` is wrong.
    """
    if like is not None:
        code_cells(notebook)
    with Grader(like, seconds=seconds) as grader:
        return [verdict.as_dict() for verdict in grader.grade(notebook)]


class Grader:
    """Grades submissions of one sheet, several at a time.

    Parameters
    ----------
    like : path of an .ipynb file, optional
        The sheet; left out, each submission's own check cells say what is graded.
    seconds : float
        For each notebook.
    jobs : int
        How many notebooks run at the same time.
    exercises : sequence of str
        Modules with exercises of one's own.
    points : dict of str to float
        What an exercise is worth; 1 where nothing is said.
    strict : bool
        Whether a verdict names the ready-made norms that the function calls.
    """

    def __init__(self, like=None, *, seconds=60, jobs=1, exercises=(), points=None, strict=False):
        if not hasattr(os, "fork"):
            raise ValueError("Grading needs a system that can fork: Linux, macOS or WSL.")
        try:
            import IPython  # noqa: F401
        except ImportError:
            raise ValueError(
                'Grading needs IPython. Install it: pip install "lnlearn[grade]".'
            ) from None
        self.known = checkers(exercises)
        self.by_name = {checker.name: checker for checker in self.known.values()}
        self.tasks = read_tasks(like, self.known, points) if like is not None else None
        self.seconds, self.jobs, self.strict = seconds, jobs, strict
        modules = names_of_modules(code_cells(like)).values() if like is not None else ()
        self.command = [sys.executable, "-m", "lnlearn.check.running"]
        self.command.append(json.dumps([sorted(set(modules)), list(exercises)]))
        self.free = queue.SimpleQueue()  # workers that wait for a notebook
        self.workers = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for worker in self.workers:
            worker.end()

    def asked(self, notebook):
        """The exercises that are graded in this submission."""
        return self.tasks or tasks_of_a_submission(notebook, self.known)

    def grade(self, notebook):
        """The verdicts on one submission: one for each exercise, whatever happens."""
        tasks = self.asked(notebook)
        try:
            cells = code_cells(notebook)
            record, ended = self._run(self._job(cells, tasks))
            return verdicts(tasks, self.by_name, cells, record, ended)
        except ValueError as error:
            why = str(error)
        except Exception as error:  # a fault of the grader's: the others are graded all the same
            why = f"the grader fails with {type(error).__name__}: {error}"
        return [Verdict(task, message=f"not graded: {why}") for task in tasks]

    def grade_all(self, notebooks):
        """Yield (notebook, verdicts) as they come: in order if there is one job."""
        if self.jobs == 1:
            yield from ((notebook, self.grade(notebook)) for notebook in notebooks)
            return
        pool = ThreadPoolExecutor(self.jobs)
        try:
            waiting = {pool.submit(self.grade, notebook): notebook for notebook in notebooks}
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _job(self, cells, tasks):
        """What a worker needs to know to run a notebook."""
        bound = names_of_modules(cells)
        numbers = {task.key: number for number, task in enumerate(tasks)}
        prepared = []
        for cell in cells:
            found, only = keys(cell.source, bound, self.known)
            checked = [numbers[key] for key in found if key in numbers]
            entry = {"number": cell.number, "source": cell.source, "tasks": checked}
            prepared.append({**entry, "only_checks": only and len(checked) == len(found)})
        asked = [
            {"exercise": task.exercise, "function": task.function, "options": task.options}
            for task in tasks
        ]
        return {"cells": prepared, "tasks": asked, "seconds": self.seconds, "strict": self.strict}

    def _run(self, job):
        """Run a notebook; return what it left in its record, and how it ended."""
        try:
            worker = self.free.get_nowait()
        except queue.Empty:
            worker = _Worker(self.command)
            self.workers.append(worker)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            work, record = Path(folder, "work"), Path(folder, "record")
            work.mkdir()
            ended = worker.run({**job, "folder": str(work), "record": str(record)})
            if ended is None:
                worker.end()
            else:
                self.free.put(worker)
            if ended and "time" in ended:
                ended = {"time": self.seconds}
            with contextlib.suppress(OSError), open(record, "rb") as file:
                return file.read(LARGEST), ended
        return b"", ended


class _Worker:
    """A process of `lnlearn.check.running`, from here."""

    def __init__(self, command):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
        own = {"MPLBACKEND": "Agg", "IPYTHONDIR": self.folder.name, "PYTHONPATH": path}
        self.mark = f"LNLEARN_WORKER={secrets.token_hex(8)}"  # inherited by all that it starts
        own |= [self.mark.split("=")]
        self.process = subprocess.Popen(
            command,
            cwd=self.folder.name,
            env={**ONE_THREAD, **os.environ, **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
        self.ready = self._answer(300) is not None

    def run(self, job):
        """Run a notebook and wait; None if that ended this process, or stopped it."""
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
        except OSError:
            return None
        return self._answer(job["seconds"] + 20)

    def _answer(self, seconds):
        pipe, text = self.process.stdout, b""
        while not text.endswith(b"\n"):
            if not select.select([pipe], [], [], seconds)[0] or not (part := pipe.read(4096)):
                return None
            text += part
        return json.loads(text)

    def end(self):
        """End the process, and whatever it or a notebook has started and not ended."""
        self.process.kill()
        self.process.wait()
        for environment in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in environment.read_bytes():
                    os.kill(int(environment.parent.name), signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.stdin.close()
        self.process.stdout.close()
        self.folder.cleanup()
