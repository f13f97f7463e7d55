"""What the checkers do with hostile functions, and how near to the right result passes."""

import time
from itertools import cycle

import numpy as np
import pytest
import torch

from check.hostile import HOSTILE, restored
from check.planting import found
from lnlearn import check

WRONG, _, _ = found()
EVERY_CHECKER = {
    name: checker for name, checker in vars(check).items() if isinstance(checker, check.Checker)
}
# Each hostile function meets the checker of layer norm and one of the others, in turn.
OTHERS = cycle(checker for name, checker in EVERY_CHECKER.items() if name != "layer_norm")
MEETINGS = [
    pytest.param(checker, function, id=f"{name}-{checker.name}")
    for name, function in HOSTILE
    for checker in (check.layer_norm, next(OTHERS))
]


# Where the time is over in a callback of the garbage collector, Python can only warn.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("checker", "function"), MEETINGS)
def test_a_hostile_function_is_failed_in_time_and_raises_nothing(checker, function):
    for probe in checker.probes:  # the expected results are known before
        checker.expected(probe)
    with restored():
        start = time.process_time()  # the time of this process: others may keep it waiting
        report = checker(function)
        (str(report) + report._repr_html_()).encode()
        seconds = time.process_time() - start
    assert not report.passed
    assert seconds < 2.5


@pytest.mark.parametrize(
    "name", ["keeping_scale", "largest_feature", "direction_of_dx", "resting_length"]
)
def test_an_exercise_whose_right_results_would_give_the_proof_away_hides_them(name):
    assert not EVERY_CHECKER[name].reveal


@pytest.mark.parametrize("name", ["growth_factor", "token_on_paper", "gradients_on_paper"])
def test_questions_take_an_answer_with_three_decimals_but_not_with_two(name):
    checker = EVERY_CHECKER[name]
    right = checker.expected(checker.probes[0])

    def off_by(error):
        if len(checker.results) == 1:
            return lambda: right + error
        return lambda: tuple((np.asarray(value) + error).tolist() for value in right)

    assert checker(off_by(0.0005)).passed
    assert not checker(off_by(0.005)).passed


class NoBias(torch.nn.Module):
    def __init__(self, normalized_shape, eps):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(normalized_shape))


class InAList(torch.nn.LayerNorm):
    def forward(self, x):
        return [super().forward(x)]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        pytest.param(lambda *a, **k: torch.relu, "is not a torch.nn.Module", id="module-none"),
        pytest.param(NoBias, "no torch.nn.Parameter called bias", id="module-no-bias"),
        pytest.param(InAList, "forward returns a list, and needs", id="module-in-a-list"),
    ],
)
def test_what_is_not_the_module_that_is_asked_for_is_said_in_words(made, words):
    report = check.module(made)
    assert not report.passed
    assert words in report.problem


def test_an_interrupt_gets_through():
    def interrupted(*arguments):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.layer_norm(interrupted)


@pytest.mark.parametrize("exercise", [name for name in EVERY_CHECKER if name != "module"])
def test_a_report_is_the_same_in_two_runs(exercise):
    first = next(iter(WRONG[exercise].values()))[0]
    one, other = (EVERY_CHECKER[exercise](first) for _ in range(2))
    assert str(one) == str(other)
    assert one._repr_html_() == other._repr_html_()
