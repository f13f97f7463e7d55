"""The functions: check the arguments, choose a backend, compute.

The ATen backend calls PyTorch's own operators, which bring gradients of any order, autocast,
`torch.compile` and `torch.func.vmap` with them. For the Triton backend there are the operators in
`operators`, and a short way to them in `eager`.
"""

import torch

from lnlearn import _arguments
from lnlearn.accelerated import backends, eager


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Layer norm over the last dimensions: `torch.nn.functional.layer_norm`, with clear errors.

    Parameters
    ----------
    x : Tensor of shape (..., *normalized_shape), floating point
        Not modified; any memory layout.
    normalized_shape : int or sequence of int
        The last dimensions of `x`, those that share one mean and one variance.
    weight, bias : Tensor of shape (*normalized_shape,), optional
        On the device of `x`, in its dtype or, for float16 and bfloat16, in float32.
    eps : float, default 1e-5
        Added to the variance, inside the square root; in units of `x` squared.

    Returns
    -------
    y : Tensor of the shape and dtype of `x`
        Under autocast of the dtype that `torch.nn.functional.layer_norm` gives.

    Raises
    ------
    TypeError
        `x`, `weight` or `bias` is not a floating-point tensor, `weight` or `bias` has a dtype that
        does not go with that of `x`, or `normalized_shape` or `eps` is not made of numbers.
    ValueError
        `normalized_shape` is not the end of `x.shape`, `weight` or `bias` has another shape or is
        on another device, or `eps` is negative, NaN or infinite.
    RuntimeError
        The environment variable LNLEARN_BACKEND asks for what cannot be had.

    Notes
    -----
    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450, equations 3 and 4.

    Examples
    --------
    >>> x = torch.tensor([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])
    >>> layer_norm(x, 3).round(decimals=4) + 0.0
    tensor([[ 0.0000, -1.2238,  1.2238],
            [ 1.4140, -0.7070, -0.7070]])
    """
    shape, eps = _arguments.tensors(x, normalized_shape, weight, bias, eps)
    if (x.is_cuda or backends.ASKED is not None) and backends.backend(x) == "triton":
        x, weight, bias = _autocast(x, weight, bias)
        return eager.layer_norm(x, shape, weight, bias, eps)[0]
    if weight is None and bias is not None:
        weight = _ones_beside(bias)
    return torch.layer_norm(x, shape, weight, bias, eps)


def rms_norm(x, normalized_shape, weight=None, eps=None):
    """RMS norm over the last dimensions: `torch.nn.functional.rms_norm`, with clear errors.

    Parameters, results and errors are those of `layer_norm`, without `bias`; `eps` left out is the
    machine epsilon of the dtype of `x`.

    Notes
    -----
    Source: Zhang and Sennrich 2019, arXiv:1910.07467, equation 4.

    Examples
    --------
    >>> rms_norm(torch.tensor([3.0, 4.0]), 2)  # their root mean square is 3.5355
    tensor([0.8485, 1.1314])
    """
    shape, _ = _arguments.tensors(x, normalized_shape, weight, None, 0.0 if eps is None else eps)
    if backends.backend(x) == "triton":
        x, weight = _autocast(x, weight)
        return eager.rms_norm(x, shape, weight, _default_eps(x) if eps is None else eps)[0]
    return torch.rms_norm(x, shape, weight, eps)


def add_layer_norm(x, residual, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Add & Norm: the layer norm of ``x + residual``, and the sum.

    Parameters
    ----------
    x, residual : Tensor of shape (..., *normalized_shape), floating point
        Of one shape, dtype and device.
    normalized_shape, weight, bias, eps
        As in `layer_norm`.

    Returns
    -------
    y, total : Tensor of the shape and dtype of `x`
        ``layer_norm(total, ...)`` and ``total = x + residual``, which the next residual branch
        continues from.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As in `layer_norm`; also when `residual` has another shape, dtype or device than `x`.

    Notes
    -----
    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.1.

    Examples
    --------
    >>> y, total = add_layer_norm(torch.tensor([0.1, 0.1, 0.2]), torch.tensor([0.1, 0.0, 0.1]), 3)
    >>> total
    tensor([0.2000, 0.1000, 0.3000])
    """
    shape, eps = _arguments.tensors(x, normalized_shape, weight, bias, eps)
    _arguments.tensor_like("residual", residual, x)
    if backends.backend(x) == "triton" and not torch.is_autocast_enabled(x.device.type):
        return eager.add_layer_norm(x, residual, shape, weight, bias, eps)[:2]
    total = x + residual
    if weight is None and bias is not None:
        weight = _ones_beside(bias)
    return layer_norm(total, shape, weight, bias, eps), total


def add_rms_norm(x, residual, normalized_shape, weight=None, eps=None):
    """The RMS norm of ``x + residual``, and the sum: `add_layer_norm` for `rms_norm`.

    Parameters, results and errors are those of `add_layer_norm`, without `bias`; `eps` left out is
    the machine epsilon of the dtype of `x`. Sources as there and in `rms_norm`.

    Examples
    --------
    >>> y, total = add_rms_norm(torch.tensor([1.0, 4.0]), torch.tensor([2.0, 0.0]), 2)
    >>> y, total
    (tensor([0.8485, 1.1314]), tensor([3., 4.]))
    """
    shape, _ = _arguments.tensors(x, normalized_shape, weight, None, 0.0 if eps is None else eps)
    _arguments.tensor_like("residual", residual, x)
    if backends.backend(x) == "triton" and not torch.is_autocast_enabled(x.device.type):
        eps = _default_eps(x) if eps is None else eps
        return eager.add_rms_norm(x, residual, shape, weight, eps)[:2]
    total = x + residual
    return rms_norm(total, shape, weight, eps), total


def _default_eps(x):
    return torch.finfo(x.dtype).eps


def _autocast(x, *parameters):
    """What autocast makes of the arguments of a norm: float32, on a GPU."""
    if x.is_cuda and torch.is_autocast_enabled("cuda"):
        return [None if t is None else t.float() for t in (x, *parameters)]
    return x, *parameters


def _ones_beside(bias):
    """A weight where there is only a bias: PyTorch 2.13 gives a wrong second gradient without."""
    return torch.ones_like(bias)
