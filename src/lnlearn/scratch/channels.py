"""Batch, instance and group norm: layer norm's formula, with other numbers sharing a mean.

Every forward function returns y, of the shape and dtype of `x`. Every backward function takes the
gradient `dy` of a loss with respect to y, then the same arguments, and returns the gradients with
respect to `x` and to each parameter, None for one that is None. Sums are taken in float32 at least.
Bad input raises TypeError or ValueError, as in `lnlearn.scratch.layer_norm`. The source of each
formula is named with it; that of its gradients is the chain rule. Written to be read, not for
speed.
"""

import numpy as np

from lnlearn import _arguments
from lnlearn.scratch import layernorm
from lnlearn.scratch._common import parameter_gradient, upcast


def batch_norm(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    """Each channel of `x`, of shape (N, C, ...), over the batch and all positions, as in training.

    `weight` and `bias` have shape (C,). There are no running averages: this is the function that a
    batch norm computes in training, where every example depends on all the others.

    Source: S. Ioffe and C. Szegedy, "Batch Normalization", 2015, arXiv:1502.03167, algorithm 1.

    Examples
    --------
    >>> x = np.array([[1.0, 10.0], [3.0, 50.0]])
    >>> batch_norm(x, eps=0)
    array([[-1., -1.],
           [ 1.,  1.]])
    """
    return _norm(_channels(x), None, weight, bias, eps)


def batch_norm_backward(
    dy: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Gradients of `batch_norm`: (dx, dweight, dbias)."""
    return _norm_backward(dy, _channels(x), None, weight, bias, eps)


def instance_norm(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    """Each channel of each example of `x`, of shape (N, C, ...), over its positions.

    `weight` and `bias` have shape (C,).

    Source: D. Ulyanov, A. Vedaldi and V. Lempitsky, "Instance Normalization", 2016,
    arXiv:1607.08022.

    Examples
    --------
    >>> instance_norm(np.array([[[1.0, 3.0], [10.0, 50.0]]]), eps=0)
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    x = _channels(x, 3)
    return _norm(x, x.shape[1], weight, bias, eps)


def instance_norm_backward(
    dy: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Gradients of `instance_norm`: (dx, dweight, dbias)."""
    x = _channels(x, 3)
    return _norm_backward(dy, x, x.shape[1], weight, bias, eps)


def group_norm(
    x: np.ndarray,
    num_groups: int,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    """Each group of neighbouring channels of each example of `x`, of shape (N, C, ...).

    With one group all channels and positions share a mean, as in a layer norm over (C, ...); but
    `weight` and `bias` have shape (C,). With C groups it is `instance_norm`.

    Raises
    ------
    TypeError, ValueError
        Also when `num_groups` is not an integer that divides C.

    Notes
    -----
    Source: Y. Wu and K. He, "Group Normalization", 2018, arXiv:1803.08494.

    Examples
    --------
    >>> group_norm(np.array([[1.0, 3.0, 10.0, 50.0]]), 2, eps=0)
    array([[-1.,  1., -1.,  1.]])
    """
    x = _grouped(x, num_groups)
    return _norm(x, num_groups, weight, bias, eps)


def group_norm_backward(
    dy: np.ndarray,
    x: np.ndarray,
    num_groups: int,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Gradients of `group_norm`: (dx, dweight, dbias)."""
    x = _grouped(x, num_groups)
    return _norm_backward(dy, x, num_groups, weight, bias, eps)


# The formula, and the arguments ------------------------------------------------------------------


def _norm(x, groups, weight, bias, eps):
    """Layer norm of the rows that share a mean; then scale and shift the channels of `x`."""
    weight, bias, eps = _channel_arguments(x, weight, bias, eps)
    with np.errstate(all="ignore"):
        x_hat, _, _ = layernorm.forward(_rows(upcast(x), groups), 1, 0, eps)
        y = _unrows(x_hat, x.shape, groups)
        y = y if weight is None else y * weight
        return (y if bias is None else y + bias).astype(x.dtype)


def _norm_backward(dy, x, groups, weight, bias, eps):
    """Layer norm's backward pass over the same rows, and the sums over all but the channels."""
    aligned, _, eps = _channel_arguments(x, weight, bias, eps)
    dy = _arguments.array_of_shape("dy", dy, x.shape, "the shape of x")
    with np.errstate(all="ignore"):
        rows = _rows(upcast(x), groups)
        x_hat, mean, rstd = layernorm.forward(rows, 1, 0, eps)
        dy = dy.astype(rows.dtype)
        g = _rows(dy if aligned is None else dy * aligned, groups)
        dx, _, _ = layernorm.backward(g, rows, 1, mean, rstd)
        shared = (0, *range(2, x.ndim))
        return (
            _unrows(dx, x.shape, groups).astype(x.dtype),
            parameter_gradient((dy * _unrows(x_hat, x.shape, groups)).sum(shared), weight),
            parameter_gradient(dy.sum(shared), bias),
        )


def _rows(a, groups):
    """`a`, (N, C, ...), as a matrix with a row for the numbers that share a mean.

    Those are the channels of a group in one example; where `groups` is None, a channel in all.
    """
    a = a.swapaxes(0, 1) if groups is None else a
    count = len(a) * (groups or 1)
    return np.ascontiguousarray(a.reshape(count, a.size // count if count else 0))


def _unrows(rows, shape, groups):
    """What `_rows` has made rows of, in its own shape again."""
    if groups is None:
        return rows.reshape(shape[1], shape[0], *shape[2:]).swapaxes(0, 1)
    return rows.reshape(shape)


def _channel_arguments(x, weight, bias, eps):
    """Check; return weight and bias shaped so that they line up with the channels of `x`."""
    C = x.shape[1]
    aligned = (C,) + (1,) * (x.ndim - 2)

    def lined_up(name, value):
        if value is None:
            return None
        value = _arguments.array_of_shape(name, value, (C,), "one number for each channel")
        return value.reshape(aligned)

    return lined_up("weight", weight), lined_up("bias", bias), _arguments.epsilon(eps)


def _channels(x, ndim=2):
    x = _arguments.floating_array("x", x)
    if x.ndim < ndim:
        names = ", ".join(["N", "C", "L"][:ndim])
        raise ValueError(
            f"x needs at least {ndim} dimensions, ({names}, ...), got shape {x.shape}. "
            f"Reshape it so that the batch comes first and the channels second."
        )
    return x


def _grouped(x, num_groups):
    x = _channels(x)
    if isinstance(num_groups, bool) or not isinstance(num_groups, (int, np.integer)):
        raise TypeError(
            f"num_groups needs to be an integer, got {num_groups!r}. "
            f"Pass a number that divides the {x.shape[1]} channels of x."
        )
    if num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(
            f"num_groups needs to divide the channels of x, got {num_groups} for {x.shape[1]}. "
            f"Pass 1, {x.shape[1]} or a number between them that divides it."
        )
    return x
