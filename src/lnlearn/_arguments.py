"""Every argument check and every error text, once, for all paths.

Each check returns its argument in the form the computation wants, or raises an error that names
the argument, what it needs, what it got and what to do. Nothing here computes.
"""

import math
import numbers
import operator
import sys
from collections.abc import Iterable, Sequence

import numpy as np

Shape = int | Sequence[int]  # what a normalized_shape may be


def floating_array(name, value):
    """Return `value` as a plain ndarray of real floating-point numbers."""
    if not isinstance(value, np.ndarray):
        kind = "None" if value is None else f"a {type(value).__name__}"
        raise TypeError(
            f"{name} needs to be a NumPy array of floating-point numbers, got {kind}. "
            f"Convert it first: np.asarray({name}, dtype=np.float32)."
        )
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name} needs to be a plain NumPy array, got a MaskedArray, whose mask would be "
            f"ignored. Fill it first: {name}.filled(value)."
        )
    if value.dtype.kind != "f":
        fix = "Take its real part" if value.dtype.kind == "c" else "Convert it"
        how = f"{name}.real" if value.dtype.kind == "c" else f"{name}.astype(np.float32)"
        raise TypeError(
            f"{name} needs a floating-point dtype (float16, float32 or float64), "
            f"got {value.dtype}. {fix} first: {how}."
        )
    return np.asarray(value)


def trailing_shape(value, x_shape):
    """Return `value` as a tuple of integers that are the last dimensions of `x_shape`."""
    x_shape = tuple(x_shape)
    try:
        shape = tuple(map(integer, sizes(value)))
    except TypeError:
        raise TypeError(
            f"normalized_shape needs an integer or a sequence of integers, got {value!r}. "
            f"To normalize over the last dimension of x, pass {_last(x_shape)}."
        ) from None
    if not shape:
        raise ValueError(
            f"normalized_shape needs at least one dimension, got {value!r}. "
            f"To normalize over the last dimension of x, pass {_last(x_shape)}."
        )
    if shape != x_shape[-len(shape) :]:
        raise ValueError(
            f"normalized_shape needs to be the last dimensions of x, got {shape} for x of shape "
            f"{x_shape}. To normalize over the last dimension, pass {_last(x_shape)}; "
            f"to normalize over others, move them to the end of x first."
        )
    return shape


def sizes(value):
    """Return a normalized_shape as a tuple of whatever it holds."""
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)


def integer(value):
    """Return `value` as an int; a size that PyTorch traces stays without a number."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError
    torch = sys.modules.get("torch")
    if isinstance(value, int) or (torch is not None and isinstance(value, torch.SymInt)):
        return value
    return operator.index(value)


def _last(x_shape):
    # Made where an error needs it: a traced size that is printed is a constant from then on.
    return f"normalized_shape={x_shape[-1] if x_shape else 'D'}"


def parameter(name, value, shape):
    """Return `value`, a weight or a bias, as an array of the given shape; None stays None."""
    if value is None:
        return None
    value = floating_array(name, value)
    if value.shape != shape:
        raise ValueError(
            f"{name} needs the shape of normalized_shape, {shape}, got {value.shape}. "
            f"Pass one number for each normalized feature, or leave {name} out."
        )
    return value


def rows(x, normalized_shape, weight, bias, eps):
    """Check the arguments of a norm of arrays; return them in the form of its formulas.

    Returns
    -------
    rows : `x` as a matrix (N, D) with a row for each block of shape `normalized_shape`
    weight, bias : (D,) in the dtype in which sums are taken, float32 at least; 1 and 0 if None
    eps : float
    kept : the shape of one number a row, the dimensions of `normalized_shape` kept as size 1
    """
    x = floating_array("x", x)
    shape = trailing_shape(normalized_shape, x.shape)
    weight, bias = parameter("weight", weight, shape), parameter("bias", bias, shape)
    eps = epsilon(eps)
    leading = x.shape[: x.ndim - len(shape)]
    D, dtype = math.prod(shape), np.result_type(x.dtype, np.float32)
    return (
        x.reshape(math.prod(leading), D),
        np.ones(D, dtype) if weight is None else weight.reshape(D).astype(dtype),
        np.zeros(D, dtype) if bias is None else bias.reshape(D).astype(dtype),
        eps,
        (*leading, *[1] * len(shape)),
    )


def upstream(dy, x, rows, mean, rstd, kept):
    """Check what the gradients need beside `rows`; return it as matrices with a row for each."""
    dy = array_of_shape("dy", dy, x.shape, "the shape of x")
    mean = array_of_shape("mean", mean, kept, "one number for each row of x")
    rstd = array_of_shape("rstd", rstd, kept, "one number for each row of x")
    one, dtype = (len(rows), 1), np.result_type(x.dtype, np.float32)
    return dy.reshape(rows.shape), mean.reshape(one).astype(dtype), rstd.reshape(one).astype(dtype)


def array_of_shape(name, value, shape, meaning):
    """Return `value` as an array of the given shape, which `meaning` puts in words."""
    value = floating_array(name, value)
    if value.shape != shape:
        raise ValueError(
            f"{name} needs {meaning}, {shape}, got {value.shape}. Pass {name} in that shape."
        )
    return value


def last_dimension(name, value):
    """Return the length of the last dimension of an array, as a shape; it must have one."""
    if value.ndim == 0:
        raise ValueError(
            f"{name} needs at least one dimension, got a single number. "
            f"Put it into an array of shape (1,): {name}.reshape(1)."
        )
    return value.shape[-1:]


def features_here(x, **parameters):
    """Check the tokens of which a process holds some features, and the parameters of these."""
    if x.ndim != 2 or x.shape[1] == 0:
        raise ValueError(
            f"x needs the shape (tokens, features here) with at least one feature, got "
            f"{tuple(x.shape)}. Put all tokens into one dimension: x.flatten(0, -2)."
        )
    for name, value in parameters.items():
        if value.shape != x.shape[1:]:
            raise ValueError(
                f"{name} needs one number for each feature that this process holds, "
                f"{tuple(x.shape[1:])}, got {tuple(value.shape)}. Cut {name} where x was cut."
            )


def gradients(norms):
    """Return the gradients of all parameters of modules; each must have one."""
    found = []
    for i, norm in enumerate(norms):
        for name, value in norm.named_parameters():
            if value.grad is None:
                raise ValueError(
                    f"norms[{i}].{name} needs a gradient, got none. Call backward() first, or "
                    f"leave this norm out on every process."
                )
            found.append(value.grad)
    return found


def number(name, value):
    """Return `value` as a finite float."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"{name} needs to be a real number, got {value!r} ({type(value).__name__}). "
            f"Pass one number for all features, such as 0.5."
        )
    if not math.isfinite(value):
        raise ValueError(f"{name} needs to be finite, got {value!r}. Pass a number such as 0.5.")
    return float(value)


def epsilon(value):
    """Return `value` as a float that is finite and not negative."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"eps needs to be a real number, got {value!r} ({type(value).__name__}). "
            f"Pass a small positive number such as 1e-5."
        )
    if not 0 <= value < math.inf:
        raise ValueError(
            f"eps needs to be finite and not negative, got {value!r}. "
            f"Pass a small positive number such as 1e-5, or 0 for none."
        )
    return float(value)


# Tensors: PyTorch is imported by whoever calls these, never by importing this file ---------------


def tensors(x, normalized_shape, weight, bias, eps):
    """Check the arguments of a norm of tensors; return the shape as a tuple and eps as a float."""
    # The most frequent kind of call first, when it is right: the full check takes longer than a
    # small layer norm may be slowed down. Whatever is not plainly right falls through to it.
    try:
        dtype, device = x.dtype, x.device
        if (
            type(normalized_shape) is tuple
            and len(normalized_shape) == 1
            and type(normalized_shape[0]) is int
            and x.shape[-1] == normalized_shape[0]
            and type(eps) is float
            and 0.0 <= eps < math.inf
            and dtype.is_floating_point
            and (weight is None or _goes_with(weight, normalized_shape, dtype, device))
            and (bias is None or _goes_with(bias, normalized_shape, dtype, device))
        ):
            return normalized_shape, eps
    except (AttributeError, IndexError, TypeError):
        pass

    floating_tensor("x", x)
    shape = trailing_shape(normalized_shape, x.shape)
    tensor_parameter("weight", weight, shape, x)
    tensor_parameter("bias", bias, shape, x)
    return shape, epsilon(eps)


def _goes_with(value, shape, dtype, device):
    return value.dtype == dtype and value.shape == shape and value.device == device


def floating_tensor(name, value):
    """Raise unless `value` is a floating-point tensor."""
    import torch

    if not isinstance(value, torch.Tensor):
        kind = "None" if value is None else f"a {type(value).__name__}"
        raise TypeError(
            f"{name} needs to be a floating-point tensor, got {kind}. "
            f"Convert it first: torch.as_tensor({name}, dtype=torch.float32)."
        )
    if not value.dtype.is_floating_point:
        how = f"{name}.real" if value.dtype.is_complex else f"{name}.float()"
        raise TypeError(
            f"{name} needs a floating-point dtype, got {value.dtype}. Convert it first: {how}."
        )


def tensor_parameter(name, value, shape, x):
    """Raise unless `value` is None, or a weight or bias of the given shape that goes with `x`."""
    if value is None:
        return
    import torch

    floating_tensor(name, value)
    if value.shape != shape:
        raise ValueError(
            f"{name} needs the shape of normalized_shape, {shape}, got {tuple(value.shape)}. "
            f"Pass one number for each normalized feature, or leave {name} out."
        )
    if value.device != x.device:
        raise ValueError(
            f"{name} needs to be on the device of x, {x.device}, got {value.device}. "
            f"Move it there: {name}.to({str(x.device)!r})."
        )
    if value.dtype != x.dtype and not autocast(x):
        halves = (torch.float16, torch.bfloat16)
        if not (value.dtype == torch.float32 and x.dtype in halves):
            raise TypeError(
                f"{name} needs the dtype of x, {x.dtype}, got {value.dtype}. "
                f"Convert it: {name}.to({x.dtype})."
            )


def autocast(x):
    """Return whether PyTorch chooses the dtypes of operations on the device of `x`."""
    import torch

    return x.device.type != "meta" and torch.is_autocast_enabled(x.device.type)


def tensor_like(name, value, x):
    """Raise unless `value` is a tensor of the shape, dtype and device of `x`."""
    floating_tensor(name, value)
    for what in ("shape", "dtype", "device"):
        given, needed = getattr(value, what), getattr(x, what)
        if given != needed:
            given, needed = (tuple(a) if what == "shape" else a for a in (given, needed))
            error = TypeError if what == "dtype" else ValueError
            raise error(
                f"{name} needs the {what} of x, {needed}, got {given}. "
                f"Convert it before the call, so that both are of one {what}."
            )
