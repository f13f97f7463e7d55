"""Checkers of exercises that name the mistake.

A student runs one line after writing a function::

    check.layer_norm(my_layer_norm)

and learns whether it is right, and if not, which of the known mistakes it makes, on which input it
shows, and a hint that does not give the answer away. A checker is a plain function that returns a
`Report`: it never raises, whatever the function does, so it works in a notebook, on Colab and in
the cells of any grader. With nbgrader, put it into a test cell of its own::

    report = check.layer_norm(my_layer_norm)
    assert report.passed, report

In an otter test the same line stands in a doctest or a test function. `grade` runs a submitted
notebook in a process of its own and returns a verdict for each exercise; the command
``python -m lnlearn.check`` does so with a class, and writes a table and pages of feedback.

Every checker takes, besides the function, ``without=[names of inputs to leave out]`` and
``seconds=``, the time that all calls together may take (1.5; a function that is compiled when it is
first called needs more). Where the answer is a few numbers, ``cohort=2027`` asks for those of this
cohort instead: see `Checker.for_cohort`. A checker is a `Checker`: its `mistakes` and `probes` may
be read. An exercise of your own is a `Checker` too, and its `validate` says what it lacks.
"""

import importlib
import pkgutil

from lnlearn.check import exercises
from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.grading import grade
from lnlearn.check.report import Report


def _found_in_the_files():
    """Every checker that a file of `exercises` defines, by its name."""
    found = {}
    for file in pkgutil.iter_modules(exercises.__path__, f"{exercises.__name__}."):
        for value in vars(importlib.import_module(file.name)).values():
            if isinstance(value, Checker) and found.setdefault(value.name, value) is not value:
                raise ImportError(
                    f"{file.name} defines a checker called {value.name!r}, and so does another "
                    f"file of exercises. Give one of the two another name."
                )
    return found


_CHECKERS = _found_in_the_files()
globals().update(_CHECKERS)
__all__ = ["Checker", "Mistake", "Probe", "Report", "grade", *sorted(_CHECKERS)]
