"""The exercises of the chapter *Module* about what is kept and what a test needs."""

import numpy as np

from lnlearn.check import formula
from lnlearn.check.checker import Checker, Mistake, Probe

# What is kept for the backward pass ---------------------------------------------------------------


def _kept(wrong, B, T, D):
    statistics = 0 if "statistics-forgotten" in wrong else 1 if "one-statistic" in wrong else 2
    if "statistics-of-the-batch" in wrong:
        statistics = 2 / (B * T)
    weight = 0 if "weight-forgotten" in wrong else 2 * D if "bias-counted" in wrong else D
    return B * T * D + statistics * B * T + weight


kept_by_derived = Checker(
    name="kept_by_derived",
    arguments=("B", "T", "D"),
    results=("numbers",),
    formula=_kept,
    chapter="module",
    probes=(
        Probe("two texts of three tokens", (2, 3, 4)),
        Probe("one token", (1, 1, 4)),
        Probe("one wide token", (1, 1, 10**6)),
        Probe("a token of 15000 features, and a second", (2, 1, 15000)),
        Probe("many narrow tokens", (1000, 1000, 3)),
        Probe("many wide tokens", (10, 1001, 15000)),
    ),
    mistakes=(
        Mistake(
            "statistics-forgotten",
            "It leaves out the mean and 1/s of the tokens.",
            "What stands in ctx.save_for_backward besides x and the weight?",
        ),
        Mistake(
            "one-statistic",
            "It counts one statistic a token.",
            "What has each token, besides its mean?",
        ),
        Mistake(
            "statistics-of-the-batch",
            "It counts two statistics for the whole batch.",
            "How many tokens does the batch have, and what does each one bring?",
        ),
        Mistake(
            "weight-forgotten",
            "It leaves out the weight.",
            "What does backward multiply dy by?",
        ),
        Mistake(
            "bias-counted",
            "It counts the bias too.",
            "Does backward need to know the bias? Does its gradient depend on it?",
            twin="weight-forgotten",
        ),
    ),
)

# An input that tells ------------------------------------------------------------------------------

TELLING = {  # mistakes that have to show, and a hint for whom one of them does not
    "unbiased-variance": "With how many features is D - 1 far from D?",
    "eps-outside-sqrt": "How large must eps be beside the variance for its place to matter?",
    "one-pass-variance": "Which float32 numbers have squares that are rounded by more than 1?",
}


def _two(answer):
    if isinstance(answer, tuple) and len(answer) == 2:
        return answer
    raise TypeError("two things are asked, the array and eps: return x, eps")


def _shows(x, eps):
    """Whether each of the mistakes is seen on an input."""
    x = np.asarray(x)
    if x.dtype != np.float32 or not 1 <= x.size <= 16:
        raise ValueError(
            f"x has dtype {x.dtype} and {x.size} numbers; 1 to 16 of float32 are asked"
        )
    if not (np.isfinite(x).all() and 0 <= eps < np.inf):
        raise ValueError("x and eps need to be finite, and eps not negative")
    x = np.atleast_1d(x)
    one, zero = np.ones(x.shape[-1:], np.float32), np.zeros(x.shape[-1:], np.float32)
    with np.errstate(all="ignore"):
        right = formula.layer_norm(frozenset(), *(a.astype(float) for a in (x, one, zero)), eps)
        off = (
            np.abs(formula.layer_norm(frozenset([name]), x, one, zero, np.float32(eps)) - right)
            for name in TELLING
        )
        return tuple(bool(not np.max(error) <= 0.01) for error in off)


telling_input = Checker(
    name="telling_input",
    arguments=(),
    results=tuple(f"{name} shows" for name in TELLING),
    formula=lambda wrong: tuple(f"{name}-passes" not in wrong for name in TELLING),
    chapter="module",
    adapt=lambda function: lambda: _shows(*_two(function())),
    probes=(Probe("your input", ()),),
    mistakes=tuple(
        Mistake(f"{name}-passes", f"On this input, {name} gives nearly the right result.", hint)
        for name, hint in TELLING.items()
    ),
    reveal=False,
)
