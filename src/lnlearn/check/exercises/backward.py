"""The exercises of the chapter *The backward pass*."""

from dataclasses import replace

import numpy as np

from lnlearn.check import formula_backward
from lnlearn.check.catalogue import CATALOGUE, FOUR, ONE, SIGNS, THREE, TINY, named
from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.formula_backward import KEEPDIMS_FORGOTTEN, Differentiated, StatisticsAlone

# Layer norm --------------------------------------------------------------------------------------

# A gradient that has no mean and no part along THREE or FLAT: both terms of dx are zero for it.
QUIET = np.array([[1.0, -2.0, 1.0]])
FLAT = np.array([[1.0, 0.0, -1.0]])  # a token without mean; as a gradient, quiet for SIGNS
_rng = np.random.default_rng(0)

_MISTAKEN_STATISTICS = (
    replace(
        CATALOGUE["unbiased-variance"],
        ways=("unbiased-variance", Differentiated("unbiased-variance")),
    ),
    replace(
        CATALOGUE["eps-outside-sqrt"],
        ways=(
            "eps-outside-sqrt",
            Differentiated("eps-outside-sqrt"),
            Differentiated("eps-outside-sqrt, by std"),
            "eps-outside-sqrt, of the variance",
        ),
    ),
    *(
        replace(mistake, ways=(*map(StatisticsAlone, mistake.ways), *mistake.ways))
        for mistake in named("wrong-axis", "batch-mixed")
    ),
)


def _float(dtype, *arguments):
    """The arguments, arrays in the given dtype."""
    return tuple(a.astype(dtype) if isinstance(a, np.ndarray) else a for a in arguments)


layer_norm_backward = Checker(
    name="layer_norm_backward",
    arguments=("dy", "x", "weight", "eps"),
    results=("dx", "dweight", "dbias"),
    formula=formula_backward.layer_norm_backward,
    chapter="backward",
    probes=(
        Probe("a gradient without mean, across the token", (QUIET, THREE, ONE, TINY)),
        Probe("a gradient that is 1 everywhere", (ONE[None], THREE, ONE, TINY)),
        Probe("a gradient along the token", (THREE, THREE, ONE, TINY)),
        Probe("a gradient that is 1 everywhere, a weight of 2", (ONE[None], THREE, 2 * ONE, TINY)),
        Probe("a token far from zero", (QUIET, THREE + 3, ONE, TINY)),
        Probe("a weight of 2", (QUIET, THREE, 2 * ONE, TINY)),
        Probe("a token with a small standard deviation", (QUIET, THREE / 10, ONE, TINY)),
        Probe("a large eps", (QUIET, THREE, ONE, 0.3)),
        Probe("an eps for which its place does not matter", (QUIET, THREE / 4, ONE, 0.5)),
        Probe("a constant token", (QUIET, np.full((1, 3), 0.5), ONE, 0.01)),
        Probe("a constant token, a weight of 2", (ONE[None], 0 * THREE + 0.5, 2 * ONE, 0.01)),
        Probe("one axis", (QUIET[0], THREE[0], ONE, TINY)),
        Probe(
            "two tokens", (np.concatenate([QUIET, QUIET]), np.concatenate([THREE, THREE]), ONE, 0.1)
        ),
        Probe("three different tokens", (*_rng.normal(1, 2, (2, 3, 3)), ONE, 0.1)),
        Probe("three axes", (*_rng.normal(1, 2, (2, 3, 2, 3)), _rng.normal(size=3), 0.1)),
        Probe(
            "float32 with a mean of 10000",
            _float(
                np.float32,
                np.tile([1.0, 1.0, -1.0, -1.0], (3, 1)),
                FOUR * [[1.0], [1.1], [1.2]] + 10000.3,
                np.ones(4),
                1e-5,
            ),
            tolerance=0.02,
            stable=False,
        ),
        Probe("float32", _float(np.float32, QUIET, THREE + 1, 2 * ONE, 1e-5)),
        Probe(
            "float16",
            _float(
                np.float16,
                np.array([[1.0, 1.0, -1.0, -1.0]]) * 64,
                np.array([[300.0, -300.0, 200.0, -200.0]]),
                np.ones(4),
                1e-5,
            ),
            tolerance=5e-3,
            stable=False,
        ),
    ),
    mistakes=named(
        "detached-statistics",
        "backward-missing-mean",
        "backward-missing-projection",
        "backward-sum-for-mean",
        "backward-projection-added",
        "backward-centred-for-xhat",
        "backward-weight-outside",
        "backward-forgets-weight",
        "rstd-missing",
        "bias-gradient-weighted",
        "parameter-gradient-not-summed",
        "parameter-gradient-averaged",
        "backward-of-xhat-with-y",
        "eps-missing",
        "eps-ignored",
        "one-pass-variance",
        "low-precision-statistics",
        "input-modified",
        "wrong-dtype",
    )
    + _MISTAKEN_STATISTICS
    + (
        replace(
            CATALOGUE["weight-twice"],
            sentence="It multiplies by the weight twice on the way to dx.",
            hint="Try a weight of -1. What should happen to dx?",
            ways=("weight-twice", "weight-twice, before the means"),
            twin="backward-forgets-weight",
        ),
        replace(
            CATALOGUE["keepdims-forgotten"],
            ways=KEEPDIMS_FORGOTTEN,
            twin="parameter-gradient-averaged",
        ),
    ),
)


# RMS norm ----------------------------------------------------------------------------------------

NOT_SUMMED = CATALOGUE["parameter-gradient-not-summed"]
LAYER_NORM = {mistake.name: mistake for mistake in layer_norm_backward.mistakes}


def _rms_norm_backward(ways, dy, x, weight, eps):
    """Layer norm's, if nothing is subtracted and the mean's term is left out."""
    if "mean-subtracted" not in ways:
        ways = ways | {"mean-not-subtracted"}
        if "mean-term-kept" not in ways:
            ways = ways | {"backward-missing-mean"}
    length = x.shape[-1] ** 0.5 if "divided-by-length" in ways else 1.0
    dx, dweight, _ = formula_backward.layer_norm_backward(ways, dy, x, weight, eps / length**2)
    if "input-modified, but zeros stay" in ways:  # x /= rms, which leaves them
        x *= 2
    return dx / length, dweight / length


rms_norm_backward = Checker(
    name="rms_norm_backward",
    arguments=("dy", "x", "weight", "eps"),
    results=("dx", "dweight"),
    formula=_rms_norm_backward,
    probes=(
        Probe("a gradient without mean, across the token", (QUIET, FLAT, ONE, TINY)),
        Probe("a gradient that is 1 everywhere", (ONE[None], FLAT, ONE, TINY)),
        Probe("a gradient along the token", (2 * FLAT, FLAT, ONE, TINY)),
        Probe("a token with a mean", (FLAT, SIGNS, ONE, TINY)),
        Probe("a weight of 2", (QUIET, FLAT, 2 * ONE, TINY)),
        Probe("a gradient along the token, a weight of 2", (2 * FLAT, FLAT, 2 * ONE, TINY)),
        Probe("a small token", (FLAT, SIGNS / 10, ONE, TINY)),
        Probe("a large eps", (FLAT, SIGNS, ONE, 0.5)),
        Probe("an eps for which its place does not matter", (FLAT, SIGNS / 4, ONE, 0.5)),
        Probe("a token of zeros", (QUIET, 0 * SIGNS, ONE, 0.01)),
        Probe("one feature", (np.ones((1, 1)), np.array([[-3.0]]), np.ones(1), 0.5)),
        Probe("one axis", (QUIET[0], FLAT[0], ONE, TINY)),
        Probe("the same token twice", (*np.repeat([QUIET, FLAT], 2, axis=1), ONE, TINY)),
        Probe("three different tokens", (*_rng.normal(1, 2, (2, 3, 3)), ONE, 0.1)),
        Probe("three axes", (*_rng.normal(1, 2, (2, 3, 2, 3)), _rng.normal(size=3), 0.1)),
        Probe("float32", _float(np.float32, QUIET, FLAT, ONE, 1e-5)),
        Probe(
            "float16",
            _float(np.float16, 64 * QUIET, 300 * FLAT, ONE, 1e-5),
            tolerance=5e-3,
            stable=False,
        ),
    ),
    mistakes=(
        Mistake(
            "mean-subtracted",
            "It subtracts the mean: that is the backward pass of a layer norm.",
            "Add 100 to every feature. A layer norm does not see it; should this?",
        ),
        Mistake(
            "mean-term-kept",
            "dx has the term of a mean that RMS norm does not subtract.",
            "Raise all features by the same amount. Does the output of an RMS norm stay? "
            "What does that say of the sum of dx?",
        ),
        Mistake(
            "divided-by-length",
            "It divides by the root of the sum of the squares, not of their mean.",
            "What is the output for a token of four features that are all 2?",
        ),
        replace(
            LAYER_NORM["backward-missing-projection"],
            sentence="dx lacks the term that comes from the mean square.",
        ),
        *(
            LAYER_NORM[name]
            for name in (
                "backward-forgets-weight",
                "parameter-gradient-averaged",
                "backward-of-xhat-with-y",
                "eps-outside-sqrt",
                "eps-missing",
                "eps-ignored",
                "wrong-axis",
                "batch-mixed",
                "low-precision-statistics",
                "wrong-dtype",
            )
        ),
        replace(
            LAYER_NORM["keepdims-forgotten"],
            ways=tuple(way for way in KEEPDIMS_FORGOTTEN if "variance" not in way),
        ),
        replace(NOT_SUMMED, ways=tuple(way for way in NOT_SUMMED.ways if "bias" not in way)),
        replace(
            LAYER_NORM["input-modified"], ways=("input-modified", "input-modified, but zeros stay")
        ),
    ),
)
