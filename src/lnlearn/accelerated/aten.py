"""The norms by PyTorch's own kernels, on any device: the backend that is always there.

Arguments are those of `lnlearn.accelerated`, already checked. Statistics are at least float32 and
keep the normalized dimensions as size 1. A gradient that does not exist is an empty tensor, as an
operator cannot return None. `lnlearn.accelerated.triton` has the same functions.

Below them stand the formulas, written out in operations that PyTorch can differentiate any number
of times, forwards and backwards. ATen's layer norm is wrong from the third derivative on, because
its second takes mean and rstd for constants.
"""

import torch


def layer_norm(x, normalized_shape, weight, bias, eps):
    """Return (y, mean, rstd)."""
    y, mean, rstd = torch.native_layer_norm(
        upcast(x), normalized_shape, upcast(weight), upcast(bias), eps
    )
    return nan_where_zero(y, rstd).to(x.dtype), mean, rstd


def layer_norm_backward(dy, x, normalized_shape, mean, rstd, weight, bias, dtotal):
    """Return (dx, dweight, dbias); `dtotal`, if any, is added to dx."""
    found = torch.ops.aten.native_layer_norm_backward(
        upcast(dy), upcast(x), normalized_shape, mean, rstd, upcast(weight), upcast(bias),
        [True, weight is not None, bias is not None],
    )  # fmt: skip
    return rounded(found, (x, weight, bias), dtotal)


def rms_norm(x, normalized_shape, weight, eps):
    """Return (y, rstd)."""
    x_hat, rstd = standardized(upcast(x), normalized_shape, eps, centred=False)
    return affine(x_hat, weight, None).to(x.dtype).contiguous(), rstd


def rms_norm_backward(dy, x, normalized_shape, rstd, weight, dtotal):
    """Return (dx, dweight); `dtotal`, if any, is added to dx."""
    x_hat = upcast(x) * rstd
    found = gradients(dy, x_hat, rstd, normalized_shape, weight, centred=False)
    return rounded(found[:2], (x, weight), dtotal)


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


# The formulas ------------------------------------------------------------------------------------


def norm(x, normalized_shape, weight, bias, eps, centred):
    """Return the layer norm of `x`, or where not `centred` its RMS norm."""
    x_hat, _ = standardized(upcast(x), normalized_shape, eps, centred)
    return affine(x_hat, weight, bias).to(x.dtype)


def norm_backward(dy, x, normalized_shape, weight, bias, eps, centred):
    """Return the gradients of `norm`: (dx, dweight, dbias), each in the dtype of what it is of."""
    x_hat, rstd = standardized(upcast(x), normalized_shape, eps, centred)
    found = gradients(dy, x_hat, rstd, normalized_shape, weight, centred)
    return rounded(found, (x, weight, bias))


def differentiable_gradients(eps, found, _dy):
    """Return the gradients that ATen has `found`, in a form that can be differentiated.

    For a hook on ATen's layer norm. Where the gradients are to be differentiated, ATen has saved in
    their node what is needed for it, so that this holds no tensor and keeps none alive.
    """
    node = next((g.grad_fn for g in found if g is not None), None)
    if node is None:
        return None
    right = norm_backward(
        node._saved_grad_out, node._saved_input, node._saved_normalized_shape,
        node._saved_weight, found[2], eps, centred=True,
    )  # fmt: skip
    return tuple(None if g is None else r for g, r in zip(found, right, strict=True))


def standardized(x, normalized_shape, eps, centred):
    """Return x_hat and rstd; both are NaN where the squares of a row overflow."""
    x = x - mean(x, normalized_shape) if centred else x
    rstd = torch.rsqrt(mean(x.square(), normalized_shape) + eps)
    rstd = nan_where_zero(rstd, rstd)
    return x * rstd, rstd


def affine(x_hat, weight, bias):
    """Return x_hat * weight + bias, where there are such."""
    y = x_hat if weight is None else x_hat * weight
    return y if bias is None else y + bias


def gradients(dy, x_hat, rstd, normalized_shape, weight, centred):
    """Return (dx, dweight, dbias), not yet rounded."""
    dy = upcast(dy)
    g = dy if weight is None else dy * weight
    dx = g - x_hat * mean(g * x_hat, normalized_shape)
    dx = (dx - mean(g, normalized_shape) if centred else dx) * rstd
    leading = list(range(dy.dim() - len(normalized_shape)))
    sums = [t.sum(leading) if leading else t for t in (dy * x_hat, dy)]
    return dx, *sums


# Pieces ------------------------------------------------------------------------------------------


def upcast(t):
    """Return `t` in the dtype in which sums are taken: float32 at least."""
    return t.float() if t is not None and t.dtype in (torch.float16, torch.bfloat16) else t


def mean(t, normalized_shape):
    """Return the mean of each row, the normalized dimensions kept as size 1."""
    return t.mean(list(range(-len(normalized_shape), 0)), keepdim=True)


def nan_where_zero(t, rstd):
    """Return `t`, and NaN where rstd is 0: the squares of a row add up to infinity there.

    The row would be 0, which looks like a result. A factor, so that the gradient is NaN as well.
    """
    return t * (rstd / rstd).detach().to(t.dtype)


def rounded(gradients, inputs, dtotal=None):
    """Return each gradient in the dtype of its input; `dtotal` is added to the first.

    The gradient of an input that is None is an empty tensor.
    """
    dx, *others = gradients
    gradients = dx if dtotal is None else dx + dtotal, *others
    return tuple(
        inputs[0].new_empty(0) if t is None else g.to(t.dtype).contiguous()
        for g, t in zip(gradients, inputs, strict=True)
    )
