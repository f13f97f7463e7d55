"""Wrong and right moments: ``moments(x) -> (mean, variance)``, ``merge_moments(a, b)``."""

import statistics

import numpy as np
import torch

from check.planting import Planted
from lnlearn import scratch

plant = Planted()
M = "moments"


def wide(x):
    return x.astype(np.float32) if x.dtype == np.float16 else x.astype(x.dtype)


def cast(x, *results):
    return tuple(np.asarray(r).astype(x.dtype) for r in results)


@plant(M)
def mean_and_var(x):
    return cast(x, wide(x).mean(axis=-1), wide(x).var(axis=-1))


@plant(M)
def by_torch(x):
    variance, mean = torch.var_mean(torch.from_numpy(wide(x)), dim=-1, unbiased=False)
    return cast(x, mean.numpy(), variance.numpy())


@plant(M)
def welford_in_float32(x):
    given, x = x, wide(x)
    mean, m2 = (np.zeros(x.shape[:-1], x.dtype) for _ in range(2))
    for i in range(x.shape[-1]):
        delta = x[..., i] - mean
        mean = mean + delta / x.dtype.type(i + 1)
        m2 = m2 + delta * (x[..., i] - mean)
    return cast(given, mean, m2 / x.dtype.type(x.shape[-1]))


@plant(M)
def welford(x):
    mean, m2 = np.zeros(x.shape[:-1]), np.zeros(x.shape[:-1])
    for i in range(x.shape[-1]):
        delta = x[..., i] - mean
        mean = mean + delta / (i + 1)
        m2 = m2 + delta * (x[..., i] - mean)
    return list(cast(x, mean, m2 / x.shape[-1]))


@plant(M)
def library_of_python(x):
    rows = x.reshape(-1, x.shape[-1]).tolist()
    mean = np.array([statistics.fmean(r) for r in rows]).reshape(x.shape[:-1])
    variance = np.array([statistics.pvariance(r) for r in rows]).reshape(x.shape[:-1])
    return cast(x, mean, variance)


@plant(M, "root-taken")
def standard_deviation(x):
    return cast(x, wide(x).mean(axis=-1), wide(x).std(axis=-1))


@plant(M, "root-taken")
def length_of_the_centred(x):
    mean = np.einsum("...d->...", wide(x)) / x.shape[-1]
    spread = np.linalg.norm(wide(x) - mean[..., None], axis=-1) / np.sqrt(x.shape[-1])
    return cast(x, mean, spread)


@plant(M, "unbiased-variance")
def ddof_1(x):
    return cast(x, wide(x).mean(axis=-1), wide(x).var(axis=-1, ddof=1))


@plant(M, "unbiased-variance")
def torch_default(x):
    h = torch.from_numpy(wide(x))
    return cast(x, h.mean(-1), h.var(-1))


@plant(M, "unbiased-variance")
def over_n_minus_1(x):
    h = wide(x)
    mean = h.mean(axis=-1)
    return cast(x, mean, ((h.T - mean.T) ** 2).sum(axis=0).T / (h.shape[-1] - 1))


@plant(M, "wrong-axis")
def over_the_batch(x):
    return cast(x, wide(x).mean(axis=0), wide(x).var(axis=0))


@plant(M, "wrong-axis")
def over_the_axis_before_the_last(x):
    axis = max(-2, -x.ndim)
    variance, mean = torch.var_mean(torch.from_numpy(wide(x)), axis, correction=0)
    return cast(x, mean, variance)


@plant(M, "batch-mixed")
def of_everything(x):
    return cast(x, wide(x).mean(), wide(x).var())


@plant(M, "batch-mixed")
def of_everything_for_each_row(x):
    mean = np.full(x.shape[:-1], wide(x).mean())
    return cast(x, mean, np.full_like(mean, np.mean((wide(x) - wide(x).mean()) ** 2)))


@plant(M, "batch-mixed")
def over_the_last_two_axes(x):
    axes = tuple(range(x.ndim))[-2:]
    return cast(x, wide(x).mean(axes), wide(x).var(axes))


@plant(M, "one-pass-variance")
def difference_of_means(x):
    h = wide(x)
    return cast(x, h.mean(-1), (h * h).mean(-1) - h.mean(-1) ** 2)


@plant(M, "one-pass-variance")
def two_sums(x):
    h, D = wide(x), x.shape[-1]
    s, q = np.einsum("...d->...", h), np.einsum("...d,...d->...", h, h)
    return cast(x, s / D, np.maximum(q - s * s / D, 0) / D)


@plant(M, "low-precision-statistics")
def squares_in_float16(x):
    with np.errstate(over="ignore"):
        mean = x.mean(axis=-1)
        return mean, ((x - mean[..., None]) ** 2).mean(axis=-1)


@plant(M, "low-precision-statistics")
def sums_in_float16(x):
    with np.errstate(over="ignore"):
        mean = x.sum(axis=-1) / x.shape[-1]
        centred = x - np.expand_dims(mean, -1)
        return cast(x, mean, np.einsum("...d,...d->...", centred, centred) / x.shape[-1])


@plant(M, "input-modified")
def centres_in_place(x):
    mean, variance = mean_and_var(x)
    x -= mean[..., None]
    return mean, variance


@plant(M, "input-modified")
def sorts_in_place(x):
    """To add the small ones first."""
    x.sort(axis=-1)
    return mean_and_var(x)


@plant(M, "wrong-dtype")
def in_double(x):
    return x.mean(axis=-1, dtype=np.float64), x.var(axis=-1, dtype=np.float64)


@plant(M, "wrong-dtype")
def lists_made_to_arrays(x):
    rows = x.reshape(-1, x.shape[-1]).tolist()
    mean = [sum(r) / len(r) for r in rows]
    m2 = [sum((v - m) ** 2 for v in r) for r, m in zip(rows, mean, strict=True)]
    return np.reshape(mean, x.shape[:-1]), np.reshape(m2, x.shape[:-1]) / x.shape[-1]


# merge_moments -----------------------------------------------------------------------------------

MERGE = "merge_moments"


@plant(MERGE)
def chan(a, b):
    (na, ma, sa), (nb, mb, sb) = a, b
    n, delta = na + nb, mb - ma
    return n, ma + delta * nb / n, sa + sb + delta * delta * na * nb / n


@plant(MERGE)
def around_the_new_mean(a, b):
    n = a[0] + b[0]
    mean = (a[0] * a[1] + b[0] * b[1]) / n
    m2 = sum(m2 + count * (part - mean) ** 2 for count, part, m2 in (a, b))
    return [n, mean, m2]


@plant(MERGE)
def from_scratch(a, b):
    return scratch.moments.merge(a, b)


@plant(MERGE, "between-missing")
def only_within(a, b):
    n = a[0] + b[0]
    return n, (a[0] * a[1] + b[0] * b[1]) / n, a[2] + b[2]


@plant(MERGE, "between-missing")
def weighted_mean_and_sum(a, b):
    n, mean, m2 = (np.array(pair, float) for pair in zip(a, b, strict=True))
    return int(n.sum()), float(np.average(mean, weights=n)), float(m2.sum())


@plant(MERGE, "between-unweighted")
def plus_delta_squared(a, b):
    (na, ma, sa), (nb, mb, sb) = a, b
    return na + nb, (na * ma + nb * mb) / (na + nb), sa + sb + (mb - ma) ** 2


@plant(MERGE, "between-unweighted")
class AddsTheSquaredDistance:
    def __call__(self, a, b):
        delta = b[1] - a[1]
        mean = a[1] + delta * b[0] / (a[0] + b[0])
        return a[0] + b[0], mean, sum((a[2], b[2], delta * delta))


@plant(MERGE, "counts-ignored")
def as_if_equally_long(a, b):
    n, delta = a[0] + b[0], b[1] - a[1]
    return n, (a[1] + b[1]) / 2, a[2] + b[2] + delta**2 * n / 4


@plant(MERGE, "counts-ignored")
def half_way(a, b):
    n = sum(part[0] for part in (a, b))
    mean = float(np.mean([a[1], b[1]]))
    half = n / 2
    return n, mean, a[2] + half * (a[1] - mean) ** 2 + b[2] + half * (b[1] - mean) ** 2
