"""One call of a function that is checked, beside the expected result."""

import numpy as np

from lnlearn.check.comparing import difference, dtypes, shown, unknown_word
from lnlearn.check.report import Example


class Judged:
    """What became of one call, beside what was expected of it."""

    def __init__(self, checker, probe, outcome):
        self.checker, self.probe, self.outcome = checker, probe, outcome
        self.expected = checker.expected(probe)
        self.difference = self._difference()  # of the result, in a sentence; "" if it is right
        self.problem = self.difference  # the same, or that an argument was modified
        if outcome.changed and not (outcome.stopped or outcome.error):
            names = " and ".join(checker.arguments[i] for i in outcome.changed)
            self.problem = f"It changes its argument {names}, which belongs to the caller."

    def _difference(self):
        if self.outcome.stopped:
            return "It does not finish."
        if self.outcome.error:
            asked = f"It is called with {', '.join(self.checker.arguments) or 'no arguments'}."
            misfit = self.outcome.error.startswith("TypeError") and "argument" in self.outcome.error
            return f"It raises {self.outcome.error}.{' ' + asked if misfit else ''}"
        value, names = self.outcome.value, self.checker.results
        if self.checker.words and (found := unknown_word(value, self.checker.words, names[0])):
            return found
        return difference(value, self.expected, names, self.probe.tolerance)

    def agrees_with(self, ways):
        """Whether the formula, making mistakes in these ways, returns the same for this probe."""
        other = self.checker.run(ways, self.probe)
        if other.error:
            return False
        names = self.checker.results
        if self.difference and dtypes(self.outcome.value, self.expected) != dtypes(
            other.value, self.expected
        ):
            return False
        if self.difference and self.probe.stable:
            return not difference(self.outcome.value, other.value, names, 2e-3, strict=False)
        return bool(self.difference) == bool(Judged(self.checker, self.probe, other).difference)

    def visible(self):
        """Whether a reader sees what is wrong, in the result or in an argument."""
        pairs = [(self.outcome.given[i], self.probe.arguments[i]) for i in self.outcome.changed]
        return self.difference != "" or any(
            shown(after) != shown(before) for after, before in pairs
        )

    def example(self):
        """The probe and the results as text."""
        rows = []
        for i, name in enumerate(self.checker.arguments):
            rows.append((name, shown(self.probe.arguments[i])))
            if i in self.outcome.changed:
                rows.append((f"{name} after the call", shown(self.outcome.given[i])))
        yours, expected = self._differing()
        failed = self.outcome.error or self.outcome.stopped
        unsaid = np.float64 if failed or all(dtypes(self.outcome.value, self.expected)) else None
        return Example(
            input=self.probe.name,
            arguments=tuple(rows),
            yours="" if failed else shown(yours, unsaid),
            expected=shown(expected, unsaid) if self.checker.reveal else "",
            printed=self.outcome.printed.rstrip(),
        )

    def _differing(self):
        """What was returned and what was expected; of several results those that differ."""
        names, yours, expected = self.checker.results, self.outcome.value, self.expected
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
