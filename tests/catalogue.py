"""The catalogue of wrong layer norms, planted: each a function over the last axis, by its name.

Forward: ``fn(x, weight, bias, eps) -> y``. Backward: ``fn(dy, x, weight, eps) -> (dx, dweight,
dbias)``. Modules: classes with the constructor of `torch.nn.LayerNorm`.
"""

import numpy as np
import torch


def mean(a, axis=-1):
    return a.mean(axis=axis, keepdims=True)


def normalize(x, variance, eps, axis=-1):
    return (x - mean(x, axis)) / np.sqrt(variance + eps)


def correct(x, weight, bias, eps):
    return normalize(x, mean((x - mean(x)) ** 2), eps) * weight + bias


def unbiased_variance(x, weight, bias, eps):
    return normalize(x, x.var(axis=-1, ddof=1, keepdims=True), eps) * weight + bias


def eps_outside_sqrt(x, weight, bias, eps):
    return (x - mean(x)) / (x.std(axis=-1, keepdims=True) + eps) * weight + bias


def eps_missing(x, weight, bias, eps):
    with np.errstate(invalid="ignore"):
        return correct(x, weight, bias, 0)


def eps_ignored(x, weight, bias, eps):
    return correct(x, weight, bias, 1e-5)


def wrong_axis(x, weight, bias, eps):
    return normalize(x, x.var(axis=0, keepdims=True), eps, axis=0) * weight + bias


def batch_mixed(x, weight, bias, eps):
    axes = tuple(range(x.ndim))[-2:]
    return normalize(x, x.var(axis=axes, keepdims=True), eps, axes) * weight + bias


def mean_not_subtracted(x, weight, bias, eps):
    return x / np.sqrt(mean(x**2) + eps) * weight + bias


def not_scaled(x, weight, bias, eps):
    return (x - mean(x)) * weight + bias


def weight_skipped(x, weight, bias, eps):
    return correct(x, 1, bias, eps)


def bias_skipped(x, weight, bias, eps):
    return correct(x, weight, 0, eps)


def weight_and_bias_swapped(x, weight, bias, eps):
    return correct(x, bias, weight, eps)


def affine_before_norm(x, weight, bias, eps):
    return correct(x * weight + bias, 1, 0, eps)


def scalar_affine(x, weight, bias, eps):
    return correct(x, weight[0], bias, eps)


def one_pass_variance(x, weight, bias, eps):
    with np.errstate(invalid="ignore"):
        return normalize(x, mean(x**2) - mean(x) ** 2, eps) * weight + bias


def low_precision_statistics(x, weight, bias, eps):
    with np.errstate(over="ignore", invalid="ignore"):
        variance = np.add.reduce((x - mean(x)) ** 2, axis=-1, keepdims=True) / x.dtype.type(
            x.shape[-1]
        )
        return (normalize(x, variance, x.dtype.type(eps)) * weight + bias).astype(x.dtype)


def padded_lanes(x, weight, bias, eps):
    width = 1 << (x.shape[-1] - 1).bit_length()
    lanes = np.zeros((*x.shape[:-1], width), x.dtype)
    lanes[..., : x.shape[-1]] = x
    variance = ((lanes - mean(x)) ** 2).sum(axis=-1, keepdims=True) / x.shape[-1]
    return normalize(x, variance, eps) * weight + bias


def input_modified(x, weight, bias, eps):
    y = correct(x, weight, bias, eps)
    x[...] = y
    return y


def wrong_dtype(x, weight, bias, eps):
    return correct(x.astype(np.float64), weight, bias, eps)


FORWARD = [
    unbiased_variance, eps_outside_sqrt, eps_missing, eps_ignored, wrong_axis, batch_mixed,
    mean_not_subtracted, not_scaled, weight_skipped, bias_skipped, weight_and_bias_swapped,
    affine_before_norm, scalar_affine, one_pass_variance, low_precision_statistics, padded_lanes,
    input_modified, wrong_dtype,
]  # fmt: skip


# Backward ----------------------------------------------------------------------------------------


def parts(dy, x, weight, eps):
    rstd = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    return (x - mean(x)) * rstd, rstd, dy * weight


def over_rows(a):
    return a.reshape(-1, a.shape[-1]).sum(axis=0)


def correct_backward(dy, x, weight, eps):
    x_hat, rstd, g = parts(dy, x, weight, eps)
    dx = (g - mean(g) - x_hat * mean(g * x_hat)) * rstd
    return dx, over_rows(dy * x_hat), over_rows(dy)


def detached_statistics(dy, x, weight, eps):
    _, rstd, g = parts(dy, x, weight, eps)
    return g * rstd, *correct_backward(dy, x, weight, eps)[1:]


def backward_missing_mean(dy, x, weight, eps):  # what detaching the mean gives as well
    x_hat, rstd, g = parts(dy, x, weight, eps)
    return (g - x_hat * mean(g * x_hat)) * rstd, *correct_backward(dy, x, weight, eps)[1:]


def backward_missing_projection(dy, x, weight, eps):  # what detaching the variance gives as well
    _, rstd, g = parts(dy, x, weight, eps)
    return (g - mean(g)) * rstd, *correct_backward(dy, x, weight, eps)[1:]


def backward_forgets_weight(dy, x, weight, eps):
    dx, _, _ = correct_backward(dy, x, np.ones_like(weight), eps)
    return dx, *correct_backward(dy, x, weight, eps)[1:]


def parameter_gradient_not_summed(dy, x, weight, eps):
    x_hat, _, _ = parts(dy, x, weight, eps)
    return correct_backward(dy, x, weight, eps)[0], dy * x_hat, dy


def parameter_gradient_averaged(dy, x, weight, eps):
    dx, dweight, dbias = correct_backward(dy, x, weight, eps)
    rows = x.size // x.shape[-1]
    return dx, dweight / rows, dbias / rows


def backward_of_xhat_with_y(dy, x, weight, eps):
    x_hat, _, _ = parts(dy, x, weight, eps)
    dx, _, dbias = correct_backward(dy, x, weight, eps)
    return dx, over_rows(dy * (x_hat * weight + 0.5)), dbias


BACKWARD = [
    detached_statistics, backward_missing_mean, backward_missing_projection,
    backward_forgets_weight, parameter_gradient_not_summed, parameter_gradient_averaged,
    backward_of_xhat_with_y,
]  # fmt: skip


# Modules whose values are right and whose gradients are not -------------------------------------


class Detached(torch.nn.LayerNorm):
    """A layer norm that takes some statistics for constants."""

    detach_mean = detach_variance = False

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        variance = x.var(-1, correction=0, keepdim=True)
        mean = mean.detach() if self.detach_mean else mean
        variance = variance.detach() if self.detach_variance else variance
        return (x - mean) / torch.sqrt(variance + self.eps) * self.weight + self.bias


class detached_mean(Detached):
    """The mean is a constant to autograd."""

    detach_mean = True


class detached_variance(Detached):
    """The variance is a constant to autograd."""

    detach_variance = True


MODULES = [detached_mean, detached_variance]
