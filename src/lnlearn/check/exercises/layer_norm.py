"""The exercise: layer norm over the last axis, in NumPy."""

import numpy as np

from lnlearn.check.checker import Checker, Probe
from lnlearn.check.exercises import formula
from lnlearn.check.exercises.catalogue import named

# Tokens with mean 0 and variance 1, where most mistakes do not show: each probe brings one out.
THREE = np.sqrt(1.5) * np.array([[-1.0, 0.0, 1.0]])
FOUR = np.array([[1.0, -1.0, -1.0, 1.0]])
ONE, ZERO = np.ones(3), np.zeros(3)
TINY = 1e-8  # an eps that changes nothing that is compared
_rng = np.random.default_rng(0)

PROBES = (
    Probe("one token", (THREE, ONE, ZERO, TINY)),
    Probe("a token far from zero", (THREE + 3, ONE, ZERO, TINY)),
    Probe("a token with a large standard deviation", (5 * THREE, ONE, ZERO, TINY)),
    Probe("two tokens", (np.concatenate([THREE, 4 * THREE + 2]), ONE, ZERO, TINY)),
    # not 0.5: a variance of 1.5 without eps would be right
    Probe("a large eps", (THREE, ONE, ZERO, 0.3)),
    Probe("a faint token, with a small eps", (THREE / 100, ONE, ZERO, 1e-4)),
    # 0.25 + 0.5 is the root of 0.25 ** 2 + 0.5: here eps may stand outside of the root
    Probe("an eps for which its place does not matter", (THREE / 4, ONE, ZERO, 0.5)),
    Probe("a constant token", (np.full((1, 3), 0.5), ONE, ZERO, 1e-5)),
    Probe("a weight", (THREE, np.array([2.0, -1.0, 0.5]), ZERO, TINY)),
    Probe("a bias", (THREE, ONE, np.array([1.0, -2.0, 0.5]), TINY)),
    Probe("weight and bias both 2", (THREE, 2 * ONE, 2 * ONE, TINY)),
    Probe("three axes", (_rng.normal(1, 2, (2, 2, 3)), *_rng.normal(size=(2, 3)), 0.1)),
    Probe("one axis", (_rng.normal(1, 2, 3), *_rng.normal(size=(2, 3)), 0.1)),
    Probe(
        "float32 with a mean of 10000",
        (
            (FOUR * [[1.0], [1.1], [1.2]] + 10000.3).astype(np.float32),
            np.ones(4, np.float32),
            np.zeros(4, np.float32),
            1e-5,
        ),
        tolerance=0.02,
        stable=False,
    ),
    Probe(
        "float32",
        (
            (THREE + 1).astype(np.float32),
            np.array([2, -1, 0.5], np.float32),
            np.ones(3, np.float32),
            1e-5,
        ),
    ),
    Probe(
        "float16",
        (
            np.array([[300, -300, 200, -200]], np.float16),
            np.ones(4, np.float16),
            np.zeros(4, np.float16),
            1e-5,
        ),
        tolerance=5e-3,
        stable=False,
    ),
)


def _layer_norm(wrong, x, weight, bias, eps):
    wide = formula.widened(wrong, x)
    weight, bias = (formula.widened(wrong, a) for a in (weight, bias))
    y = formula.returned(wrong, formula.layer_norm(wrong, wide, weight, bias, eps), x)
    if "input-modified" in wrong:
        x[...] = y
    return y


layer_norm = Checker(
    name="layer_norm",
    arguments=("x", "weight", "bias", "eps"),
    results=("y",),
    formula=_layer_norm,
    probes=PROBES,
    mistakes=named(
        "unbiased-variance",
        "eps-outside-sqrt",
        "eps-missing",
        "eps-ignored",
        "wrong-axis",
        "batch-mixed",
        "mean-not-subtracted",
        "not-scaled",
        "weight-skipped",
        "bias-skipped",
        "weight-and-bias-swapped",
        "affine-before-norm",
        "scalar-affine",
        "one-pass-variance",
        "padded-lanes",
        "low-precision-statistics",
        "input-modified",
        "wrong-dtype",
    ),
)
