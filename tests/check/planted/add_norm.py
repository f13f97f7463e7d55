"""Wrong and right add-and-norms: ``fn(x, residual, weight, bias, eps) -> (y, total)``."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted
from lnlearn import scratch

plant = Planted()
ADD = "add_norm"


def wide(x):
    return x.astype(np.result_type(x.dtype, "float32"))


def norm(h, weight, bias, eps):
    """The right layer norm, in the dtype of h."""
    h = h - h.mean(axis=-1, keepdims=True)
    return h / np.sqrt(np.mean(h**2, axis=-1, keepdims=True) + eps) * weight + bias


def cast(x, *results):
    return tuple(r.astype(x.dtype) for r in results)


def tensors(*arrays):
    return [torch.from_numpy(wide(a)) for a in arrays]


@plant(ADD)
def adds_then_normalizes(x, residual, weight, bias, eps):
    total = wide(x) + wide(residual)
    return cast(x, norm(total, weight, bias, eps), total)


@plant(ADD)
def by_torch(x, residual, weight, bias, eps):
    a, b, gain, shift = tensors(x, residual, weight, bias)
    y = F.layer_norm(a + b, (x.shape[-1],), gain.to(a.dtype), shift.to(a.dtype), eps)
    return cast(x, y.numpy(), (a + b).numpy())


@plant(ADD)
class FromScratch:
    def __call__(self, x, residual, weight, bias, eps):
        total = np.add(x, residual)
        return [scratch.layer_norm(total, x.shape[-1], weight, bias, eps), total]


@plant(ADD)
def row_by_row(x, residual, weight, bias, eps):
    y, total = np.empty_like(x), np.empty_like(x)
    for where in np.ndindex(x.shape[:-1]):
        row = x[where].astype(np.float64) + residual[where]
        total[where] = row
        y[where] = (row - row.mean()) / (row.var() + eps) ** 0.5 * weight + bias
    return y, total


# Where the sum goes ------------------------------------------------------------------------------


@plant(ADD, "norm-before-add")
def normalizes_then_adds(x, residual, weight, bias, eps):
    y = norm(wide(x), weight, bias, eps) + wide(residual)
    return cast(x, y, wide(x) + wide(residual))


@plant(ADD, "norm-before-add")
def sublayer_of_normed_x(x, residual, weight, bias, eps):
    a, b, gain, shift = tensors(x, residual, weight, bias)
    normed = F.layer_norm(a, a.shape[-1:], gain.to(a.dtype), shift.to(a.dtype), eps)
    return cast(x, (b + normed).numpy(), (a + b).numpy())


@plant(ADD, "residual-skipped")
def normalizes_x_alone(x, residual, weight, bias, eps):
    return cast(x, norm(wide(x), weight, bias, eps), wide(x) + wide(residual))


@plant(ADD, "residual-skipped")
def forgets_the_residual(x, residual, weight, bias, eps):
    total = x.copy()
    return scratch.layer_norm(total, total.shape[-1], weight, bias, eps), total


@plant(ADD, "sum-not-returned")
def returns_y_twice(x, residual, weight, bias, eps):
    y = norm(wide(x) + residual, weight, bias, eps).astype(x.dtype)
    return y, y


@plant(ADD, "sum-not-returned")
def normalizes_the_sum_in_place(x, residual, weight, bias, eps):
    """The carried sum is gone once the norm is written over it."""
    total = wide(x) + residual
    total -= total.mean(axis=-1, keepdims=True)
    total /= np.sqrt((total * total).mean(axis=-1, keepdims=True) + eps)
    total *= weight
    total += bias
    return cast(x, total, total)


# The norm itself ---------------------------------------------------------------------------------


def with_norm(wrong):
    """An add-and-norm around a wrong norm of ``(h, weight, bias, eps)``."""

    def fn(x, residual, weight, bias, eps):
        total = wide(x) + wide(residual)
        return cast(x, wrong(total, weight, bias, eps), total)

    fn.__name__ = wrong.__name__
    return fn


@plant(ADD, "unbiased-variance")
@with_norm
def var_with_ddof(h, weight, bias, eps):
    var = np.var(h, axis=-1, keepdims=True, ddof=1)
    return (h - h.mean(-1, keepdims=True)) / np.sqrt(var + eps) * weight + bias


@plant(ADD, "unbiased-variance")
@with_norm
def torch_var(h, weight, bias, eps):
    h = torch.from_numpy(h)
    var, mean = torch.var_mean(h, -1, keepdim=True)
    return ((h - mean) * (var + eps).rsqrt()).numpy() * weight + bias


@plant(ADD, "eps-outside-sqrt")
@with_norm
def std_plus_eps(h, weight, bias, eps):
    return (h - h.mean(-1, keepdims=True)) / (h.std(-1, keepdims=True) + eps) * weight + bias


@plant(ADD, "eps-outside-sqrt")
@with_norm
def root_then_eps(h, weight, bias, eps):
    h = h - np.einsum("...d->...", h)[..., None] / h.shape[-1]
    sigma = np.sqrt(np.einsum("...d,...d->...", h, h) / h.shape[-1])[..., None]
    return weight * h / (eps + sigma) + bias


@plant(ADD, "eps-missing")
@with_norm
def over_std(h, weight, bias, eps):
    return (h - h.mean(-1, keepdims=True)) / h.std(-1, keepdims=True) * weight + bias


@plant(ADD, "eps-missing")
@with_norm
def torch_without_eps(h, weight, bias, eps):
    h = torch.from_numpy(h)
    return F.layer_norm(h, h.shape[-1:], eps=0.0).numpy() * weight + bias


@plant(ADD, "eps-ignored")
@with_norm
def torch_default_eps(h, weight, bias, eps):
    return F.layer_norm(torch.from_numpy(h), h.shape[-1:]).numpy() * weight + bias


@plant(ADD, "eps-ignored")
@with_norm
def bert_eps(h, weight, bias, eps):
    return norm(h, weight, bias, 1e-12)


@plant(ADD, "mean-not-subtracted")
@with_norm
def rms_norm(h, weight, bias, eps):
    return h * (np.square(h).mean(-1, keepdims=True) + eps) ** -0.5 * weight + bias


@plant(ADD, "mean-not-subtracted")
@with_norm
def add_rms_norm(h, weight, bias, eps):
    return scratch.rms_norm(h, h.shape[-1], None, eps) * weight + bias


@plant(ADD, "batch-mixed")
@with_norm
def one_mean_for_all(h, weight, bias, eps):
    return (h - h.mean()) / np.sqrt(h.var() + eps) * weight + bias


@plant(ADD, "batch-mixed")
@with_norm
def over_two_axes(h, weight, bias, eps):
    axes = tuple(range(h.ndim)[-2:])
    h = h - h.mean(axes, keepdims=True)
    return h / np.sqrt((h * h).mean(axes, keepdims=True) + eps) * weight + bias


@plant(ADD, "weight-skipped")
@with_norm
def shift_only(h, weight, bias, eps):
    return norm(h, np.ones_like(weight), bias, eps)


@plant(ADD, "weight-skipped")
@with_norm
def torch_without_weight(h, weight, bias, eps):
    return F.layer_norm(torch.from_numpy(h), h.shape[-1:], eps=eps).numpy() + bias


@plant(ADD, "bias-skipped")
@with_norm
def gain_only(h, weight, bias, eps):
    return norm(h, weight, 0, eps)


@plant(ADD, "bias-skipped")
@with_norm
def scratch_without_bias(h, weight, bias, eps):
    return scratch.layer_norm(h, h.shape[-1], weight, eps=eps)


@plant(ADD, "input-modified")
def adds_in_place(x, residual, weight, bias, eps):
    total = wide(x) + wide(residual)
    x += residual
    return norm(total, weight, bias, eps).astype(x.dtype), x


@plant(ADD, "input-modified")
def carries_the_sum_in_residual(x, residual, weight, bias, eps):
    total = wide(x) + wide(residual)
    residual[...] = total
    return cast(x, norm(total, weight, bias, eps), total)
