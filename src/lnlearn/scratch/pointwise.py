"""Derf, which like dynamic tanh stands where a norm stood and looks at each number alone.

Written to be read, as all of this folder is. Dynamic tanh itself is in `lnlearn.scratch.variants`.
"""

import math

import numpy as np

from lnlearn import _arguments
from lnlearn.scratch._common import parameter_gradient, upcast


def dynamic_erf(
    x: np.ndarray,
    alpha: float,
    shift: float = 0.0,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
) -> np.ndarray:
    """``y = erf(alpha * x + shift) * weight + bias``, with the error function erf.

    Parameters
    ----------
    x : ndarray of shape (..., D), float16, float32 or float64
    alpha, shift : float
        Learned numbers, one of each for all features; the paper starts at 0.5 and 0.
    weight, bias : ndarray of shape (D,), optional

    Returns
    -------
    y : ndarray of the shape and dtype of `x`

    Raises
    ------
    TypeError, ValueError
        As in `lnlearn.scratch.layer_norm`.

    Notes
    -----
    Source: M. Chen, T. Lu, J. Zhu, M. Sun and Z. Liu, "Stronger Normalization-Free Transformers",
    2025, arXiv:2512.10938, equation 10.

    Examples
    --------
    >>> dynamic_erf(np.array([-100.0, 0.0, 1.0]), 0.5).round(4)
    array([-1.    ,  0.    ,  0.5205])
    """
    x, alpha, shift, weight, bias = _erf_arguments(x, alpha, shift, weight, bias)
    with np.errstate(all="ignore"):
        y = erf(alpha * upcast(x) + shift)
        y = y if weight is None else y * weight
        return (y if bias is None else y + bias).astype(x.dtype)


def dynamic_erf_backward(
    dy: np.ndarray,
    x: np.ndarray,
    alpha: float,
    shift: float = 0.0,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
) -> tuple[np.ndarray, float, float, np.ndarray | None, np.ndarray | None]:
    """Gradients of `dynamic_erf`: (dx, dalpha, dshift, dweight, dbias).

    ``dy`` is the gradient of a loss with respect to y, of the shape of `x`. The slope of erf at z
    is ``2 / sqrt(pi) * exp(-z**2)``. `dalpha` and `dshift` are numbers; `dweight` and `dbias` are
    None for a parameter that is None.
    """
    x, alpha, shift, weight, bias = _erf_arguments(x, alpha, shift, weight, bias)
    dy = _arguments.array_of_shape("dy", dy, x.shape, "the shape of x")
    x_upcast = upcast(x)
    dy = dy.astype(x_upcast.dtype)
    leading = tuple(range(x.ndim - 1))
    with np.errstate(all="ignore"):
        z = alpha * x_upcast + shift
        g = (dy if weight is None else dy * weight) * np.exp(-z * z) * (2 / math.sqrt(math.pi))
        return (
            (alpha * g).astype(x.dtype),
            float((g * x_upcast).sum()),
            float(g.sum()),
            parameter_gradient((dy * erf(z)).sum(leading), weight),
            parameter_gradient(dy.sum(leading), bias),
        )


def erf(z):
    """The error function of each number of an array; NumPy has none of its own."""
    return np.vectorize(math.erf, otypes=[z.dtype])(z)


def _erf_arguments(x, alpha, shift, weight, bias):
    x = _arguments.floating_array("x", x)
    shape = _arguments.last_dimension("x", x)
    weight = _arguments.parameter("weight", weight, shape)
    bias = _arguments.parameter("bias", bias, shape)
    return x, _arguments.number("alpha", alpha), _arguments.number("shift", shift), weight, bias
