"""Wrong and right RMS norms: ``fn(x, weight, eps) -> y``."""

import math

import numpy as np
import torch

from check.planting import Planted
from lnlearn import scratch

plant = Planted()
RMS = "rms_norm"


def wide(x):
    return x.astype(np.float64 if x.dtype == np.float64 else np.float32)


def mean_square(h, axis=-1):
    return np.mean(h * h, axis=axis, keepdims=True)


@plant(RMS)
def textbook(x, weight, eps):
    h = wide(x)
    return (weight * h / np.sqrt(mean_square(h) + eps)).astype(x.dtype)


@plant(RMS)
def through_the_length(x, weight, eps):
    h, D = x.astype(np.longdouble), x.shape[-1]
    length = np.linalg.norm(x.astype(float), axis=-1)[..., None]
    return (h * np.sqrt(D) / np.sqrt(length**2 + D * eps) * weight).astype(x.dtype)


@plant(RMS)
class RowByRow:
    def __call__(self, x, weight, eps):
        y = np.empty(x.shape, x.dtype)
        for where in np.ndindex(x.shape[:-1]):
            row = [float(v) for v in x[where]]
            rms = math.sqrt(math.fsum(v * v for v in row) / len(row) + eps)
            y[where] = [v / rms * float(w) for v, w in zip(row, weight, strict=True)]
        return y


@plant(RMS)
def by_pytorch(x, weight, eps):
    h = torch.from_numpy(wide(x))
    gain = torch.from_numpy(weight).to(h.dtype)
    return torch.nn.functional.rms_norm(h, h.shape[-1:], gain, eps).numpy().astype(x.dtype)


@plant(RMS)
def from_scratch(x, weight, eps):
    return scratch.rms_norm(x, x.shape[-1], weight, eps)


@plant(RMS, "mean-subtracted")
def layer_norm_without_bias(x, weight, eps):
    h = wide(x) - wide(x).mean(-1, keepdims=True)
    return (h / np.sqrt(mean_square(h) + eps) * weight).astype(x.dtype)


@plant(RMS, "mean-subtracted")
def torch_layer_norm(x, weight, eps):
    h = torch.from_numpy(wide(x))
    gain = torch.from_numpy(weight).to(h.dtype)
    return torch.layer_norm(h, h.shape[-1:], gain, None, eps).numpy().astype(x.dtype)


@plant(RMS, "divided-by-length")
def root_of_the_sum(x, weight, eps):
    h = wide(x)
    return (h / np.sqrt((h**2).sum(-1, keepdims=True) + eps) * weight).astype(x.dtype)


@plant(RMS, "divided-by-length")
def unit_vectors(x, weight, eps):
    h = torch.from_numpy(wide(x))
    h = h * torch.rsqrt(torch.einsum("...d,...d->...", h, h) + eps).unsqueeze(-1)
    return (h.numpy() * weight).astype(x.dtype)


@plant(RMS, "eps-outside-sqrt")
def rms_plus_eps(x, weight, eps):
    h = wide(x)
    return (h * weight / (mean_square(h) ** 0.5 + eps)).astype(x.dtype)


@plant(RMS, "eps-outside-sqrt")
def rms_by_norm_plus_eps(x, weight, eps):
    h = wide(x)
    rms = np.linalg.norm(h, axis=-1, keepdims=True) / x.shape[-1] ** 0.5
    rms += eps
    return np.divide(h, rms).__mul__(weight).astype(x.dtype)


@plant(RMS, "eps-missing")
def bare_root(x, weight, eps):
    h = wide(x)
    return (h / np.sqrt(mean_square(h)) * weight).astype(x.dtype)


@plant(RMS, "eps-missing")
def power_of_minus_a_half(x, weight, eps):
    h = torch.from_numpy(wide(x))
    return ((h * h.square().mean(-1, True).pow(-0.5)).numpy() * weight).astype(x.dtype)


@plant(RMS, "eps-ignored")
def llama_default(x, weight, eps):
    h = wide(x)
    return (weight * h / np.sqrt(mean_square(h) + 1e-6)).astype(x.dtype)


@plant(RMS, "eps-ignored")
def default_of_its_helper(x, weight, eps):
    def rms(h, eps=1e-5):
        return np.sqrt(np.einsum("...d,...d->...", h, h) / h.shape[-1] + eps)

    return (wide(x) / rms(wide(x))[..., None] * weight).astype(x.dtype)


@plant(RMS, "wrong-axis")
def over_axis_0(x, weight, eps):
    h = wide(x)
    return (h / np.sqrt(mean_square(h, 0) + eps) * weight).astype(x.dtype)


@plant(RMS, "wrong-axis")
def over_the_axis_before_the_last(x, weight, eps):
    axis = max(-2, -x.ndim)
    h = torch.from_numpy(wide(x))
    h = h / (h.pow(2).mean(axis, keepdim=True) + eps).sqrt()
    return (h.numpy() * weight).astype(x.dtype)


@plant(RMS, "wrong-axis")
def the_axis_as_long_as_the_weight(x, weight, eps):
    axis = [n == len(weight) for n in x.shape].index(True)
    return (wide(x) / np.sqrt(mean_square(wide(x), axis) + eps) * weight).astype(x.dtype)


@plant(RMS, "batch-mixed")
def one_number_for_all(x, weight, eps):
    h = wide(x)
    return (h / np.sqrt(np.vdot(h, h) / h.size + eps) * weight).astype(x.dtype)


@plant(RMS, "batch-mixed")
def over_tokens_and_features(x, weight, eps):
    h = wide(x)
    axes = tuple(range(x.ndim))[-2:]
    return (h / np.sqrt(mean_square(h, axes) + eps) * weight).astype(x.dtype)


@plant(RMS, "weight-skipped")
def no_gain(x, weight, eps):
    h = wide(x)
    return (h / np.sqrt(mean_square(h) + eps)).astype(x.dtype)


@plant(RMS, "weight-skipped")
def scratch_without_weight(x, weight, eps):
    return scratch.rms_norm(x, x.shape[-1], eps=eps)


@plant(RMS, "scalar-affine")
def first_gain(x, weight, eps):
    h = wide(x)
    return (weight[0] * h / np.sqrt(mean_square(h) + eps)).astype(x.dtype)


@plant(RMS, "scalar-affine")
def gain_broadcast_from_one_number(x, weight, eps):
    gain = np.full_like(weight, weight.item(0))
    return scratch.rms_norm(x, x.shape[-1:], gain, eps)


@plant(RMS, "low-precision-statistics")
def squares_overflow(x, weight, eps):
    with np.errstate(over="ignore"):
        rms = np.sqrt((x**2).mean(-1, keepdims=True) + eps)
    return (x / rms * weight).astype(x.dtype)


@plant(RMS, "low-precision-statistics")
def added_up_in_the_dtype_of_x(x, weight, eps):
    with np.errstate(over="ignore"):
        total = np.zeros(x.shape[:-1], x.dtype)
        for i in range(x.shape[-1]):
            total += x[..., i] * x[..., i]
        rms = np.sqrt(total / x.shape[-1] + x.dtype.type(eps))
    return (x / rms[..., None] * weight).astype(x.dtype)


@plant(RMS, "input-modified")
def divides_in_place(x, weight, eps):
    y = textbook(x, weight, eps)
    x /= np.sqrt(mean_square(wide(x)) + eps).astype(x.dtype)
    return y


@plant(RMS, "input-modified")
def returns_its_argument(x, weight, eps):
    x[:] = textbook(x, weight, eps)
    return x


@plant(RMS, "wrong-dtype")
def in_double(x, weight, eps):
    h = np.float64(x)
    return h / np.sqrt(mean_square(h) + eps) * weight


@plant(RMS, "wrong-dtype")
def not_cast_back(x, weight, eps):
    h = wide(x)
    return h / np.sqrt(mean_square(h) + eps) * weight.astype(np.float64)
