"""Layer normalization, from three numbers on paper to a GPU kernel: the package behind the book.

``import lnlearn`` loads neither NumPy nor PyTorch nor Matplotlib; each part loads what it needs
when it is first used.

- `layer_norm`, `rms_norm`: of a NumPy array by `scratch`, of a tensor by `accelerated`.
- `lnlearn.scratch`: layer norm and its relatives in NumPy, written to be read.
- `lnlearn.accelerated`: the same on PyTorch tensors, with gradients.
- `lnlearn.nn`: modules that take the place of those of `torch.nn`.
- `lnlearn.distributed`: layer norm on several processes, each with a part of the numbers.
- `lnlearn.check`: checkers of exercises that name the mistake.
- `lnlearn.figures`: the book's plots, as functions that return a Matplotlib figure.
- `lnlearn.records`: the published claims that the book re-ran and the questions that it answers.
- `lnlearn.explorer`: layer norm of one token, for the reader to move; `lnlearn.explorables` has
  this figure and others like it.
"""

import importlib
from collections.abc import Sequence
from typing import TypeVar

__version__ = "0.1.0"

_PARTS = [
    "accelerated",
    "check",
    "distributed",
    "explorables",
    "figures",
    "nn",
    "records",
    "scratch",
]
__all__ = [*_PARTS, "explorer", "layer_norm", "rms_norm"]


X = TypeVar("X")  # a NumPy array or a tensor: what goes in is what comes out


def layer_norm(
    x: X,
    normalized_shape: int | Sequence[int],
    weight: X | None = None,
    bias: X | None = None,
    eps: float = 1e-5,
) -> X:
    """Layer norm over the last dimensions of a NumPy array or of a tensor.

    Calls `lnlearn.accelerated.layer_norm` for a tensor and `lnlearn.scratch.layer_norm` for
    everything else; arguments, result, errors and source are theirs.

    Parameters
    ----------
    x : ndarray or Tensor of shape (..., *normalized_shape), floating point
    normalized_shape : int or sequence of int
    weight, bias : of the kind of `x`, of shape (*normalized_shape,), optional
    eps : float, default 1e-5

    Returns
    -------
    y : of the kind, shape and dtype of `x`

    Examples
    --------
    >>> import numpy as np
    >>> layer_norm(np.array([0.5, 0.1, 0.1]), 3).round(4)
    array([ 1.414, -0.707, -0.707])
    """
    return _path(x).layer_norm(x, normalized_shape, weight, bias, eps)


def rms_norm(
    x: X, normalized_shape: int | Sequence[int], weight: X | None = None, eps: float | None = None
) -> X:
    """RMS norm over the last dimensions of a NumPy array or of a tensor.

    Calls `lnlearn.accelerated.rms_norm` for a tensor and `lnlearn.scratch.rms_norm` for everything
    else; arguments, result, errors and source are theirs.

    Parameters
    ----------
    x : ndarray or Tensor of shape (..., *normalized_shape), floating point
    normalized_shape : int or sequence of int
    weight : of the kind of `x`, of shape (*normalized_shape,), optional
    eps : float, optional
        Left out: the machine epsilon of the dtype in which it computes, float32 at least.

    Returns
    -------
    y : of the kind, shape and dtype of `x`

    Examples
    --------
    >>> import numpy as np
    >>> rms_norm(np.array([3.0, 4.0]), 2).round(4)
    array([0.8485, 1.1314])
    """
    return _path(x).rms_norm(x, normalized_shape, weight, eps)


def _path(x):
    """The part that computes for `x`: a tensor, or what stands for one, or else an array."""
    if hasattr(x, "__torch_function__"):
        import lnlearn.accelerated as path
    else:
        import lnlearn.scratch as path
    return path


def __getattr__(name):
    if name in _PARTS:
        return importlib.import_module(f"{__name__}.{name}")
    if name == "explorer":
        return importlib.import_module("lnlearn.explorables").explorer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
