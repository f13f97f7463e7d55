"""Wrong backward passes: ``fn(dy, x, weight, eps) -> (dx, dweight, dbias)``.

What is wrong in the formula comes first, then what is wrong in the statistics.
"""

import numpy as np
import torch

from check.planting import Planted

plant = Planted()
BWD = "layer_norm_backward"


def wide(a):
    return a.astype(np.result_type(a, np.float32))


def mean(a):
    return a.mean(axis=-1, keepdims=True)


def prepared(dy, x, weight, eps):
    """dy, x_hat, rstd and g, in float32 at least."""
    h = wide(x) - mean(wide(x))
    rstd = 1 / np.sqrt(mean(h * h) + eps)
    return wide(dy), h * rstd, rstd, wide(dy) * wide(weight)


def summed(a):
    return a.reshape(-1, a.shape[-1]).sum(axis=0)


def narrow(x, weight, dx, dweight, dbias):
    return dx.astype(x.dtype), dweight.astype(weight.dtype), dbias.astype(weight.dtype)


def right_dx(dy, x, weight, eps):
    _, x_hat, rstd, g = prepared(dy, x, weight, eps)
    return rstd * (g - mean(g) - x_hat * mean(g * x_hat))


def by_autograd(forward, dy, x, weight):
    """The gradients of ``forward(x, weight, bias)`` on tensors, float32 at least."""
    h, gain = torch.from_numpy(wide(x)), torch.from_numpy(wide(weight))
    dy, shift = torch.from_numpy(wide(dy)), torch.zeros_like(gain)
    leaves = [a.requires_grad_() for a in (h, gain, shift)]
    grads = torch.autograd.grad(forward(*leaves), leaves, dy)
    return narrow(x, weight, *(g.numpy() for g in grads))


# The statistics depend on x: terms that are forgotten -------------------------------------------


@plant(BWD, "detached-statistics")
def chain_rule_without_statistics(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    return narrow(x, weight, g * rstd, summed(dy * x_hat), summed(dy))


@plant(BWD, "detached-statistics")
def autograd_of_detached_statistics(dy, x, weight, eps):
    def forward(h, gain, shift):
        with torch.no_grad():
            var, mu = torch.var_mean(h, -1, correction=0, keepdim=True)
        return (h - mu) / torch.sqrt(var + eps) * gain + shift

    return by_autograd(forward, dy, x, weight)


@plant(BWD, "backward-missing-mean")
def projects_only(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    along = np.einsum("...d,...d->...", g, x_hat)[..., None] / x.shape[-1]
    return narrow(x, weight, (g - along * x_hat) * rstd, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-missing-mean")
def row_by_row_without_the_mean(dy, x, weight, eps):
    D, shape = x.shape[-1], x.shape
    dx, dweight, dbias = [], 0, 0
    for row, up in zip(wide(x).reshape(-1, D), wide(dy).reshape(-1, D), strict=True):
        sigma = np.sqrt(row.var() + eps)
        x_hat = (row - row.mean()) / sigma
        projection = np.eye(D, dtype=row.dtype) - np.outer(x_hat, x_hat) / D
        dx.append(projection @ (up * weight) / sigma)
        dweight, dbias = dweight + up * x_hat, dbias + up
    return narrow(x, weight, np.array(dx).reshape(shape), dweight, dbias)


@plant(BWD, "backward-missing-projection")
def centres_only(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    dx = rstd * g - mean(rstd * g)
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-missing-projection")
def autograd_of_a_constant_variance(dy, x, weight, eps):
    def forward(h, gain, shift):
        h = h - h.mean(-1, keepdim=True)
        return h * (h.detach().square().mean(-1, keepdim=True) + eps).rsqrt() * gain + shift

    return by_autograd(forward, dy, x, weight)


@plant(BWD, "backward-forgets-weight")
def dy_where_g_belongs(dy, x, weight, eps):
    dy, x_hat, rstd, _ = prepared(dy, x, weight, eps)
    dx = (dy - mean(dy) - x_hat * mean(dy * x_hat)) * rstd
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-forgets-weight")
def native_backward_without_weight(dy, x, weight, eps):
    h, grad = torch.from_numpy(wide(x)), torch.from_numpy(wide(dy))
    shape, one = h.shape[-1:], torch.ones(x.shape[-1], dtype=h.dtype)
    _, mu, rstd = torch.native_layer_norm(h, shape, one, 0 * one, eps)
    grads = torch.ops.aten.native_layer_norm_backward(
        grad, h, shape, mu, rstd, one, 0 * one, [True, True, True]
    )
    return narrow(x, weight, *(a.numpy() for a in grads))


# The gradients of the parameters ----------------------------------------------------------------


@plant(BWD, "parameter-gradient-not-summed")
def one_gradient_for_each_token(dy, x, weight, eps):
    up, x_hat, _, _ = prepared(dy, x, weight, eps)
    return narrow(x, weight, right_dx(dy, x, weight, eps), np.multiply(up, x_hat), up.copy())


@plant(BWD, "parameter-gradient-not-summed")
def summed_over_the_batch_only(dy, x, weight, eps):
    up, x_hat, _, _ = prepared(dy, x, weight, eps)
    dweight, dbias = (up * x_hat).sum(axis=0), up.sum(axis=0)  # right for a matrix
    return narrow(x, weight, right_dx(dy, x, weight, eps), dweight, dbias)


@plant(BWD, "parameter-gradient-averaged")
def means_over_the_leading_axes(dy, x, weight, eps):
    up, x_hat, _, _ = prepared(dy, x, weight, eps)
    leading = tuple(range(x.ndim - 1))
    dweight, dbias = (up * x_hat).mean(axis=leading), up.mean(axis=leading)
    return narrow(x, weight, right_dx(dy, x, weight, eps), dweight, dbias)


@plant(BWD, "parameter-gradient-averaged")
def einsum_over_n(dy, x, weight, eps):
    up, x_hat, _, _ = prepared(dy, x, weight, eps)
    up, x_hat = up.reshape(-1, x.shape[-1]), x_hat.reshape(-1, x.shape[-1])
    dweight = np.einsum("nd,nd->d", up, x_hat) / len(up)
    return narrow(
        x, weight, right_dx(dy, x, weight, eps), dweight, np.einsum("nd->d", up) / len(up)
    )


@plant(BWD, "backward-of-xhat-with-y")
def dweight_from_the_output(dy, x, weight, eps):
    up, x_hat, _, _ = prepared(dy, x, weight, eps)
    y = x_hat * weight
    return narrow(x, weight, right_dx(dy, x, weight, eps), summed(up * y), summed(up))


@plant(BWD, "backward-of-xhat-with-y")
def output_by_torch_then_einsum(dy, x, weight, eps):
    h, gain = torch.from_numpy(wide(x)), torch.from_numpy(wide(weight))
    gain = gain.to(h.dtype)
    y = torch.nn.functional.layer_norm(h, h.shape[-1:], weight=gain, eps=eps).numpy()
    rows = (-1, x.shape[-1])
    dweight = np.einsum("nd,nd->d", wide(dy).reshape(rows), y.reshape(rows))
    return narrow(x, weight, right_dx(dy, x, weight, eps), dweight, summed(wide(dy)))
