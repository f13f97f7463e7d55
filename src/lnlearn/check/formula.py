"""The formula of layer norm, which makes the mistakes that it is told.

Its first argument, `ways`, is a set: each way to make a mistake is a text, or one of the values
below. With an empty set the formula is right. The forward pass is written for NumPy arrays and for
tensors, which both have ``mean``, ``sum`` and ``**``.
"""

import functools
from typing import NamedTuple

import numpy as np

# The means lose their axis. Then the variance is right if it is NumPy's `var`, or wrong as well.
KEEPDIMS_FORGOTTEN = ("keepdims-forgotten", "keepdims-forgotten, in the variance too")


class Over(NamedTuple):
    """To make a mistake by taking the mean over these axes."""

    mistake: str
    axes: tuple[int, ...]


class OwnEps(NamedTuple):
    """To ignore eps and use this one."""

    eps: float


class PaddedTo(NamedTuple):
    """To pad a row to a multiple of this many lanes."""

    lanes: int


def layer_norm(ways, x, weight, bias, eps, constant=lambda statistic: statistic):
    """Normalize over the axes that `weight` has, making mistakes in these `ways`.

    `constant` takes a statistic out of what autograd differentiates.
    """
    if "affine-before-norm" in ways:
        x, weight, bias = x * weight + bias, constant(weight) * 0 + 1, constant(bias) * 0
    weight, bias = parameters(ways, weight, bias, constant)
    centred, rstd = statistics(ways, x, tuple(range(-weight.ndim, 0)), eps, constant)
    return scaled_and_shifted(ways, scaled(ways, centred, rstd), weight, bias)


def statistics(ways, x, axes, eps, constant=lambda statistic: statistic):
    """Return what becomes of ``x - mean``, and ``1 / sqrt(variance + eps)``."""
    eps = epsilon(ways, eps)
    axes = averaged(ways, axes, x.shape)
    count = np.prod([x.shape[axis] for axis in axes])

    mean = x.mean(axes, keepdims=True)
    if ways & {"detached-mean", "detached-statistics"}:
        mean = constant(mean)
    centred = x if "mean-not-subtracted" in ways else x - mean

    if "uncentred-variance" in ways:
        variance = (x * x).mean(axes, keepdims=True)
    elif "squares-not-averaged" in ways:
        variance = (centred * centred).sum(axes, keepdims=True)
    elif "one-pass-variance" in ways:
        variance = (x * x).mean(axes, keepdims=True) - mean * mean
    else:
        variance = (centred * centred).mean(axes, keepdims=True)
    if lanes := padded(ways, int(count)):
        variance = variance + mean * mean * float((lanes - count) / count)
    if "unbiased-variance" in ways:
        variance = variance * (float(count / (count - 1)) if count > 1 else np.nan)
    if ways & {"detached-variance", "detached-statistics"}:
        variance = constant(variance)

    if "mean-not-subtracted from the numerator" in ways:
        centred = x
    if "root-missing" in ways:
        return centred, 1 / (variance + eps)
    if "eps-as-floor" in ways:
        return centred, 1 / variance.clip(eps) ** 0.5
    if "eps-as-floor, of the deviation" in ways:
        return centred, 1 / (variance**0.5).clip(eps)
    if "eps-outside-sqrt" in ways:
        return centred, 1 / (variance**0.5 + eps)
    if "eps-outside-sqrt, by std" in ways:  # whose gradient is 0, not NaN, for a constant token
        return centred, 1 / ((variance + 1e-30) ** 0.5 + eps)
    if "eps-outside-sqrt, of the variance" in ways:  # its root is added
        return centred, 1 / (variance**0.5 + eps**0.5)
    return centred, 1 / (variance + eps) ** 0.5


def scaled(ways, centred, rstd):
    """The deviations over the standard deviation, or not."""
    if "not-scaled, but multiplied" in ways:
        return centred / rstd
    return centred if "not-scaled" in ways else centred * rstd


def scaled_and_shifted(ways, x_hat, weight, bias):
    """``x_hat * weight + bias``, or something like it."""
    if "one-plus-weight" in ways:
        weight = 1 + weight
    if "weight-twice" in ways:
        weight = weight * weight
    return (x_hat + bias) * weight if "bias-before-weight" in ways else x_hat * weight + bias


def padded(ways, count):
    """The width to which `count` features are padded; 0 if they are not."""
    for way in ways:
        if isinstance(way, PaddedTo):
            return -(-count // way.lanes) * way.lanes
    return 1 << (count - 1).bit_length() if "padded-lanes" in ways else 0  # a power of two


def epsilon(ways, eps):
    """The eps that is used."""
    for way in ways:
        if isinstance(way, OwnEps):
            return way.eps
    if "eps-squared" in ways:
        return eps * eps
    return 0.0 if "eps-missing" in ways else eps


def averaged(ways, axes, shape):
    """The axes that share a mean, counted from the end; `axes` are the right ones."""
    ndim = len(shape)
    if "wrong-axis 0" in ways:
        return (-ndim,)
    if "wrong-axis 1" in ways:
        return (min(1, ndim - 1) - ndim,)
    if "wrong-axis before" in ways:  # the one before those of the features
        return (max(-ndim, -1 - len(axes)),)
    if "wrong-axis first" in ways:  # as many, from the other end
        return tuple(range(-ndim, len(axes) - ndim))
    if "wrong-axis last" in ways:
        return (-1,)
    if "wrong-axis by its length" in ways:  # the first that is as long as the features are many
        return (shape.index(shape[-1]) - ndim,)
    if "batch-mixed all" in ways:
        return tuple(range(-ndim, 0))
    if "batch-mixed" in ways:
        return tuple(range(-min(ndim, len(axes) + 1), 0))
    return axes


def parameters(ways, weight, bias, constant=lambda parameter: parameter):
    """The weight and the bias that are used."""
    if "weight-and-bias-swapped" in ways:
        weight, bias = bias, weight
    zero = constant(weight) * 0
    if "weight-skipped" in ways:
        weight = zero + 1
    if "bias-skipped" in ways:
        bias = zero
    if ways & {"scalar-affine", "scalar-affine both"}:
        weight = zero + weight.reshape(-1)[0]
    if ways & {"scalar-affine bias", "scalar-affine both"}:
        bias = zero + bias.reshape(-1)[0]
    if "scalar-affine mean" in ways:
        weight = zero + weight.mean()
    return weight, bias


def widened(ways, x):
    """`x` in the dtype in which sums are taken: float32 at least, or not."""
    return x if "low-precision-statistics" in ways else x.astype(np.result_type(x, np.float32))


def returned(ways, y, x):
    """`y` in the dtype of `x`, or not."""
    if "wrong-dtype" in ways:
        return y.astype(np.float64)
    if "wrong-dtype float32 for float16" in ways:  # not cast back
        return y.astype(np.result_type(x, np.float32))
    return y.astype(np.float32 if "wrong-dtype float32" in ways else x.dtype)


def handed_back(ways, y, x):
    """`y` in the dtype of `x`, or not; afterwards `x` is what it was, or not."""
    y = returned(ways, y, x)
    if "input-modified" in ways:
        x[...] = np.resize(y, x.shape)
    return y


# Over other axes ---------------------------------------------------------------------------------


def where_shapes_meet(function):
    """A formula in which a mistake that NumPy refuses gives None."""

    @functools.wraps(function)
    def run(ways, *arguments):
        try:
            return function(ways, *arguments)
        except (ValueError, IndexError):
            if ways:
                return None
            raise

    return run


def standardized(ways, x, axes, eps):
    """Normalize over `axes`, or over those of a mistake."""
    for way in ways:
        if isinstance(way, Over):
            axes = way.axes
    centred, rstd = statistics(ways, x, axes, eps)
    if ways.intersection(KEEPDIMS_FORGOTTEN):
        centred, rstd = without_keepdims(ways, x, rstd, axes, eps)
    return scaled(ways, centred, rstd)


def without_keepdims(ways, x, rstd, axes, eps):
    """``x - mean`` and ``1 / s`` where means have lost `axes`, and line up with other ones."""
    centred = x if "mean-not-subtracted" in ways else x - x.mean(axes)
    if "keepdims-forgotten, in the variance too" in ways:
        return centred, 1 / ((centred * centred).mean(axes) + eps) ** 0.5
    return centred, rstd.squeeze(axes)
