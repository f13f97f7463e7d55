"""The norms by PyTorch's own kernels, on any device: the backend that is always there.

Arguments are those of `lnlearn.accelerated`, already checked. Statistics are at least float32 and
keep the normalized dimensions as size 1. A gradient that does not exist is an empty tensor, as an
operator cannot return None. `lnlearn.accelerated.triton` has the same functions.
"""

import torch


def layer_norm(x, normalized_shape, weight, bias, eps):
    """Return (y, mean, rstd)."""
    y, mean, rstd = torch.native_layer_norm(
        wide(x), normalized_shape, wide(weight), wide(bias), eps
    )
    return y.to(x.dtype), mean, rstd


def layer_norm_backward(dy, x, normalized_shape, mean, rstd, weight, bias, dtotal):
    """Return (dx, dweight, dbias); `dtotal`, if any, is added to dx."""
    dx, *rest = layer_norm_gradients(dy, x, normalized_shape, mean, rstd, weight, bias)
    found = dx if dtotal is None else dx + dtotal, *rest
    return tuple(_gradient(g, of, x) for g, of in zip(found, (x, weight, bias), strict=True))


def layer_norm_gradients(dy, x, normalized_shape, mean, rstd, weight, bias):
    """Return (dx, dweight, dbias) before rounding, in a form that can be differentiated."""
    arguments = wide(dy), wide(x), normalized_shape, mean, rstd, wide(weight), wide(bias)
    wanted = [True, weight is not None, bias is not None]
    return torch.ops.aten.native_layer_norm_backward(*arguments, wanted)


def rms_norm(x, normalized_shape, weight, eps):
    """Return (y, rstd)."""
    x_wide = wide(x)
    rstd = torch.rsqrt(mean_square(x_wide, normalized_shape) + eps)
    y = x_wide * rstd
    return (y if weight is None else y * weight).to(x.dtype).contiguous(), rstd


def rms_norm_backward(dy, x, normalized_shape, rstd, weight, dtotal):
    """Return (dx, dweight); `dtotal`, if any, is added to dx."""
    dx, dweight = rms_norm_gradients(dy, x, normalized_shape, rstd, weight)
    dx = dx if dtotal is None else dx + dtotal
    return _gradient(dx, x, x), _gradient(dweight, weight, x)


def rms_norm_gradients(dy, x, normalized_shape, rstd, weight):
    """Return (dx, dweight) before rounding, in a form that can be differentiated."""
    dy, x_hat = wide(dy), wide(x) * rstd
    g = dy if weight is None else dy * weight
    dx = (g - x_hat * (g * x_hat).mean(_axes(normalized_shape), keepdim=True)) * rstd
    leading = list(range(x.dim() - len(normalized_shape)))
    dweight = dy * x_hat
    return dx, dweight.sum(leading) if leading else dweight


def add_layer_norm(x, residual, normalized_shape, weight, bias, eps):
    """Return (y, total, mean, rstd)."""
    total = (x + residual).contiguous()
    y, mean, rstd = layer_norm(total, normalized_shape, weight, bias, eps)
    return y, total, mean, rstd


def add_rms_norm(x, residual, normalized_shape, weight, eps):
    """Return (y, total, rstd)."""
    total = (x + residual).contiguous()
    y, rstd = rms_norm(total, normalized_shape, weight, eps)
    return y, total, rstd


def wide(t):
    """Return `t` in the dtype in which sums are taken: float32 at least."""
    return t.float() if t is not None and t.dtype in (torch.float16, torch.bfloat16) else t


def mean_square(x, normalized_shape):
    """Return the mean of the squares of each row, the normalized dimensions kept as size 1."""
    return x.square().mean(_axes(normalized_shape), keepdim=True)


def _axes(normalized_shape):
    return list(range(-len(normalized_shape), 0))


def _gradient(g, of, x):
    """Return the gradient of a parameter in its dtype; empty if there is no parameter."""
    return x.new_empty(0) if of is None else g.to(of.dtype).contiguous()
