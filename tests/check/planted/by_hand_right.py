"""Right layer norms in other styles: none may be failed."""

import math

import numpy as np
import torch

from check.planting import Planted
from check.torch_modules import scripted
from lnlearn import scratch

plant = Planted()
LN = "layer_norm"


def wide(x):
    return x.astype(np.result_type(x, np.float32))


def tensors(*arrays, dtype):
    return [torch.from_numpy(np.ascontiguousarray(a).astype(dtype)) for a in arrays]


@plant(LN)
def einsum(x, weight, bias, eps):
    h, D = wide(x), x.shape[-1]
    h = h - np.einsum("...d->...", h)[..., None] / D
    var = np.einsum("...d,...d->...", h, h) / D
    return (
        np.einsum("...d,...,d->...d", h, 1 / np.sqrt(var + eps), weight)
        .__add__(bias)
        .astype(x.dtype)
    )


@plant(LN)
def welford_row_by_row(x, weight, bias, eps):
    y = np.empty_like(x)
    for where in np.ndindex(x.shape[:-1]):
        mean, m2 = 0.0, 0.0
        for n, value in enumerate(map(float, x[where]), 1):
            delta = value - mean
            mean += delta / n
            m2 += delta * (value - mean)
        rstd = 1 / np.sqrt(np.float64(m2 / x.shape[-1] + eps))
        y[where] = (x[where].astype(float) - mean) * rstd * weight + bias
    return y


@plant(LN)
def in_double(x, weight, bias, eps):
    h = x.astype(np.float64)
    z = (h - h.mean(-1, keepdims=True)) / np.sqrt(h.var(-1, keepdims=True) + eps)
    return (z * weight + bias).astype(x.dtype)


@plant(LN)
def native_layer_norm(x, weight, bias, eps):
    h, gain, shift = tensors(x, weight, bias, dtype=wide(x).dtype)
    return torch.native_layer_norm(h, h.shape[-1:], gain, shift, eps)[0].numpy().astype(x.dtype)


@scripted
def jitted(h: torch.Tensor, gain: torch.Tensor, shift: torch.Tensor, eps: float):
    h = h - h.mean(-1, keepdim=True)
    return torch.addcmul(shift, h * (h.square().mean(-1, keepdim=True) + eps).rsqrt(), gain)


@plant(LN)
def by_a_jitted_function(x, weight, bias, eps):
    return jitted(*tensors(x, weight, bias, dtype=wide(x).dtype), eps).numpy().astype(x.dtype)


@plant(LN)
class Layer:
    def __call__(self, x, weight, bias, eps):
        self.eps, self.weight, self.bias = eps, weight, bias
        return np.apply_along_axis(self.row, -1, wide(x)).astype(x.dtype)

    def row(self, row):
        centred = row - row.mean()
        return (
            centred / math.sqrt(centred @ centred / len(row) + self.eps) * self.weight + self.bias
        )


@plant(LN)
def np_var(x, weight, bias, eps):
    rstd = 1 / np.sqrt(np.var(x, axis=-1, keepdims=True, dtype=wide(x).dtype) + eps)
    centred = x - np.mean(x, axis=-1, keepdims=True, dtype=wide(x).dtype)
    return np.asarray(weight * (rstd * centred) + bias, dtype=x.dtype)


@plant(LN)
def folded_into_one_affine_map(x, weight, bias, eps):
    """x * a + b, with a and b of each row and feature, in double."""
    h = np.float64(x)
    a = np.float64(weight) / np.sqrt(h.var(-1, keepdims=True) + eps)
    return (h * a + (bias - h.mean(-1, keepdims=True) * a)).astype(x.dtype)


@plant(LN)
def group_norm_with_one_group(x, weight, bias, eps):
    h, gain, shift = tensors(x.reshape(-1, x.shape[-1]), weight, bias, dtype=np.float64)
    y = torch.nn.functional.group_norm(h, 1, gain, shift, eps)
    return y.numpy().reshape(x.shape).astype(x.dtype)


@plant(LN)
def from_scratch(x, weight, bias, eps):
    return scratch.layer_norm(x, x.shape[-1], weight, bias, eps)
