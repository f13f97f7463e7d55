"""What the norms of this folder share."""

import math

import numpy as np


def wide(x):
    """`x` in the dtype in which sums are taken: float32 at least. Always a new array."""
    return x.astype(np.result_type(x.dtype, np.float32))


def mean(x, axes):
    """The mean over `axes`, which are kept with size 1; NaN where there is nothing to average."""
    return x.sum(axes, keepdims=True) / math.prod(x.shape[axis] for axis in axes)


def parameter_gradient(per_element, parameter, axes):
    """Sum what each element contributes to the gradient of a parameter, over the `axes` it spans.

    In the dtype of the parameter; None if there is none.
    """
    return None if parameter is None else per_element.sum(axes).astype(parameter.dtype)
