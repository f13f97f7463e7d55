"""Wrong backward passes whose statistics are at fault, each by formula and by autograd."""

import numpy as np
import torch

from check.planted.backward_layer_norm import (
    BWD,
    by_autograd,
    mean,
    narrow,
    right_dx,
    summed,
    wide,
)
from check.planting import Planted

plant = Planted()


def formula(dy, x, weight, centre, rstd, axis=-1, dtype=None):
    """The right formula, given statistics that may be wrong."""
    h, up = (a.astype(dtype) if dtype else wide(a) for a in (x, dy))
    g, x_hat = up * weight, (h - centre) * rstd
    g = g.astype(h.dtype)
    dx = g - g.mean(axis, keepdims=True) - x_hat * (g * x_hat).mean(axis, keepdims=True)
    return dx * rstd, summed(up * x_hat), summed(up)


def squares(h, axes=(-1,)):
    h = h - h.mean(axes, keepdim=True)
    return h, h.pow(2).mean(axes, keepdim=True)


@plant(BWD, "unbiased-variance")
def formula_with_bessel(dy, x, weight, eps):
    h = wide(x)
    rstd = (h.var(-1, ddof=1, keepdims=True) + eps) ** -0.5
    return narrow(x, weight, *formula(dy, x, weight, mean(h), rstd))


@plant(BWD, "unbiased-variance")
def autograd_of_torch_var(dy, x, weight, eps):
    def forward(h, gain, shift):
        centred = h - h.mean(-1, keepdim=True)
        return centred / torch.sqrt(h.var(-1, keepdim=True) + eps) * gain + shift

    return by_autograd(forward, dy, x, weight)


@plant(BWD, "eps-outside-sqrt")
def formula_with_sigma_plus_eps(dy, x, weight, eps):
    h = wide(x)
    rstd = np.reciprocal(np.std(h, axis=-1, keepdims=True) + eps)
    return narrow(x, weight, *formula(dy, x, weight, mean(h), rstd))


@plant(BWD, "eps-outside-sqrt")
def autograd_of_sigma_plus_eps(dy, x, weight, eps):
    def forward(h, gain, shift):
        h, var = squares(h)
        return gain * h / (var**0.5 + eps) + shift

    return by_autograd(forward, dy, x, weight)


@plant(BWD, "eps-missing")
def formula_without_eps(dy, x, weight, eps):
    h = wide(x)
    return narrow(x, weight, *formula(dy, x, weight, mean(h), 1 / h.std(-1, keepdims=True)))


@plant(BWD, "eps-missing")
def autograd_without_eps(dy, x, weight, eps):
    def forward(h, gain, shift):
        h, var = squares(h)
        return h * var.rsqrt() * gain + shift

    return by_autograd(forward, dy, x, weight)


@plant(BWD, "eps-ignored")
def formula_with_own_eps(dy, x, weight, eps):
    eps = 1e-6
    h = wide(x)
    rstd = 1 / np.sqrt(h.var(-1, keepdims=True) + eps)
    return narrow(x, weight, *formula(dy, x, weight, mean(h), rstd))


@plant(BWD, "eps-ignored")
def autograd_with_the_default(dy, x, weight, eps):
    def forward(h, gain, shift):
        gain, shift = gain.to(h.dtype), shift.to(h.dtype)
        return torch.nn.functional.layer_norm(h, h.shape[-1:], gain, shift)

    return by_autograd(forward, dy, x, weight)


@plant(BWD, "wrong-axis")
def formula_over_the_batch(dy, x, weight, eps):
    h = wide(x)
    rstd = 1 / np.sqrt(h.var(0, keepdims=True) + eps)
    return narrow(x, weight, *formula(dy, x, weight, h.mean(0, keepdims=True), rstd, axis=0))


@plant(BWD, "wrong-axis")
def autograd_over_axis_1(dy, x, weight, eps):
    axis = 1 if x.ndim > 2 else 0

    def forward(h, gain, shift):
        h, var = squares(h, axis)
        return h / (var + eps).sqrt() * gain + shift

    return by_autograd(forward, dy, x, weight)


@plant(BWD, "wrong-axis")
def autograd_over_the_axis_as_long_as_the_weight(dy, x, weight, eps):
    def forward(h, gain, shift):
        axis = h.shape.index(gain.numel())
        centred = h - h.mean(axis, keepdim=True)
        return centred / (centred.square().mean(axis, keepdim=True) + eps).sqrt() * gain + shift

    return by_autograd(forward, dy, x, weight)


@plant(BWD, "batch-mixed")
def formula_over_everything(dy, x, weight, eps):
    h = wide(x)
    every = tuple(range(h.ndim))
    rstd = 1 / np.sqrt(h.var() + eps)
    return narrow(x, weight, *formula(dy, x, weight, h.mean(), rstd, axis=every))


@plant(BWD, "batch-mixed")
def autograd_over_two_axes(dy, x, weight, eps):
    def forward(h, gain, shift):
        h, var = squares(h, (-2, -1) if h.ndim > 1 else (-1,))
        return h / (var + eps).sqrt() * gain + shift

    return by_autograd(forward, dy, x, weight)


def with_means(dy, x, weight, eps, of_x, of_dx, variance=None):
    """The right formula; `of_x` and `of_dx` are the means for the statistics and for dx."""
    h, up = wide(x), wide(dy)
    centred = h - of_x(h)
    rstd = 1 / np.sqrt((of_x(centred**2) if variance is None else variance(h)) + eps)
    x_hat, g = centred * rstd, up * weight
    dx = (g - of_dx(g) - x_hat * of_dx(g * x_hat)) * rstd
    return narrow(x, weight, dx, summed(up * x_hat), summed(up))


@plant(BWD, "keepdims-forgotten")
def means_that_lost_their_axis(dy, x, weight, eps):
    return with_means(dy, x, weight, eps, lambda a: a.mean(-1), lambda a: a.mean(-1))


@plant(BWD, "keepdims-forgotten")
def as_numpys_var_has_it(dy, x, weight, eps):
    return with_means(
        dy, x, weight, eps, lambda a: a.mean(-1), lambda a: a.mean(-1), lambda h: h.var(-1)
    )


@plant(BWD, "keepdims-forgotten")
def statistics_that_lost_their_axis(dy, x, weight, eps):
    return with_means(dy, x, weight, eps, lambda a: np.mean(a, -1), mean, lambda h: np.var(h, -1))


@plant(BWD, "keepdims-forgotten")
def means_of_the_gradient_that_lost_their_axis(dy, x, weight, eps):
    return with_means(dy, x, weight, eps, mean, lambda a: np.add.reduce(a, -1) / x.shape[-1])


@plant(BWD, "one-pass-variance")
def formula_with_difference_of_squares(dy, x, weight, eps):
    h = wide(x)
    var = np.square(h).mean(-1, keepdims=True) - np.square(mean(h))
    return narrow(x, weight, *formula(dy, x, weight, mean(h), 1 / np.sqrt(var + eps)))


@plant(BWD, "one-pass-variance")
def two_sums(dy, x, weight, eps):
    h, D = wide(x), x.shape[-1]
    s, q = np.einsum("...d->...", h), np.einsum("...d,...d->...", h, h)
    var = np.clip(q / D - (s / D) ** 2, 0, None)
    rstd = 1 / np.sqrt(var + eps)
    return narrow(x, weight, *formula(dy, x, weight, (s / D)[..., None], rstd[..., None]))


@plant(BWD, "low-precision-statistics")
def sums_in_the_dtype_of_x(dy, x, weight, eps):
    D = x.shape[-1]
    with np.errstate(all="ignore"):
        mu = x.sum(-1, keepdims=True) / D
        var = ((x - mu) ** 2).sum(-1, keepdims=True) / D
        rstd = (1 / np.sqrt(var + x.dtype.type(eps))).astype(x.dtype)
        return narrow(x, weight, *formula(dy, x, weight, mu, rstd))


@plant(BWD, "low-precision-statistics")
def everything_in_the_dtype_of_x(dy, x, weight, eps):
    with np.errstate(all="ignore"):
        h = x - x.mean(-1, keepdims=True)
        var = np.square(h).mean(-1, keepdims=True)
        rstd = 1 / np.sqrt(var + x.dtype.type(eps))
        x_hat, g = h * rstd, dy * weight
        dx = rstd * (g - g.mean(-1, keepdims=True) - x_hat * (g * x_hat).mean(-1, keepdims=True))
        return narrow(x, weight, dx, summed(dy * x_hat), summed(dy))


@plant(BWD, "input-modified")
def scales_dy_in_place(dy, x, weight, eps):
    dx = right_dx(dy, x, weight, eps)
    h = wide(x) - mean(wide(x))
    x_hat = h / np.sqrt(mean(h * h) + eps)
    dweight, dbias = summed(wide(dy) * x_hat), summed(wide(dy))
    dy *= weight
    return narrow(x, weight, dx, dweight, dbias)


@plant(BWD, "input-modified")
def normalizes_x_in_place(dy, x, weight, eps):
    h = wide(x)
    centre, rstd = mean(h), 1 / np.sqrt(h.var(-1, keepdims=True) + eps)
    grads = formula(dy, x, weight, centre, rstd)
    np.copyto(x, ((h - centre) * rstd).astype(x.dtype))
    return narrow(x, weight, *grads)


@plant(BWD, "wrong-dtype")
def in_double(dy, x, weight, eps):
    h = x.astype(np.float64)
    rstd = 1 / np.sqrt(h.var(-1, keepdims=True) + eps)
    return formula(dy, x, weight, mean(h), rstd, dtype=np.float64)


@plant(BWD, "wrong-dtype")
def dx_row_by_row_in_a_new_array(dy, x, weight, eps):
    dx = np.empty(x.shape)  # float64, whatever x is
    dweight, dbias = np.zeros(x.shape[-1]), np.zeros(x.shape[-1])
    for where in np.ndindex(x.shape[:-1]):
        row, up = x[where].astype(float), dy[where].astype(float)
        sigma = np.sqrt(row.var() + eps)
        x_hat, g = (row - row.mean()) / sigma, up * weight
        dx[where] = (g - g.mean() - x_hat * (g @ x_hat) / len(row)) / sigma
        dweight += up * x_hat
        dbias += up
    return dx, dweight, dbias


# Several mistakes at once ------------------------------------------------------------------------


@plant(BWD, "backward-forgets-weight", "parameter-gradient-averaged")
def dy_for_g_and_means_for_sums(dy, x, weight, eps):
    dx, dweight, dbias = by_autograd(
        lambda h, gain, shift: torch.nn.functional.layer_norm(h, gain.shape, gain, shift, eps),
        dy, x, np.ones_like(weight),
    )  # fmt: skip
    rows = x.size // x.shape[-1]
    return dx, (dweight / rows).astype(x.dtype), (dbias / rows).astype(x.dtype)


@plant(BWD, "backward-missing-projection", "eps-ignored")
def centres_with_an_eps_of_its_own(dy, x, weight, eps):
    h, g = wide(x) - mean(wide(x)), wide(dy) * wide(weight)
    rstd = 1 / np.sqrt(mean(h * h) + 1e-6)
    parameters = summed(wide(dy) * h * rstd), summed(wide(dy))
    return narrow(x, weight, rstd * (g - mean(g)), *parameters)
