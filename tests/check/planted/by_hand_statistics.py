"""Wrong layer norms whose statistics are at fault: ``fn(x, weight, bias, eps) -> y``.

Written as students write them, each mistake in several ways; all else about them is right.
"""

import numpy as np
import torch

from check.planting import Planted

plant = Planted()
LN = "layer_norm"


def up(x):
    return x.astype(np.promote_types(x.dtype, "f4"))


# unbiased-variance -------------------------------------------------------------------------------


@plant(LN, "unbiased-variance")
def std_with_ddof(x, weight, bias, eps):
    h = up(x)
    spread = np.sqrt(np.std(h, -1, ddof=1)[..., None] ** 2 + eps)
    return ((h - h.mean(-1)[..., None]) / spread * weight + bias).astype(x.dtype)


@plant(LN, "unbiased-variance")
def tensor_var(x, weight, bias, eps):
    h = torch.from_numpy(up(x))
    h = (h - h.mean(-1, keepdim=True)) * torch.rsqrt(h.var(-1, keepdim=True) + eps)
    return (h.numpy() * weight + bias).astype(x.dtype)


@plant(LN, "unbiased-variance")
def welford_divided_by_n_minus_1(x, weight, bias, eps):
    y = np.empty_like(x)
    for where in np.ndindex(x.shape[:-1]):
        mean, m2 = 0.0, 0.0
        for n, value in enumerate(x[where].tolist(), 1):
            d = value - mean
            mean += d / n
            m2 += d * (value - mean)
        y[where] = (up(x[where]) - mean) / (m2 / (n - 1) + eps) ** 0.5 * weight + bias
    return y


# eps ---------------------------------------------------------------------------------------------


@plant(LN, "eps-squared")
def squares_of_both(x, weight, bias, eps):
    h = up(x) - up(x).mean(-1, keepdims=True)
    return (h / np.sqrt((h**2).mean(-1, keepdims=True) + eps**2) * weight + bias).astype(x.dtype)


@plant(LN, "eps-squared")
def hypotenuse(x, weight, bias, eps):
    h = up(x) - up(x).mean(-1)[..., None]
    return (h / np.hypot(up(x).std(-1)[..., None], eps) * weight + bias).astype(x.dtype)


@plant(LN, "squares-not-averaged")
def unit_length(x, weight, bias, eps):
    h = up(x) - up(x).mean(-1, keepdims=True)
    return (h / np.sqrt((h * h).sum(-1, keepdims=True) + eps) * weight + bias).astype(x.dtype)


@plant(LN, "squares-not-averaged")
def dot_product_as_variance(x, weight, bias, eps):
    h = torch.from_numpy(up(x))
    h = h - h.mean(-1, keepdim=True)
    h = h * torch.rsqrt(torch.linalg.vecdot(h, h)[..., None] + eps)
    return (h.numpy() * weight + bias).astype(x.dtype)


@plant(LN, "uncentred-variance")
def centred_over_rms(x, weight, bias, eps):
    h = up(x)
    rms = np.sqrt((h * h).mean(-1, keepdims=True) + eps)
    return ((h - h.mean(-1, keepdims=True)) / rms * weight + bias).astype(x.dtype)


@plant(LN, "uncentred-variance")
def second_moment(x, weight, bias, eps):
    h = torch.from_numpy(up(x))
    second = h.square().mean(-1, keepdim=True)
    h = (h - h.mean(-1, keepdim=True)) * torch.rsqrt(second + eps)
    return (h.numpy() * weight + bias).astype(x.dtype)


@plant(LN, "not-scaled")
def times_the_deviation(x, weight, bias, eps):
    h = up(x) - up(x).mean(-1, keepdims=True)
    return (h * np.sqrt(h.var(-1, keepdims=True) + eps) * weight + bias).astype(x.dtype)


@plant(LN, "not-scaled")
def over_the_reciprocal(x, weight, bias, eps):
    h = up(x)
    rstd = 1 / np.sqrt(h.var(axis=-1) + eps)
    return ((h - h.mean(-1)[..., None]) / rstd[..., None] * weight + bias).astype(x.dtype)


@plant(LN, "eps-as-floor")
def variance_of_at_least_eps(x, weight, bias, eps):
    h = up(x) - up(x).mean(-1, keepdims=True)
    return (h / np.sqrt(np.maximum((h * h).mean(-1, keepdims=True), eps)) * weight + bias).astype(
        x.dtype
    )


@plant(LN, "eps-as-floor")
def deviation_of_at_least_eps(x, weight, bias, eps):
    h = torch.from_numpy(up(x))
    h = (h - h.mean(-1, keepdim=True)) / h.std(-1, keepdim=True, correction=0).clamp(min=eps)
    return (h.numpy() * weight + bias).astype(x.dtype)


@plant(LN, "eps-outside-sqrt")
def deviation_plus_eps(x, weight, bias, eps):
    h = up(x)
    h = h - np.mean(h, axis=-1, keepdims=True)
    sigma = np.linalg.norm(h, axis=-1, keepdims=True) / np.sqrt(np.float32(h.shape[-1]))
    return (weight * (h / (eps + sigma)) + bias).astype(x.dtype)


@plant(LN, "eps-outside-sqrt")
def root_of_each(x, weight, bias, eps):
    h = up(x)
    sigma = h.std(axis=-1, keepdims=True)
    h = (h - h.mean(axis=-1, keepdims=True)) / (sigma + np.float32(eps) ** 0.5)
    return (weight * h + bias).astype(x.dtype)


@plant(LN, "eps-outside-sqrt")
class SigmaPlusEps:
    def __call__(self, x, weight, bias, eps):
        self.rows = up(x).reshape(-1, x.shape[-1])
        out = [self.one(row, eps) * weight + bias for row in self.rows]
        return np.array(out).reshape(x.shape).astype(x.dtype)

    def one(self, row, eps):
        centred = row - row.mean()
        return centred / (np.power((centred * centred).mean(), 0.5) + eps)


@plant(LN, "root-missing")
def over_the_variance(x, weight, bias, eps):
    h = up(x)
    centred = h - h.mean(-1, keepdims=True)
    return (weight * centred / (h.var(-1, keepdims=True) + eps) + bias).astype(x.dtype)


@plant(LN, "root-missing")
def square_root_forgotten(x, weight, bias, eps):
    h = torch.from_numpy(up(x))
    variance, mean = torch.var_mean(h, -1, correction=0, keepdim=True)
    y = (h - mean).mul(torch.reciprocal(variance + eps)).numpy()
    return (y * up(weight) + up(bias)).astype(x.dtype)


@plant(LN, "eps-missing")
def zscore(x, weight, bias, eps):
    h = up(x)
    z = (h - h.mean(-1, keepdims=True)) / h.std(-1, keepdims=True)
    return (z * weight + bias).astype(x.dtype)


@plant(LN, "eps-missing")
def inverse_root_of_bare_variance(x, weight, bias, eps):
    h = torch.from_numpy(up(x))
    var, mean = torch.var_mean(h, -1, correction=0, keepdim=True)
    return ((h - mean) * var.rsqrt()).numpy().__mul__(weight).__add__(bias).astype(x.dtype)


@plant(LN, "eps-missing")
def lists_without_eps(x, weight, bias, eps):
    y = np.empty(x.shape, x.dtype)
    for where in np.ndindex(*x.shape[:-1]):
        row = up(x[where])
        row = row - sum(row.tolist()) / len(row)
        with np.errstate(all="ignore"):
            y[where] = row / np.sqrt(row @ row / len(row)) * weight + bias
    return y


@plant(LN, "eps-ignored")
def own_small_constant(x, weight, bias, eps, tiny=1e-6):
    h = up(x)
    mu = np.einsum("...d->...", h)[..., None] / h.shape[-1]
    h = h - mu
    var = np.einsum("...d,...d->...", h, h)[..., None] / h.shape[-1]
    return (h / np.sqrt(var + tiny) * weight + bias).astype(x.dtype)


@plant(LN, "eps-ignored")
def default_of_pytorch(x, weight, bias, eps):
    tensors = [torch.from_numpy(up(a)) for a in (x, weight, bias)]
    dtype = tensors[0].dtype
    y = torch.nn.functional.layer_norm(
        tensors[0], tensors[0].shape[-1:], tensors[1].to(dtype), tensors[2].to(dtype)
    )
    return y.numpy().astype(x.dtype)


@plant(LN, "eps-ignored")
def divides_only_where_it_can(x, weight, bias, eps):
    h = up(x)
    h = h - h.mean(-1, keepdims=True)
    h = h / np.sqrt((h**2).mean(-1, keepdims=True) + 1e-12)
    return (weight * h + bias).astype(x.dtype)


# The wrong numbers share their statistics --------------------------------------------------------


def over(axis):
    def fn(x, weight, bias, eps):
        h = up(x)
        mean, var = np.mean(h, axis, keepdims=True), np.var(h, axis, keepdims=True)
        return (weight * (h - mean) / np.sqrt(var + eps) + bias).astype(x.dtype)

    return fn


@plant(LN, "wrong-axis")
def over_the_batch(x, weight, bias, eps):
    return over(0)(x, weight, bias, eps)


@plant(LN, "wrong-axis")
def over_axis_1(x, weight, bias, eps):
    return over(min(1, x.ndim - 1))(x, weight, bias, eps)


@plant(LN, "wrong-axis")
def transposed(x, weight, bias, eps):
    h = up(x).T  # the features come first, the batch last
    h = h - h.mean(axis=-1)[..., np.newaxis]
    h = h / np.sqrt(np.square(h).mean(axis=-1) + eps)[..., np.newaxis]
    return (h.T * weight + bias).astype(x.dtype)


@plant(LN, "wrong-axis")
def the_axis_as_long_as_the_weight(x, weight, bias, eps):
    axis = x.shape.index(len(weight))
    h = up(x) - up(x).mean(axis=axis, keepdims=True)
    return (h / np.sqrt((h**2).mean(axis, keepdims=True) + eps) * weight + bias).astype(x.dtype)


@plant(LN, "batch-mixed")
def one_mean_for_all(x, weight, bias, eps):
    h = up(x)
    return ((h - h.mean()) / np.sqrt(h.var() + eps) * weight + bias).astype(x.dtype)


@plant(LN, "batch-mixed")
def whole_sentence(x, weight, bias, eps):
    h = torch.from_numpy(up(x))
    dims = (-2, -1) if x.ndim > 1 else (-1,)
    h = h - h.mean(dims, keepdim=True)
    h = h / torch.sqrt(h.pow(2).mean(dims, keepdim=True) + eps)
    return (h.numpy() * weight + bias).astype(x.dtype)


@plant(LN, "batch-mixed")
def flattened(x, weight, bias, eps):
    flat = up(x).ravel()
    flat = flat - flat.sum() / flat.size
    flat = flat / np.sqrt(np.dot(flat, flat) / flat.size + eps)
    return (flat.reshape(x.shape) * weight + bias).astype(x.dtype)


# one-pass-variance, padded-lanes -----------------------------------------------------------------


@plant(LN, "one-pass-variance")
def sums_of_squares(x, weight, bias, eps):
    h = up(x)
    D = h.dtype.type(h.shape[-1])
    s1 = np.einsum("...i->...", h)[..., None]
    s2 = np.einsum("...i,...i->...", h, h)[..., None]
    var = (s2 - s1 * s1 / D) / D
    return ((h - s1 / D) / np.sqrt(var + eps) * weight + bias).astype(x.dtype)


@plant(LN, "one-pass-variance")
def clipped_at_zero(x, weight, bias, eps):
    h = up(x)
    mean = h.mean(axis=-1, keepdims=True)
    var = np.maximum((h * h).mean(axis=-1, keepdims=True) - mean * mean, 0)
    return ((h - mean) / np.sqrt(var + eps) * weight + bias).astype(x.dtype)


@plant(LN, "one-pass-variance")
def running_sums(x, weight, bias, eps):
    h = torch.from_numpy(up(x))
    total, squares = torch.zeros_like(h[..., 0]), torch.zeros_like(h[..., 0])
    for i in range(h.shape[-1]):
        total += h[..., i]
        squares += h[..., i] ** 2
    mean, second = total / h.shape[-1], squares / h.shape[-1]
    rstd = 1 / (second - mean**2 + eps).sqrt()
    y = (h - mean.unsqueeze(-1)) * rstd.unsqueeze(-1)
    return (y.numpy() * weight + bias).astype(x.dtype)


@plant(LN, "padded-lanes")
def next_power_of_two(x, weight, bias, eps):
    D = x.shape[-1]
    lanes = 2 ** int(np.ceil(np.log2(D)))
    h = np.pad(up(x), [(0, 0)] * (x.ndim - 1) + [(0, lanes - D)])
    h = h - h.sum(-1, keepdims=True) / D
    h = h / np.sqrt((h * h).sum(-1, keepdims=True) / D + eps)
    return (h[..., :D] * weight + bias).astype(x.dtype)


@plant(LN, "padded-lanes")
def counted_as_zeros(x, weight, bias, eps):
    h, D, lanes = up(x), x.shape[-1], 1
    while lanes < D:
        lanes *= 2
    mean, var = h.mean(-1, keepdims=True), h.var(-1, keepdims=True)
    var = var + (lanes - D) * mean**2 / D
    return ((h - mean) / (var + eps) ** 0.5 * weight + bias).astype(x.dtype)


@plant(LN, "padded-lanes")
def blocks_of_eight(x, weight, bias, eps):
    y = np.empty_like(x)
    D = x.shape[-1]
    for where in np.ndindex(x.shape[:-1]):
        row = up(x[where])
        mean, total = row.mean(), 0
        for start in range(0, D, 8):
            block = np.zeros(8, row.dtype)
            block[: len(row[start : start + 8])] = row[start : start + 8]
            total = total + ((block - mean) ** 2).sum()
        y[where] = (row - mean) / np.sqrt(total / D + eps) * weight + bias
    return y


# keepdims-forgotten ------------------------------------------------------------------------------


@plant(LN, "keepdims-forgotten")
def without_keepdims(x, weight, bias, eps):
    h = up(x)
    y = (h - h.mean(axis=-1)) / np.sqrt(h.var(axis=-1) + eps)
    return (weight * y + bias).astype(x.dtype)


@plant(LN, "keepdims-forgotten")
def deviations_from_other_means(x, weight, bias, eps):
    h = up(x) - up(x).mean(-1)
    return (h / np.sqrt((h * h).mean(-1) + eps) * weight + bias).astype(x.dtype)


@plant(LN, "keepdims-forgotten")
def tensors_without_keepdim(x, weight, bias, eps):
    h = torch.from_numpy(up(x))
    centred = h - h.mean(-1)
    variance = ((h - h.mean(-1, keepdim=True)) ** 2).mean(-1)
    y = centred / torch.sqrt(variance + eps)
    return (y.numpy() * weight + bias).astype(x.dtype)
