"""How a checker finds out what a function does, on an exercise small enough to see through."""

import numpy as np
import pytest

from lnlearn.check import Checker, Mistake, Probe


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
