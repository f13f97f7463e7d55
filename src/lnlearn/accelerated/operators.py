"""The norms as PyTorch operators, to which a backend adds its kernels.

Each operator has a kernel made of ATen's, for every device; a fake kernel, from which
`torch.compile` learns shapes and dtypes; and an autograd formula, which can be differentiated once
more. A backend adds its own kernel with ``layer_norm.register_kernel("cuda")``; all else stays.
`functional` uses these operators for such a backend, and ATen's own where there is none.

Arguments are those of `lnlearn.accelerated`, already checked. Statistics are at least float32 and
keep the normalized dimensions as size 1. A gradient that does not exist is an empty tensor, as an
operator cannot return None.
"""

import torch
from torch import Tensor

Shape = list[int]

# Layer norm --------------------------------------------------------------------------------------


@torch.library.custom_op("lnlearn::layer_norm", mutates_args=())
def layer_norm(
    x: Tensor, normalized_shape: Shape, weight: Tensor | None, bias: Tensor | None, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return (y, mean, rstd)."""
    y, mean, rstd = torch.native_layer_norm(
        _wide(x), normalized_shape, _wide(weight), _wide(bias), eps
    )
    return y.to(x.dtype), mean, rstd


@layer_norm.register_fake
def _(x, normalized_shape, weight, bias, eps):
    return _new(x), _statistics(x, normalized_shape), _statistics(x, normalized_shape)


@torch.library.custom_op("lnlearn::layer_norm_backward", mutates_args=())
def layer_norm_backward(
    dy: Tensor,
    x: Tensor,
    normalized_shape: Shape,
    mean: Tensor,
    rstd: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return (dx, dweight, dbias)."""
    found = _aten_backward(dy, x, normalized_shape, mean, rstd, weight, bias)
    return tuple(_gradient(g, of, x) for g, of in zip(found, (x, weight, bias), strict=True))


def _aten_backward(dy, x, normalized_shape, mean, rstd, weight, bias):
    arguments = _wide(dy), _wide(x), normalized_shape, mean, rstd, _wide(weight), _wide(bias)
    wanted = [True, weight is not None, bias is not None]
    return torch.ops.aten.native_layer_norm_backward(*arguments, wanted)


@layer_norm_backward.register_fake
def _(dy, x, normalized_shape, mean, rstd, weight, bias):
    return tuple(_new(x, 0) if of is None else _new(of) for of in (x, weight, bias))


def _save_layer_norm(ctx, inputs, output):
    x, ctx.normalized_shape, weight, bias, _ = inputs
    _, mean, rstd = output
    ctx.mark_non_differentiable(mean, rstd)
    ctx.save_for_backward(x, mean, rstd, weight, bias)


def _differentiate_layer_norm(ctx, dy, _dmean, _drstd):
    x, mean, rstd, weight, bias = ctx.saved_tensors
    found = layer_norm_backward(dy, x, ctx.normalized_shape, mean, rstd, weight, bias)
    dx, dweight, dbias = _present(found, (x, weight, bias))
    return dx, None, dweight, dbias, None


def _save_layer_norm_backward(ctx, inputs, output):
    dy, x, ctx.normalized_shape, mean, rstd, weight, bias = inputs
    ctx.save_for_backward(dy, x, mean, rstd, weight, bias)


def _differentiate_layer_norm_backward(ctx, *upstream):
    dy, x, mean, rstd, weight, bias = ctx.saved_tensors

    def again(dy, x, weight):  # ATen knows how mean and rstd depend on x
        if weight is None and bias is not None:  # but fails where there is only a bias
            weight = torch.ones_like(bias)
        return _aten_backward(dy, x, ctx.normalized_shape, mean, rstd, weight, bias)

    ddy, dx, dweight = _differentiate(again, (dy, x, weight), upstream, (x, weight, bias))
    return ddy, dx, None, None, None, dweight, None


layer_norm.register_autograd(_differentiate_layer_norm, setup_context=_save_layer_norm)
layer_norm_backward.register_autograd(
    _differentiate_layer_norm_backward, setup_context=_save_layer_norm_backward
)


# RMS norm ----------------------------------------------------------------------------------------


@torch.library.custom_op("lnlearn::rms_norm", mutates_args=())
def rms_norm(
    x: Tensor, normalized_shape: Shape, weight: Tensor | None, eps: float
) -> tuple[Tensor, Tensor]:
    """Return (y, rstd)."""
    wide = _wide(x)
    rstd = torch.rsqrt(wide.square().mean(_axes(normalized_shape), keepdim=True) + eps)
    y = wide * rstd
    return (y if weight is None else y * weight).to(x.dtype).contiguous(), rstd


@rms_norm.register_fake
def _(x, normalized_shape, weight, eps):
    return _new(x), _statistics(x, normalized_shape)


@torch.library.custom_op("lnlearn::rms_norm_backward", mutates_args=())
def rms_norm_backward(
    dy: Tensor, x: Tensor, normalized_shape: Shape, rstd: Tensor, weight: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return (dx, dweight)."""
    found = _rms_backward(dy, x, normalized_shape, rstd, weight)
    return tuple(_gradient(g, of, x) for g, of in zip(found, (x, weight), strict=True))


def _rms_backward(dy, x, normalized_shape, rstd, weight):
    axes = _axes(normalized_shape)
    dy, x_hat = _wide(dy), _wide(x) * rstd
    g = dy if weight is None else dy * weight
    dx = (g - x_hat * (g * x_hat).mean(axes, keepdim=True)) * rstd
    leading = list(range(x.dim() - len(normalized_shape)))
    dweight = dy * x_hat
    return dx, dweight.sum(leading) if leading else dweight


@rms_norm_backward.register_fake
def _(dy, x, normalized_shape, rstd, weight):
    return _new(x), _new(x, 0) if weight is None else _new(weight)


def _save_rms_norm(ctx, inputs, output):
    x, ctx.normalized_shape, weight, _ = inputs
    _, rstd = output
    ctx.mark_non_differentiable(rstd)
    ctx.save_for_backward(x, rstd, weight)


def _differentiate_rms_norm(ctx, dy, _drstd):
    x, rstd, weight = ctx.saved_tensors
    found = rms_norm_backward(dy, x, ctx.normalized_shape, rstd, weight)
    dx, dweight = _present(found, (x, weight))
    return dx, None, dweight, None


def _save_rms_norm_backward(ctx, inputs, output):
    dy, x, ctx.normalized_shape, rstd, weight = inputs
    ctx.save_for_backward(dy, x, rstd, weight)


def _differentiate_rms_norm_backward(ctx, *upstream):
    dy, x, rstd, weight = ctx.saved_tensors
    axes = _axes(ctx.normalized_shape)
    eps = rstd**-2 - _wide(x).square().mean(axes, keepdim=True)

    def again(dy, x, weight):  # rstd as a function of x, so that it is differentiated as well
        rstd = torch.rsqrt(_wide(x).square().mean(axes, keepdim=True) + eps)
        return _rms_backward(dy, x, ctx.normalized_shape, rstd, weight)

    ddy, dx, dweight = _differentiate(again, (dy, x, weight), upstream, (x, weight))
    return ddy, dx, None, None, dweight


rms_norm.register_autograd(_differentiate_rms_norm, setup_context=_save_rms_norm)
rms_norm_backward.register_autograd(
    _differentiate_rms_norm_backward, setup_context=_save_rms_norm_backward
)


# Add & Norm --------------------------------------------------------------------------------------


@torch.library.custom_op("lnlearn::add_layer_norm", mutates_args=())
def add_layer_norm(
    x: Tensor,
    residual: Tensor,
    normalized_shape: Shape,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return (y, total, mean, rstd)."""
    total = (x + residual).contiguous()
    y, mean, rstd = layer_norm(total, normalized_shape, weight, bias, eps)
    return y, total, mean, rstd


@add_layer_norm.register_fake
def _(x, residual, normalized_shape, weight, bias, eps):
    return _new(x), _new(x), _statistics(x, normalized_shape), _statistics(x, normalized_shape)


def _save_add_layer_norm(ctx, inputs, output):
    _, _, ctx.normalized_shape, weight, bias, _ = inputs
    _, total, mean, rstd = output
    ctx.mark_non_differentiable(mean, rstd)
    ctx.save_for_backward(total, mean, rstd, weight, bias)


def _differentiate_add_layer_norm(ctx, dy, dtotal, _dmean, _drstd):
    total, mean, rstd, weight, bias = ctx.saved_tensors
    found = layer_norm_backward(dy, total, ctx.normalized_shape, mean, rstd, weight, bias)
    dx, dweight, dbias = _present(found, (total, weight, bias))
    dx = dx + dtotal
    return dx, dx, None, dweight, dbias, None


@torch.library.custom_op("lnlearn::add_rms_norm", mutates_args=())
def add_rms_norm(
    x: Tensor, residual: Tensor, normalized_shape: Shape, weight: Tensor | None, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return (y, total, rstd)."""
    total = (x + residual).contiguous()
    y, rstd = rms_norm(total, normalized_shape, weight, eps)
    return y, total, rstd


@add_rms_norm.register_fake
def _(x, residual, normalized_shape, weight, eps):
    return _new(x), _new(x), _statistics(x, normalized_shape)


def _save_add_rms_norm(ctx, inputs, output):
    _, _, ctx.normalized_shape, weight, _ = inputs
    _, total, rstd = output
    ctx.mark_non_differentiable(rstd)
    ctx.save_for_backward(total, rstd, weight)


def _differentiate_add_rms_norm(ctx, dy, dtotal, _drstd):
    total, rstd, weight = ctx.saved_tensors
    found = rms_norm_backward(dy, total, ctx.normalized_shape, rstd, weight)
    dx, dweight = _present(found, (total, weight))
    dx = dx + dtotal
    return dx, dx, None, dweight, None


add_layer_norm.register_autograd(_differentiate_add_layer_norm, setup_context=_save_add_layer_norm)
add_rms_norm.register_autograd(_differentiate_add_rms_norm, setup_context=_save_add_rms_norm)


# Pieces ------------------------------------------------------------------------------------------


def _wide(t):
    """`t` in the dtype in which sums are taken: float32 at least."""
    return t.float() if t is not None and t.dtype in (torch.float16, torch.bfloat16) else t


def _axes(normalized_shape):
    return list(range(-len(normalized_shape), 0))


def _new(t, *shape):
    """A new contiguous tensor like `t`, of its shape or of another."""
    return t.new_empty(shape or t.shape)


def _statistics(x, normalized_shape):
    """A new tensor for one number a row of `x`."""
    n = len(normalized_shape)
    dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
    return x.new_empty((*x.shape[: x.dim() - n], *[1] * n), dtype=dtype)


def _gradient(g, of, x):
    """The gradient of a parameter in its dtype; empty if there is no parameter."""
    return x.new_empty(0) if of is None else g.to(of.dtype).contiguous()


def _present(found, of):
    """The gradients of what is there, None for what is not."""
    return [None if parameter is None else g for g, parameter in zip(found, of, strict=True)]


def _differentiate(function, inputs, upstream, of):
    """The gradients of sum(upstream * function(inputs)), None for an input that is None."""
    with torch.enable_grad():
        inputs = [None if t is None else t.detach().requires_grad_() for t in inputs]
        outputs = function(*inputs)
    kept = [
        (output, up.to(output.dtype))
        for output, up, parameter in zip(outputs, upstream, of, strict=True)
        if parameter is not None and output.requires_grad
    ]
    outputs, upstream = zip(*kept, strict=True)
    there = [t for t in inputs if t is not None]
    found = iter(torch.autograd.grad(outputs, there, upstream))
    return [None if t is None else next(found) for t in inputs]
