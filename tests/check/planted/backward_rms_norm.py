"""Backward passes of RMS norm, ``fn(dy, x, weight, eps) -> (dx, dweight)``."""

import math
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted

plant = Planted()

# RMS norm with arrays: the formula, a term at a time ---------------------------------------------


def average(a, axes=-1):
    return a.mean(axis=axes, keepdims=True)


def rows_of(a):
    return a.reshape(-1, a.shape[-1])


def in_arrays(
    dy,
    x,
    weight,
    eps,
    divisor=lambda x, eps: np.sqrt(average(x * x) + eps),
    term=lambda g, x_hat: x_hat * average(g * x_hat),
    push=lambda dy, weight: dy * weight,
    total=lambda a: rows_of(a).sum(axis=0),
    seen=lambda x_hat, weight: x_hat,
    wide=lambda a: a.astype(np.result_type(a, np.float32)),
    narrow=lambda a, like: a.astype(like.dtype),
):
    u, v, w = wide(x), wide(dy), wide(weight)
    with np.errstate(all="ignore"):
        s = divisor(u, eps)
        x_hat, g = u / s, push(v, w)
        dx = (g - term(g, x_hat)) / s
        return narrow(dx, x), narrow(total(v * seen(x_hat, w)), weight)


def of_layer_norm(dy, x, weight, eps):
    c = x - average(x)
    s = np.sqrt(average(c * c) + eps)
    g = dy * weight
    dx = (g - average(g) - c / s * average(g * c / s)) / s
    return dx.astype(x.dtype), rows_of(dy * c / s).sum(0).astype(weight.dtype)


def works_in_place(dy, x, weight, eps):
    s = np.sqrt(average(x.astype(np.float64) ** 2) + eps)
    x /= s.astype(x.dtype)
    g = dy * weight
    dx = (g - x * average(g * x)) / s
    return dx.astype(x.dtype), rows_of(dy * x).sum(0).astype(x.dtype)


# RMS norm with tensors: autograd of a forward pass, or of one with a detour ----------------------


def by_autograd(dy, x, weight, eps, forward=None, leaf=torch.float32):
    forward = forward or (lambda x, w: x * w / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt())
    wide = [torch.from_numpy(a) for a in (dy, x, weight)]
    wide = [a.to(torch.promote_types(a.dtype, leaf)) for a in wide]
    leaves = [a.requires_grad_() for a in wide[1:]]
    dx, dweight = torch.autograd.grad(forward(*leaves), leaves, wide[0])
    return dx.numpy().astype(x.dtype), dweight.numpy().astype(weight.dtype)


def with_layer_norm(dy, x, weight, eps):
    return by_autograd(
        dy, x, weight, eps, lambda x, w: F.layer_norm(x, w.shape, w, torch.zeros_like(w), eps)
    )


def over_length(dy, x, weight, eps):
    return by_autograd(
        dy, x, weight, eps, lambda x, w: x * w / (x.pow(2).sum(-1, keepdim=True) + eps).sqrt()
    )


def constant_root(dy, x, weight, eps):
    def forward(x, w):
        root = (x.pow(2).mean(-1, keepdim=True) + eps).sqrt().detach()
        return x / root * w

    return by_autograd(dy, x, weight, eps, forward)


def another_eps(dy, x, weight, eps):
    return by_autograd(dy, x, weight, 1e-6)


def no_eps(dy, x, weight, eps):
    return by_autograd(dy, x, weight, 0.0)


def centred_gradient(dy, x, weight, eps):
    """The mean of g is taken off beforehand, a row at a time."""
    dx = np.empty(x.shape, x.dtype)
    with np.errstate(all="ignore"):
        for place in np.ndindex(x.shape[:-1]):
            row, g = x[place].astype(np.float64), dy[place].astype(np.float64) * weight
            s = math.sqrt(row @ row / row.size + eps)
            dx[place] = (g - g.sum() / g.size - row * (g @ row) / row.size / s**2) / s
    return dx, by_autograd(dy, x, weight, eps)[1]


def dx_of_another(dy, x, weight, eps):
    dx, _ = by_autograd(dy, x, np.ones_like(weight), eps)
    return dx, by_autograd(dy, x, weight, eps)[1]


def one_gradient_a_row(dy, x, weight, eps):
    dx, _ = by_autograd(dy, x, weight, eps)
    many = np.broadcast_to(weight, x.shape).copy()
    return dx, by_autograd(dy, x, many, eps)[1]


def mean_of_the_rows(dy, x, weight, eps):
    dx, dweight = by_autograd(dy, x, weight, eps)
    return dx, (dweight / rows_of(x).shape[0]).astype(weight.dtype)


def product_with_the_output(dy, x, weight, eps):
    dx, dweight = by_autograd(dy, x, weight, eps)
    return dx, dweight * weight


def root_then_eps(dy, x, weight, eps):
    u = x.astype(np.float64)
    inverse = 1 / (np.linalg.norm(u, axis=-1, keepdims=True) / math.sqrt(x.shape[-1]) + eps)
    x_hat, g = inverse * u, dy * weight.astype(np.float64)
    along = np.einsum("...d,...d->...", g, x_hat)[..., None] / x.shape[-1]
    return (inverse * (g - along * x_hat)).astype(x.dtype), np.einsum(
        "nd,nd->d", rows_of(dy), rows_of(x_hat)
    ).astype(weight.dtype)


def root_then_eps_differentiated(dy, x, weight, eps):
    return by_autograd(
        dy, x, weight, eps, lambda x, w: x * w / (x.pow(2).mean(-1, keepdim=True).sqrt() + eps)
    )


def mean_square_over(axes):
    def function(dy, x, weight, eps):
        return by_autograd(
            dy,
            x,
            weight,
            eps,
            lambda x, w: x * w / (x.pow(2).mean(axes(x), keepdim=True) + eps).sqrt(),
        )

    return function


def in_half(dy, x, weight, eps):
    """Squares, sums and all else in the dtype of x."""
    with np.errstate(all="ignore"):
        mean_square = np.add.reduce(np.square(x), -1, x.dtype, keepdims=True) / x.dtype.type(
            x.shape[-1]
        )
        s = np.sqrt(mean_square + x.dtype.type(eps))
        x_hat, g = x / s, dy * weight
        dx = (g - x_hat * average(g * x_hat)) / s
        return dx, rows_of(dy * x_hat).sum(0, dtype=x.dtype)


def restores_too_late(dy, x, weight, eps):
    result = by_autograd(dy, x, weight, eps)
    x *= 2
    return result


def single(dy, x, weight, eps):
    return tuple(a.astype(np.float32) for a in by_autograd(dy, x, weight, eps))


def root_over(axes):
    def divisor(x, eps):
        return np.sqrt((x * x).mean(axis=axes(x), keepdims=True) + eps)

    return partial(in_arrays, divisor=divisor)


def root_down_the_columns(dy, x, weight, eps):
    s = torch.from_numpy(x).double().pow(2).mean(0, keepdim=True).add(eps).sqrt().numpy()
    g = dy * weight.astype(np.float64)
    dx = g / s - x / s * average(g * x / s) / s
    return dx.astype(x.dtype), rows_of(dy * x / s).sum(0).astype(weight.dtype)


RMS = "rms_norm_backward"
plant(RMS)(in_arrays, by_autograd)
plant(RMS, "keepdims-forgotten")(
    partial(
        in_arrays,
        divisor=lambda x, eps: np.sqrt((x * x).mean(-1) + eps),
        term=lambda g, x_hat: x_hat * (g * x_hat).mean(-1),
    ),
    partial(in_arrays, divisor=lambda x, eps: np.sqrt((x * x).mean(-1) + eps)),
    partial(in_arrays, term=lambda g, x_hat: x_hat * (g * x_hat).mean(-1)),
)
plant(RMS, "mean-subtracted")(of_layer_norm, with_layer_norm)
plant(RMS, "mean-term-kept")(
    partial(in_arrays, term=lambda g, x_hat: average(g) + x_hat * average(g * x_hat)),
    centred_gradient,
)
plant(RMS, "divided-by-length")(
    partial(
        in_arrays,
        divisor=lambda x, eps: np.sqrt((x * x).sum(-1, keepdims=True) + eps),
        term=lambda g, x_hat: x_hat * (g * x_hat).sum(-1, keepdims=True),
    ),
    over_length,
)
plant(RMS, "backward-missing-projection")(
    partial(in_arrays, term=lambda g, x_hat: 0), constant_root
)
plant(RMS, "backward-forgets-weight")(partial(in_arrays, push=lambda dy, weight: dy), dx_of_another)
plant(RMS, "parameter-gradient-not-summed")(
    partial(in_arrays, total=lambda a: a), one_gradient_a_row
)
plant(RMS, "parameter-gradient-averaged")(
    partial(in_arrays, total=lambda a: rows_of(a).mean(axis=0)), mean_of_the_rows
)
plant(RMS, "backward-of-xhat-with-y")(
    partial(in_arrays, seen=lambda x_hat, weight: x_hat * weight), product_with_the_output
)
plant(RMS, "eps-outside-sqrt")(
    partial(in_arrays, divisor=lambda x, eps: np.sqrt(average(x * x)) + eps),
    root_then_eps,
    root_then_eps_differentiated,
)
plant(RMS, "eps-missing")(
    partial(in_arrays, divisor=lambda x, eps: np.sqrt(average(x * x))), no_eps
)
plant(RMS, "eps-ignored")(
    partial(in_arrays, divisor=lambda x, eps: np.sqrt(average(x * x) + 1e-5)), another_eps
)
plant(RMS, "wrong-axis")(
    root_over(lambda x: 0), root_down_the_columns, mean_square_over(lambda x: 0)
)
plant(RMS, "batch-mixed")(
    root_over(lambda x: tuple(range(x.ndim))[-2:]),
    root_over(lambda x: None),
    mean_square_over(lambda x: tuple(range(x.ndim))),
)
plant(RMS, "low-precision-statistics")(partial(in_arrays, wide=lambda a: a), in_half)
plant(RMS, "input-modified")(works_in_place, restores_too_late)
plant(RMS, "wrong-dtype")(partial(in_arrays, wide=np.float64, narrow=lambda a, like: a), single)


@plant(RMS, "mean-term-kept", "backward-missing-projection")
def mean_in_place_of_the_projection(dy, x, weight, eps):
    return in_arrays(dy, x, weight, eps, term=lambda g, x_hat: average(g))
