"""The exercise: the gradients of RMS norm over the last axis, in NumPy."""

from dataclasses import replace

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.exercises.layer_norm import ONE, TINY
from lnlearn.check.exercises.layer_norm_backward import layer_norm_backward
from lnlearn.check.exercises.rms_norm import SIGNS

FLAT = np.array([[1.0, 0.0, -1.0]])  # a token without mean; as a gradient, quiet for SIGNS
QUIET = np.array([[1.0, -2.0, 1.0]])  # for FLAT: a gradient without mean, across the token
LAYER_NORM = {mistake.name: mistake for mistake in layer_norm_backward.mistakes}
_rng = np.random.default_rng(0)


def _backward(wrong, dy, x, weight, eps):
    """Layer norm's, if nothing is subtracted and the mean's term is left out."""
    if "mean-subtracted" not in wrong:
        wrong = wrong | {"mean-not-subtracted"}
        if "mean-term-kept" not in wrong:
            wrong = wrong | {"backward-missing-mean"}
    length = x.shape[-1] ** 0.5 if "divided-by-length" in wrong else 1.0
    dx, dweight, _ = layer_norm_backward.formula(wrong, dy, x, weight, eps / length**2)
    if "input-modified, but zeros stay" in wrong:  # as by x /= rms
        x *= 2
    return dx / length, dweight / length


def _float32(*arrays):
    return tuple(a.astype(np.float32) for a in arrays)


rms_norm_backward = Checker(
    name="rms_norm_backward",
    arguments=("dy", "x", "weight", "eps"),
    results=("dx", "dweight"),
    formula=_backward,
    probes=(
        Probe("a gradient without mean, across the token", (QUIET, FLAT, ONE, TINY)),
        Probe("a gradient that is 1 everywhere", (ONE[None], FLAT, ONE, TINY)),
        Probe("a gradient along the token", (2 * FLAT, FLAT, ONE, TINY)),
        Probe("a token with a mean", (FLAT, SIGNS, ONE, TINY)),
        Probe("a weight of 2", (QUIET, FLAT, 2 * ONE, TINY)),
        Probe("a gradient along the token, a weight of 2", (2 * FLAT, FLAT, 2 * ONE, TINY)),
        Probe("a large token", (FLAT, 5 * SIGNS, ONE, TINY)),
        Probe("a large eps", (FLAT, SIGNS, ONE, 0.5)),
        Probe("an eps for which its place does not matter", (FLAT, SIGNS / 4, ONE, 0.5)),
        Probe("a token of zeros", (QUIET, 0 * SIGNS, ONE, 0.01)),
        Probe("one feature", (np.ones((1, 1)), np.array([[-3.0]]), np.ones(1), 0.5)),
        Probe("one axis", (QUIET[0], FLAT[0], ONE, TINY)),
        Probe("the same token twice", (*np.repeat([QUIET, FLAT], 2, axis=1), ONE, TINY)),
        Probe("two different tokens", (*_rng.normal(1, 2, (2, 2, 3)), ONE, 0.1)),
        Probe("three axes", (*_rng.normal(1, 2, (2, 2, 2, 3)), _rng.normal(size=3), 0.1)),
        Probe("float32", (*_float32(QUIET, FLAT, ONE), 1e-5)),
        Probe(
            "float16",
            (*(a.astype(np.float16) for a in (64 * QUIET, 300 * FLAT, ONE)), 1e-5),
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
        *(
            LAYER_NORM[name]
            for name in (
                "backward-missing-projection",
                "backward-forgets-weight",
                "parameter-gradient-not-summed",
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
            LAYER_NORM["input-modified"], ways=("input-modified", "input-modified, but zeros stay")
        ),
    ),
)
