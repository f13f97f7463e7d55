"""Answers to the exercises on many devices: each mistake in two ways, and right ones."""

import functools

import numpy as np

from check.planting import Planted
from lnlearn.scratch import moments

plant = Planted()

# Merging -----------------------------------------------------------------------------------------


def merging(counts, mean, means, m2s):
    return counts.sum(), mean, m2s.sum(0) + counts @ (means - mean) ** 2


@plant("merge_all")
def all_at_once(counts, means, m2s):
    return merging(counts, counts @ means / counts.sum(), means, m2s)


@plant("merge_all")
def one_after_the_other(counts, means, m2s):
    return functools.reduce(moments.merge, zip(counts, means, m2s, strict=True))


@plant("merge_all", "mean-of-means")
def unweighted(counts, means, m2s):
    return merging(counts, means.mean(axis=0), means, m2s)


@plant("merge_all", "mean-of-means")
def unweighted_in_a_loop(counts, means, m2s):
    mean = sum(means) / len(means)
    m2 = sum(m2 + n * (m - mean) ** 2 for n, m, m2 in zip(counts, means, m2s, strict=True))
    return sum(counts), mean, m2


@plant("merge_all", "between-forgotten")
def m2_added(counts, means, m2s):
    return counts.sum(), np.average(means, axis=0, weights=counts), m2s.sum(0)


@plant("merge_all", "between-forgotten")
def m2_added_in_a_loop(counts, means, m2s):
    n = t = m2 = 0
    for count, mean, part in zip(counts, means, m2s, strict=True):
        n, t, m2 = n + count, t + count * mean, m2 + part
    return n, t / n, m2


@plant("merge_all", "between-not-weighted")
def squares_of_the_distances(counts, means, m2s):
    mean = np.average(means, axis=0, weights=counts)
    return counts.sum(), mean, (m2s + (means - mean) ** 2).sum(0)


@plant("merge_all", "between-not-weighted")
def distances_in_a_loop(counts, means, m2s):
    mean = counts @ means / counts.sum()
    m2 = m2s.sum(axis=0)
    for m in means:
        m2 = m2 + (m - mean) ** 2
    return counts.sum(), mean, m2


@plant("merge_all", "counts-along-tokens")
def without_a_column(counts, means, m2s):
    mean = (counts * means).sum(0) / counts.sum()
    return counts.sum(), mean, m2s.sum(0) + (counts * (means - mean) ** 2).sum(0)


@plant("merge_all", "counts-along-tokens")
def with_a_row(counts, means, m2s):
    row = counts.reshape(1, -1)
    mean = np.sum(row * means, axis=0) / row.sum()
    return row.sum(), mean, np.sum(m2s + row * (means - mean) ** 2, axis=0)


@plant("merge_all", "variance-returned")
def divided(counts, means, m2s):
    count, mean, m2 = all_at_once(counts, means, m2s)
    return count, mean, m2 / count


@plant("merge_all", "variance-returned")
def as_a_weighted_average(counts, means, m2s):
    mean = np.average(means, axis=0, weights=counts)
    inside = m2s / counts[:, None] + (means - mean) ** 2
    return counts.sum(), mean, np.average(inside, axis=0, weights=counts)


# The backward pass -------------------------------------------------------------------------------


def by_formula(g, x_hat, rstd, sums, D):
    return rstd * (g - sums[:, 0].sum() / D - x_hat * sums[:, 1].sum() / D)


@plant("dx_here")
def in_one_line(g, x_hat, rstd, sums, D):
    return by_formula(g, x_hat, rstd, sums, D)


@plant("dx_here")
def in_a_loop(g, x_hat, rstd, sums, D):
    a = b = 0.0
    for first, second in sums:
        a, b = a + first, b + second
    return np.array([(gi - a / D - xi * b / D) * rstd for gi, xi in zip(g, x_hat, strict=True)])


@plant("dx_here", "own-count")
def over_the_features_here(g, x_hat, rstd, sums, D):
    return by_formula(g, x_hat, rstd, sums, g.size)


@plant("dx_here", "own-count")
def over_len(g, x_hat, rstd, sums, D):
    a, b = sums.sum(0) / len(x_hat)
    return (g - a - x_hat * b) * rstd


@plant("dx_here", "own-sums")
def alone(g, x_hat, rstd, sums, D):
    return rstd * (g - g.sum() / D - x_hat * (g @ x_hat) / D)


@plant("dx_here", "own-sums")
def alone_by_formula(g, x_hat, rstd, sums, D):
    return by_formula(g, x_hat, rstd, np.array([[sum(g), sum(g * x_hat)]]), D)


@plant("dx_here", "device-count")
def mean_of_the_rows(g, x_hat, rstd, sums, D):
    a, b = sums.mean(axis=0)
    return rstd * (g - (a + x_hat * b))


@plant("dx_here", "device-count")
def divided_by_devices(g, x_hat, rstd, sums, D):
    return by_formula(g, x_hat, rstd, sums, len(sums))


@plant("dx_here", "device-mean")
def mean_over_devices(g, x_hat, rstd, sums, D):
    a, b = sums.mean(axis=0) / D
    return (g - a - x_hat * b) * rstd


@plant("dx_here", "device-mean")
def over_devices_and_features(g, x_hat, rstd, sums, D):
    return by_formula(g, x_hat, rstd, sums, D * len(sums))


@plant("dx_here", "swapped")
def columns_taken_for_each_other(g, x_hat, rstd, sums, D):
    return by_formula(g, x_hat, rstd, sums[:, ::-1], D)


@plant("dx_here", "swapped")
def unpacked_the_wrong_way(g, x_hat, rstd, sums, D):
    b, a = sums.sum(0) / D
    return (g - a - x_hat * b) * rstd


@plant("dx_here", "x-hat-missing")
def both_subtracted(g, x_hat, rstd, sums, D):
    return rstd * (g - sums.sum() / D)


@plant("dx_here", "x-hat-missing")
def second_mean_as_it_is(g, x_hat, rstd, sums, D):
    a, b = sums.sum(0)
    return rstd * (g - a / D - b / D)


@plant("dx_here", "rstd-missing")
def not_scaled(g, x_hat, rstd, sums, D):
    return by_formula(g, x_hat, 1.0, sums, D)


@plant("dx_here", "rstd-missing")
def without_units(g, x_hat, rstd, sums, D):
    a, b = sums.sum(0) / D
    return g - a - x_hat * b


# Which gradients have to be reduced --------------------------------------------------------------

NAMES = (
    "γ of a layer norm", "β of a layer norm", "bias added to tokens of this device",
    "columns of W on this device", "γ of a QK norm",
)  # fmt: skip


def answering(*values):
    return lambda: dict(zip(NAMES, values, strict=True))


plant("to_reduce")(
    answering(True, True, True, False, True), lambda: {n: not n.startswith("col") for n in NAMES}
)
plant("to_reduce", "norm-forgotten")(
    answering(False, False, True, False, True),
    answering(False, True, True, False, True),
    lambda: {n: n.startswith("bias") or "QK" in n for n in NAMES},
)
plant("to_reduce", "bias-forgotten")(
    answering(True, False, False, False, True), lambda: {n: n.startswith("γ") for n in NAMES}
)
plant("to_reduce", "added-forgotten")(
    answering(True, True, False, False, True), lambda: {n: "norm" in n for n in NAMES}
)
plant("to_reduce", "cut-weight-reduced")(
    answering(True, True, True, True, True), lambda: dict.fromkeys(NAMES, True)
)
plant("to_reduce", "heads-forgotten")(
    answering(True, True, True, False, False),
    lambda: {n: n.endswith("layer norm") or n.startswith("bias") for n in NAMES},
)
