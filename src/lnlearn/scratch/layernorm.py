"""Layer normalization in NumPy: `forward` and `backward` have a line for each formula.

Source: J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer Normalization", 2016, arXiv:1607.06450.
"""

import numpy as np

from lnlearn import _arguments
from lnlearn._arguments import Shape
from lnlearn.scratch import blocked
from lnlearn.scratch._common import average, centre, parameter_gradient, reciprocal_root, upcast

# Arrays with more numbers than this are computed a block of rows at a time.
LARGE = 2 * blocked.BLOCK


def layer_norm(
    x: np.ndarray,
    normalized_shape: Shape,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    """Give each row of `x` mean 0 and standard deviation 1, then stretch and shift it.

    A row is what the last dimensions of `x`, `normalized_shape`, hold: one token's features, say.
    Each row is treated alone::

        y = (x - mean(x)) / sqrt(variance(x) + eps) * weight + bias

    Parameters
    ----------
    x : ndarray of shape (..., *normalized_shape), float16, float32 or float64
        Not modified; any memory layout. A row that holds NaN or infinity becomes NaN and leaves
        the other rows as they are. So does a row whose numbers are too large to be added or
        squared: above about 1e18 in float32, 1e153 in float64.
    normalized_shape : int or sequence of int
        The last dimensions of `x`, those that share one mean and one variance.
    weight, bias : ndarray of shape (*normalized_shape,), optional
        The learned scale (gamma) and shift (beta) of each feature. Left out: 1 and 0.
    eps : float, default 1e-5
        Added to the variance, inside the square root; in units of `x` squared. Finite, not
        negative. A row of equal numbers becomes `bias`; with an `eps` of 0 it becomes NaN.

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
    taken after the mean was subtracted. Sums are taken in float32 at least. A row gives the same
    bits alone as among others.

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


def layer_norm_forward(
    x: np.ndarray,
    normalized_shape: Shape,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    rows, weight, bias, eps, kept = _arguments.rows(x, normalized_shape, weight, bias, eps)
    with np.errstate(all="ignore"):  # NaN, infinity and eps = 0 give NaN rows and no warnings
        if rows.size > LARGE:
            y, mean, rstd = blocked.forward(rows, weight, bias, eps)
        else:
            y, mean, rstd = forward(upcast(rows), weight, bias, eps)
        return (
            y.astype(x.dtype, copy=False).reshape(x.shape),
            mean.reshape(kept),
            rstd.reshape(kept),
        )


def forward(x, weight, bias, eps):
    """Layer norm of each row of `x`, (N, D), by the formulas of the chapter "by hand"."""
    mean, centred = centre(x, average(x))  # (1)
    variance = average(centred, centred)  # (2)
    rstd = reciprocal_root(variance, eps)
    x_hat = centred * rstd  # (3)
    y = x_hat * weight + bias  # (4)
    return y, mean, rstd


def layer_norm_backward(
    dy: np.ndarray,
    x: np.ndarray,
    normalized_shape: Shape,
    mean: np.ndarray,
    rstd: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
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
    rows, scale, _, _, kept = _arguments.rows(x, normalized_shape, weight, bias, 0)
    dy, mean, rstd = _arguments.upstream(dy, x, rows, mean, rstd, kept)
    with np.errstate(all="ignore"):
        if rows.size > LARGE:
            dx, dweight, dbias = blocked.backward(dy, rows, scale, mean, rstd)
        else:
            dy = np.ascontiguousarray(dy, rstd.dtype)
            dx, dweight, dbias = backward(dy, upcast(rows), scale, mean, rstd)
        dx = dx.astype(x.dtype, copy=False).reshape(x.shape)
        return dx, parameter_gradient(dweight, weight), parameter_gradient(dbias, bias)


def backward(dy, x, weight, mean, rstd):
    """Gradients of `forward`, by the formulas of the chapter "The backward pass"."""
    _, centred = centre(x, mean)
    x_hat = centred * rstd
    g = dy * weight
    dx = rstd * (g - average(g) - x_hat * average(g, x_hat))  # (7)
    dweight = (dy * x_hat).sum(axis=0)  # (8)
    dbias = dy.sum(axis=0)  # (8)
    return dx, dweight, dbias
