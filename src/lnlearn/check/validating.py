"""What an exercise keeps to, so that its checker can be trusted: a rule is a function below.

A rule takes a checker, its wrong answers as a dict from a mistake's name to functions, and a list
of right ones. It yields a sentence for everything that is against it.
"""

from itertools import combinations

import numpy as np

from lnlearn.check.comparing import shown

SECONDS = 60  # for one answer: some are compiled when they are first called


def names_are_unique_and_have_words(checker, wrong, right):
    """Every input and every mistake has a name of its own, a mistake a sentence and a hint too."""
    for kind, named in (("input", checker.probes), ("mistake", checker.mistakes)):
        names = [one.name for one in named]
        for name in {name for name in names if names.count(name) > 1}:
            yield f"two {kind}s are called {name!r}"
    for mistake in checker.mistakes:
        if not (mistake.sentence and mistake.hint):
            yield f"{mistake.name} needs a sentence and a hint"


def the_formula_is_right(checker, wrong, right):
    """Without mistakes, the formula gives every expected result and leaves its arguments alone."""
    for probe in checker.probes:
        for i in checker.run(frozenset(), probe).changed:
            yield f"the formula changes its argument {checker.arguments[i]} for {probe.name!r}"


def every_way_fails_somewhere(checker, wrong, right):
    """Each way to make a mistake gives a wrong result for one of the inputs."""
    for mistake in checker.mistakes:
        for way in mistake.ways:
            if not checker.failing(way):
                yield f"{mistake.name}: the way {way!r} fails on no input; add one, or leave it out"


def mistakes_show_on_different_inputs(checker, wrong, right):
    """No two mistakes fail on the same inputs, unless one names the other as its twin."""
    if len(checker.probes) == 1:
        return  # a question: only the answers tell its mistakes apart
    for one, other in combinations(checker.mistakes, 2):
        first, second = (checker.failing(m.ways[0]) for m in (one, other))
        if first == second and one.twin != other.name and other.twin != one.name:
            yield (
                f"{one.name} and {other.name} fail on the same inputs; add an input that tells "
                f"them apart, or name one as the other's twin"
            )


def lengths_agree_somewhere(checker, wrong, right):
    """Where the features could be found by their length, an input has another axis that long.

    The features are as many as the parameters, or as the last axis is long where there are none.
    """
    confused = {}
    for probe in checker.probes:
        arrays = [a for a in probe.arguments if isinstance(a, np.ndarray) and a.size > 1]
        table = max(arrays, key=np.ndim, default=np.zeros(()))
        parameters = [a for a in arrays if a.ndim == 1]
        if table.ndim > 1:
            features = len(parameters[0]) if parameters else table.shape[-1]
            confused[probe.name] = table.shape.count(features) > 1 and features > 1
    if confused and not any(confused.values()):
        yield (
            "a function that finds the axis of the features by their number passes; add an input "
            "in which another axis is as long"
        )


def a_stub_is_not_written_yet(checker, wrong, right):
    """A function that raises NotImplementedError is neither right nor wrong."""

    def stub(*arguments, **options):
        raise NotImplementedError

    if checker(stub).written:
        yield "a function that raises NotImplementedError is taken for an answer"


def nonsense_is_failed(checker, wrong, right):
    """Whatever a function returns, it gets a report, and does not pass."""

    def first(*arguments):
        return arguments[0] if arguments else 0

    nonsense = {
        "its first argument": first,
        "None": lambda *arguments: None,
        "a word": lambda *arguments: "word",
        "one zero": lambda *arguments: np.zeros(1),
        "tables of zeros": lambda *arguments: tuple(np.zeros((2, 3)) for _ in checker.results),
        "sums": lambda *arguments: [np.asarray(first(*arguments)).sum(0) for _ in checker.results],
        "NaN": lambda *arguments: np.asarray(first(*arguments)) * np.nan,
        "an empty dict": lambda *arguments: {},
    }
    for words, function in nonsense.items():
        report = checker(function)
        if report.passed or not report.mistakes or not str(report):
            yield f"a function that returns {words} is not failed"


def the_answer_is_hidden(checker, wrong, right):
    """A question that has no argument, or asks for a proof, does not tell the right result."""
    if not checker.arguments and checker.reveal:
        yield "without arguments, the expected result is the answer: reveal=False hides it"
    if checker.reveal:
        return
    for functions in wrong.values():
        report = checker(functions[0], seconds=SECONDS)
        if report.example.expected:
            yield "a report shows the expected result, which is the answer"


def other_numbers_are_as_good(checker, wrong, right):
    """Of a variation's numbers, each set has an answer of its own, and tells all mistakes apart."""
    if checker.variation is None:
        return
    if checker.arguments or len(checker.probes) > 1:
        yield "it has a variation: that is for a question, with no argument and one input"
        return
    answers = {}
    for numbers in (checker.variation.numbers, *checker.variation.others):
        varied = checker.variation.applied(checker, numbers)
        (probe,) = varied.probes
        answer = shown(varied.expected(probe))
        if (same := answers.setdefault(answer, numbers)) is not numbers:
            yield f"the numbers {numbers} have the same answer as {same}"
        given = {answer: "the right answer"}
        for mistake in varied.mistakes:
            for way in mistake.ways:
                result = shown(varied.run(frozenset([way]), probe).value)
                if (other := given.setdefault(result, mistake.name)) != mistake.name:
                    yield f"with the numbers {numbers}, {mistake.name} gives the same as {other}"


def every_mistake_is_planted(checker, wrong, right):
    """Wrong answers are known for the declared mistakes and no others, two or more for each."""
    declared = [mistake.name for mistake in checker.mistakes]
    for name in sorted(set(wrong) - set(declared)):
        yield f"wrong answers are given for {name}, which is no mistake of this exercise"
    for name in declared:
        if (count := _written_differently(wrong.get(name, ()))) < 2:
            yield f"{name} needs two wrong answers that are written differently, and has {count}"
    if (count := _written_differently(right)) < 2:
        yield f"two right answers that are written differently are needed, and {count} given"


def wrong_answers_are_named(checker, wrong, right):
    """Each wrong answer is failed, and its mistake is the first that is named."""
    for mistake, functions in wrong.items():
        for function in functions:
            report = checker(function, seconds=SECONDS)
            if report.passed or report.mistakes[0] != mistake:
                yield f"{_name(function)} makes the mistake {mistake}; the report: {report.verdict}"


def right_answers_pass(checker, wrong, right):
    """Each right answer passes, however it is written."""
    for function in right:
        report = checker(function, seconds=SECONDS)
        if not report.passed:
            yield f"{_name(function)} is right; the report:\n{report}"


OF_THE_CHECKER = (
    names_are_unique_and_have_words,
    the_formula_is_right,
    every_way_fails_somewhere,
    mistakes_show_on_different_inputs,
    lengths_agree_somewhere,
    a_stub_is_not_written_yet,
    nonsense_is_failed,
    the_answer_is_hidden,
    other_numbers_are_as_good,
)
OF_ITS_ANSWERS = (every_mistake_is_planted, wrong_answers_are_named, right_answers_pass)


def _written_differently(functions):
    """How many of the functions differ in more than their names."""
    return len({_code(function) for function in functions})


def _code(function):
    """What a function computes, as text: its instructions, constants, defaults and what it uses."""
    code = getattr(function, "__code__", None)
    if code is None:
        return repr(function)
    used = [cell.cell_contents for cell in function.__closure__ or ()]
    constants = [constant for constant in code.co_consts if constant != function.__doc__]
    return repr((code.co_code, constants, code.co_names, function.__defaults__, used))


def _name(function):
    return getattr(function, "__name__", type(function).__name__)
