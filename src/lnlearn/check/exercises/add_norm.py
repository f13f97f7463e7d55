"""The exercise: Add & Norm, the layer norm of a sum that is returned as well."""

from dataclasses import replace

import numpy as np

from lnlearn.check import formula
from lnlearn.check.catalogue import CATALOGUE, ONE, THREE, TINY, ZERO, named
from lnlearn.check.checker import Checker, Mistake, Probe

_rng = np.random.default_rng(0)
NONE = 0 * THREE


def _add_norm(ways, x, residual, weight, bias, eps):
    total = x if "residual-skipped" in ways else x + residual
    alone = ways & {"norm-before-add", "residual-skipped, in y"}
    y = formula.layer_norm(ways, x if alone else total, weight, bias, eps)
    if "norm-before-add" in ways:
        y = y + residual
    if "input-modified" in ways:
        x[...] = total
    if "input-modified, by the norm" in ways:
        x[...] = y
    return y, y if "sum-not-returned" in ways else total


add_norm = Checker(
    name="add_norm",
    arguments=("x", "residual", "weight", "bias", "eps"),
    results=("y", "total"),
    formula=_add_norm,
    probes=(
        Probe("no residual", (THREE, NONE, ONE, ZERO, TINY)),
        Probe("a residual that is the same everywhere", (THREE, NONE + 2, ONE, ZERO, TINY)),
        Probe("a residual that doubles", (THREE, THREE, ONE, ZERO, TINY)),
        Probe("a residual", (THREE, np.array([[2.0, -1.0, 0.0]]), ONE, ZERO, TINY)),
        Probe("nothing but a residual", (NONE, THREE, ONE, ZERO, TINY)),
        Probe("a residual that cancels", (THREE, -THREE, ONE, ZERO, 1e-5)),
        Probe("a large eps", (THREE, NONE, ONE, ZERO, 0.3)),
        Probe("an eps for which its place does not matter", (THREE / 4, NONE, ONE, ZERO, 0.5)),
        Probe("a constant token", (NONE, NONE + 2, ONE, ZERO, 1e-5)),
        Probe("a weight", (THREE, NONE, np.array([2.0, -1.0, 0.5]), ZERO, TINY)),
        Probe("a bias", (THREE, NONE, ONE, np.array([1.0, -2.0, 0.5]), TINY)),
        Probe(
            "two tokens", (np.concatenate([THREE, 4 * THREE]), np.zeros((2, 3)), ONE, ZERO, TINY)
        ),
        Probe("three axes", (*_rng.normal(1, 2, (2, 3, 2, 3)), *_rng.normal(size=(2, 3)), 0.1)),
    ),
    mistakes=(
        Mistake(
            "norm-before-add",
            "It normalizes x alone and adds the residual to the result.",
            "Is the output normalized? Look at its mean for a residual of 2 everywhere.",
        ),
        Mistake(
            "residual-skipped",
            "It does not add the residual.",
            "Change the residual. Does the output move?",
            ("residual-skipped", "residual-skipped, in y"),
        ),
        Mistake(
            "sum-not-returned",
            "Its second result is normalized too; the next block needs the plain sum.",
            "What does the next residual connection continue from?",
        ),
        *named("unbiased-variance", "eps-outside-sqrt", "eps-missing", "eps-ignored"),
        *named("mean-not-subtracted", "batch-mixed", "weight-skipped", "bias-skipped"),
        replace(
            CATALOGUE["input-modified"], ways=("input-modified, by the norm", "input-modified")
        ),
    ),
)
