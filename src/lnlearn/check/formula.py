"""The formula of layer norm, with a switch for each mistake.

Written for NumPy arrays and for tensors: both have ``mean``, ``sum`` and ``**``. Without switches
it is the right one.
"""

import functools

import numpy as np

# The gradient of a wrong forward pass, or the right formula with wrong statistics: both are seen.
EXACTLY, ALONE = ", differentiated", ", the statistics alone"


def layer_norm(wrong, x, weight, bias, eps, constant=lambda statistic: statistic):
    """Normalize over the axes that `weight` has, making the mistakes in `wrong`.

    `constant` takes a statistic out of what autograd differentiates.
    """
    if "affine-before-norm" in wrong:
        x, weight, bias = x * weight + bias, constant(weight) * 0 + 1, constant(bias) * 0
    weight, bias = parameters(wrong, weight, bias, constant)
    centred, rstd = statistics(wrong, x, tuple(range(-weight.ndim, 0)), eps, constant)
    x_hat = centred if "not-scaled" in wrong else centred * rstd
    return x_hat * weight + bias


def statistics(wrong, x, axes, eps, constant=lambda statistic: statistic):
    """Return what becomes of ``x - mean``, and ``1 / sqrt(variance + eps)``."""
    eps = epsilon(wrong, eps)
    axes = averaged(wrong, axes, x.shape)
    count = np.prod([x.shape[axis] for axis in axes])

    mean = x.mean(axes, keepdims=True)
    if wrong & {"detached-mean", "detached-statistics"}:
        mean = constant(mean)
    centred = x if "mean-not-subtracted" in wrong else x - mean

    if "one-pass-variance" in wrong:
        variance = (x * x).mean(axes, keepdims=True) - mean * mean
    else:
        variance = (centred * centred).mean(axes, keepdims=True)
    if lanes := padded(wrong, int(count)):
        variance = variance + mean * mean * float((lanes - count) / count)
    if "unbiased-variance" in wrong:
        variance = variance * (float(count / (count - 1)) if count > 1 else np.nan)
    if wrong & {"detached-variance", "detached-statistics"}:
        variance = constant(variance)

    if "mean-not-subtracted from the numerator" in wrong:
        centred = x
    if "root-missing" in wrong:
        return centred, 1 / (variance + eps)
    if "eps-outside-sqrt" in wrong:
        return centred, 1 / (variance**0.5 + eps)
    if "eps-outside-sqrt, by std" in wrong:  # whose gradient is 0, not NaN, for a constant token
        return centred, 1 / ((variance + 1e-30) ** 0.5 + eps)
    if "eps-outside-sqrt, of the variance" in wrong:  # its root is added
        return centred, 1 / (variance**0.5 + eps**0.5)
    return centred, 1 / (variance + eps) ** 0.5


def padded(wrong, count):
    """The width to which `count` features are padded; 0 if they are not."""
    for lanes in (8, 1024):
        if f"padded-lanes {lanes}" in wrong:
            return -(-count // lanes) * lanes
    return 1 << (count - 1).bit_length() if "padded-lanes" in wrong else 0  # a power of two


def epsilon(wrong, eps):
    """The eps that is used."""
    for switch in wrong:
        if switch.startswith("eps-ignored "):
            return float(switch.split()[1])
    return 0.0 if "eps-missing" in wrong else eps


def averaged(wrong, axes, shape):
    """The axes that share a mean, counted from the end; `axes` are the right ones."""
    ndim = len(shape)
    if "wrong-axis 0" in wrong:
        return (-ndim,)
    if "wrong-axis 1" in wrong:
        return (min(1, ndim - 1) - ndim,)
    if "wrong-axis before" in wrong:  # the one before those of the features
        return (max(-ndim, -1 - len(axes)),)
    if "wrong-axis first" in wrong:  # as many, from the other end
        return tuple(range(-ndim, len(axes) - ndim))
    if "wrong-axis last" in wrong:
        return (-1,)
    if "wrong-axis by its length" in wrong:  # the first that is as long as the features are many
        return (shape.index(shape[-1]) - ndim,)
    if "batch-mixed all" in wrong:
        return tuple(range(-ndim, 0))
    if "batch-mixed" in wrong:
        return tuple(range(-min(ndim, len(axes) + 1), 0))
    return axes


def parameters(wrong, weight, bias, constant=lambda parameter: parameter):
    """The weight and the bias that are used."""
    if "weight-and-bias-swapped" in wrong:
        weight, bias = bias, weight
    zero = constant(weight) * 0
    if "weight-skipped" in wrong:
        weight = zero + 1
    if "bias-skipped" in wrong:
        bias = zero
    if wrong & {"scalar-affine", "scalar-affine both"}:
        weight = zero + weight.reshape(-1)[0]
    if wrong & {"scalar-affine bias", "scalar-affine both"}:
        bias = zero + bias.reshape(-1)[0]
    if "scalar-affine mean" in wrong:
        weight = zero + weight.mean()
    return weight, bias


def widened(wrong, x):
    """`x` in the dtype in which sums are taken: float32 at least, or not."""
    return x if "low-precision-statistics" in wrong else x.astype(np.result_type(x, np.float32))


def returned(wrong, y, x):
    """`y` in the dtype of `x`, or not."""
    if "wrong-dtype" in wrong:
        return y.astype(np.float64)
    if "wrong-dtype float32 for float16" in wrong:  # not cast back
        return y.astype(np.result_type(x, np.float32))
    return y.astype(np.float32 if "wrong-dtype float32" in wrong else x.dtype)


# Backward ----------------------------------------------------------------------------------------


def layer_norm_backward(wrong, dy, x, weight, eps):
    """Return dx, dweight and dbias of layer norm over the last axis of an array."""
    alone = any(switch.endswith(ALONE) for switch in wrong)
    exactly = any(switch.endswith(EXACTLY) for switch in wrong)
    wrong = frozenset(switch.removesuffix(ALONE).removesuffix(EXACTLY) for switch in wrong)
    given, dy, x, w = x, *(widened(wrong, a) for a in (dy, x, weight))
    centred, rstd = statistics(wrong, x, (-1,), eps)
    axes = (-1,) if alone else averaged(wrong, (-1,), x.shape)
    x_hat = centred * rstd
    for_weight = x_hat * w if "backward-of-xhat-with-y" in wrong else x_hat
    if "backward-of-xhat-with-y everywhere" in wrong:
        x_hat = for_weight = x_hat * w

    dx = g = dy if "backward-forgets-weight" in wrong else dy * w
    if not wrong & {"backward-missing-mean", "detached-statistics"}:
        dx = dx - g.mean(axes, keepdims=True)
    if not wrong & {"backward-missing-projection", "detached-statistics"}:
        along = (g * x_hat).mean(axes, keepdims=True)
        dx = dx - x_hat * along * (_slope(wrong, rstd, eps, x.shape[-1]) if exactly else 1)
    dx = returned(wrong, dx * rstd, given)
    dweight, dbias = (
        returned(wrong, _over_rows(wrong, a, name), weight)
        for a, name in ((dy * for_weight, "weight"), (dy, "bias"))
    )
    if "input-modified" in wrong:
        given[...] = dx
    return dx, dweight, dbias


def _slope(wrong, rstd, eps, D):
    """How much more a wrong sigma changes with x than the right formula for dx says."""
    slope = D / (D - 1) if "unbiased-variance" in wrong else 1.0
    if wrong & {"eps-outside-sqrt", "eps-outside-sqrt, by std"}:
        sigma = 1 / rstd - eps
        slope = slope / (rstd * sigma)
        if "eps-outside-sqrt, by std" in wrong:  # autograd takes it for 0 where sigma is 0
            slope = np.where(sigma > 1e-9, slope, 0)
    return slope


def _over_rows(wrong, a, name):
    axes = tuple(range(a.ndim - 1))
    switch = "parameter-gradient-not-summed"
    if switch in wrong or f"{switch} {name}" in wrong:
        return a
    if f"{switch}, all axes but the first and last" in wrong:
        axes = axes[:1]
    if f"{switch}, all axes but the first" in wrong:
        axes = (0,)
    rows = a.sum(axes)
    return rows / (a.size / a.shape[-1]) if "parameter-gradient-averaged" in wrong else rows


# Over other axes ---------------------------------------------------------------------------------


def where_shapes_meet(function):
    """A formula in which a mistake that NumPy refuses gives None."""

    @functools.wraps(function)
    def run(wrong, *arguments):
        try:
            return function(wrong, *arguments)
        except (ValueError, IndexError):
            if wrong:
                return None
            raise

    return run


def standardized(wrong, x, axes, eps):
    """Normalize over `axes`, or over those of a mistake."""
    for switch in wrong:
        if " over " in switch:
            axes = tuple(map(int, switch.split(" over ")[1].split()))
    centred, rstd = statistics(wrong, x, axes, eps)
    if "keepdims-forgotten" in wrong:
        centred, rstd = x - x.mean(axes), rstd.squeeze(axes)
    return centred if "not-scaled" in wrong else centred * rstd


def returned_or_kept(wrong, y, x):
    """`y` in the dtype of `x`, which may be overwritten."""
    y = returned(wrong, y, x)
    if "input-modified" in wrong:
        x[...] = np.resize(y, x.shape)
    return y
