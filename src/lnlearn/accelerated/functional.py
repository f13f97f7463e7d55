"""The functions: check the arguments, choose a backend, compute.

The Triton backend has the operators in `operators`, and computes tensors that nobody else looks at.
Everything else is left to PyTorch: its own functions where operators are recorded or tensors are
not plain, its kernels in eager execution and compilation, and within the transforms of `torch.func`
the formulas in `aten`.
"""

import functools

import torch
import torch.nn.functional as F

from lnlearn import _arguments
from lnlearn._arguments import Shape
from lnlearn.accelerated import aten, backends, operators


def layer_norm(
    x: torch.Tensor,
    normalized_shape: Shape,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float = 1e-5,
) -> torch.Tensor:
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

        Where the squares of a row are too large for float32, above about 1e19, the row is right or
        NaN. (Only on a GPU, and where ATen computes there, it can be zeros, as PyTorch's is.)

    Raises
    ------
    TypeError
        `x`, `weight` or `bias` is not a real floating-point tensor, `weight` or `bias` has a dtype
        that does not go with that of `x`, or `normalized_shape` or `eps` is not made of numbers.
    ValueError
        `normalized_shape` is not the end of `x.shape`, `weight` or `bias` has another shape or is
        on another device, or `eps` is negative, NaN or infinite.
    RuntimeError
        The environment variable LNLEARN_BACKEND asks for what cannot be had.

    Notes
    -----
    Derivatives of every order are those of the formula, backwards, forwards and nested. Only a
    function that `torch.compile` has compiled refuses the second.

    Where a call is recorded (`torch.export`, `torch.jit.trace`, `torch.fx`, modes of
    `__torch_dispatch__`) and where a tensor is a subclass or nested, PyTorch's own function is
    called, with its checks and its derivatives.

    On a processor PyTorch's kernel computes, and is off in places where our GPU kernels and
    `lnlearn.scratch` are not: a constant row of halves need not become `bias` (three times 1000.1
    give 0.002), a row of numbers that hardly differ can be off by 6 %, and a mean of 1e4 costs
    float32 three digits. `lnlearn.records.aten` has the numbers.

    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450, equations 3 and 4.

    Examples
    --------
    >>> x = torch.tensor([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])
    >>> layer_norm(x, 3).round(decimals=4) + 0.0
    tensor([[ 0.0000, -1.2238,  1.2238],
            [ 1.4140, -0.7070, -0.7070]])
    """
    if backends.left_to_pytorch(x, weight, bias):
        return F.layer_norm(x, _arguments.sizes(normalized_shape), weight, bias, eps)
    shape, eps = _arguments.tensors(x, normalized_shape, weight, bias, eps)
    if (x.is_cuda or backends.ASKED is not None) and backends.backend(x) == "triton":
        x, weight, bias = _autocast(x, weight, bias)
        return operators.call_layer_norm(x, shape, weight, bias, eps)[0]
    if backends.transformed():
        return aten.norm(x, shape, weight, bias, eps, centred=True)
    weight, bias = _of_one_dtype(x, weight, bias)
    if backends.recorded():
        return F.layer_norm(x, shape, weight, bias, eps)
    y, _, rstd = torch.native_layer_norm(x, shape, weight, bias, eps)
    return _checked(y, rstd, eps)


def rms_norm(
    x: torch.Tensor,
    normalized_shape: Shape,
    weight: torch.Tensor | None = None,
    eps: float | None = None,
) -> torch.Tensor:
    """RMS norm over the last dimensions: `torch.nn.functional.rms_norm`, with clear errors.

    Parameters, results and errors are those of `layer_norm`, without `bias`; `eps` left out is the
    machine epsilon of the dtype in which it computes: 1.19e-7 for float32 and halves, 2.22e-16 for
    float64. ATen's faults with constant rows are not this norm's, as it subtracts no mean.

    Notes
    -----
    Source: Zhang and Sennrich 2019, arXiv:1910.07467, equation 4.

    Examples
    --------
    >>> rms_norm(torch.tensor([3.0, 4.0]), 2)  # their root mean square is 3.5355
    tensor([0.8485, 1.1314])
    """
    if backends.left_to_pytorch(x, weight):
        return F.rms_norm(x, _arguments.sizes(normalized_shape), weight, eps)
    eps = _default_eps(x) if eps is None else eps
    shape, eps = _arguments.tensors(x, normalized_shape, weight, None, eps)
    if (x.is_cuda or backends.ASKED is not None) and backends.backend(x) == "triton":
        x, weight = _autocast(x, weight)
        return operators.call_rms_norm(x, shape, weight, eps)[0]
    if backends.recorded() or _arguments.autocast(x):
        return F.rms_norm(x, shape, weight, eps)
    return aten.norm(x, shape, weight, None, eps, centred=False)


def add_layer_norm(
    x: torch.Tensor,
    residual: torch.Tensor,
    normalized_shape: Shape,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float = 1e-5,
) -> tuple[torch.Tensor, torch.Tensor]:
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
    if backends.left_to_pytorch(x, residual, weight, bias):
        total = x + residual
        return layer_norm(total, normalized_shape, weight, bias, eps), total
    shape, eps = _arguments.tensors(x, normalized_shape, weight, bias, eps)
    _arguments.tensor_like("residual", residual, x)
    if backends.backend(x) == "triton" and not _arguments.autocast(x):
        return operators.call_add_layer_norm(x, residual, shape, weight, bias, eps)[:2]
    total = x + residual
    return layer_norm(total, shape, weight, bias, eps), total


def add_rms_norm(
    x: torch.Tensor,
    residual: torch.Tensor,
    normalized_shape: Shape,
    weight: torch.Tensor | None = None,
    eps: float | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The RMS norm of ``x + residual``, and the sum: `add_layer_norm` for `rms_norm`.

    Parameters, results and errors are those of `add_layer_norm`, without `bias`; `eps` left out is
    what it is in `rms_norm`. Sources as there.

    Examples
    --------
    >>> y, total = add_rms_norm(torch.tensor([1.0, 4.0]), torch.tensor([2.0, 0.0]), 2)
    >>> y, total
    (tensor([0.8485, 1.1314]), tensor([3., 4.]))
    """
    if backends.left_to_pytorch(x, residual, weight):
        total = x + residual
        return rms_norm(total, normalized_shape, weight, eps), total
    eps = _default_eps(x) if eps is None else eps
    shape, eps = _arguments.tensors(x, normalized_shape, weight, None, eps)
    _arguments.tensor_like("residual", residual, x)
    if backends.backend(x) == "triton" and not _arguments.autocast(x):
        return operators.call_add_rms_norm(x, residual, shape, weight, eps)[:2]
    total = x + residual
    return rms_norm(total, shape, weight, eps), total


def _default_eps(x):
    """The machine epsilon of the dtype in which the norm of `x` is computed, float32 at least."""
    double = getattr(x, "dtype", None) == torch.float64
    return torch.finfo(torch.float64 if double else torch.float32).eps


def _autocast(x, *parameters):
    """What autocast makes of the arguments of a norm: float32, on a GPU."""
    if x.is_cuda and torch.is_autocast_enabled("cuda"):
        return [None if t is None else t.float() for t in (x, *parameters)]
    return x, *parameters


def _of_one_dtype(x, weight, bias):
    """Weight and bias as ATen wants them beside a half: both float32 where one is."""
    if bias is None or bias.dtype == (x if weight is None else weight).dtype:
        return weight, bias
    return (torch.ones_like(bias) if weight is None else weight).float(), bias.float()


def _checked(y, rstd, eps):
    """Return what ATen has computed, with two of its faults repaired.

    Where the squares of a row overflow, it returns a row of zeros; this makes it NaN. On a GPU that
    would take longer than the norm itself, or wait for it, and is left out. And its derivatives
    are wrong from the third on: where its first is going to be differentiated, that is replaced by
    one that can be, any number of times.
    """
    if torch.compiler.is_compiling():
        return aten.nan_where_zero(y, rstd)  # on the way, while y is computed
    if y.requires_grad:
        y.grad_fn.register_hook(functools.partial(aten.differentiable_gradients, eps))
    if y.is_cpu and rstd.numel() and not rstd.min().item() > 0:
        return aten.nan_where_zero(y, rstd)
    return y
