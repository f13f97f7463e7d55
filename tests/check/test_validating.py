"""Each rule for exercises finds what is against it."""

from dataclasses import replace

import numpy as np
import pytest

from lnlearn.check import Checker, Mistake, Probe
from lnlearn.check.cohort import Variation
from lnlearn.check.validating import OF_ITS_ANSWERS, OF_THE_CHECKER


def centred(ways, x):
    mean = x.mean(0 if "wrong-axis" in ways else -1, keepdims=True)
    return mean if "mean-returned" in ways else x - mean


RETURNED = Mistake("mean-returned", "It returns the mean.", "What is asked for?")
AXIS = Mistake("wrong-axis", "It takes the mean of each column.", "Which axis is a row?")
SQUARE = Probe("two rows of two", (np.array([[1.0, 2.0], [4.0, 8.0]]),))
ROW = Probe("one row of three", (np.array([[1.0, 2.0, 6.0]]),))
TABLE = Probe("two rows of three", (np.array([[1.0, 2.0, 6.0], [1.0, 2.0, 3.0]]),))
ALIKE = Probe("two rows of two, alike", (np.array([[1.0, 3.0], [3.0, 1.0]]),))
EXERCISE = Checker("centred", ("x",), ("y",), centred, (ROW, SQUARE, ALIKE), (RETURNED, AXIS))
WRONG = {
    "mean-returned": [
        lambda x: x.mean(-1, keepdims=True),
        lambda x: x.sum(-1, keepdims=True) / x.shape[-1],
    ],
    "wrong-axis": [lambda x: x - x.mean(0), lambda x: x - x.sum(0) / len(x)],
}
RIGHT = [lambda x: x - x.mean(-1, keepdims=True), lambda x: (x.T - x.mean(-1)).T]
QUESTION = Checker("mean_of", (), ("mean",), lambda ways: 2.5, (Probe("1 and 4", ()),))


def asked_of(*others):
    """A question with a variation."""

    def formula(ways, a=1, b=4):
        return a + b if "sum" in ways else a * b if "product" in ways else (a + b) / 2

    mistakes = tuple(
        Mistake(name, f"It returns the {name}.", "Why?") for name in ("sum", "product")
    )
    variation = Variation((1, 4), others, lambda a, b: (f"{a} and {b}",))
    asked = replace(QUESTION, formula=formula, mistakes=mistakes, reveal=False)
    return replace(asked, variation=variation)


def in_place(ways, x):
    x -= x.mean(-1, keepdims=True)
    return x


def test_an_exercise_that_keeps_to_the_rules_is_valid():
    EXERCISE.validate()
    EXERCISE.validate(WRONG, RIGHT)
    asked_of((3, 5), (2, 8)).validate()


BROKEN = {
    "names_are_unique_and_have_words": [
        (replace(EXERCISE, probes=(SQUARE, SQUARE)), "two inputs are called 'two rows of two'"),
        (replace(EXERCISE, mistakes=(AXIS, AXIS)), "two mistakes are called 'wrong-axis'"),
        (replace(EXERCISE, mistakes=(replace(AXIS, hint=""),)), "wrong-axis needs a sentence and"),
    ],
    "the_formula_is_right": [
        (replace(EXERCISE, formula=in_place, mistakes=()), "the formula changes its argument x"),
    ],
    "every_way_fails_somewhere": [
        (replace(EXERCISE, probes=(ALIKE,)), "the way 'wrong-axis' fails on no input"),
        (replace(EXERCISE, mistakes=(replace(AXIS, ways=("wrong-axis", "typo")),)), "way 'typo'"),
    ],
    "mistakes_show_on_different_inputs": [
        (replace(EXERCISE, probes=(ROW, SQUARE)), "mean-returned and wrong-axis fail on the same"),
    ],
    "lengths_agree_somewhere": [
        (replace(EXERCISE, probes=(ROW, TABLE)), "finds the axis of the features by their number"),
    ],
    "a_stub_is_not_written_yet": [
        (replace(EXERCISE, adapt=lambda function: lambda x: x), "is taken for an answer"),
    ],
    "nonsense_is_failed": [
        (
            replace(EXERCISE, formula=lambda ways, x: x),
            "a function that returns its first argument",
        ),
    ],
    "the_answer_is_hidden": [(QUESTION, "reveal=False hides it")],
    "other_numbers_are_as_good": [
        (replace(EXERCISE, variation=asked_of((3, 5)).variation), "that is for a question"),
        (asked_of((3, 5), (2, 3)), "the numbers (2, 3) have the same answer as (1, 4)"),
        (asked_of((2, 2)), "with the numbers (2, 2), product gives the same as sum"),
        (asked_of((0, 0)), "with the numbers (0, 0), sum gives the same as the right answer"),
    ],
    "every_mistake_is_planted": [
        (EXERCISE, {"typo": RIGHT}, RIGHT, "typo, which is no mistake"),
        (EXERCISE, {"wrong-axis": WRONG["wrong-axis"]}, RIGHT, "mean-returned needs two"),
        (EXERCISE, WRONG | {"wrong-axis": WRONG["wrong-axis"][:1]}, RIGHT, "wrong-axis needs two"),
        (EXERCISE, WRONG | {"wrong-axis": 2 * WRONG["wrong-axis"][:1]}, RIGHT, "and has 1"),
        (EXERCISE, WRONG, [lambda x: x - x.mean(-1, keepdims=True) for _ in "ab"], "and 1 given"),
    ],
    "wrong_answers_are_named": [
        (EXERCISE, {"wrong-axis": WRONG["mean-returned"]}, [], "the report: not right yet"),
        (EXERCISE, {"wrong-axis": RIGHT}, [], "makes the mistake wrong-axis; the report: right"),
    ],
    "right_answers_pass": [(EXERCISE, {}, WRONG["wrong-axis"], "<lambda> is right; the report")],
}


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        pytest.param(rule, case, id=f"{rule}-{i}")
        for rule, cases in BROKEN.items()
        for i, case in enumerate(cases)
    ],
)
def test_what_is_against_a_rule_is_found(rule, case):
    checker, *answers, words = case
    wrong, right = answers or ({}, [])
    rules = {rule.__name__: rule for rule in OF_THE_CHECKER + OF_ITS_ANSWERS}
    assert words in "\n".join(rules[rule](checker, wrong, right))
    with pytest.raises(ValueError, match="not ready") as raised:
        checker.validate(wrong if answers else None, right)
    assert words in str(raised.value)


def test_every_rule_has_been_seen_to_find_something():
    assert set(BROKEN) == {rule.__name__ for rule in OF_THE_CHECKER + OF_ITS_ANSWERS}
