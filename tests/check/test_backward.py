"""The checkers of the chapter on the backward pass name each mistake, however it is written."""

import numpy as np
import pytest

from check.planted_backward import PLANTED, RIGHT, RIGHT_ANSWER
from check.planted_rms_norm_backward import in_arrays
from lnlearn import check

WRONG = [
    pytest.param(name, mistake, function, id=f"{name}-{mistake}-{i}")
    for name, mistakes in PLANTED.items()
    for mistake, functions in mistakes.items()
    for i, function in enumerate(functions)
]


@pytest.mark.parametrize(("name", "mistake", "function"), WRONG)
def test_a_planted_mistake_is_named(name, mistake, function):
    report = getattr(check, name)(function, seconds=60)
    assert not report.passed
    assert report.mistakes == (mistake,), report


@pytest.mark.parametrize(
    ("name", "function"), [(name, function) for name in RIGHT for function in RIGHT[name]]
)
def test_a_right_answer_in_another_style_passes(name, function):
    report = getattr(check, name)(function, seconds=60)
    assert report.passed, report


@pytest.mark.parametrize("name", PLANTED)
def test_every_mistake_of_the_checker_is_planted(name):
    assert set(PLANTED[name]) == {mistake.name for mistake in getattr(check, name).mistakes}


@pytest.mark.parametrize("name", PLANTED)
def test_an_answer_that_is_wrong_in_no_known_way_has_no_name(name):
    nonsense = {
        "rms_norm_backward": lambda dy, x, weight, eps: (x * 7, weight * 7),
        "direction_of_dx": lambda x: [x[1], -x[0], 0],
        "gradients_on_paper": lambda: ([1, 2, 3, 4], *RIGHT_ANSWER[1:]),
    }
    assert getattr(check, name)(nonsense[name]).mistakes == ("unknown",)


def test_two_mistakes_in_one_function_are_both_named():
    def both(dy, x, weight, eps):
        return in_arrays(dy, x, weight, eps, term=lambda g, x_hat: g.mean(-1, keepdims=True))

    assert set(check.rms_norm_backward(both).mistakes) == {
        "mean-term-kept",
        "backward-missing-projection",
    }


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


def test_the_answers_of_the_exercises_are_not_shown():
    for name in ("direction_of_dx", "gradients_on_paper"):
        wrong = next(iter(PLANTED[name].values()))[0]
        assert "Expected" not in str(getattr(check, name)(wrong))
