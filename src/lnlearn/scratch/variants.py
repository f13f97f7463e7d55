"""The relatives of layer norm that leave something out: RMS norm, scale norm, dynamic tanh.

Every forward function returns y, of the shape and dtype of `x`. Every backward function takes the
gradient `dy` of a loss with respect to y, then the same arguments, and returns the gradients with
respect to `x` and to each parameter, None for one that is None. Sums are taken in float32 at least.
Bad input raises TypeError or ValueError, as in `lnlearn.scratch.layer_norm`. The source of each
formula is named with it; that of its gradients is the chain rule. Written to be read, not for
speed.
"""

import numpy as np

from lnlearn import _arguments
from lnlearn._arguments import Shape
from lnlearn.scratch._common import (
    average,
    nan_if_infinite,
    parameter_gradient,
    reciprocal_root,
    upcast,
)

# RMS norm: the mean is not subtracted ------------------------------------------------------------


def rms_norm(
    x: np.ndarray,
    normalized_shape: Shape,
    weight: np.ndarray | None = None,
    eps: float | None = None,
) -> np.ndarray:
    """``y = x / sqrt(mean(x**2) + eps) * weight``, the mean over the last dimensions.

    Parameters
    ----------
    x : ndarray of shape (..., *normalized_shape), float16, float32 or float64
    normalized_shape : int or sequence of int
        The last dimensions of `x`, those that share one mean square.
    weight : ndarray of shape (*normalized_shape,), optional
    eps : float, optional
        Left out: the machine epsilon of the dtype in which sums are taken, 1.19e-7 for float16
        and float32 and 2.22e-16 for float64, as in `torch.nn.functional.rms_norm`.

    Returns
    -------
    y : ndarray of the shape and dtype of `x`

    Notes
    -----
    Source: B. Zhang and R. Sennrich, "Root Mean Square Layer Normalization", 2019,
    arXiv:1910.07467, equation 4.

    Examples
    --------
    >>> rms_norm(np.array([3.0, 4.0]), 2).round(4)  # their root mean square is 3.5355
    array([0.8485, 1.1314])
    """
    rows, scale, eps = _rms_arguments(x, normalized_shape, weight, eps)
    with np.errstate(all="ignore"):
        x_hat, _ = _divide_by_rms(rows, eps)
        return (x_hat * scale).astype(x.dtype).reshape(x.shape)


def rms_norm_backward(
    dy: np.ndarray,
    x: np.ndarray,
    normalized_shape: Shape,
    weight: np.ndarray | None = None,
    eps: float | None = None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Gradients of `rms_norm`: (dx, dweight).

    With ``g = dy * weight``: ``dx = (g - x_hat * mean(g * x_hat)) / rms``. Layer norm's formula
    without the term of the mean.
    """
    rows, scale, eps = _rms_arguments(x, normalized_shape, weight, eps)
    dy = _arguments.array_of_shape("dy", dy, x.shape, "the shape of x")
    with np.errstate(all="ignore"):
        x_hat, rstd = _divide_by_rms(rows, eps)
        dy = dy.reshape(rows.shape).astype(rows.dtype)
        g = dy * scale
        dx = (g - x_hat * average(g, x_hat)) * rstd
        dweight = (dy * x_hat).sum(axis=0)
        return dx.astype(x.dtype).reshape(x.shape), parameter_gradient(dweight, weight)


# Scale norm and dynamic tanh ---------------------------------------------------------------------


def scale_norm(x: np.ndarray, scale: float, eps: float = 1e-5) -> np.ndarray:
    """``y = scale * x / max(norm(x), eps)``, with the length of each row and one learned number.

    Parameters
    ----------
    x : ndarray of shape (..., D), float16, float32 or float64
    scale : float
        One number for all features; sqrt(D) makes it an RMS norm without weight.
    eps : float, default 1e-5
        The smallest length that is divided by.

    Returns
    -------
    y : ndarray of the shape and dtype of `x`

    Notes
    -----
    Source: T. Q. Nguyen and J. Salazar, "Transformers without Tears", 2019, arXiv:1910.05895,
    equation 5.

    Examples
    --------
    >>> scale_norm(np.array([3.0, 4.0]), 10.0)
    array([6., 8.])
    """
    x, scale, eps = _scale_arguments(x, scale, eps)
    with np.errstate(all="ignore"):
        direction, _ = _divide_by_length(upcast(x), eps)
        return (scale * direction).astype(x.dtype)


def scale_norm_backward(
    dy: np.ndarray, x: np.ndarray, scale: float, eps: float = 1e-5
) -> tuple[np.ndarray, float]:
    """Gradients of `scale_norm`: (dx, dscale), dscale a number."""
    x, scale, eps = _scale_arguments(x, scale, eps)
    dy = _arguments.array_of_shape("dy", dy, x.shape, "the shape of x")
    with np.errstate(all="ignore"):
        direction, length = _divide_by_length(upcast(x), eps)
        dy = dy.astype(direction.dtype)
        along = (dy * direction).sum(-1, keepdims=True)
        # Where eps replaces the length, the length does not depend on x.
        dx = scale * (dy - np.where(length > eps, direction * along, 0)) / length
        return dx.astype(x.dtype), float(along.sum())


def dynamic_tanh(
    x: np.ndarray, alpha: float, weight: np.ndarray | None = None, bias: np.ndarray | None = None
) -> np.ndarray:
    """``y = tanh(alpha * x) * weight + bias``: no statistics at all.

    Parameters
    ----------
    x : ndarray of shape (..., D), float16, float32 or float64
    alpha : float
        One learned number for all features; 0.5 is where the paper starts.
    weight, bias : ndarray of shape (D,), optional

    Returns
    -------
    y : ndarray of the shape and dtype of `x`

    Notes
    -----
    Source: J. Zhu, X. Chen, K. He, Y. LeCun and Z. Liu, "Transformers without Normalization",
    2025, arXiv:2503.10622.

    Examples
    --------
    >>> dynamic_tanh(np.array([-100.0, 0.0, 1.0]), 0.5).round(4)
    array([-1.    ,  0.    ,  0.4621])
    """
    x, alpha, weight, bias = _tanh_arguments(x, alpha, weight, bias)
    with np.errstate(all="ignore"):
        y = np.tanh(alpha * upcast(x))
        y = y if weight is None else y * weight
        return (y if bias is None else y + bias).astype(x.dtype)


def dynamic_tanh_backward(
    dy: np.ndarray,
    x: np.ndarray,
    alpha: float,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
) -> tuple[np.ndarray, float, np.ndarray | None, np.ndarray | None]:
    """Gradients of `dynamic_tanh`: (dx, dalpha, dweight, dbias), dalpha a number."""
    x, alpha, weight, bias = _tanh_arguments(x, alpha, weight, bias)
    dy = _arguments.array_of_shape("dy", dy, x.shape, "the shape of x")
    x_upcast = upcast(x)
    dy = dy.astype(x_upcast.dtype)
    leading = tuple(range(x.ndim - 1))
    with np.errstate(all="ignore"):
        t = np.tanh(alpha * x_upcast)
        g = (dy if weight is None else dy * weight) * (1 - t * t)
        return (
            (alpha * g).astype(x.dtype),
            float((g * x_upcast).sum()),
            parameter_gradient((dy * t).sum(leading), weight),
            parameter_gradient(dy.sum(leading), bias),
        )


# Arguments and pieces ----------------------------------------------------------------------------


def _divide_by_rms(x, eps):
    rstd = reciprocal_root(average(x, x), eps)
    return x * rstd, rstd


def _divide_by_length(x, eps):
    square = nan_if_infinite((x * x).sum(-1, keepdims=True))
    length = np.maximum(np.sqrt(square), eps)
    return x / length, length


def _rms_arguments(x, normalized_shape, weight, eps):
    given = 0 if eps is None else eps
    rows, scale, _, given, _ = _arguments.rows(x, normalized_shape, weight, None, given)
    rows = upcast(rows)
    return rows, scale, float(np.finfo(rows.dtype).eps) if eps is None else given


def _scale_arguments(x, scale, eps):
    x = _arguments.floating_array("x", x)
    _arguments.last_dimension("x", x)
    return x, _arguments.number("scale", scale), _arguments.epsilon(eps)


def _tanh_arguments(x, alpha, weight, bias):
    x = _arguments.floating_array("x", x)
    shape = _arguments.last_dimension("x", x)
    weight = _arguments.parameter("weight", weight, shape)
    bias = _arguments.parameter("bias", bias, shape)
    return x, _arguments.number("alpha", alpha), weight, bias
