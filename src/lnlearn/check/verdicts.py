"""What a student got for an exercise, read from what was written down while the notebook ran."""

import contextlib
import json
import signal
from dataclasses import dataclass, field

from lnlearn.check.report import Report
from lnlearn.check.sending import received
from lnlearn.check.sheet import Task

LARGEST = 200_000_000  # bytes that are read of a record


@dataclass(frozen=True)
class Verdict:
    """One line of a grade book."""

    task: Task
    report: Report | None = None  # None where the function could not be called
    message: str = ""  # then it says why
    used: tuple[str, ...] = field(default=())  # with --strict: ready-made norms that it calls

    @property
    def passed(self):
        """Whether the exercise is solved."""
        return self.report is not None and self.report.passed

    @property
    def graded(self):
        """False where the verdict might be another one if the notebook ran again."""
        return not self.message.startswith("not graded")

    def as_dict(self):
        """Exercise, function, passed, mistakes, and one line of text."""
        found = self.report.as_dict() if self.report else {"passed": False, "mistakes": []}
        message = self.message or found["message"]
        if self.used:
            message += f" (it calls {', '.join(self.used)})"
        return {
            "exercise": self.task.exercise,
            "function": self.task.function,
            "passed": found["passed"],
            "mistakes": found["mistakes"],
            "message": message,
        }


def verdicts(tasks, known, cells, record, ended):
    """A verdict for every task, whatever became of the notebook.

    Parameters
    ----------
    tasks : list of Task
    known : dict of str to Checker
        By the names of the exercises.
    cells : list of Cell
    record : bytes
        What `lnlearn.check.running` wrote down.
    ended : dict or None
        How the process ended; None where it took with it the one that was watching.
    """
    entries = _entries(record)
    last, late = {}, {}  # a check may be repeated: the last one counts
    for entry in entries:
        number = entry.get("task")
        if isinstance(number, int) and 0 <= number < len(tasks):
            (late if entry.get("late") else last)[number] = entry
    complete = any(entry.get("end") is True for entry in entries)
    why = "" if complete else f"not graded: the notebook {_end_in_words(entries, cells, ended)}"
    failed = "" if not complete else _failed_in_words(entries)
    found = []
    for number, task in enumerate(tasks):
        judged = [
            _judged(task, known[task.exercise], entries[number])
            for entries in (last, late)
            if number in entries
        ]
        if judged:  # what is below the check cell counts if it is right; it may be something else
            found.append(judged[-1] if judged[-1].passed else judged[0])
        elif task.exercise not in known:
            found.append(Verdict(task, message=f"there is no exercise called {task.exercise}"))
        else:
            undefined = f"the notebook defines no {task.function}{failed}"
            found.append(Verdict(task, message=why or undefined))
    return found


def _judged(task, checker, entry):
    if raised := entry.get("raised"):
        message = f"not graded: {task.function} was interrupted by {raised}"
        return Verdict(task, message=message)
    checker = checker.for_cohort(task.options.get("cohort"))
    without = task.options.get("without", ())
    seconds = task.options.get("seconds", 1.5)
    probes = checker.tried(without)
    try:
        sent = list(entry["outcomes"])[: len(probes)]
        outcomes = [received(o, p.arguments) for o, p in zip(sent, probes, strict=False)]
        if len(outcomes) < len(probes) and not (outcomes and outcomes[-1].last):
            raise ValueError("results are missing")
        used = tuple(str(name) for name in entry.get("used", ()))
    except (ValueError, TypeError, KeyError):
        return Verdict(task, message="not graded: the notebook wrote into the grader's own record")
    return Verdict(task, checker.report(outcomes, without, seconds), used=used)


def _entries(record):
    found = []
    for line in record.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                found.append(entry)
    return found


def _failed_in_words(entries):
    """The first cell that failed: what is missing was probably meant to be defined below it."""
    first = next((entry for entry in entries if "failed" in entry), None)
    return f"; code cell {first['failed']} fails with {first['error']}" if first else ""


def _end_in_words(entries, cells, ended):
    by_number = {cell.number: cell for cell in cells}
    where = ""
    for entry in entries:
        if entry.get("cell") in by_number:
            where = f" in {by_number[entry['cell']]}"
    if ended is None:
        return f"ended the process that grades it{where}"
    if "time" in ended:
        return f"did not finish within {ended['time']:g} seconds; it was{where or ' starting'}"
    by = ""
    if number := ended.get("signal"):
        with contextlib.suppress(ValueError):
            by = f" by {signal.Signals(number).name}"
        by += ", as when memory runs out," if number == getattr(signal, "SIGKILL", 9) else ""
    return f"ended Python{by}{where}"
