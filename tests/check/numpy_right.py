"""Right layer norms and backward passes in other styles: none may be failed."""

import math

import numpy as np
import torch

from check.planting import Planted
from check.torch_modules import scripted
from lnlearn import accelerated, scratch

plant = Planted()
LN, BWD = "layer_norm", "layer_norm_backward"


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


# layer_norm_backward -----------------------------------------------------------------------------


def narrow(x, weight, dx, dweight, dbias):
    results = (dx, x.dtype), (dweight, weight.dtype), (dbias, weight.dtype)
    return tuple(np.asarray(a).astype(dtype) for a, dtype in results)


@plant(BWD)
def formula_by_einsum(dy, x, weight, eps):
    h, up, D = wide(x), wide(dy), x.shape[-1]
    h = h - np.einsum("...d->...", h)[..., None] / D
    rstd = 1 / np.sqrt(np.einsum("...d,...d->...", h, h) / D + eps)
    x_hat, g = h * rstd[..., None], up * weight
    along = np.einsum("...d,...d->...", g, x_hat)[..., None]
    dx = rstd[..., None] / D * (D * g - g.sum(-1, keepdims=True) - x_hat * along)
    up, x_hat = up.reshape(-1, D), x_hat.reshape(-1, D)
    return narrow(x, weight, dx, np.einsum("nd,nd->d", up, x_hat), np.einsum("nd->d", up))


@plant(BWD)
def autograd(dy, x, weight, eps):
    leaves = tensors(x, weight, 0 * weight, dtype=wide(x).dtype)
    leaves = [leaf.requires_grad_() for leaf in leaves]
    y = torch.nn.functional.layer_norm(leaves[0], x.shape[-1:], *leaves[1:], eps)
    y.backward(*tensors(dy, dtype=wide(x).dtype))
    return narrow(x, weight, *(leaf.grad.numpy() for leaf in leaves))


@plant(BWD)
def jacobian_of_each_row(dy, x, weight, eps):
    D = x.shape[-1]
    rows, up = x.reshape(-1, D).astype(float), dy.reshape(-1, D).astype(float)
    dx, dweight, dbias = np.zeros_like(rows), np.zeros(D), np.zeros(D)
    for i, row in enumerate(rows):
        sigma = np.sqrt(row.var() + eps)
        x_hat = (row - row.mean()) / sigma
        jacobian = (np.eye(D) - np.ones((D, D)) / D - np.outer(x_hat, x_hat) / D) / sigma
        dx[i] = (weight[:, None] * jacobian).T @ up[i]
        dweight += up[i] * x_hat
        dbias += up[i]
    return narrow(x, weight, dx.reshape(x.shape), dweight, dbias)


@plant(BWD)
def through_mean_and_variance(dy, x, weight, eps):
    """As in the batch norm paper: the gradient of the variance, then that of the mean."""
    h, D = np.float64(x), x.shape[-1]
    mean, var = h.mean(-1, keepdims=True), h.var(-1, keepdims=True) + eps
    g = dy * np.float64(weight)
    dvar = (g * (h - mean)).sum(-1, keepdims=True) * -0.5 * var**-1.5
    dmean = -(g / np.sqrt(var)).sum(-1, keepdims=True)
    dmean = dmean - 2 * dvar * (h - mean).mean(-1, keepdims=True)
    dx = g / np.sqrt(var) + dvar * 2 * (h - mean) / D + dmean / D
    leading = tuple(range(x.ndim - 1))
    x_hat = (h - mean) / np.sqrt(var)
    dweight, dbias = (dy * x_hat).sum(leading), dy.sum(leading, dtype=np.float64)
    return list(narrow(x, weight, dx, dweight, dbias))


@plant(BWD)
def accelerated_backward(dy, x, weight, eps):
    leaves = [a.requires_grad_() for a in tensors(x, weight, 0 * weight, dtype=wide(x).dtype)]
    y = accelerated.layer_norm(leaves[0], x.shape[-1], *leaves[1:], eps)
    grads = torch.autograd.grad(y, leaves, tensors(dy, dtype=wide(x).dtype)[0])
    return narrow(x, weight, *(g.numpy() for g in grads))


@plant(BWD)
def scratch_backward(dy, x, weight, eps):
    _, mean, rstd = scratch.layer_norm_forward(x, x.shape[-1], weight, weight, eps)
    return scratch.layer_norm_backward(dy, x, x.shape[-1], mean, rstd, weight, weight)
