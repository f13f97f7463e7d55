"""Backward passes of layer norm, ``fn(dy, x, weight, eps) -> (dx, dweight, dbias)``.

What is wrong in the formula comes first, then right ones; `backward_statistics` has the others.
"""

import numpy as np
import torch

from check.planting import Planted
from lnlearn import accelerated, scratch

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


@plant(BWD, "backward-projection-added")
def plus_for_minus(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    dx = (g - mean(g) + x_hat * mean(g * x_hat)) * rstd
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-projection-added")
def bracket_forgotten(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    along = np.einsum("...d,...d->...", g, x_hat)[..., None] / x.shape[-1]
    dx = rstd * g - rstd * mean(g) + rstd * along * x_hat
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-centred-for-xhat")
def deviations_in_the_last_term(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    dx = (g - mean(g) - (wide(x) - mean(wide(x))) * mean(g * x_hat)) * rstd
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-centred-for-xhat")
def one_rstd_too_few(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    dx = (g - mean(g)) * rstd - (wide(x) - mean(wide(x))) * rstd * mean(g * x_hat)
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-centred-for-xhat")
def deviations_in_the_mean(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    dx = rstd * (g - mean(g) - x_hat * mean(g * (wide(x) - mean(wide(x)))))
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-centred-for-xhat")
def deviations_throughout_dx(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    deviations = np.subtract(wide(x), mean(wide(x)))
    dx = rstd * (g - mean(g) - deviations * mean(g * deviations))
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-centred-for-xhat")
def deviations_for_the_weight(dy, x, weight, eps):
    deviations, up = wide(x) - mean(wide(x)), wide(dy)
    return narrow(x, weight, right_dx(dy, x, weight, eps), summed(up * deviations), summed(up))


@plant(BWD, "backward-centred-for-xhat")
def never_divided(dy, x, weight, eps):
    dy, _, rstd, g = prepared(dy, x, weight, eps)
    h = wide(x) - mean(wide(x))
    dx = (g - mean(g) - h * mean(g * h)) * rstd
    return narrow(x, weight, dx, summed(dy * h), summed(dy))


@plant(BWD, "backward-weight-outside")
def weight_outside_the_bracket(dy, x, weight, eps):
    dy, x_hat, rstd, _ = prepared(dy, x, weight, eps)
    dx = wide(weight) * (dy - mean(dy) - x_hat * mean(dy * x_hat)) * rstd
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-weight-outside")
def scaled_at_the_end(dy, x, weight, eps):
    up, x_hat, _, _ = prepared(dy, x, weight, eps)
    dx = right_dx(dy, x, np.ones_like(weight), eps) * wide(weight)
    return narrow(x, weight, dx, summed(up * x_hat), summed(up))


@plant(BWD, "backward-sum-for-mean")
def sums_throughout(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    dx = g - g.sum(-1, keepdims=True) - x_hat * (g * x_hat).sum(-1, keepdims=True)
    return narrow(x, weight, dx * rstd, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-sum-for-mean")
def dot_product_along_the_token(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    along = np.einsum("...i,...i->...", g, x_hat)[..., None]
    return narrow(x, weight, (g - mean(g) - x_hat * along) * rstd, summed(dy * x_hat), summed(dy))


@plant(BWD, "backward-sum-for-mean")
def sum_of_the_gradient(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    dx = g - np.add.reduce(g, -1, keepdims=True) - x_hat * mean(g * x_hat)
    return narrow(x, weight, dx * rstd, summed(dy * x_hat), summed(dy))


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


@plant(BWD, "weight-twice")
def weight_at_both_ends(dy, x, weight, eps):
    dy, x_hat, rstd, g = prepared(dy, x, weight, eps)
    dx = wide(weight) * (g - mean(g) - x_hat * mean(g * x_hat)) * rstd
    return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "weight-twice")
def autograd_of_a_squared_weight(dy, x, weight, eps):
    def forward(h, gain, shift):
        gains = gain * gain.detach()
        return torch.nn.functional.layer_norm(h, h.shape[-1:], gains.to(h.dtype), shift, eps)

    dx, _, dbias = by_autograd(forward, dy, x, weight)
    up, x_hat, _, _ = prepared(dy, x, weight, eps)
    return narrow(x, weight, dx, summed(up * x_hat), dbias)


@plant(BWD, "rstd-missing")
def gradient_of_the_pattern(dy, x, weight, eps):
    up, x_hat, _, g = prepared(dy, x, weight, eps)
    dx = g - mean(g) - x_hat * mean(g * x_hat)
    return narrow(x, weight, dx, summed(up * x_hat), summed(up))


@plant(BWD, "rstd-missing")
def autograd_times_the_deviation(dy, x, weight, eps):
    def forward(h, gain, shift):
        return torch.nn.functional.layer_norm(h, h.shape[-1:], gain, shift, eps)

    dx, dweight, dbias = by_autograd(forward, dy, x, weight)
    h = wide(x)
    return narrow(x, weight, dx * np.sqrt(h.var(-1, keepdims=True) + eps), dweight, dbias)


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


@plant(BWD, "bias-gradient-weighted")
def dbias_from_g(dy, x, weight, eps):
    up, x_hat, _, g = prepared(dy, x, weight, eps)
    return narrow(x, weight, right_dx(dy, x, weight, eps), summed(up * x_hat), summed(g))


@plant(BWD, "bias-gradient-weighted")
def autograd_of_a_weighted_bias(dy, x, weight, eps):
    def forward(h, gain, shift):
        x_hat = torch.nn.functional.layer_norm(h, h.shape[-1:], eps=eps)
        return x_hat * gain + shift * gain.detach()

    return by_autograd(forward, dy, x, weight)


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


# Right in other styles ---------------------------------------------------------------------------


def tensors(*arrays, dtype):
    return [torch.from_numpy(np.ascontiguousarray(a).astype(dtype)) for a in arrays]


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
