"""The exercises: mean and variance over the last axis, and the moments of two parts together."""

from dataclasses import replace

import numpy as np

from lnlearn.check import formula
from lnlearn.check.catalogue import CATALOGUE, FOUR, THREE, named
from lnlearn.check.checker import Checker, Mistake, Probe

_rng = np.random.default_rng(0)


def _moments(ways, x):
    wide = formula.widened(ways, x)
    axes = formula.averaged(ways, (-1,), x.shape)
    mean = wide.mean(axes, keepdims=True)
    _, rstd = formula.statistics(ways | {"eps-missing"}, wide, (-1,), 0.0)
    variance = 1 / rstd if "root-taken" in ways else 1 / rstd**2
    results = tuple(formula.returned(ways, a.squeeze(axes), x) for a in (mean, variance))
    if "batch-mixed all, for each row" in ways:
        results = tuple(np.full(x.shape[:-1], a) for a in (wide.mean(), wide.var()))
        results = tuple(formula.returned(ways, a, x) for a in results)
    if "input-modified" in ways:
        x -= mean.astype(x.dtype)
    return results


moments = Checker(
    name="moments",
    arguments=("x",),
    results=("mean", "variance"),
    formula=_moments,
    probes=(
        Probe("one row", (THREE,)),
        Probe("two rows", (np.concatenate([THREE, 4 * THREE + 2]),)),
        Probe(
            "a square table, the same read down and across", (np.array([[1.0, 3.0], [3.0, 1.0]]),)
        ),
        Probe("a row with variance 4", (2 * FOUR + 1,)),
        Probe("three axes", (_rng.normal(1, 2, (3, 4, 3)),)),
        Probe("one axis", (_rng.normal(1, 2, 3),)),
        Probe(
            "float32 with a mean of 10000",
            ((FOUR * [[1.0], [1.1], [1.2]] + 10000.3).astype(np.float32),),
            tolerance=1e-3,
            stable=False,
        ),
        Probe("float32", ((THREE + 1).astype(np.float32),)),
        Probe("float16", (np.array([[200, -200, 300, -300]], np.float16),), 5e-3, stable=False),
    ),
    mistakes=(
        Mistake(
            "root-taken",
            "It returns the standard deviation where the variance is asked for.",
            "In which units is each of the two, if x is in metres?",
        ),
        *named(
            "unbiased-variance",
            "wrong-axis",
            "one-pass-variance",
            "low-precision-statistics",
            "input-modified",
            "wrong-dtype",
        ),
        replace(
            CATALOGUE["batch-mixed"],
            ways=("batch-mixed", "batch-mixed all", "batch-mixed all, for each row"),
        ),
    ),
)


def _merge(ways, a, b):
    (count_a, mean_a, m2_a), (count_b, mean_b, m2_b) = a, b
    count, delta = count_a + count_b, mean_b - mean_a
    share = 0.5 if "counts-ignored" in ways else count_b / count
    between = delta * delta * (count_a * count_b / count)
    if "counts-ignored" in ways:
        between = delta * delta * count / 4
    if "between-unweighted" in ways:
        between = delta * delta
    return count, mean_a + delta * share, m2_a + m2_b + between * ("between-missing" not in ways)


def _part(*values):
    values = np.array(values)
    return len(values), float(values.mean()), float(((values - values.mean()) ** 2).sum())


merge_moments = Checker(
    name="merge_moments",
    arguments=("a", "b"),
    results=("count", "mean", "m2"),
    formula=_merge,
    probes=(
        Probe("two parts with the same mean", (_part(1.0, 3.0), _part(0.0, 2.0, 4.0))),
        Probe("two numbers", (_part(1.0), _part(3.0))),
        Probe("two parts of equal length", (_part(1.0, 2.0), _part(5.0, 8.0))),
        Probe("a long and a short part", (_part(1.0, 2.0, 3.0, 6.0), _part(10.0))),
    ),
    mistakes=(
        Mistake(
            "between-missing",
            "It adds the two sums of squares and forgets that the means differ.",
            "Merge two parts of one number each. Both have m2 = 0. What is m2 of the two numbers?",
        ),
        Mistake(
            "between-unweighted",
            "It adds the square of the distance between the means, whatever the counts.",
            "Merge a million numbers with one. How much can that one change m2?",
        ),
        Mistake(
            "counts-ignored",
            "It treats the two parts as if they were of equal length.",
            "Merge a million numbers with one. Where should the mean lie?",
        ),
    ),
)
