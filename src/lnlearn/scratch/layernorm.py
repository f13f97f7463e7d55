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
    shape = _arguments.trailing_shape(normalized_shape, x.shape)
    weight = _arguments.parameter("weight", weight, shape)
    bias = _arguments.parameter("bias", bias, shape)
    eps = _arguments.epsilon(eps)

    rows = as_rows(x, shape)
    N, D = rows.shape
    dtype = np.result_type(x.dtype, np.float32)  # sums are taken in float32 at least
    weight = None if weight is None else weight.reshape(D).astype(dtype)
    bias = None if bias is None else bias.reshape(D).astype(dtype)

    y = np.empty((N, D), x.dtype)
    mean = np.empty((N, 1), dtype)
    rstd = np.empty((N, 1), dtype)
    # NaN, infinity and eps = 0 give NaN rows, as everywhere else; no warnings on top.
    with np.errstate(all="ignore"):
        for part in blocks_of_rows(N, D, 262_144):
            block = np.ascontiguousarray(rows[part], dtype)  # a copy only where it must be one
            x_hat = y[part] if y.dtype == dtype else block  # where there is room to work in place
            mean[part] = block.sum(axis=1, keepdims=True) / D
            np.subtract(block, mean[part], out=x_hat)
            variance = np.einsum("nd,nd->n", x_hat, x_hat)[:, None] / D
            rstd[part] = 1 / np.sqrt(variance + eps)
            x_hat *= rstd[part]
            if weight is not None:
                x_hat *= weight
            if bias is not None:
                x_hat += bias
            y[part] = x_hat

    kept = x.shape[: -len(shape)] + (1,) * len(shape)
    return y.reshape(x.shape), mean.reshape(kept), rstd.reshape(kept)


def layer_norm_backward(dy, x, normalized_shape, mean, rstd, weight=None, bias=None):
    """Gradients of a loss with respect to the inputs of `layer_norm`.

    With ``g = dy * weight`` and ``x_hat = (x - mean) * rstd``, and means over each row::

        dx = (g - mean(g) - x_hat * mean(g * x_hat)) * rstd
        dweight = sum over rows of dy * x_hat
        dbias = sum over rows of dy

    Parameters
    ----------
    dy : ndarray of the shape of `x`, any floating-point dtype
        Gradient of the loss with respect to y.
    x, normalized_shape, weight, bias
        As they were given to `layer_norm_forward`. Of `bias`, only its presence is used.
    mean, rstd : ndarray of shape (..., 1, ..., 1)
        As `layer_norm_forward` returned them.

    Returns
    -------
    dx : ndarray of the shape and dtype of `x`
    dweight, dbias : ndarray of the shape and dtype of `weight` and `bias`, or None without them

    Raises
    ------
    TypeError, ValueError
        As in `layer_norm`; also when `dy` has not the shape of `x`, or `mean` or `rstd` has not
        one number for each row.

    Notes
    -----
    Sums are taken in float32 at least. The formula holds for any eps, which enters by `rstd`.

    Source: the chain rule through Ba, Kiros and Hinton 2016, arXiv:1607.06450, equations 3 and 4.

    Examples
    --------
    The gradient of the sum of y is zero, because every row of y sums to the same number:

    >>> import numpy as np
    >>> x = np.array([[0.2, 0.1, 0.4], [0.5, 0.1, 0.1]])
    >>> y, mean, rstd = layer_norm_forward(x, 3)
    >>> dx, dweight, dbias = layer_norm_backward(np.ones_like(y), x, 3, mean, rstd)
    >>> bool(abs(dx).max() < 1e-12), dweight, dbias
    (True, None, None)
    """
    x = _arguments.floating_array("x", x)
    shape = _arguments.trailing_shape(normalized_shape, x.shape)
    weight = _arguments.parameter("weight", weight, shape)
    bias = _arguments.parameter("bias", bias, shape)
    kept = x.shape[: -len(shape)] + (1,) * len(shape)
    dy = _arguments.array_of_shape("dy", dy, x.shape, "the shape of x")
    mean = _arguments.array_of_shape("mean", mean, kept, "one number for each row of x")
    rstd = _arguments.array_of_shape("rstd", rstd, kept, "one number for each row of x")

    rows, dy = as_rows(x, shape), as_rows(dy, shape)
    N, D = rows.shape
    dtype = np.result_type(x.dtype, np.float32)
    mean, rstd = mean.reshape(N, 1).astype(dtype), rstd.reshape(N, 1).astype(dtype)
    scale = None if weight is None else weight.reshape(D).astype(dtype)

    dx = np.empty((N, D), x.dtype)
    dweight, dbias = np.zeros((2, D), dtype)
    with np.errstate(all="ignore"):
        for part in blocks_of_rows(N, D, 131_072):  # half as many: four arrays share the cache
            x_hat = np.ascontiguousarray(rows[part], dtype) - mean[part]
            x_hat *= rstd[part]
            g = np.ascontiguousarray(dy[part], dtype)
            if bias is not None:
                dbias += g.sum(axis=0)
            if weight is not None:
                dweight += np.einsum("nd,nd->d", g, x_hat)
                g = g * scale
            mean_g = g.sum(axis=1, keepdims=True) / D
            mean_gx = np.einsum("nd,nd->n", g, x_hat)[:, None] / D
            g = g - mean_g
            x_hat *= mean_gx
            g -= x_hat
            g *= rstd[part]
            dx[part] = g

    return (
        dx.reshape(x.shape),
        None if weight is None else dweight.reshape(shape).astype(weight.dtype),
        None if bias is None else dbias.reshape(shape).astype(bias.dtype),
    )


def as_rows(x, shape):
    """`x` as a matrix with one row for each block of the given trailing shape.

    A view, unless the layout of `x` forces a copy.
    """
    return x.reshape(math.prod(x.shape[: x.ndim - len(shape)]), math.prod(shape))


def blocks_of_rows(N, D, elements):
    """Slices of rows with about so many elements that a block stays in the processor's cache."""
    step = max(1, elements // max(1, D))
    return (slice(start, start + step) for start in range(0, N, step))
