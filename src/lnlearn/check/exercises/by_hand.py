"""The exercises of the chapter *Layer normalization by hand*."""

import math
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np

from lnlearn.check import formula
from lnlearn.check.catalogue import (
    CATALOGUE,
    LAYER_NORM_MISTAKES,
    LAYER_NORM_PROBES,
    NOT_SCALED,
    ONE,
    THREE,
    TINY,
    ZERO,
    named,
)
from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.cohort import Variation, listed

TOKEN = (1, 2, 3, 6)


def _on_paper(ways, *token):
    token = np.array(token or TOKEN, float)
    deviations = token - token.mean()
    variance = (deviations @ deviations) / (len(token) - ("unbiased-variance" in ways))
    divisor = variance if "root-missing" in ways else math.sqrt(variance)
    outputs = deviations if "not-scaled" in ways else deviations / divisor
    shown = math.sqrt(variance) if "deviation-for-variance" in ways else float(variance)
    return float(token.mean()), shown, list(outputs)


def _tokens():
    """Tokens whose mean is an integer.

    The smallest number is 1 in all of them: two that differ by a shift would have the same outputs.
    None is symmetric about its mean, so sorted and reversed it is not its negative.
    """
    for four in combinations(range(1, 10), 4):
        if four[0] == 1 and sum(four) % 4 == 0 and four[0] + four[3] != sum(four) / 2:
            yield from permutations(four)


def _on_paper_told(*token):
    mean = sum(token) // 4
    deviations = [number - mean for number in token]
    squares = [deviation**2 for deviation in deviations]
    variance = sum(squares) / 4
    outputs = ", ".join(f"{deviation} / root" if deviation else "0" for deviation in deviations)
    return (
        listed(token),
        f"# Mean {sum(token)}/4 = {mean}. Deviations {listed(deviations)} with squares "
        f"{listed(squares)}, whose\n    # sum is {sum(squares)}. "
        f"Variance {sum(squares)}/4 = {variance:g}.",
        f"math.sqrt({variance:g})",
        f"return {mean}, {variance:g}, [{outputs}]",
    )


token_on_paper = Checker(
    name="token_on_paper",
    arguments=(),
    results=("mean", "variance", "outputs"),
    formula=_on_paper,
    probes=(Probe("the token 1, 2, 3, 6", (), tolerance=1e-3),),
    mistakes=(
        *named("unbiased-variance", "not-scaled", "root-missing"),
        Mistake(
            "deviation-for-variance",
            "Its variance is the standard deviation.",
            "Which of the two has the square root?",
        ),
    ),
    reveal=False,
    variation=Variation(
        numbers=TOKEN,
        others=tuple(token for token in _tokens() if set(token) != set(TOKEN)),
        phrases=_on_paper_told,
    ),
)


def _what_becomes(ways):
    lost, turned = "sign-lost" in ways, "reversal-negated" in ways
    return {
        "x + 100": "same",
        "2 * x": "doubled" if "scale-kept" in ways else "same",
        "-x": "same" if lost or "sign-lost, -x" in ways else "negated",
        "x[::-1]": "same" if "order-lost" in ways else "negated" if turned else "reversed",
        "5 - 3 * x": "same" if lost or "sign-lost, 5 - 3 * x" in ways else "negated",
    }


what_becomes_of_the_output = Checker(
    name="what_becomes_of_the_output",
    arguments=(),
    results=("answers",),
    formula=_what_becomes,
    words=("same", "doubled", "negated", "reversed"),
    probes=(Probe("five changes of a token", ()),),
    mistakes=(
        Mistake(
            "scale-kept",
            "It says that a token twice as large has an output twice as large.",
            "By what is the doubled token divided?",
        ),
        Mistake(
            "sign-lost",
            "It says that a negative factor changes nothing.",
            "Can the standard deviation be negative?",
            ("sign-lost", "sign-lost, -x", "sign-lost, 5 - 3 * x"),
        ),
        Mistake(
            "order-lost",
            "It says that reversing the features changes nothing.",
            "Mean and variance do not see the order. Does the output?",
        ),
        Mistake(
            "reversal-negated",
            "It says that reversing the features negates the output.",
            "For 1, 2, 3, 4 it does. Does it for 1, 2, 3, 6?",
        ),
    ),
    reveal=False,
)


def _largest(ways, D):
    if "others-forgotten" in ways:
        return math.sqrt(D)
    if "unbiased-variance" in ways:
        return (D - 1) / math.sqrt(D)
    if "of-three-alone" in ways:
        return math.sqrt(2)
    return D - 1 if "root-missing" in ways else math.sqrt(D - 1)


largest_feature = Checker(
    name="largest_feature",
    arguments=("D",),
    results=("largest",),
    formula=_largest,
    probes=tuple(Probe(f"D = {D}", (D,)) for D in (2, 3, 10, 768)),
    mistakes=(
        Mistake(
            "others-forgotten",
            "It leaves nothing for the other features, whose sum must balance the large one.",
            "Normalize 1, 0, 0 and look at all three outputs.",
        ),
        replace(CATALOGUE["unbiased-variance"], twin="others-forgotten"),
        Mistake(
            "of-three-alone",
            "It returns the answer for three features, whatever D is.",
            "Normalize 1, 0, 0, 0 as well.",
        ),
        Mistake(
            "root-missing",
            "It returns the square of the feature.",
            "Normalize 1, 0, 0: which number do you see, and which do you return for D = 3?",
        ),
    ),
    reveal=False,
)


@formula.where_shapes_meet
def _layer_norm(ways, x, weight, bias, eps):
    wide = formula.widened(ways, x)
    weight, bias = (formula.widened(ways, a) for a in (weight, bias))
    if ways.intersection(formula.KEEPDIMS_FORGOTTEN):
        y = formula.standardized(ways, wide, (-1,), eps) * weight + bias
    else:
        y = formula.layer_norm(ways, wide, weight, bias, eps)
    return formula.handed_back(ways, y, x)


# The tokens of a text have one mean and one variance, so they may share both; the texts may not.
ALIKE = np.stack([np.roll(THREE[0], i) for i in range(3)]) + 2.0 * np.arange(3)[:, None, None]

layer_norm = Checker(
    name="layer_norm",
    arguments=("x", "weight", "bias", "eps"),
    results=("y",),
    formula=_layer_norm,
    probes=(
        *LAYER_NORM_PROBES,
        Probe("a weight of 0", (THREE, ZERO, ONE, TINY)),
        Probe("an eps of 1", (THREE, ONE, ZERO, 1.0)),
        Probe("three texts, each of three tokens that are alike", (ALIKE, ONE, ZERO, TINY)),
    ),
    mistakes=(
        *(m for m in LAYER_NORM_MISTAKES if m.name != "not-scaled"),
        NOT_SCALED,
        *named(
            *("keepdims-forgotten", "bias-before-weight", "one-plus-weight", "weight-twice"),
            *("eps-as-floor", "eps-squared", "squares-not-averaged"),
            "uncentred-variance",
        ),
    ),
)
