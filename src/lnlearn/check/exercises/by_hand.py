"""The exercises of the chapter *Layer normalization by hand* that ask for an answer."""

import math

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.exercises.catalogue import named

TOKEN = np.array([1.0, 2.0, 3.0, 4.0])


def _on_paper(wrong):
    deviations = TOKEN - TOKEN.mean()
    variance = (deviations @ deviations) / (len(TOKEN) - ("unbiased-variance" in wrong))
    divisor = variance if "root-missing" in wrong else math.sqrt(variance)
    outputs = deviations if "not-scaled" in wrong else deviations / divisor
    return float(TOKEN.mean()), float(variance), list(outputs)


token_on_paper = Checker(
    name="token_on_paper",
    arguments=(),
    results=("mean", "variance", "outputs"),
    formula=_on_paper,
    probes=(Probe("the token 1, 2, 3, 4", (), tolerance=1e-3),),
    mistakes=(
        *named("unbiased-variance", "not-scaled"),
        Mistake(
            "root-missing",
            "It divides by the variance, not by the standard deviation.",
            "In which units is the variance, if the features are in metres?",
        ),
    ),
    reveal=False,
)


def _what_becomes(wrong):
    flipped = "negated" if "sign-lost" not in wrong else "same"
    return {
        "x + 100": "same",
        "2 * x": "doubled" if "scale-kept" in wrong else "same",
        "-x": flipped,
        "x[::-1]": "same" if "order-lost" in wrong else "reversed",
        "5 - 3 * x": flipped,
    }


what_becomes_of_the_output = Checker(
    name="what_becomes_of_the_output",
    arguments=(),
    results=("answers",),
    formula=_what_becomes,
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
        ),
        Mistake(
            "order-lost",
            "It says that reversing the features changes nothing.",
            "Mean and variance do not see the order. Does the output?",
        ),
    ),
    reveal=False,
)


def _largest(wrong, D):
    if "others-forgotten" in wrong:
        return math.sqrt(D)
    return D - 1 if "root-missing" in wrong else math.sqrt(D - 1)


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
        Mistake(
            "root-missing",
            "It returns the square of the feature.",
            "Normalize 1, 0, 0: which number do you see, and which do you return for D = 3?",
        ),
    ),
    reveal=False,
)
