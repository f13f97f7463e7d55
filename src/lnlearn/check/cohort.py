"""Other numbers for an exercise, so that last year's answer does not pass this year.

Solutions are public, and where the answer is a few numbers, whoever looks it up has it. An exercise
of this kind has a `Variation`: numbers that would have done as well as those of the book, from
which each cohort gets its own, and the phrases in which numbers stand, wherever they stand: in the
chapter's cells, and in the names, sentences and hints of the checker.
"""

import functools
import itertools
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@dataclass(frozen=True, eq=False)
class Variation:
    """The numbers of an exercise that are not the same for every cohort.

    The formula of such an exercise takes them: it is called as ``formula(ways, *numbers)``, and
    has those of the book as its defaults.

    Examples
    --------
    >>> times = Variation((5,), ((3,), (4,), (6,)), phrases=lambda k: (f"{k} times", f"{k**2}"))
    >>> [times.drawn(cohort) for cohort in (2026, 2027, 2028)]
    [(6,), (4,), (3,)]
    >>> times.reword("Weights 5 times as large need 25 times the rate.", (4,))
    'Weights 4 times as large need 16 times the rate.'
    """

    numbers: tuple  # of the book
    others: tuple[tuple, ...]  # each as good as the book's, and none of them the book's
    phrases: Callable  # phrases(*numbers): the texts that tell numbers, as the chapter has them

    def drawn(self, cohort):
        """The numbers of a cohort, an integer.

        All others are gone through before one comes again, so the numbers of two cohorts that are
        closer than ``len(others)`` differ. The step from one cohort to the next is about 0.618 of
        the way through, which takes neighbours far apart. It is plain arithmetic, and so gives the
        same with every version of Python and NumPy.

        Raises
        ------
        TypeError
            The cohort is not an integer.
        """
        try:
            if isinstance(cohort, bool):
                raise TypeError
            cohort = operator.index(cohort)
        except TypeError:
            raise TypeError(
                f"cohort is {cohort!r}, and needs to be an integer, such as cohort=2027."
            ) from None
        count = len(self.others)
        steps = itertools.count(round(0.618 * count))
        step = next(step for step in steps if math.gcd(step, count) == 1)
        return self.others[cohort * step % count]

    def reword(self, text, numbers):
        """A text of the book, with other numbers."""
        table = dict(zip(self.phrases(*self.numbers), self.phrases(*numbers), strict=True))
        return re.sub(matching(table), lambda found: table[found[0]], text)

    @functools.cache  # noqa: B019 - so that the expected results are computed once
    def applied(self, checker, numbers):
        """The checker of the book's exercise, with other numbers."""

        def mistaken(mistake):
            sentence, hint = (
                self.reword(text, numbers) for text in (mistake.sentence, mistake.hint)
            )
            return replace(mistake, sentence=sentence, hint=hint)

        return replace(
            checker,
            formula=lambda ways: checker.formula(ways, *numbers),
            probes=tuple(replace(p, name=self.reword(p.name, numbers)) for p in checker.probes),
            mistakes=tuple(map(mistaken, checker.mistakes)),
            variation=None,
        )


def matching(phrases):
    """A pattern that finds the phrases, the longest first, but no part of a word or number."""

    def bounded(phrase):
        start, end = (r"\b" if character.isalnum() else "" for character in (phrase[0], phrase[-1]))
        return start + re.escape(phrase) + end

    return "|".join(map(bounded, sorted(phrases, key=len, reverse=True)))


def listed(numbers):
    """Numbers as one writes them: ``[1, 2.50, -3]`` as "1, 2.5, -3"."""
    return ", ".join(f"{number:g}" for number in numbers)


def in_words(number):
    """A number below a hundred as a word: "seven", "forty-two"."""
    tens, ones = divmod(number, 10)
    if tens < 2:
        return SMALL[number]
    return TENS[tens - 2] + (f"-{SMALL[ones]}" if ones else "")
