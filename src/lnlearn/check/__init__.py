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
notebook in a process of its own and returns a verdict for each exercise; so does the command
``python -m lnlearn.check submission.ipynb``, one line of JSON each.

Every checker takes, besides the function, ``without=[names of inputs to leave out]`` and
``seconds=``, the time that all calls together may take (1.5; a function that is compiled when it is
first called needs more). It is a `Checker`: its `mistakes` and `probes` may be read.
"""

from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.exercises.add_norm import add_norm
from lnlearn.check.exercises.axes import how_many_means, text_vectors
from lnlearn.check.exercises.backward import direction_of_dx, gradients_on_paper
from lnlearn.check.exercises.by_hand import (
    largest_feature,
    token_on_paper,
    what_becomes_of_the_output,
)
from lnlearn.check.exercises.channels import group_norm, layer_norm_at_each_pixel
from lnlearn.check.exercises.layer_norm import layer_norm
from lnlearn.check.exercises.layer_norm_backward import layer_norm_backward
from lnlearn.check.exercises.module import module
from lnlearn.check.exercises.moments import merge_moments, moments
from lnlearn.check.exercises.rms_norm import rms_norm
from lnlearn.check.exercises.rms_norm_backward import rms_norm_backward
from lnlearn.check.exercises.why_normalize import divided_by_size, growth_factor, keeping_scale
from lnlearn.check.grading import grade
from lnlearn.check.report import Report

__all__ = [
    "Checker",
    "Mistake",
    "Probe",
    "Report",
    "add_norm",
    "direction_of_dx",
    "divided_by_size",
    "grade",
    "gradients_on_paper",
    "group_norm",
    "growth_factor",
    "how_many_means",
    "keeping_scale",
    "largest_feature",
    "layer_norm",
    "layer_norm_at_each_pixel",
    "layer_norm_backward",
    "merge_moments",
    "module",
    "moments",
    "rms_norm",
    "rms_norm_backward",
    "text_vectors",
    "token_on_paper",
    "what_becomes_of_the_output",
]
