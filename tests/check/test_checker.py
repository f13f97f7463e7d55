"""How a checker finds out what a function does, on an exercise small enough to see through."""

import inspect
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lnlearn.check import Checker, Mistake, Probe, checker, diagnosing
from lnlearn.check.calling import Outcome


def formula(wrong, x, y):
    """Twice x plus y."""
    factor = 3 if "three" in wrong else 5 if "five" in wrong else 2
    result = factor * x + (0 if "no-y" in wrong else y)
    result = result.astype(np.float32) if "float32" in wrong else result
    if "input-modified" in wrong:
        x += 1
    return result


A, B = np.array([1.0, 2.0]), np.array([0.5, 0.25])
TOY = Checker(
    name="toy",
    arguments=("x", "y"),
    results=("z",),
    formula=formula,
    probes=(
        Probe("no y", (A, 0 * B)),
        Probe("no x", (0 * A, B)),
        Probe("both", (np.arange(9.0), np.ones(9))),
        Probe("large", (1e4 * A, B), stable=False),
    ),
    mistakes=(
        Mistake("factor", "It has another factor.", "Try y = 0.", ("three", "five")),
        Mistake("no-y", "It ignores y.", "Try x = 0."),
        Mistake("input-modified", "It changes x.", "Print x."),
        Mistake("float32", "It returns float32.", "Print the dtype."),
    ),
)


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (lambda x, y: x + x + y, ()),
        (lambda x, y: 3 * x + y, ("factor",)),
        (lambda x, y: 5 * x + y, ("factor",)),
        (lambda x, y: 2 * x, ("no-y",)),
        (lambda x, y: 3 * x, ("factor", "no-y")),
        (lambda x, y: (2 * x + y).astype(np.float32), ("float32",)),
        (lambda x, y: (3 * x).astype(np.float32), ("factor", "no-y", "float32")),
        (lambda x, y: 4 * x + y, ("unknown",)),
        (lambda x, y: np.add(x, 1, out=x) * 2 - 2 + y, ("input-modified",)),
    ],
)
def test_the_smallest_set_of_mistakes_that_explains_it_is_named(function, names):
    report = TOY(function)
    assert report.mistakes == names
    assert report.passed == (names == ())
    assert report.exercise == "toy"
    assert [name for name, _ in report.tried] == ["no y", "no x", "both", "large"]


def test_the_smallest_input_that_shows_it_is_shown_with_both_results():
    report = TOY(lambda x, y: 2 * x)
    assert report.example.input == "no x"
    assert report.example.arguments == (("x", "[0. 0.]"), ("y", "[0.5  0.25]"))
    assert report.example.yours == "[0. 0.]"
    assert report.example.expected == "[0.5  0.25]"
    assert report.explained == (("It ignores y.", "Try x = 0."),)
    assert report.problem == "z differs in 2 of 2 numbers."
    assert report.tried[:2] == (("no y", True), ("no x", False))


def test_what_can_be_seen_to_be_wrong_is_shown_before_what_looks_right():
    def nudges(x, y):
        result = 2 * x + y
        x += 1e-9 if x.size == 2 else 1  # four digits are shown
        return result

    report = TOY(nudges)
    assert report.mistakes == ("input-modified",)
    assert report.example.input == "both"
    assert [name for name, _ in report.example.arguments] == ["x", "x after the call", "y"]


def test_where_rounding_decides_only_that_it_fails_is_compared():
    def off_where_it_is_large(x, y):
        return 3 * x + y + (x > 5000) * 0.1 * x

    assert TOY(off_where_it_is_large).mistakes == ("factor",)


def test_what_is_right_rules_a_mistake_out():
    def wrong_once(x, y):
        return 3 * x + y if x.size == 9 else 2 * x + y

    assert TOY(wrong_once).mistakes == ("unknown",)


def test_a_function_that_keeps_state_does_not_pass():
    seen = []

    def keeps_state(x, y):
        seen.append(1)
        return 2 * x + y if len(seen) < 5 else x

    report = TOY(keeps_state)
    assert not report.passed
    assert report.tried[-1] == ("the first input again", False)


def test_inputs_can_be_left_out_by_name_and_only_those_that_exist():
    assert TOY(lambda x, y: 2 * x, without=["no x", "both", "large"]).passed
    with pytest.raises(ValueError, match=r"names no input of this check: nothing.*no y, no x"):
        TOY(formula, without=["nothing"])


def test_exceptions_are_reported_beside_what_is_known_of_the_rest():
    def fragile(x, y):
        if x.size == 9:
            raise RuntimeError("nine")
        return 3 * x + y

    report = TOY(fragile)
    assert report.mistakes == ("factor",)
    assert report.problem.startswith("For both it raises RuntimeError: nine")
    always = TOY(lambda x, y: x / "a")
    assert always.mistakes == ("unknown",)
    assert "TypeError" in always.problem
    assert always.example.yours == ""
    assert "float64" not in always.example.expected  # there is no other dtype beside it


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (TypeError("takes 1 positional argument"), " It is called with x, y."),
        (TypeError("can only concatenate str"), ""),
        (ValueError("an argument is wrong"), ""),
    ],
)
def test_only_a_function_with_other_arguments_is_told_what_it_is_called_with(error, asked):
    def raises(x, y):
        raise error

    report = TOY(raises)
    assert report.problem.startswith(f"It raises {type(error).__name__}: {error}")
    assert report.problem.endswith(f"raise error).{asked}")


def test_a_stub_is_not_written_yet():
    def stub(x, y):
        raise NotImplementedError

    report = TOY(stub)
    assert (report.written, report.passed, report.mistakes) == (False, False, ())


def test_all_calls_together_have_a_limit():
    def loop(x, y):
        while True:
            pass

    report = TOY(loop, seconds=0.1)
    assert report.mistakes == ("unknown",)
    assert "not finished after 0.1 seconds" in report.problem
    assert "seconds=4" in report.problem
    assert report.tried == (("no y", False),)


def test_all_calls_share_their_time():
    def slow(x, y):
        time.sleep(0.06)
        return 2 * x + y

    assert TOY(slow, seconds=20).passed
    report = TOY(slow, seconds=0.15)
    assert not report.passed
    assert "not finished after 0.15 seconds" in report.problem
    assert len(report.tried) < 4
    assert inspect.signature(TOY.__call__).parameters["seconds"].default == 1.5


def test_a_call_that_takes_all_that_is_left_takes_nothing_from_the_next(monkeypatch):
    """It may have imported something, which is not cut short and happens once."""
    now, took, allowed = [0.0], iter([1, 2, 1, 5, 0]), []

    def takes(function, arguments, seconds):
        allowed.append(seconds)
        now[0] += next(took)
        return Outcome(value=function(*arguments))

    monkeypatch.setattr(checker, "outcome_of", takes)
    monkeypatch.setattr(checker, "time", SimpleNamespace(monotonic=lambda: now[0]))
    assert TOY(lambda x, y: 2 * x + y, seconds=4).passed
    assert allowed == [4, 3, 1, 1, 1]


def test_what_the_formula_imports_takes_no_time_from_the_first_call():
    """The formula has run for every input before the function is called for one."""
    order = []

    def formula(wrong, x):
        order.append("formula")
        return 2 * x

    def answer(x):
        order.append("answer")
        return 2 * x

    probes = tuple(Probe(str(i), (A,)) for i in range(3))
    assert replace(times(), formula=formula, probes=probes)(answer).passed
    assert order.index("answer") == order.count("formula")


def test_an_answer_is_asked_for_once_and_is_not_shown_when_it_is_secret():
    answer = Checker(
        name="answer",
        arguments=(),
        results=("words",),
        formula=lambda wrong: {"a": "same" if wrong else "other"},
        probes=(Probe("the answer", ()),),
        mistakes=(Mistake("same", "It says the same.", "Look again."),),
        reveal=False,
    )
    right = answer(lambda: {"a": "other"})
    assert right.verdict == "right"
    wrong = answer(lambda: {"a": "same"})
    assert wrong.mistakes == ("same",)
    assert wrong.example.expected == ""
    assert "other" not in str(wrong) + wrong._repr_html_()


def test_printing_is_shown_with_the_example():
    def prints(x, y):
        print("here", x.size)
        return x

    assert TOY(prints).example.printed == "here 2"


def test_the_formula_gets_copies():
    x = np.ones(2)
    checker = Checker(
        name="copies",
        arguments=("x", "y"),
        results=("z",),
        formula=formula,
        probes=(Probe("one", (x, x)),),
        mistakes=(Mistake("input-modified", "", ""),),
    )
    assert checker.failing("input-modified") == {"one"}
    assert np.array_equal(x, [1, 1])


# With other formulas -----------------------------------------------------------------------------


def times(*factors):
    """An exercise that asks for twice x, with a mistake for each other factor."""

    def formula(wrong, x):
        return (sum(map(float, wrong)) or 2.0) * x

    mistakes = tuple(Mistake(str(factor), "", "") for factor in factors)
    return Checker("times", ("x",), ("y",), formula, (Probe("one", (A,)),), mistakes)


@pytest.mark.parametrize(("most", "named"), [(2, "unknown"), (3, "5"), (4, "5")])
def test_no_more_sets_of_mistakes_are_tried_than_is_said(monkeypatch, most, named):
    monkeypatch.setattr(diagnosing, "SETS_TRIED", most)
    assert times(3, 4, 5)(lambda x: 5 * x).mistakes == (named,)


def test_an_exercise_whose_right_formula_fails_is_not_blamed_on_the_student():
    def broken(wrong, x):
        return x / 0 if wrong else [][0]

    exercise = replace(times(3), formula=broken)
    with pytest.raises(IndexError):
        exercise(lambda x: 2 * x)


def test_a_mistake_that_cannot_be_made_for_an_input_is_not_named():
    def formula(wrong, x):
        return [][0] if wrong else 2 * x

    exercise = replace(times(3), formula=formula)
    assert exercise.failing("3") == {"one"}
    assert exercise(lambda x: 3 * x).mistakes == ("unknown",)
    assert exercise(lambda x: None).mistakes == ("unknown",)


FIRST, SECOND = np.array([1.0, 2.0]), np.array([3.0, 4.0])


def test_two_mistakes_that_make_up_for_each_other_on_one_input_are_both_named():
    def formula(wrong, x):
        first = x[0] == 1
        a, b = ((1, -1) if first else (10, 5)) * np.array(["a" in wrong, "b" in wrong])
        return 2 * x + a + b

    exercise = replace(
        times(),
        formula=formula,
        probes=(Probe("first", (FIRST,)), Probe("second", (SECOND,))),
        mistakes=tuple(Mistake(name, "", "") for name in "abc"),
    )
    assert exercise(lambda x: 2 * x + 15 * (x[0] != 1)).mistakes == ("a", "b")


def test_of_two_mistakes_that_agree_elsewhere_rounding_tells_the_one_that_fails_there_too():
    def formula(wrong, x):
        lucky = "lucky" in wrong and x[0] == 3
        return x * (3 if wrong and not lucky else 2)

    exercise = replace(
        times(),
        formula=formula,
        probes=(Probe("first", (FIRST,)), Probe("second", (SECOND,), stable=False)),
        mistakes=(Mistake("unlucky", "", ""), Mistake("lucky", "", "")),
    )
    assert exercise(lambda x: 3 * x).mistakes == ("unlucky",)
    assert exercise(lambda x: x * (3 if x[0] == 1 else 2)).mistakes == ("lucky",)
    assert exercise(lambda x: x * (3 if x[0] == 1 else 2.5)).mistakes == ("unlucky",)


@pytest.mark.parametrize(("off", "named"), [(0.01, "3"), (0.02, "unknown")])
def test_a_mistake_is_named_where_the_numbers_are_its_own_to_two_thousandths(off, named):
    assert times(3)(lambda x: 3 * x + off).mistakes == (named,)  # of 6, the largest


def test_a_right_result_is_not_taken_for_a_wrong_one_that_is_near():
    def formula(wrong, x):
        together = 0.001 if x[0] == 1 else 3  # too little to pass, not enough to tell the two apart
        return 2 * x + (together if wrong == {"a", "b"} else 7 * len(wrong))

    exercise = replace(
        times(),
        formula=formula,
        probes=(Probe("first", (FIRST,)), Probe("second", (SECOND,))),
        mistakes=tuple(Mistake(name, "", "") for name in "ab"),
    )
    assert exercise(lambda x: 2 * x + (0.001 if x[0] == 1 else 3)).mistakes == ("a", "b")
    assert exercise(lambda x: 2 * x + (0 if x[0] == 1 else 3)).mistakes == ("unknown",)


def test_an_exception_is_reported_before_the_argument_that_was_changed():
    def changes_and_raises(x):
        x += 1
        raise RuntimeError("late")

    assert TWO(changes_and_raises).problem.startswith("It raises RuntimeError: late")


TWO = Checker(
    name="two",
    arguments=("x",),
    results=("sum", "double"),
    formula=lambda wrong, x: (x.sum(), 2 * x),
    probes=(Probe("one", (A,)),),
    mistakes=(Mistake("input-modified", "", ""),),
)


def test_of_several_results_those_that_differ_are_shown():
    example = TWO(lambda x: (x.sum(), 3 * x)).example
    assert (example.yours, example.expected) == ("double: [3. 6.]", "double: [2. 4.]")
    example = TWO(lambda x: (0.0, 3 * x)).example
    assert example.yours == "sum: 0\ndouble: [3. 6.]"
    assert TWO(lambda x: 3 * x).example.yours == "[3. 6.]"
    assert TWO(lambda x: (1, 2, 3)).example.yours == "1, 2, 3"


def test_where_all_results_are_right_and_an_argument_is_not_they_are_shown_as_they_are():
    def in_place(x):
        results = x.sum(), 2 * x
        x += 1
        return results

    example = TWO(in_place).example
    assert (example.yours, example.expected) == ("3., [2. 4.]", "3., [2. 4.]")


def test_an_exercise_is_not_altered_by_accident():
    for thing in (TOY, TOY.probes[0], TOY.mistakes[0]):
        with pytest.raises(AttributeError):
            thing.name = "other"


def test_an_exercise_may_be_about_tensors():
    import torch

    probe = Probe("two rows", (torch.tensor([[1.0, 2.0], [5.0, 3.0]]),))
    mistake = Mistake("wrong-axis", "It sums the columns.", "Which axis goes?")
    checker = Checker(
        name="sums",
        arguments=("x",),
        results=("y",),
        formula=lambda ways, x: x.sum(0 if "wrong-axis" in ways else 1),
        probes=(probe,),
        mistakes=(mistake,),
    )
    assert checker(lambda x: x.sum(-1)).passed
    assert checker(lambda x: torch.ones(2) @ x).mistakes == ("wrong-axis",)
    changed = checker(lambda x: x.mul_(1).add_(1).sum(1) - 2)
    assert "changes its argument x" in str(changed)
    assert "[[1. 2.]" in str(changed)
