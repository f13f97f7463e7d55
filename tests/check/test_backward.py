"""What the checkers of the chapter on the backward pass take for an answer."""

import numpy as np
import pytest

from check.planted.backward_on_paper import RIGHT_ANSWER
from lnlearn import check


@pytest.mark.parametrize("name", ["rms_norm_backward", "direction_of_dx", "gradients_on_paper"])
def test_an_answer_that_is_wrong_in_no_known_way_has_no_name(name):
    nonsense = {
        "rms_norm_backward": lambda dy, x, weight, eps: (x * 7, weight * 7),
        "direction_of_dx": lambda x: [x[1], -x[0], 0],
        "gradients_on_paper": lambda: ([1, 2, 3, 4], *RIGHT_ANSWER[1:]),
    }
    assert getattr(check, name)(nonsense[name]).mistakes == ("unknown",)


@pytest.mark.parametrize("length", [1e-3, 1, -50])
def test_a_direction_may_have_any_length_and_sign(length):
    def scaled(x):
        return length * np.array([x[2] - x[1], x[0] - x[2], x[1] - x[0]])

    assert check.direction_of_dx(scaled).passed


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3.0, "three numbers are asked for"),
        ([1.0, 2.0], "three numbers are asked for"),
        ([0.0, 0.0, 0.0], "no direction"),
        ([np.nan] * 3, "no direction"),
        (None, ""),
        ("up", ""),
    ],
)
def test_what_is_no_direction_is_reported_and_not_raised(value, words):
    report = check.direction_of_dx(lambda x: value)
    assert report.written
    assert not report.passed
    assert report.problem
    assert words in report.problem
