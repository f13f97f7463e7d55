"""From tensors to kernels and back: what `aten` computes, with the same arguments and results.

A tensor is (N, H) to a kernel: a row has H elements side by side, and each row starts a stride
after the last. Whatever else, a transposed tensor say, is copied first.
"""

import contextlib
import math

import torch

from lnlearn.accelerated import aten
from lnlearn.accelerated.triton import launch
from lnlearn.accelerated.triton.backward import backward_kernel, sum_kernel, wide_backward_kernel
from lnlearn.accelerated.triton.forward import forward_kernel, wide_forward_kernel


def layer_norm(x, normalized_shape, weight, bias, eps):
    """Return (y, mean, rstd)."""
    if x.numel() == 0:
        return aten.layer_norm(x, normalized_shape, weight, bias, eps)
    y, _, mean, rstd = _forward(x, None, normalized_shape, weight, bias, eps, centred=True)
    return y, mean, rstd


def layer_norm_backward(dy, x, normalized_shape, mean, rstd, weight, bias, dtotal):
    """Return (dx, dweight, dbias)."""
    if x.numel() == 0:
        return aten.layer_norm_backward(dy, x, normalized_shape, mean, rstd, weight, bias, dtotal)
    return _backward(dy, x, normalized_shape, mean, rstd, weight, bias, dtotal)


def rms_norm(x, normalized_shape, weight, eps):
    """Return (y, rstd)."""
    if x.numel() == 0:
        return aten.rms_norm(x, normalized_shape, weight, eps)
    y, _, _, rstd = _forward(x, None, normalized_shape, weight, None, eps, centred=False)
    return y, rstd


def rms_norm_backward(dy, x, normalized_shape, rstd, weight, dtotal):
    """Return (dx, dweight)."""
    if x.numel() == 0:
        return aten.rms_norm_backward(dy, x, normalized_shape, rstd, weight, dtotal)
    return _backward(dy, x, normalized_shape, None, rstd, weight, None, dtotal)[:2]


def add_layer_norm(x, residual, normalized_shape, weight, bias, eps):
    """Return (y, total, mean, rstd)."""
    if x.numel() == 0:
        return aten.add_layer_norm(x, residual, normalized_shape, weight, bias, eps)
    return _forward(x, residual, normalized_shape, weight, bias, eps, centred=True)


def add_rms_norm(x, residual, normalized_shape, weight, eps):
    """Return (y, total, rstd)."""
    if x.numel() == 0:
        return aten.add_rms_norm(x, residual, normalized_shape, weight, eps)
    y, total, _, rstd = _forward(x, residual, normalized_shape, weight, None, eps, centred=False)
    return y, total, rstd


# Launching ---------------------------------------------------------------------------------------


def _forward(x, residual, normalized_shape, weight, bias, eps, centred):
    """Return (y, total, mean, rstd); total and mean are None where there are none."""
    H = math.prod(normalized_shape)
    N = x.numel() // H
    y = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    x, x_stride = _rows(x, H)
    residual, residual_stride = _rows(residual, H)
    total = None if residual is None else torch.empty_like(y)
    statistics = (*y.shape[: y.dim() - len(normalized_shape)], *[1] * len(normalized_shape))
    rstd = torch.empty(statistics, dtype=torch.float32, device=x.device)
    mean = torch.empty_like(rstd) if centred else None

    how = launch.forward(H, x.element_size())
    tensors = (x, residual, _parameter(weight), _parameter(bias), y, total, mean, rstd)
    numbers = (N, x_stride, residual_stride, eps)
    switches = {
        "SHRINK": launch.shrink(H),
        "H": H,
        "BLOCK": how.block,
        "CENTRED": centred,
        "HAS_RESIDUAL": residual is not None,
        "HAS_WEIGHT": weight is not None,
        "HAS_BIAS": bias is not None,
    }
    with _on(x.device):
        programs = launch.grid(how, N, multiprocessors(x.device))
        if how.wide:
            kernel, numbers = wide_forward_kernel, (*numbers, how.pieces)
            switches["STAGES"] = how.stages
        else:
            kernel = forward_kernel
            switches |= {"PIECES": how.pieces, "ROWS": how.rows}
        kernel[(programs,)](
            *tensors, *numbers, **switches, num_warps=how.warps, maxnreg=how.registers
        )
    return y, total, mean, rstd


def _backward(dy, x, normalized_shape, mean, rstd, weight, bias, dtotal):
    """Return (dx, dweight, dbias); a gradient that does not exist is an empty tensor."""
    H = math.prod(normalized_shape)
    N = x.numel() // H
    dx = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    dweight, dbias = (
        torch.empty(
            0 if of is None else of.shape, dtype=(x if of is None else of).dtype, device=x.device
        )
        for of in (weight, bias)
    )
    dy, dy_stride = _rows(dy, H)
    x, x_stride = _rows(x, H)
    dtotal, dtotal_stride = _rows(dtotal, H)
    mean = None if mean is None else mean.contiguous()

    how = launch.backward(H, x.element_size())
    has = {"HAS_WEIGHT": weight is not None, "HAS_BIAS": bias is not None}
    with _on(x.device):
        programs = launch.grid(how, N, multiprocessors(x.device))
        partials = torch.empty(
            (sum(has.values()), programs, H), dtype=torch.float32, device=x.device
        ).unbind()
        dweight_partial = partials[0] if weight is not None else None
        dbias_partial = partials[-1] if bias is not None else None
        tensors = (dy, x, dtotal, _parameter(weight), mean, rstd.contiguous())
        tensors += (dx, dweight_partial, dbias_partial)
        numbers = (N, dy_stride, x_stride, dtotal_stride)
        switches = {
            "H": H,
            "BLOCK": how.block,
            "PIECES": how.pieces,
            "CENTRED": mean is not None,
            "HAS_RESIDUAL": dtotal is not None,
            "STAGES": how.stages,
        }
        if how.wide:
            kernel, grid = wide_backward_kernel, (how.slices, programs)
            numbers += (-(-H // how.block),)
        else:
            kernel, grid = backward_kernel, (programs,)
            switches["ROWS"] = how.rows
        kernel[grid](
            *tensors, *numbers, **switches, **has, num_warps=how.warps, maxnreg=how.registers
        )
        if partials:
            rows, columns = launch.sums(H, multiprocessors(dx.device))
            sum_kernel[(-(-H // columns),)](
                dweight_partial, dbias_partial, dweight, dbias, programs, H, rows, columns,
                **has, num_warps=launch.SUM_WARPS,
            )  # fmt: skip
    return dx, dweight, dbias


def _rows(t, H):
    """Return `t`, or a copy where its rows cannot be addressed, and the stride of its rows."""
    if t is None:
        return None, 0
    if t.is_contiguous():
        return t, H
    t = t.reshape(-1, H)  # a view where there is one
    if t.stride(1) != 1 and H > 1:
        t = t.contiguous()
    return t, t.stride(0)


def _parameter(t):
    return None if t is None else t.contiguous()


def multiprocessors(device):
    """Return how many multiprocessors run programs at the same time."""
    if device.type != "cuda":  # interpreted: few, so that one program has many tiles
        return 2
    return torch.cuda.get_device_properties(device).multi_processor_count


def _on(device):
    """Return a context in which kernels are launched on `device`, on its current stream."""
    if device.type != "cuda" or device.index == torch.cuda.current_device():
        return contextlib.nullcontext()
    return torch.cuda.device(device)
