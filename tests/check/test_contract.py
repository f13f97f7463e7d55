"""What every checker keeps to whose answers are planted in a file of the folder `planted`."""

from itertools import combinations

import pytest

from check.planting import found
from lnlearn import check

WRONG, RIGHT = found()


def name_of(function):
    return getattr(function, "__name__", type(function).__name__)


@pytest.mark.parametrize(
    ("exercise", "mistake", "function"),
    [
        pytest.param(exercise, mistake, function, id=f"{exercise}-{mistake}-{name_of(function)}")
        for exercise, by_mistake in WRONG.items()
        for mistake, functions in by_mistake.items()
        for function in functions
    ],
)
def test_a_wrong_answer_is_failed_and_its_mistake_named(exercise, mistake, function):
    report = getattr(check, exercise)(function, seconds=60)
    assert not report.passed
    assert report.mistakes[0] == mistake, report.mistakes


@pytest.mark.parametrize(
    ("exercise", "function"),
    [
        pytest.param(exercise, function, id=f"{exercise}-{name_of(function)}")
        for exercise, functions in RIGHT.items()
        for function in functions
    ],
)
def test_a_right_answer_in_another_style_passes(exercise, function):
    report = getattr(check, exercise)(function, seconds=60)
    assert report.passed, str(report)


@pytest.mark.parametrize("exercise", WRONG)
def test_the_planted_mistakes_are_those_of_the_checker_each_in_two_ways_or_more(exercise):
    declared = [mistake.name for mistake in getattr(check, exercise).mistakes]
    assert sorted(WRONG[exercise]) == sorted(declared)
    assert [name for name in declared if len(WRONG[exercise][name]) < 2] == []


@pytest.mark.parametrize("exercise", WRONG)
def test_every_switch_fails_on_some_input(exercise):
    checker = getattr(check, exercise)
    switches = [way for mistake in checker.mistakes for way in mistake.ways or (mistake.name,)]
    assert [switch for switch in switches if not checker.failing(switch)] == []


@pytest.mark.parametrize("exercise", WRONG)
def test_no_two_mistakes_fail_on_the_same_inputs_unless_they_are_twins(exercise):
    checker = getattr(check, exercise)
    if len(checker.probes) == 1:
        pytest.skip("a question: the answers tell the mistakes apart")
    for one, other in combinations(checker.mistakes, 2):
        first, second = (checker.failing((m.ways or (m.name,))[0]) for m in (one, other))
        twins = one.twin == other.name or other.twin == one.name
        assert first != second or twins, (one.name, other.name)
