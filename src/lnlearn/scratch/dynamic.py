"""RMS norms whose gain depends on what comes in: by a gate, or by the token itself.

A forward function returns y, of the shape and dtype of `x`, and a backward function takes the
gradient `dy` first and returns the gradients of `x` and of the parameters, in the order of the
arguments. Sums are taken in float32 at least. Bad input raises TypeError or ValueError. The source
of each formula is named with it.

With the gain written as one array G, both are ``y = G * x_hat``, and with ``g = dy * G`` both have
RMS norm's ``dx``; what is added is the path through G.
"""

import numpy as np

from lnlearn import _arguments
from lnlearn.scratch._common import average, parameter_gradient, reciprocal_root, upcast


def gated_rms_norm(
    x: np.ndarray, gate: np.ndarray, weight: np.ndarray, eps: float = 1e-6
) -> np.ndarray:
    """``y = weight * x_hat * silu(gate)``, where ``silu(t) = t / (1 + exp(-t))``.

    Parameters
    ----------
    x, gate : ndarray of shape (..., D), float16, float32 or float64
        The gate is computed by another layer; each feature of `x` has its own.
    weight : ndarray of shape (D,)
    eps : float, default 1e-6

    Returns
    -------
    y : ndarray of the shape and dtype of `x`

    Notes
    -----
    Source: `Qwen3NextRMSNormGated` in Hugging Face's transformers, which normalizes before the
    gate. There the statistics are in float32 and `x_hat` is rounded to the dtype of `x` first.

    Examples
    --------
    >>> gated_rms_norm(np.array([3.0, 4.0]), np.array([0.0, 9.0]), np.ones(2)).round(4)
    array([ 0.    , 10.1811])
    """
    rows, gate, weight, eps = _gated_arguments(x, gate, weight, eps)
    with np.errstate(all="ignore"):
        x_hat, _ = _divide_by_rms(rows, eps)
        return (weight * x_hat * gate * _sigmoid(gate)).astype(x.dtype)


def gated_rms_norm_backward(
    dy: np.ndarray, x: np.ndarray, gate: np.ndarray, weight: np.ndarray, eps: float = 1e-6
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `gated_rms_norm`: (dx, dgate, dweight)."""
    rows, wide_gate, wide_weight, eps = _gated_arguments(x, gate, weight, eps)
    dy = upcast(_arguments.array_of_shape("dy", dy, x.shape, "the shape of x"))
    with np.errstate(all="ignore"):
        x_hat, rstd = _divide_by_rms(rows, eps)
        opened = _sigmoid(wide_gate)
        silu, slope = wide_gate * opened, opened * (1 + wide_gate * (1 - opened))
        dx = _through_rms(dy * wide_weight * silu, x_hat, rstd)
        dgate = dy * wide_weight * x_hat * slope
        dweight = _over_rows(dy * x_hat * silu)
    return (
        dx.astype(x.dtype),
        dgate.astype(gate.dtype),
        parameter_gradient(dweight, weight),
    )


def seed_norm(
    x: np.ndarray, weight: np.ndarray, alpha: np.ndarray, beta: np.ndarray, eps: float = 1e-6
) -> np.ndarray:
    """SeeDNorm: ``y = (weight + alpha * tanh(x @ beta)) * x_hat``.

    ``x @ beta`` is one number for each token, which knows how large the token is.

    Parameters
    ----------
    x : ndarray of shape (..., D), float16, float32 or float64
    weight, alpha, beta : ndarray of shape (D,)
        With `alpha` or `beta` 0 it is an RMS norm.
    eps : float, default 1e-6

    Returns
    -------
    y : ndarray of the shape and dtype of `x`

    Notes
    -----
    Source: W. Cai, D. Zhu, Q. Liu and Q. Min, "SeeDNorm: Self-Rescaled Dynamic Normalization",
    2025, arXiv:2510.22777.

    Examples
    --------
    >>> x, one = np.array([3.0, 4.0]), np.ones(2)
    >>> seed_norm(x, one, one, 0 * one).round(4)  # an RMS norm
    array([0.8485, 1.1314])
    >>> seed_norm(x, one, one, one).round(4)  # tanh(7) is nearly 1
    array([1.6971, 2.2627])
    """
    rows, weight, alpha, beta, eps = _seed_arguments(x, weight, alpha, beta, eps)
    with np.errstate(all="ignore"):
        x_hat, _ = _divide_by_rms(rows, eps)
        return ((weight + alpha * _tanh(rows, beta)) * x_hat).astype(x.dtype)


def seed_norm_backward(
    dy: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    alpha: np.ndarray,
    beta: np.ndarray,
    eps: float = 1e-6,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `seed_norm`: (dx, dweight, dalpha, dbeta)."""
    given = weight, alpha, beta
    rows, weight, alpha, beta, eps = _seed_arguments(x, weight, alpha, beta, eps)
    dy = upcast(_arguments.array_of_shape("dy", dy, x.shape, "the shape of x"))
    with np.errstate(all="ignore"):
        x_hat, rstd = _divide_by_rms(rows, eps)
        t = _tanh(rows, beta)
        along = (dy * alpha * x_hat).sum(-1, keepdims=True) * (1 - t * t)  # dL / d(x @ beta)
        dx = _through_rms(dy * (weight + alpha * t), x_hat, rstd) + along * beta
        found = _over_rows(dy * x_hat), _over_rows(dy * x_hat * t), _over_rows(along * rows)
    return dx.astype(x.dtype), *map(parameter_gradient, found, given)


# Pieces and arguments ----------------------------------------------------------------------------

EACH = "a number for each feature of x"


def _divide_by_rms(x, eps):
    rstd = reciprocal_root(average(x, x), eps)
    return x * rstd, rstd


def _through_rms(g, x_hat, rstd):
    """The gradient of x where g is that of x_hat."""
    return (g - x_hat * average(g, x_hat)) * rstd


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _tanh(x, beta):
    return np.tanh((x * beta).sum(-1, keepdims=True))


def _over_rows(a):
    return a.sum(tuple(range(a.ndim - 1)))


def _gated_arguments(x, gate, weight, eps):
    x = _arguments.floating_array("x", x)
    shape = _arguments.last_dimension("x", x)
    gate = _arguments.array_of_shape("gate", gate, x.shape, "the shape of x")
    weight = _arguments.array_of_shape("weight", weight, shape, EACH)
    return upcast(x), upcast(gate), weight, _arguments.epsilon(eps)


def _seed_arguments(x, weight, alpha, beta, eps):
    x = _arguments.floating_array("x", x)
    shape = _arguments.last_dimension("x", x)
    named = {"weight": weight, "alpha": alpha, "beta": beta}
    vectors = [_arguments.array_of_shape(*one, shape, EACH) for one in named.items()]
    return upcast(x), *vectors, _arguments.epsilon(eps)
