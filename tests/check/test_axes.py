"""The checkers of the chapter on axes name each mistake, however it is written."""

import pytest

from check.planted_axes import PLANTED, RIGHT
from lnlearn import check

WRONG = [
    pytest.param(name, mistake, function, id=f"{name}-{mistake}-{i}")
    for name, mistakes in PLANTED.items()
    for mistake, functions in mistakes.items()
    for i, function in enumerate(functions)
]


@pytest.mark.parametrize(("name", "mistake", "function"), WRONG)
def test_a_planted_mistake_is_named(name, mistake, function):
    report = getattr(check, name)(function)
    assert not report.passed
    assert report.mistakes == (mistake,), report


@pytest.mark.parametrize(
    ("name", "function"), [(name, function) for name in RIGHT for function in RIGHT[name]]
)
def test_a_right_function_in_another_style_passes(name, function):
    report = getattr(check, name)(function)
    assert report.passed, report


@pytest.mark.parametrize("name", PLANTED)
def test_every_mistake_of_the_checker_is_planted(name):
    assert set(PLANTED[name]) == {mistake.name for mistake in getattr(check, name).mistakes}


def test_two_mistakes_in_one_function_are_both_named():
    def both(x, eps):  # as the chapter has it
        T, B, D = x.shape
        mean, variance = (f(axis=(1, 2), keepdims=True) for f in (x.mean, x.var))
        return ((x - mean) / (variance + eps) ** 0.5).reshape(B, T, D).mean(axis=1)

    assert set(check.text_vectors(both).mistakes) == {"batch-mixed", "reshape-not-permute"}
