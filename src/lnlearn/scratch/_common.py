"""What the norms of this folder share: means that are right, and where they stop being so."""

import numpy as np


def upcast(x):
    """`x` in the dtype in which sums are taken, float32 at least, its last axis side by side."""
    return np.ascontiguousarray(x, np.result_type(x.dtype, np.float32))


def average(a, b=None):
    """The mean of each row of `a`, or of each row of ``a * b``, which is not stored.

    Rows lie along the last axis, which is kept with size 1. A row has the same mean, to the last
    bit, alone as among others. Where there is nothing to average, the mean is NaN.
    """
    b = np.ones(a.shape[-1], a.dtype) if b is None else b
    return np.vecdot(a, b, keepdims=True) / a.dtype.type(a.shape[-1])


def centre(x, mean):
    """Subtract the mean from each row, and then what the mean is off by.

    The computed mean is rounded: in float32, three times 1000.1 has the mean 1000.10004, and
    what lies 0.00006 below it would look like a pattern. On paper the rest has a mean of 0. Here
    it has the rounding for a mean, which is small and so is known to many digits.

    Returns
    -------
    mean : the mean, now right to the last digit
    centred : what is left of `x`
    """
    centred = x - mean
    rounding = average(centred)
    return mean + rounding, centred - rounding


def reciprocal_root(variance, eps):
    """1 / sqrt(variance + eps); NaN where the variance overflowed."""
    return 1 / np.sqrt(nan_if_infinite(variance) + eps)


def nan_if_infinite(total):
    """NaN for a sum that overflowed: to divide by infinity gives 0, which looks like a result."""
    return total + 0 * total  # infinity times 0 is NaN


def parameter_gradient(total, parameter):
    """The gradient of a parameter in its shape and dtype; None if there is no parameter."""
    return None if parameter is None else total.reshape(parameter.shape).astype(parameter.dtype)
