"""The process in which submitted notebooks run: ``python -m lnlearn.check.running``.

It imports once what all submissions import, then reads jobs, a line of JSON each, and forks a child
for each. The child runs the notebook and calls the functions that are checked; what they return
goes into a file, line by line, and is judged elsewhere. When the child has ended, or its time is
over, everything that it started is ended too.
"""

import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
import time
import warnings
from pathlib import Path

BECOME_SUBREAPER, SIGNAL_ON_PARENTS_END = 36, 1  # of Linux's prctl


def serve(modules, exercises):
    """Import `modules`, then run a notebook for each line of standard input, until it ends."""
    from lnlearn.check.sheet import checkers

    answers = os.dup(1)  # what is imported here may print
    _silence(1, 2)
    _prctl(BECOME_SUBREAPER)  # so that a daemon that somebody starts becomes our child
    warnings.simplefilter("ignore")
    for module in ("IPython.core.interactiveshell", *modules):
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    known = {checker.name: checker for checker in checkers(exercises).values()}
    os.write(answers, b"{}\n")
    for line in sys.stdin.buffer:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            os.close(answers)
            _in_the_child(job, known)
        answer = _wait(child, job["seconds"])
        _end_all(child)
        os.write(answers, json.dumps(answer).encode() + b"\n")


def _wait(child, seconds):
    """Wait for the child; how it ended: "time" or the status that `os.waitpid` gives."""
    parent, until = os.getppid(), time.monotonic() + seconds
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}
        if os.getppid() != parent:  # whoever waits for the answer is gone
            _end_all(child)
            os._exit(1)
        time.sleep(0.01)
    return {"time": True}


def _end_all(child):
    """End the child's group, and everything else that this process has below it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        for pid in _below(os.getpid()) | {child}:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.01)


def _below(pid):
    """The processes that a process has started, and those that they have."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found, waiting = set(), [pid]
    while waiting:
        new = set(children.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def _prctl(option, value=1):
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _silence(*descriptors):
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(nothing, descriptor)


# In the child ------------------------------------------------------------------------------------


def _in_the_child(job, known):
    """Run the notebook in its own folder and leave, whatever it does."""
    try:
        os.setsid()
        _prctl(SIGNAL_ON_PARENTS_END, signal.SIGKILL)
        _silence(0, 1, 2)
        with contextlib.suppress(OSError):  # where memory runs out, this is ended first
            Path("/proc/self/oom_score_adj").write_text("1000")
        record = os.open(job["record"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.chdir(job["folder"])
        sys.path.insert(0, job["folder"])
        sys.argv = ["notebook"]
        _Notebook(job, known, record).run()
    finally:
        os._exit(0)


class _Notebook:
    """A notebook that runs, and what is written down of it."""

    def __init__(self, job, known, record):
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        self.cells, self.tasks, self.known, self.record = job["cells"], job["tasks"], known, record
        self.strict, self.written = job["strict"], set()
        self.shell = InteractiveShell.instance(
            config=Config({"HistoryManager": {"enabled": False}})
        )
        self.shell.display_formatter.active_types = ["text/plain"]  # nobody sees the figures

    def run(self):
        for cell in self.cells:
            self._write(cell=cell["number"])
            if not cell["only_checks"]:
                result = self.shell.run_cell(cell["source"])
                error = result.error_before_exec or result.error_in_exec
                if error and not isinstance(error, NotImplementedError):
                    self._write(failed=cell["number"], error=type(error).__name__)
            for number in cell["tasks"]:
                self._check(number)
        for number in range(len(self.tasks)):
            if number not in self.written:
                self._check(number, late=True)
        self._write(end=True)

    def _check(self, number, late=False):
        """Call the function of a task, if it is defined by now."""
        from lnlearn.check.sending import sent
        from lnlearn.check.watching import watched

        task = self.tasks[number]
        if task["function"] not in self.shell.user_ns or task["exercise"] not in self.known:
            return
        self._write(checking=number)
        function, options = self.shell.user_ns[task["function"]], dict(task["options"])
        try:
            checker = self.known[task["exercise"]].for_cohort(options.pop("cohort", None))
            for probe in checker.probes:
                checker.expected(probe)  # now, so that only what the function calls is watched
            with watched(self.strict) as used:
                outcomes = checker.outcomes(function, **options)
        except BaseException as error:  # an interrupt, which a check lets through
            self._write(task=number, late=late, raised=type(error).__name__)
            return
        if all(outcome.written for outcome in outcomes):
            self.written.add(number)
        entry = {"outcomes": [sent(one) for one in outcomes], "used": sorted(used)}
        self._write(task=number, late=late, **entry)

    def _write(self, **entry):
        data = json.dumps(entry).encode() + b"\n"
        while data:
            data = data[os.write(self.record, data) :]


if __name__ == "__main__":
    serve(*json.loads(sys.argv[1]))
