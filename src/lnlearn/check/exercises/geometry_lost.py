"""The exercise of the chapter on geometry that counts lost directions."""

from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.cohort import Variation, in_words

BOOK = (8, 1)  # features, and tokens
OTHERS = tuple((D, tokens) for D in (3, 4, 5, 6, 7, 9, 10, 12) for tokens in (2, 3, 4, 5))


def _lost(wrong, D=8, tokens=1):
    by_scaling = 0 if "scaling-forgotten" in wrong else 1
    with_eps = by_scaling if "eps-forgotten" in wrong else 0
    along_ones = 0 if "eps-rescues-both" in wrong else 1
    by_rms = 1 if "rms-norm-projects" in wrong else 0
    lost = {
        f"layer norm, D = {D}": 1 + by_scaling,
        "layer norm, D = 2": 1 if "one-of-two" in wrong else 1 + by_scaling,
        f"layer norm, D = {D}, eps = 1e-5": along_ones + with_eps,
        f"RMS norm, D = {D}": by_rms + by_scaling,
        f"RMS norm, D = {D}, eps = 1e-5": by_rms + with_eps,
    }
    one_each = "one-each" in wrong
    return {norm: tokens * (1 if one_each else count) for norm, count in lost.items()}


def _lost_told(D, tokens):
    alone = tokens == 1
    times = "" if alone else f"{tokens} * "
    return (
        f"D = {D}",
        "for a token whose features all differ"
        if alone
        else f"for {in_words(tokens)} tokens at once, each of which is normalized on its own and "
        "has features that all differ",
        f"can the token{'' if alone else 's'} move",
        *(f'": {times}{count},' for count in (1, 2)),
    )


lost_directions = Checker(
    name="lost_directions",
    arguments=(),
    results=("answers",),
    formula=_lost,
    chapter="geometry",
    probes=(Probe("five norms", ()),),
    mistakes=(
        Mistake(
            "scaling-forgotten",
            "It forgets that scaling loses a direction, too.",
            "What does a token that is twice as far from the origin give?",
        ),
        Mistake(
            "eps-forgotten",
            "It says that a norm with eps loses as much as one without.",
            "With eps, is the output of 2 * x that of x, to the last digit?",
        ),
        Mistake(
            "eps-rescues-both",
            "It says that with eps layer norm loses nothing.",
            "Add 1 to all features. Does eps see it?",
        ),
        Mistake(
            "one-of-two",
            "It says that of two features only one direction is lost.",
            "Which values can the output for two features take at all?",
        ),
        Mistake(
            "rms-norm-projects",
            "It says that RMS norm loses the direction (1, ..., 1).",
            "Give RMS norm the tokens 1, 2, 3 and 2, 3, 4.",
        ),
        Mistake(
            "one-each",
            "It says that every norm loses one direction.",
            "Layer norm has a step that RMS norm lacks. What does each of its two steps lose, with "
            "eps and without?",
        ),
    ),
    reveal=False,
    variation=Variation(BOOK, OTHERS, _lost_told),
)
