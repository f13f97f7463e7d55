"""How a checker works: inputs chosen to tell mistakes apart, and a formula that can make them.

An exercise is a `Checker`: a formula that is right and *can make each known mistake*, a list of
probes (inputs), and a sentence and a hint for each mistake. The formula without mistakes gives the
expected results. A function that fails on some probes is compared with the formula again, with one
mistake, then with two, then with three: the smallest set of mistakes that gives the same results
on the same probes is what the function does, however it is written.

A mistake can often be made in several ways: whoever ignores eps has some constant in its place.
Each *way* is a value that the formula is told, most often a text.
"""

import copy
import functools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lnlearn.check.calling import Outcome, modified, outcome_of
from lnlearn.check.cohort import Variation
from lnlearn.check.diagnosing import REPEATED, diagnose
from lnlearn.check.judging import Judged
from lnlearn.check.report import Report
from lnlearn.check.validating import OF_ITS_ANSWERS, OF_THE_CHECKER


@dataclass(frozen=True, eq=False)
class Probe:
    """One input, and how the result is judged."""

    name: str  # for the reader: "a token far from zero"
    arguments: tuple
    tolerance: float = 1e-4  # of the largest expected number, or of 1 if that is smaller
    stable: bool = True  # False where rounding decides what a wrong function returns

    @property
    def size(self):
        """How many numbers a reader has to look at."""
        return sum(math.prod(np.shape(argument)) for argument in self.arguments)


@dataclass(frozen=True)
class Mistake:
    """One known mistake.

    The formula is not asked whether a function makes the one called input-modified: a call that
    changes an argument makes it, whatever it leaves there.
    """

    name: str
    sentence: str  # what the function does
    hint: str  # a question or an experiment; not the answer
    ways: tuple = ()  # in which the formula can make it; left out: the name alone
    twin: str = ""  # one that fails on exactly the same inputs: only the numbers tell them apart

    def __post_init__(self):
        object.__setattr__(self, "ways", self.ways or (self.name,))


@dataclass(frozen=True, eq=False)
class Checker:
    """An exercise. Call it with a function to get a `Report`."""

    name: str
    arguments: tuple[str, ...]  # names, in the order of the function's arguments
    results: tuple[str, ...]  # names of what it returns; one name: not a tuple
    formula: Callable  # formula(ways, *arguments), ways a frozenset of those of its mistakes
    probes: tuple[Probe, ...]
    mistakes: tuple[Mistake, ...] = ()
    adapt: Callable | None = None  # turns what is checked, a class say, into what is called
    reveal: bool = True  # whether a report may show the expected result
    words: tuple[str, ...] = ()  # of which an answer in words is one
    chapter: str = ""  # the notebook that asks it; left out: called like the formula's file
    variation: Variation | None = None  # other numbers for each cohort, where it has no arguments

    def __post_init__(self):
        if not self.chapter:
            object.__setattr__(self, "chapter", self.formula.__module__.rpartition(".")[2])

    def __call__(self, function, *, without=(), seconds=1.5, cohort=None):
        """Run `function` on the probes and say what is wrong with it.

        Parameters
        ----------
        function : callable
            Called with copies of each probe's arguments. Nothing that it does, but for endless
            loops that catch every exception, gets out of the check.
        without : sequence of str
            Names of probes to leave out.
        seconds : float
            How long all calls together may take. A function that is compiled when it is first
            called needs more.
        cohort : int, optional
            Whose numbers are asked for, as in `for_cohort`. Left out: those of the book.

        Returns
        -------
        Report
        """
        checker = self.for_cohort(cohort)
        return checker.report(checker.outcomes(function, without, seconds), without, seconds)

    def for_cohort(self, cohort):
        """The same exercise with a cohort's own numbers; with those of the book for None.

        Raises
        ------
        TypeError
            The cohort is not an integer.
        ValueError
            The exercise is the same for every cohort: it asks for a function, or for words that
            no number changes.

        Examples
        --------
        >>> from lnlearn import check
        >>> check.token_on_paper.for_cohort(2027).probes[0].name
        'the token 1, 2, 9, 4'
        """
        if cohort is None:
            return self
        if self.variation is None:
            raise ValueError(
                f"{self.name} asks every cohort the same. Leave cohort={cohort!r} out."
            )
        return self.variation.applied(self, self.variation.drawn(cohort))

    def outcomes(self, function, without=(), seconds=1.5):
        """What becomes of each call: a list of `Outcome`. It ends where a call was the last."""
        run = function if self.adapt is None else self.adapt(function)
        probes = self.tried(without)
        for probe in probes:  # PyTorch imports much when it is first used: before the clock starts
            self.expected(probe)
        found, left = [], seconds
        for probe in probes:
            start = time.monotonic()
            outcome = outcome_of(run, probe.arguments, max(0.01, left))
            took = time.monotonic() - start
            # Only a call that imports something takes longer than it may: that is not its fault.
            left -= took if took < left else 0
            found.append(outcome)
            if outcome.last:
                break
        return found

    def report(self, outcomes, without=(), seconds=1.5):
        """The `Report` on what became of the calls; they may have been made elsewhere."""
        if not outcomes[-1].written:
            return Report(self.name, written=False)
        pairs = zip(self.tried(without), outcomes, strict=False)
        return self._report([Judged(self, probe, outcome) for probe, outcome in pairs], seconds)

    def tried(self, without):
        """The probes, in the order in which they are tried."""
        if unknown := set(without) - {probe.name for probe in self.probes}:
            raise ValueError(
                f"without names no input of this check: {', '.join(sorted(unknown))}. "
                f"Its inputs are: {', '.join(probe.name for probe in self.probes)}."
            )
        probes = [probe for probe in self.probes if probe.name not in without]
        if self.arguments:  # a function that keeps state answers the first input differently now
            probes.append(self._again(probes[0]))
        return probes

    @functools.cache  # noqa: B019 - so that its expected result is computed once, too
    def _again(self, probe):
        return replace(probe, name=REPEATED)

    def validate(self, wrong=None, right=()):
        """Raise ValueError with all that is against the rules of `lnlearn.check.validating`.

        Parameters
        ----------
        wrong : mapping of str to sequence of callable, optional
            For each mistake, functions that make it. Left out: only the checker is looked at.
        right : sequence of callable
            Right functions, in different styles.
        """
        rules = OF_THE_CHECKER + (() if wrong is None else OF_ITS_ANSWERS)
        if found := [broken for rule in rules for broken in rule(self, wrong or {}, right)]:
            raise ValueError("\n".join([f"The exercise {self.name} is not ready.", *found]))

    @functools.cache  # noqa: B019 - there are few checkers, and they live for ever
    def expected(self, probe):
        """The right result."""
        return self.run(frozenset(), probe).value

    def run(self, ways, probe):
        """Run the formula, making mistakes in these ways; return an `Outcome`."""
        given = copy.deepcopy(probe.arguments)
        try:
            with np.errstate(all="ignore"):
                value = self.formula(ways, *given)
        except Exception as error:  # mistakes that cannot be made together, or for this probe
            if not ways:
                raise
            return Outcome(error=type(error).__name__)
        return Outcome(value=value, changed=modified(given, probe.arguments))

    @functools.cache  # noqa: B019
    def failing(self, *ways):
        """The names of the probes on which the formula fails if it makes mistakes in these ways."""
        ways = frozenset(ways)
        judged = (Judged(self, probe, self.run(ways, probe)) for probe in self.probes)
        return frozenset(one.probe.name for one in judged if one.problem)

    def _report(self, judged, seconds):
        tried = [(one.probe.name, one.problem == "") for one in judged]
        if tried[-1] == (REPEATED, tried[0][1]):
            tried.pop()  # it answered as before
        tried = tuple(tried)
        failed = [one for one in judged if one.problem]
        if not failed:
            return Report(self.name, passed=True, tried=tried)
        named = diagnose(self, judged)
        # The example is a result before an exception, one that can be seen to be wrong before one
        # that looks right, and one of few numbers before one of many.
        shown = min(
            failed, key=lambda one: (bool(one.outcome.error), not one.visible(), one.probe.size)
        )
        problem = shown.problem
        raising = [one for one in failed if one.outcome.error]
        if raising and not shown.outcome.error and not shown.outcome.stopped:
            first = raising[0]
            problem = f"For {first.probe.name} it raises {first.outcome.error}. Below: {problem}"
        if shown.outcome.stopped:
            problem = (
                f"It had not finished after {seconds:g} seconds. Does a loop never end? "
                f"If it only is slow, check it with seconds={seconds * 40:g}."
            )
        return Report(
            self.name,
            mistakes=tuple(mistake.name for mistake in named) or ("unknown",),
            problem=problem,
            explained=tuple((mistake.sentence, mistake.hint) for mistake in named),
            example=shown.example(),
            tried=tried,
        )
