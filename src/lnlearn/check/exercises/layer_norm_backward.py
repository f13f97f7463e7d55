"""The exercise: the gradients of layer norm over the last axis, in NumPy."""

from dataclasses import replace

import numpy as np

from lnlearn.check.checker import Checker, Probe
from lnlearn.check.exercises import formula
from lnlearn.check.exercises.catalogue import CATALOGUE, named
from lnlearn.check.exercises.layer_norm import FOUR, ONE, THREE, TINY

# A gradient that has no mean and no part along THREE: both terms of dx are zero for it.
QUIET = np.array([[1.0, -2.0, 1.0]])
_rng = np.random.default_rng(0)

# The gradient of a wrong forward pass, or the right formula with wrong statistics: both are seen.
EXACTLY, ALONE = ", differentiated", ", the statistics alone"
_MISTAKEN_STATISTICS = (
    replace(
        CATALOGUE["unbiased-variance"], ways=("unbiased-variance", "unbiased-variance" + EXACTLY)
    ),
    replace(
        CATALOGUE["eps-outside-sqrt"],
        ways=(
            "eps-outside-sqrt",
            "eps-outside-sqrt" + EXACTLY,
            "eps-outside-sqrt, by std" + EXACTLY,
            "eps-outside-sqrt, of the variance",
        ),
    ),
    *(
        replace(mistake, ways=tuple(way + ALONE for way in mistake.ways) + mistake.ways)
        for mistake in named("wrong-axis", "batch-mixed")
    ),
)


def _float(dtype, *arguments):
    """The arguments, arrays in the given dtype."""
    return tuple(a.astype(dtype) if isinstance(a, np.ndarray) else a for a in arguments)


PROBES = (
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
    Probe("one axis", (QUIET[0], THREE[0], ONE, TINY)),
    Probe("two tokens", (np.concatenate([QUIET, QUIET]), np.concatenate([THREE, THREE]), ONE, 0.1)),
    Probe("two different tokens", (*_rng.normal(1, 2, (2, 2, 3)), ONE, 0.1)),
    Probe("three axes", (*_rng.normal(1, 2, (2, 2, 2, 3)), _rng.normal(size=3), 0.1)),
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
)


def _backward(wrong, dy, x, weight, eps):
    alone = any(switch.endswith(ALONE) for switch in wrong)
    exactly = any(switch.endswith(EXACTLY) for switch in wrong)
    wrong = frozenset(switch.removesuffix(ALONE).removesuffix(EXACTLY) for switch in wrong)
    given, dy, x, w = x, *(formula.widened(wrong, a) for a in (dy, x, weight))
    centred, rstd = formula.statistics(wrong, x, (-1,), eps)
    axes = (-1,) if alone else formula.averaged(wrong, (-1,), x.ndim)
    x_hat = centred * rstd
    for_weight = x_hat * w if "backward-of-xhat-with-y" in wrong else x_hat
    if "backward-of-xhat-with-y everywhere" in wrong:
        x_hat = for_weight = x_hat * w

    dx = g = dy if "backward-forgets-weight" in wrong else dy * w
    if not wrong & {"backward-missing-mean", "detached-statistics"}:
        dx = dx - g.mean(axes, keepdims=True)
    if not wrong & {"backward-missing-projection", "detached-statistics"}:
        along = (g * x_hat).mean(axes, keepdims=True)
        dx = dx - x_hat * along * (_slope(wrong, rstd, eps, x.shape[-1]) if exactly else 1)
    dx = formula.returned(wrong, dx * rstd, given)
    dweight, dbias = (
        formula.returned(wrong, _over_rows(wrong, a, name), weight)
        for a, name in ((dy * for_weight, "weight"), (dy, "bias"))
    )
    if "input-modified" in wrong:
        given[...] = dx
    return dx, dweight, dbias


def _slope(wrong, rstd, eps, D):
    """How much more a wrong sigma changes with x than the right formula for dx says."""
    slope = D / (D - 1) if "unbiased-variance" in wrong else 1.0
    if wrong & {"eps-outside-sqrt", "eps-outside-sqrt, by std"}:
        sigma = 1 / rstd - eps
        slope = slope / (rstd * sigma)
        if "eps-outside-sqrt, by std" in wrong:  # autograd takes it for 0 where sigma is 0
            slope = np.where(sigma > 1e-9, slope, 0)
    return slope


def _over_rows(wrong, a, name):
    axes = tuple(range(a.ndim - 1))
    switch = "parameter-gradient-not-summed"
    if switch in wrong or f"{switch} {name}" in wrong:
        return a
    if f"{switch}, all axes but the first and last" in wrong:
        axes = axes[:1]
    if f"{switch}, all axes but the first" in wrong:
        axes = (0,)
    rows = a.sum(axes)
    return rows / (a.size / a.shape[-1]) if "parameter-gradient-averaged" in wrong else rows


layer_norm_backward = Checker(
    name="layer_norm_backward",
    arguments=("dy", "x", "weight", "eps"),
    results=("dx", "dweight", "dbias"),
    formula=_backward,
    probes=PROBES,
    mistakes=named(
        "detached-statistics",
        "backward-missing-mean",
        "backward-missing-projection",
        "backward-forgets-weight",
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
    + _MISTAKEN_STATISTICS,
)
