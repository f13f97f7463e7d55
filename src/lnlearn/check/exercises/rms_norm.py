"""The exercise: RMS norm over the last axis, in NumPy: a layer norm that keeps the mean."""

from dataclasses import replace

import numpy as np

from lnlearn.check import formula
from lnlearn.check.catalogue import CATALOGUE, ONE, SIGNS, TINY, named
from lnlearn.check.checker import Checker, Mistake, Probe

_rng = np.random.default_rng(0)

PROBES = (
    Probe("one token", (SIGNS, ONE, TINY)),
    Probe("a large token", (5 * SIGNS, ONE, TINY)),
    Probe("two tokens", (np.concatenate([SIGNS, 4 * SIGNS]), ONE, TINY)),
    Probe("a token without mean", (np.array([[1.0, 0.0, -1.0]]), ONE, TINY)),
    Probe("a large eps", (SIGNS, ONE, 0.5)),
    Probe("an eps for which its place does not matter", (SIGNS / 4, ONE, 0.5)),
    Probe("a token of zeros", (0 * SIGNS, ONE, 1e-5)),
    Probe("a weight", (SIGNS, np.array([2.0, -1.0, 0.5]), TINY)),
    Probe("a weight of 2", (SIGNS, 2 * ONE, TINY)),
    Probe("one feature", (np.array([[-3.0]]), np.ones(1), TINY)),
    Probe("three axes", (_rng.normal(1, 2, (3, 2, 3)), _rng.normal(size=3), 0.1)),
    Probe("float32", (SIGNS.astype(np.float32), ONE.astype(np.float32), 1e-5)),
    Probe(
        "float16",
        (300 * SIGNS.astype(np.float16), ONE.astype(np.float16), 1e-5),
        tolerance=5e-3,
        stable=False,
    ),
)


def _rms_norm(ways, x, weight, eps):
    wide, w = formula.widened(ways, x), formula.widened(ways, weight)
    if "mean-subtracted" not in ways:
        ways = ways | {"mean-not-subtracted"}
    if "divided-by-length" in ways:  # the sum is the mean times D
        D = x.shape[-1]
        y = formula.layer_norm(ways, wide, w, 0 * w, eps / D) / D**0.5
    else:
        y = formula.layer_norm(ways, wide, w, 0 * w, eps)
    return formula.handed_back(ways, y, x)


rms_norm = Checker(
    name="rms_norm",
    arguments=("x", "weight", "eps"),
    results=("y",),
    formula=_rms_norm,
    probes=PROBES,
    mistakes=(
        Mistake(
            "mean-subtracted",
            "It subtracts the mean first: that is a layer norm.",
            "Add 100 to every feature. A layer norm does not see it; should this?",
        ),
        Mistake(
            "divided-by-length",
            "It divides by the root of the sum of the squares, not of their mean.",
            "What is the mean square of the output for a token of four equal features?",
        ),
        replace(CATALOGUE["scalar-affine"], ways=("scalar-affine", "scalar-affine mean")),
        *named(
            "eps-outside-sqrt",
            "eps-missing",
            "eps-ignored",
            "wrong-axis",
            "batch-mixed",
            "weight-skipped",
            "low-precision-statistics",
            "input-modified",
            "wrong-dtype",
        ),
    ),
)
