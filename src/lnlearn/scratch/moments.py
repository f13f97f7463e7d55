"""Five ways to a mean and a variance, and how to merge those of two parts.

On paper all five are equal. In floating point they are not, and that is why they are here: each
computes in the dtype of its input, with no rescue by a wider one. `layer_norm` uses `two_pass`.

Every function takes `x`, a floating-point array of shape (..., D) with D at least 1, and returns
`mean` and `variance`, arrays of shape (...) and the dtype of `x`. The variance is the biased one,
divided by D. What is no array of floating-point numbers raises TypeError, a row without numbers
ValueError.

Sources: T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance:
analysis and recommendations", The American Statistician 37, 1983,
doi:10.1080/00031305.1983.10483115; B. P. Welford, "Note on a method for calculating corrected sums
of squares and products", Technometrics 4, 1962, doi:10.1080/00401706.1962.10490022.
"""

import numpy as np

from lnlearn import _arguments


def one_pass(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """E[x**2] - E[x]**2: one walk over the data, and useless when the mean is large.

    Two large numbers that agree in their leading digits are subtracted, and only the rounding of
    the others is left; the result can be negative.

    Examples
    --------
    >>> x = np.array([10_000, 10_001, 10_002], np.float32)  # variance 2/3
    >>> one_pass(x)[1] == 0, two_pass(x)[1].round(4)
    (np.True_, np.float32(0.6667))
    """
    x = _checked(x)
    with np.errstate(all="ignore"):
        mean = _mean(x)
        return mean, _mean(x * x) - mean * mean


def shifted(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`one_pass` of x minus its first element, which lies near the mean more often than 0 does."""
    x = _checked(x)
    with np.errstate(all="ignore"):
        first = x[..., :1]
        mean, variance = one_pass(x - first)
        return first[..., 0] + mean, variance


def two_pass(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First the mean, then the mean squared distance from it."""
    x = _checked(x)
    with np.errstate(all="ignore"):
        mean = _mean(x)
        centred = x - mean[..., None]
        return mean, _mean(centred * centred)


def welford(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One element at a time, updating the mean and the sum of squared distances from it."""
    x = _checked(x)
    mean = np.zeros(x.shape[:-1], x.dtype)
    m2 = np.zeros(x.shape[:-1], x.dtype)
    with np.errstate(all="ignore"):
        for i in range(x.shape[-1]):
            distance = x[..., i] - mean
            mean = mean + distance / x.dtype.type(i + 1)
            m2 = m2 + distance * (x[..., i] - mean)
        return mean, m2 / x.dtype.type(x.shape[-1])


def pairwise(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Halve the row until one element is left, then `merge` the halves back together."""
    x = _checked(x)
    with np.errstate(all="ignore"):
        count, mean, m2 = _halves(x)
        return mean, m2 / x.dtype.type(count)


def merge(a: tuple, b: tuple) -> tuple:
    """The moments of two parts together, from those of each.

    Parameters
    ----------
    a, b : tuple of (count, mean, m2)
        How many numbers, their mean, and the sum of their squared distances from it; `count` is
        an integer of any kind, `mean` and `m2` are floating-point arrays or numbers that
        broadcast together. A part may be empty: its count is 0, and its mean and m2 are not used.

    Returns
    -------
    tuple of (count, mean, m2)

    Raises
    ------
    ValueError
        A count is negative.

    Notes
    -----
    The two means differ by `delta`; moving both parts to the common mean adds
    ``delta**2 * count_a * count_b / count`` to the squared distances. Source: Chan, Golub and
    LeVeque 1983.

    Examples
    --------
    >>> merge((2, 1.0, 2.0), (1, 4.0, 0.0))  # of 0, 2 and 4
    (3, 2.0, 8.0)
    """
    (count_a, mean_a, m2_a), (count_b, mean_b, m2_b) = a, b
    count_a, count_b = int(count_a), int(count_b)  # a product of NumPy's int32 can overflow
    if count_a < 0 or count_b < 0:
        raise ValueError(f"counts need to be 0 or more, got {count_a} and {count_b}.")
    if count_a == 0 or count_b == 0:
        return b if count_a == 0 else a
    count = count_a + count_b
    delta = mean_b - mean_a
    mean = mean_a + delta * (count_b / count)
    m2 = m2_a + m2_b + delta * delta * (count_a * count_b / count)
    return count, mean, m2


def _halves(x):
    D = x.shape[-1]
    if D == 1:
        return 1, x[..., 0], np.zeros(x.shape[:-1], x.dtype)
    return merge(_halves(x[..., : D // 2]), _halves(x[..., D // 2 :]))


def _mean(x):
    """The mean over the last axis, summed in the dtype of `x`."""
    return np.add.reduce(x, axis=-1) / x.dtype.type(x.shape[-1])


def _checked(x):
    x = _arguments.floating_array("x", x)
    if x.ndim == 0 or x.shape[-1] == 0:
        raise ValueError(
            f"x needs at least one number in its last dimension, got shape {x.shape}. "
            f"The mean of no numbers is not defined."
        )
    return x
