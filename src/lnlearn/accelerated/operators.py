"""The norms as PyTorch operators, each computed by the backend that the tensors call for.

Each operator has a computation; a fake kernel, from which `torch.compile` learns shapes and dtypes;
and, if it is not itself a gradient, an autograd formula. A function ``call_...`` is the shorter way
to it in eager execution. What a backend computes, and how it launches it, is not known here.

Gradients come from the operators ``..._backward``. Where they are to be differentiated in turn, or
computed for many `dy` at a time, they come from the formulas in `aten` instead, which PyTorch can
differentiate any number of times.

Arguments are those of `lnlearn.accelerated`, already checked; for results see `aten`. Gradients of
`dtotal` come from Add & Norm: whatever flows into the sum beside what flows into its norm.
"""

import torch

from lnlearn.accelerated import aten, backends, eager


def _operator(schema):
    """Make an operator of a function of the same name; old versions of PyTorch need the schema."""
    return lambda function: torch.library.custom_op(
        f"lnlearn::{function.__name__}", function, mutates_args=(), schema=schema
    )


# Layer norm --------------------------------------------------------------------------------------


@_operator(
    "(Tensor dy, Tensor x, SymInt[] normalized_shape, Tensor mean, Tensor rstd, "
    "Tensor? weight, Tensor? bias, Tensor? dtotal) "
    "-> (Tensor, Tensor, Tensor)"
)
def layer_norm_backward(dy, x, normalized_shape, mean, rstd, weight, bias, dtotal):
    """Return (dx, dweight, dbias)."""
    return backends.kernels(x).layer_norm_backward(
        dy, x, normalized_shape, mean, rstd, weight, bias, dtotal
    )


@layer_norm_backward.register_fake
def _(dy, x, normalized_shape, mean, rstd, weight, bias, dtotal):
    return tuple(_new(x, 0) if t is None else _new(t) for t in (x, weight, bias))


call_layer_norm_backward = eager.short_way(layer_norm_backward)


@_operator(
    "(Tensor x, SymInt[] normalized_shape, Tensor? weight, Tensor? bias, float eps) "
    "-> (Tensor, Tensor, Tensor)"
)
def layer_norm(x, normalized_shape, weight, bias, eps):
    """Return (y, mean, rstd)."""
    return backends.kernels(x).layer_norm(x, normalized_shape, weight, bias, eps)


@layer_norm.register_fake
def _(x, normalized_shape, weight, bias, eps):
    return _new(x), _statistics(x, normalized_shape), _statistics(x, normalized_shape)


def save_layer_norm(ctx, inputs, output):
    """Save what the gradient needs."""
    x, ctx.normalized_shape, weight, bias, ctx.eps = inputs
    _, mean, rstd = output
    ctx.mark_non_differentiable(mean, rstd)
    ctx.save_for_backward(x, mean, rstd, weight, bias)


def differentiate_layer_norm(ctx, dy, _dmean, _drstd):
    """Return the gradients of the inputs of `layer_norm`."""
    dx, dweight, dbias = _layer_norm_gradients(ctx, dy, None)
    return dx, None, dweight, dbias, None


def _layer_norm_gradients(ctx, dy, dtotal):
    x, mean, rstd, weight, bias = ctx.saved_tensors
    if _by_formula():
        found = aten.norm_backward(dy, x, ctx.normalized_shape, weight, bias, ctx.eps, True)
        found = _with_dtotal(found, dtotal)
    else:
        arguments = dy, x, ctx.normalized_shape, mean, rstd, weight, bias, dtotal
        found = call_layer_norm_backward(*arguments)
    return _present(found, (x, weight, bias))


call_layer_norm = eager.short_way(layer_norm, save_layer_norm, differentiate_layer_norm)


# RMS norm ----------------------------------------------------------------------------------------


@_operator(
    "(Tensor dy, Tensor x, SymInt[] normalized_shape, Tensor rstd, Tensor? weight, "
    "Tensor? dtotal) "
    "-> (Tensor, Tensor)"
)
def rms_norm_backward(dy, x, normalized_shape, rstd, weight, dtotal):
    """Return (dx, dweight)."""
    return backends.kernels(x).rms_norm_backward(dy, x, normalized_shape, rstd, weight, dtotal)


@rms_norm_backward.register_fake
def _(dy, x, normalized_shape, rstd, weight, dtotal):
    return _new(x), _new(x, 0) if weight is None else _new(weight)


call_rms_norm_backward = eager.short_way(rms_norm_backward)


@_operator("(Tensor x, SymInt[] normalized_shape, Tensor? weight, float eps) -> (Tensor, Tensor)")
def rms_norm(x, normalized_shape, weight, eps):
    """Return (y, rstd)."""
    return backends.kernels(x).rms_norm(x, normalized_shape, weight, eps)


@rms_norm.register_fake
def _(x, normalized_shape, weight, eps):
    return _new(x), _statistics(x, normalized_shape)


def save_rms_norm(ctx, inputs, output):
    """Save what the gradient needs."""
    x, ctx.normalized_shape, weight, ctx.eps = inputs
    _, rstd = output
    ctx.mark_non_differentiable(rstd)
    ctx.save_for_backward(x, rstd, weight)


def differentiate_rms_norm(ctx, dy, _drstd):
    """Return the gradients of the inputs of `rms_norm`."""
    dx, dweight = _rms_norm_gradients(ctx, dy, None)
    return dx, None, dweight, None


def _rms_norm_gradients(ctx, dy, dtotal):
    x, rstd, weight = ctx.saved_tensors
    if _by_formula():
        found = aten.norm_backward(dy, x, ctx.normalized_shape, weight, None, ctx.eps, False)
        found = _with_dtotal(found[:2], dtotal)
    else:
        found = call_rms_norm_backward(dy, x, ctx.normalized_shape, rstd, weight, dtotal)
    return _present(found, (x, weight))


call_rms_norm = eager.short_way(rms_norm, save_rms_norm, differentiate_rms_norm)


# Add & Norm --------------------------------------------------------------------------------------


@_operator(
    "(Tensor x, Tensor residual, SymInt[] normalized_shape, Tensor? weight, "
    "Tensor? bias, float eps) "
    "-> (Tensor, Tensor, Tensor, Tensor)"
)
def add_layer_norm(x, residual, normalized_shape, weight, bias, eps):
    """Return (y, total, mean, rstd)."""
    return backends.kernels(x).add_layer_norm(x, residual, normalized_shape, weight, bias, eps)


@add_layer_norm.register_fake
def _(x, residual, normalized_shape, weight, bias, eps):
    return _new(x), _new(x), _statistics(x, normalized_shape), _statistics(x, normalized_shape)


def save_add_layer_norm(ctx, inputs, output):
    """Save what the gradient needs: the sum, not what was added."""
    _, _, ctx.normalized_shape, weight, bias, ctx.eps = inputs
    _, total, mean, rstd = output
    ctx.mark_non_differentiable(mean, rstd)
    ctx.set_materialize_grads(False)  # where only y is used, dtotal is None, not a tensor of zeros
    ctx.save_for_backward(total, mean, rstd, weight, bias)


def differentiate_add_layer_norm(ctx, dy, dtotal, _dmean, _drstd):
    """Return the gradients of the inputs of `add_layer_norm`."""
    if dy is None:
        return dtotal, dtotal, None, None, None, None
    dx, dweight, dbias = _layer_norm_gradients(ctx, dy, dtotal)
    return dx, dx, None, dweight, dbias, None


call_add_layer_norm = eager.short_way(
    add_layer_norm, save_add_layer_norm, differentiate_add_layer_norm
)


@_operator(
    "(Tensor x, Tensor residual, SymInt[] normalized_shape, Tensor? weight, "
    "float eps) "
    "-> (Tensor, Tensor, Tensor)"
)
def add_rms_norm(x, residual, normalized_shape, weight, eps):
    """Return (y, total, rstd)."""
    return backends.kernels(x).add_rms_norm(x, residual, normalized_shape, weight, eps)


@add_rms_norm.register_fake
def _(x, residual, normalized_shape, weight, eps):
    return _new(x), _new(x), _statistics(x, normalized_shape)


def save_add_rms_norm(ctx, inputs, output):
    """Save what the gradient needs: the sum, not what was added."""
    _, _, ctx.normalized_shape, weight, ctx.eps = inputs
    _, total, rstd = output
    ctx.mark_non_differentiable(rstd)
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(total, rstd, weight)


def differentiate_add_rms_norm(ctx, dy, dtotal, _drstd):
    """Return the gradients of the inputs of `add_rms_norm`."""
    if dy is None:
        return dtotal, dtotal, None, None, None
    dx, dweight = _rms_norm_gradients(ctx, dy, dtotal)
    return dx, dx, None, dweight, None


call_add_rms_norm = eager.short_way(add_rms_norm, save_add_rms_norm, differentiate_add_rms_norm)


# Pieces ------------------------------------------------------------------------------------------


def _new(t, *shape):
    """A new contiguous tensor like `t`, of its shape or of another."""
    return t.new_empty(shape or t.shape)


def _statistics(x, normalized_shape):
    """A new tensor for one number a row of `x`."""
    n = len(normalized_shape)
    dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
    return x.new_empty((*x.shape[: x.dim() - n], *[1] * n), dtype=dtype)


def _present(gradients, inputs):
    """The gradients of the inputs that are there, None for those that are not."""
    return [None if t is None else g for g, t in zip(gradients, inputs, strict=True)]


def _by_formula():
    """Whether the gradients are to be differentiated in turn, or are many at a time."""
    return torch.is_grad_enabled() or backends.batched()


def _with_dtotal(found, dtotal):
    return found if dtotal is None else (found[0] + dtotal, *found[1:])
