"""The norms as PyTorch operators, each computed by the backend that the tensors call for.

Each operator has a computation; a fake kernel, from which `torch.compile` learns shapes and dtypes;
and an autograd formula, which can be differentiated once more. `eager` has a shorter way to all of
them. What a backend computes, and how it launches it, is not known here.

Arguments are those of `lnlearn.accelerated`, already checked; for results see `aten`. Gradients of
`dtotal` come from Add & Norm: whatever flows into the sum beside what flows into its norm.
"""

import torch
from torch import Tensor

from lnlearn.accelerated import aten, backends

Shape = list[int]


def kernels(x):
    """Return the backend for `x`, a module with the six computations of `aten`."""
    if backends.ASKED == "aten" or backends.obstacle(x.device, x.dtype) is not None:
        return aten
    if not x.is_cuda and backends.ASKED is None:
        return aten
    from lnlearn.accelerated.triton import norms

    return norms


# Layer norm --------------------------------------------------------------------------------------


@torch.library.custom_op("lnlearn::layer_norm", mutates_args=())
def layer_norm(
    x: Tensor, normalized_shape: Shape, weight: Tensor | None, bias: Tensor | None, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return (y, mean, rstd)."""
    return kernels(x).layer_norm(x, normalized_shape, weight, bias, eps)


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
    dtotal: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return (dx, dweight, dbias)."""
    found = kernels(x).layer_norm_backward(
        dy, x, normalized_shape, mean, rstd, weight, bias, dtotal
    )
    return tuple(found)


@layer_norm_backward.register_fake
def _(dy, x, normalized_shape, mean, rstd, weight, bias, dtotal):
    return tuple(_new(x, 0) if of is None else _new(of) for of in (x, weight, bias))


def save_layer_norm(ctx, inputs, output):
    """Save what the gradient needs."""
    x, ctx.normalized_shape, weight, bias, _ = inputs
    _, mean, rstd = output
    ctx.mark_non_differentiable(mean, rstd)
    ctx.save_for_backward(x, mean, rstd, weight, bias)


def differentiate_layer_norm(ctx, dy, _dmean, _drstd):
    """Return the gradients of the inputs of `layer_norm`."""
    x, mean, rstd, weight, bias = ctx.saved_tensors
    found = eager.layer_norm_backward(dy, x, ctx.normalized_shape, mean, rstd, weight, bias, None)
    dx, dweight, dbias = _present(found, (x, weight, bias))
    return dx, None, dweight, dbias, None


def save_layer_norm_backward(ctx, inputs, output):
    """Save what the second gradient needs."""
    dy, x, ctx.normalized_shape, mean, rstd, weight, bias, dtotal = inputs
    ctx.has_dtotal = dtotal is not None
    ctx.save_for_backward(dy, x, mean, rstd, weight, bias)


def differentiate_layer_norm_backward(ctx, *upstream):
    """Return the gradients of the inputs of `layer_norm_backward`, by ATen."""
    dy, x, mean, rstd, weight, bias = ctx.saved_tensors

    def again(dy, x, weight):  # ATen knows how mean and rstd depend on x
        if weight is None and bias is not None:  # but fails where there is only a bias
            weight = torch.ones_like(bias)
        return aten.layer_norm_gradients(dy, x, ctx.normalized_shape, mean, rstd, weight, bias)

    ddy, dx, dweight = _differentiate(again, (dy, x, weight), upstream, (x, weight, bias))
    return ddy, dx, None, None, None, dweight, None, upstream[0] if ctx.has_dtotal else None


layer_norm.register_autograd(differentiate_layer_norm, setup_context=save_layer_norm)
layer_norm_backward.register_autograd(
    differentiate_layer_norm_backward, setup_context=save_layer_norm_backward
)


# RMS norm ----------------------------------------------------------------------------------------


@torch.library.custom_op("lnlearn::rms_norm", mutates_args=())
def rms_norm(
    x: Tensor, normalized_shape: Shape, weight: Tensor | None, eps: float
) -> tuple[Tensor, Tensor]:
    """Return (y, rstd)."""
    return kernels(x).rms_norm(x, normalized_shape, weight, eps)


@rms_norm.register_fake
def _(x, normalized_shape, weight, eps):
    return _new(x), _statistics(x, normalized_shape)


@torch.library.custom_op("lnlearn::rms_norm_backward", mutates_args=())
def rms_norm_backward(
    dy: Tensor,
    x: Tensor,
    normalized_shape: Shape,
    rstd: Tensor,
    weight: Tensor | None,
    dtotal: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Return (dx, dweight)."""
    return tuple(kernels(x).rms_norm_backward(dy, x, normalized_shape, rstd, weight, dtotal))


@rms_norm_backward.register_fake
def _(dy, x, normalized_shape, rstd, weight, dtotal):
    return _new(x), _new(x, 0) if weight is None else _new(weight)


def save_rms_norm(ctx, inputs, output):
    """Save what the gradient needs."""
    x, ctx.normalized_shape, weight, _ = inputs
    _, rstd = output
    ctx.mark_non_differentiable(rstd)
    ctx.save_for_backward(x, rstd, weight)


def differentiate_rms_norm(ctx, dy, _drstd):
    """Return the gradients of the inputs of `rms_norm`."""
    x, rstd, weight = ctx.saved_tensors
    found = eager.rms_norm_backward(dy, x, ctx.normalized_shape, rstd, weight, None)
    dx, dweight = _present(found, (x, weight))
    return dx, None, dweight, None


def save_rms_norm_backward(ctx, inputs, output):
    """Save what the second gradient needs."""
    dy, x, ctx.normalized_shape, rstd, weight, dtotal = inputs
    ctx.has_dtotal = dtotal is not None
    ctx.save_for_backward(dy, x, rstd, weight)


def differentiate_rms_norm_backward(ctx, *upstream):
    """Return the gradients of the inputs of `rms_norm_backward`, by ATen."""
    dy, x, rstd, weight = ctx.saved_tensors
    shape = ctx.normalized_shape
    eps = rstd**-2 - aten.mean_square(aten.wide(x), shape)

    def again(dy, x, weight):  # rstd as a function of x, so that it is differentiated as well
        rstd = torch.rsqrt(aten.mean_square(aten.wide(x), shape) + eps)
        return aten.rms_norm_gradients(dy, x, shape, rstd, weight)

    ddy, dx, dweight = _differentiate(again, (dy, x, weight), upstream, (x, weight))
    return ddy, dx, None, None, dweight, upstream[0] if ctx.has_dtotal else None


rms_norm.register_autograd(differentiate_rms_norm, setup_context=save_rms_norm)
rms_norm_backward.register_autograd(
    differentiate_rms_norm_backward, setup_context=save_rms_norm_backward
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
    return kernels(x).add_layer_norm(x, residual, normalized_shape, weight, bias, eps)


@add_layer_norm.register_fake
def _(x, residual, normalized_shape, weight, bias, eps):
    return _new(x), _new(x), _statistics(x, normalized_shape), _statistics(x, normalized_shape)


def save_add_layer_norm(ctx, inputs, output):
    """Save what the gradient needs: the sum, not what was added."""
    _, _, ctx.normalized_shape, weight, bias, _ = inputs
    _, total, mean, rstd = output
    ctx.mark_non_differentiable(mean, rstd)
    ctx.set_materialize_grads(False)  # where only y is used, dtotal is None, not a tensor of zeros
    ctx.save_for_backward(total, mean, rstd, weight, bias)


def differentiate_add_layer_norm(ctx, dy, dtotal, _dmean, _drstd):
    """Return the gradients of the inputs of `add_layer_norm`."""
    if dy is None:
        return dtotal, dtotal, None, None, None, None
    total, mean, rstd, weight, bias = ctx.saved_tensors
    found = eager.layer_norm_backward(
        dy, total, ctx.normalized_shape, mean, rstd, weight, bias, dtotal
    )
    dx, dweight, dbias = _present(found, (total, weight, bias))
    return dx, dx, None, dweight, dbias, None


@torch.library.custom_op("lnlearn::add_rms_norm", mutates_args=())
def add_rms_norm(
    x: Tensor, residual: Tensor, normalized_shape: Shape, weight: Tensor | None, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return (y, total, rstd)."""
    return kernels(x).add_rms_norm(x, residual, normalized_shape, weight, eps)


@add_rms_norm.register_fake
def _(x, residual, normalized_shape, weight, eps):
    return _new(x), _new(x), _statistics(x, normalized_shape)


def save_add_rms_norm(ctx, inputs, output):
    """Save what the gradient needs: the sum, not what was added."""
    _, _, ctx.normalized_shape, weight, _ = inputs
    _, total, rstd = output
    ctx.mark_non_differentiable(rstd)
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(total, rstd, weight)


def differentiate_add_rms_norm(ctx, dy, dtotal, _drstd):
    """Return the gradients of the inputs of `add_rms_norm`."""
    if dy is None:
        return dtotal, dtotal, None, None, None
    total, rstd, weight = ctx.saved_tensors
    found = eager.rms_norm_backward(dy, total, ctx.normalized_shape, rstd, weight, dtotal)
    dx, dweight = _present(found, (total, weight))
    return dx, dx, None, dweight, None


add_layer_norm.register_autograd(differentiate_add_layer_norm, setup_context=save_add_layer_norm)
add_rms_norm.register_autograd(differentiate_add_rms_norm, setup_context=save_add_rms_norm)


# Pieces ------------------------------------------------------------------------------------------


def _new(t, *shape):
    """A new contiguous tensor like `t`, of its shape or of another."""
    return t.new_empty(shape or t.shape)


def _statistics(x, normalized_shape):
    """A new tensor for one number a row of `x`."""
    n = len(normalized_shape)
    dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
    return x.new_empty((*x.shape[: x.dim() - n], *[1] * n), dtype=dtype)


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


from lnlearn.accelerated import eager  # noqa: E402 - it needs the operators, and they need it
