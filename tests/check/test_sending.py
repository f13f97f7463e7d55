"""What comes out of a submission's process is what the student's own check has seen."""

import json
from fractions import Fraction

import numpy as np
import pytest
import torch

from check import planting
from check.hostile_results import RESULTS
from lnlearn import check
from lnlearn.check.calling import Outcome
from lnlearn.check.sending import received, sent

WRONG, *_ = planting.found()
ANSWERS = {exercise: next(iter(mistakes.values()))[0] for exercise, mistakes in WRONG.items()}


def through(outcome, arguments=()):
    return received(json.loads(json.dumps(sent(outcome))), arguments)


def reports(checker, answer, seconds=30):
    """What the student sees, and what is made of the outcomes when they have arrived."""
    outcomes = checker.outcomes(answer, seconds=seconds)
    arrived = [
        through(outcome, probe.arguments)
        for outcome, probe in zip(outcomes, checker.tried(()), strict=False)
    ]
    return checker.report(outcomes), checker.report(arrived)


@pytest.mark.parametrize("exercise", ANSWERS)
def test_the_report_is_the_student_s_own(exercise):
    own, arrived = reports(getattr(check, exercise), ANSWERS[exercise])
    assert not own.passed
    assert str(own) == str(arrived)


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_whatever_else_a_function_returns_is_failed_as_in_the_notebook(name):
    own, arrived = reports(check.layer_norm, lambda x, *_: RESULTS[name](x), seconds=1.5)
    assert own.passed == arrived.passed
    assert own.mistakes == arrived.mistakes


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -0.5, "word", (1, [2.0]), {"a": {1, 2}}, {(1, 2): frozenset([3])}, np.int8(3)],
)
def test_plain_values_arrive_as_they_were(value):
    arrived = through(Outcome(value=value)).value
    assert arrived == value
    assert type(arrived) is type(value)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "?", "c16", "<U3", "M8[s]"])
def test_arrays_keep_shape_and_dtype(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)[:, ::-1]
    arrived = through(Outcome(value=array)).value
    assert arrived.dtype == array.dtype
    assert arrived.tolist() == array.tolist()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_tensors_keep_shape_and_dtype(dtype):
    tensor = torch.ones(2, 3).to(dtype)
    arrived = through(Outcome(value=tensor)).value
    assert arrived.dtype == dtype
    assert torch.equal(arrived, tensor)


def test_of_other_objects_only_the_type_s_name_arrives():
    class Odd:
        def __reduce__(self):
            raise AssertionError("nothing is pickled")

    assert type(through(Outcome(value=[Odd()])).value[0]).__name__ == "Odd"
    assert through(Outcome(value=Fraction(1, 2))).value == 0.5


@pytest.mark.parametrize(
    "value",
    [
        {"array": "AAAA", "dtype": "O", "shape": [1], "scalar": False},
        {"array": "AAAA", "dtype": "<f8", "shape": [10**12], "scalar": False},
        {"array": "", "dtype": "no dtype", "shape": [], "scalar": False},
        {"tensor": None, "dtype": "load"},
        {"tuple": 3},
        {"set": [{"list": []}]},
        {"other": "a\0b"},
        {"pickle": "x"},
    ],
)
def test_what_nobody_would_send_is_refused(value):
    with pytest.raises(ValueError):  # noqa: PT011 - whose words differ, and are not shown
        received({**sent(Outcome()), "value": value}, ())
    assert type(received({**sent(Outcome()), "value": {"objects": [10**12]}}, ()).value)
