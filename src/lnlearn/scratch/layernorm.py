"""Layer normalization in NumPy.

Source: J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer Normalization", 2016, arXiv:1607.06450.
"""

import math

import numpy as np

from lnlearn import _arguments


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Give each row of `x` mean 0 and standard deviation 1, then stretch and shift it.

    A row is what the last dimensions of `x`, `normalized_shape`, hold: one token's features, say.
    Each row is treated alone::

        y = (x - mean(x)) / sqrt(variance(x) + eps) * weight + bias

    Parameters
    ----------
    x : ndarray of shape (..., *normalized_shape), float16, float32 or float64
        Not modified; any memory layout. A row that holds NaN or infinity becomes NaN and
        leaves the other rows as they are.
    normalized_shape : int or sequence of int
        The last dimensions of `x`, those that share one mean and one variance.
    weight, bias : ndarray of shape (*normalized_shape,), optional
        The learned scale (gamma) and shift (beta) of each feature. Left out: 1 and 0.
    eps : float, default 1e-5
        Added to the variance, inside the square root; in units of `x` squared. Finite, not
        negative; with 0 a constant row becomes NaN.

    Returns
    -------
    y : ndarray of the shape and dtype of `x`

    Raises
    ------
    TypeError
        `x`, `weight` or `bias` is not an array of floating-point numbers, `normalized_shape`
        does not hold integers, or `eps` is not a number.
    ValueError
        `normalized_shape` is not the end of `x.shape`, `weight` or `bias` has another shape,
        or `eps` is negative, NaN or infinite.

    Notes
    -----
    The variance is the mean of the squared distances from the mean (divided by D, not D - 1),
    taken after the mean was subtracted. Sums are taken in float32 at least.

    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450, equations 3 and 4, with the eps and the
    defaults of `torch.nn.functional.layer_norm`.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])
    >>> layer_norm(x, 3).round(4) + 0.0
    array([[ 0.    , -1.2238,  1.2238],
           [ 1.414 , -0.707 , -0.707 ]])
    """
    y, _, _ = layer_norm_forward(x, normalized_shape, weight, bias, eps)
    return y


def layer_norm_forward(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """`layer_norm`, returning also the two numbers a row that the backward pass needs.

    Parameters, errors and source are those of `layer_norm`.

    Returns
    -------
    y : ndarray of the shape and dtype of `x`
    mean, rstd : ndarray of shape (..., 1, ..., 1), float32 at least
        The mean of each row and 1 / sqrt(variance + eps), with the dimensions of
        `normalized_shape` kept as size 1.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])
    >>> y, mean, rstd = layer_norm_forward(x, 3)
    >>> mean.round(4)
    array([[0.2   ],
           [0.2333]])
    >>> (1 / rstd).round(4)
    array([[0.0817],
           [0.1886]])
    """
    x = _arguments.floating_array("x", x)
    shape = _arguments.normalized_shape(normalized_shape, x.shape)
    weight = _arguments.parameter("weight", weight, shape)
    bias = _arguments.parameter("bias", bias, shape)
    eps = _arguments.epsilon(eps)

    leading = x.shape[: x.ndim - len(shape)]
    N, D = math.prod(leading), math.prod(shape)
    dtype = np.result_type(x.dtype, np.float32)  # sums are taken in float32 at least
    rows = x.reshape(N, D)  # a view, unless the layout of x forces a copy
    weight = None if weight is None else weight.reshape(D).astype(dtype)
    bias = None if bias is None else bias.reshape(D).astype(dtype)

    y = np.empty((N, D), x.dtype)
    mean = np.empty((N, 1), dtype)
    rstd = np.empty((N, 1), dtype)
    # NaN, infinity and eps = 0 give NaN rows, as everywhere else; no warnings on top.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for part in _blocks_of_rows(N, D):
            block = np.array(rows[part], dtype, order="C")  # a copy: all work is in place
            mean[part] = block.sum(axis=1, keepdims=True) / D
            block -= mean[part]
            variance = np.einsum("nd,nd->n", block, block)[:, None] / D
            rstd[part] = 1 / np.sqrt(variance + eps)
            block *= rstd[part]
            if weight is not None:
                block *= weight
            if bias is not None:
                block += bias
            y[part] = block

    kept = leading + (1,) * len(shape)
    return y.reshape(x.shape), mean.reshape(kept), rstd.reshape(kept)


def _blocks_of_rows(N, D, elements=65_536):
    """Slices of rows, small enough that a block stays in the processor's cache."""
    step = max(1, elements // max(1, D))
    return (slice(start, start + step) for start in range(0, N, step))
