"""How a checker works: inputs chosen to tell mistakes apart, and a formula that can make them.

An exercise is a `Checker`: the right formula *with a switch for each known mistake*, a list of
probes (inputs), and a sentence and a hint for each mistake. The formula without mistakes gives the
expected results. A function that fails on some probes is compared with the formula again, with one
mistake, then with two, then with three: the smallest set of mistakes that fails on the same probes
in the same way is what the function does, however it is written.
"""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from lnlearn.check.calling import Call, call, modified
from lnlearn.check.comparing import difference, dtypes, shown
from lnlearn.check.report import Example, Report
from lnlearn.check.validating import OF_ITS_ANSWERS, OF_THE_CHECKER

AGAIN = "the first input again"
MOST = 600  # sets of mistakes that are tried, so that a check takes less than two seconds


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
        return sum(np.size(argument) for argument in self.arguments)


@dataclass(frozen=True)
class Mistake:
    """One entry of the catalogue.

    The one called input-modified is not looked for with a switch: a call that changes an argument
    makes it, whatever it leaves there.
    """

    name: str
    sentence: str  # what the function does
    hint: str  # a question or an experiment; not the answer
    ways: tuple[str, ...] = ()  # the switches that make it, if they are not just the name
    twin: str = ""  # one that fails on exactly the same inputs: only the numbers tell them apart


@dataclass(frozen=True, eq=False)
class Checker:
    """An exercise. Call it with a function to get a `Report`."""

    name: str
    arguments: tuple[str, ...]  # names, in the order of the function's arguments
    results: tuple[str, ...]  # names of what it returns; one name: not a tuple
    formula: Callable  # formula(mistakes, *arguments), the mistakes a frozenset of switches
    probes: tuple[Probe, ...]
    mistakes: tuple[Mistake, ...] = ()
    adapt: Callable | None = None  # makes the function that is called from what is checked
    reveal: bool = True  # whether a report may show the expected result
    chapter: str = ""  # the notebook that asks it; left out: called like the formula's file

    def __post_init__(self):
        if not self.chapter:
            object.__setattr__(self, "chapter", self.formula.__module__.rpartition(".")[2])

    def __call__(self, function, *, without=(), seconds=1.5):
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

        Returns
        -------
        Report
        """
        if unknown := set(without) - {probe.name for probe in self.probes}:
            raise ValueError(
                f"without names no input of this check: {', '.join(sorted(unknown))}. "
                f"Its inputs are: {', '.join(probe.name for probe in self.probes)}."
            )
        probes = [probe for probe in self.probes if probe.name not in without]
        if self.arguments:  # the first again: a function that keeps state answers differently
            probes.append(replace(probes[0], name=AGAIN))
        run = function if self.adapt is None else self.adapt(function)
        for probe in probes:  # before the clock starts: what PyTorch imports when it is first used
            self.expected(probe)
        judged, left = [], seconds
        for probe in probes:
            start = time.monotonic()
            result = call(run, probe.arguments, max(0.01, left))
            took = time.monotonic() - start
            left -= took if took < left else 0  # one that may take longer imports something
            if not result.written:
                return Report(self.name, written=False)
            judged.append(Judged(self, probe, result))
            if result.stopped:
                break
        return self._report(judged, seconds)

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

    def run(self, switches, probe):
        """What the formula with these mistakes does: a `Call`."""
        given = tuple(a.copy() if isinstance(a, np.ndarray) else a for a in probe.arguments)
        try:
            with np.errstate(all="ignore"):
                value = self.formula(switches, *given)
        except Exception as error:  # mistakes that cannot be made together, or for this probe
            if not switches:
                raise
            return Call(error=type(error).__name__)
        return Call(value=value, changed=modified(given, probe.arguments))

    @functools.cache  # noqa: B019
    def failing(self, *switches):
        """The names of the probes on which the formula with these mistakes fails."""
        mistaken = frozenset(switches)
        judged = (Judged(self, probe, self.run(mistaken, probe)) for probe in self.probes)
        return frozenset(one.probe.name for one in judged if one.problem)

    def diagnose(self, judged):
        """The smallest set of mistakes that does what was seen; () if there is none."""
        judged = [one for one in judged if not (one.call.error or one.call.stopped)]
        # Where many numbers enter, few functions agree by chance: compare there first.
        judged = sorted(judged, key=lambda one: (one.wrong == "", -one.probe.size))
        # What is left in an argument may be anything; that it is not what it was says enough.
        altered = any(one.call.changed for one in judged)
        altering = tuple(m for m in self.mistakes if altered and m.name == "input-modified")
        seen = {one.probe.name for one in judged if one.wrong} - {AGAIN}
        right = {one.probe.name for one in judged if one.probe.stable and not one.wrong}
        switches = [
            (mistake, way)
            for mistake in self.mistakes
            if mistake.name != "input-modified"
            for way in mistake.ways or (mistake.name,)
            if self.failing(way) & seen
        ]
        # A mistake fails on nothing that is right, and together they fail on all that is wrong.
        likely = [(mistake, way) for mistake, way in switches if not self.failing(way) & right]
        found = self._smallest(likely, (1, 2, 3), judged, covering=True)
        # Unless two of them make up for each other, or are wrong only together.
        return altering + (found or self._smallest(switches, (2,), judged, covering=False))

    def _smallest(self, switches, counts, judged, covering):
        """The smallest set of mistakes that does what was seen, or next to all of it."""
        stable = [one for one in judged if one.probe.stable]
        rest = [one for one in judged if not one.probe.stable]
        wrong = {one.probe.name for one in stable if one.wrong} - {AGAIN}
        nearest = ()
        for count in counts:
            tried = 0
            for chosen in combinations(switches, count):
                if tried == MOST:
                    break
                found = tuple(mistake for mistake, _ in chosen)
                ways = frozenset(way for _, way in chosen)
                if len(set(found)) < count:
                    continue  # two ways of one mistake
                if covering and wrong - set().union(*map(self.failing, ways)):
                    continue
                tried += 1
                if all(one.is_what(ways) for one in stable):
                    if all(one.is_what(ways) for one in rest):
                        return found
                    nearest = nearest or (found if wrong else ())
            if nearest:
                break
        return nearest

    def _report(self, judged, seconds):
        tried = [(one.probe.name, one.problem == "") for one in judged]
        if tried[-1] == (AGAIN, tried[0][1]):
            tried.pop()  # it answered as before
        tried = tuple(tried)
        wrong = [one for one in judged if one.problem]
        if not wrong:
            return Report(self.name, passed=True, tried=tried)
        named = self.diagnose(judged)
        # What shows it best: a result before an exception, one that can be seen to be wrong before
        # one that looks right, and few numbers before many.
        worst = min(
            wrong, key=lambda one: (bool(one.call.error), not one.visible(), one.probe.size)
        )
        problem = worst.problem
        raising = [one for one in wrong if one.call.error]
        if raising and not worst.call.error and not worst.call.stopped:
            first = raising[0]
            problem = f"For {first.probe.name} it raises {first.call.error}. Below: {problem}"
        if worst.call.stopped:
            problem = (
                f"It had not finished after {seconds:g} seconds. Does a loop never end? "
                f"If it only is slow, check it with seconds={seconds * 40:g}."
            )
        return Report(
            self.name,
            mistakes=tuple(mistake.name for mistake in named) or ("unknown",),
            problem=problem,
            explained=tuple((mistake.sentence, mistake.hint) for mistake in named),
            example=worst.example(),
            tried=tried,
        )


class Judged:
    """One call beside what was expected of it."""

    def __init__(self, checker, probe, call):
        self.checker, self.probe, self.call = checker, probe, call
        self.expected = checker.expected(probe)
        self.wrong = self._wrong()  # what is wrong with the result, in a sentence, or ""
        self.problem = self.wrong  # the same, or that an argument was modified
        if call.changed and not (call.stopped or call.error):
            names = " and ".join(checker.arguments[i] for i in call.changed)
            self.problem = f"It changes its argument {names}, which belongs to the caller."

    def _wrong(self):
        if self.call.stopped:
            return "It does not finish."
        if self.call.error:
            asked = f"It is called with {', '.join(self.checker.arguments) or 'no arguments'}."
            misfit = self.call.error.startswith("TypeError") and "argument" in self.call.error
            return f"It raises {self.call.error}.{' ' + asked if misfit else ''}"
        return difference(
            self.call.value, self.expected, self.checker.results, self.probe.tolerance
        )

    def is_what(self, switches):
        """Whether the formula with these mistakes returns the same for this probe."""
        other = self.checker.run(switches, self.probe)
        if other.error:
            return False
        names = self.checker.results
        if self.wrong and dtypes(self.call.value, self.expected) != dtypes(
            other.value, self.expected
        ):
            return False
        if self.wrong and self.probe.stable:
            return not difference(self.call.value, other.value, names, 2e-3, strict=False)
        return (self.wrong == "") == (Judged(self.checker, self.probe, other).wrong == "")

    def visible(self):
        """Whether a reader sees what is wrong, in the result or in an argument."""
        pairs = [(self.call.given[i], self.probe.arguments[i]) for i in self.call.changed]
        return self.wrong != "" or any(shown(after) != shown(before) for after, before in pairs)

    def example(self):
        """The probe and the results as text."""
        rows = []
        for i, name in enumerate(self.checker.arguments):
            rows.append((name, shown(self.probe.arguments[i])))
            if i in self.call.changed:
                rows.append((f"{name} after the call", shown(self.call.given[i])))
        yours, expected = self._differing()
        failed = self.call.error or self.call.stopped
        unsaid = np.float64 if failed or all(dtypes(self.call.value, self.expected)) else None
        return Example(
            input=self.probe.name,
            arguments=tuple(rows),
            yours="" if failed else shown(yours, unsaid),
            expected=shown(expected, unsaid) if self.checker.reveal else "",
            printed=self.call.printed.rstrip(),
        )

    def _differing(self):
        """What was returned and what was expected; of several results those that differ."""
        names, yours, expected = self.checker.results, self.call.value, self.expected
        if len(names) == 1 or not isinstance(yours, (tuple, list)) or len(yours) != len(names):
            return yours, expected
        differing = [
            (name, mine, right)
            for name, mine, right in zip(names, yours, expected, strict=True)
            if difference(mine, right, (name,), self.probe.tolerance)
        ]
        if not differing:
            return yours, expected
        return {n: mine for n, mine, _ in differing}, {n: right for n, _, right in differing}
