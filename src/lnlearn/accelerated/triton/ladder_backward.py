"""The way to our backward kernel: dx row by row, and two ways to the sums over rows.

With x_hat = (x - mean) * rstd and g = dy * weight, of one row,

    dx = (g - mean(g) - x_hat * mean(g * x_hat)) * rstd

and over all rows, dweight is the sum of dy * x_hat and dbias that of dy. Rows belong to different
programs, so the last two are sums over programs. As in `ladder`, x is (N, H) and contiguous.
"""

import torch
import triton
import triton.language as tl

from lnlearn.accelerated.triton import norms
from lnlearn.accelerated.triton.ladder import how


@triton.jit
def atomic_sums(
    dy_ptr, x_ptr, weight_ptr, mean_ptr, rstd_ptr,
    dx_ptr, dweight_ptr, dbias_ptr,
    H: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """A program a row, which adds its part of dweight and dbias to the others."""
    row, columns = tl.program_id(0), tl.arange(0, BLOCK)
    inside = columns < H
    here = row * H + columns
    dy = tl.load(dy_ptr + here, mask=inside, other=0.0).to(tl.float32)
    x = tl.load(x_ptr + here, mask=inside, other=0.0).to(tl.float32)
    rstd = tl.load(rstd_ptr + row)
    x_hat = tl.where(inside, (x - tl.load(mean_ptr + row)) * rstd, 0.0)
    tl.atomic_add(dweight_ptr + columns, dy * x_hat, mask=inside)
    tl.atomic_add(dbias_ptr + columns, dy, mask=inside)
    g = dy * tl.load(weight_ptr + columns, mask=inside, other=0.0)
    dx = (g - tl.sum(g) / H - x_hat * (tl.sum(g * x_hat) / H)) * rstd
    tl.store(dx_ptr + here, dx, mask=inside)


@triton.jit
def partial_sums(
    dy_ptr, x_ptr, weight_ptr, mean_ptr, rstd_ptr,
    dx_ptr, dweight_ptr, dbias_ptr, N,
    H: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Few programs, each with a row of dweight and of dbias (P, H) to itself."""
    columns = tl.arange(0, BLOCK)
    inside = columns < H
    weight = tl.load(weight_ptr + columns, mask=inside, other=0.0)
    dweight = tl.zeros([BLOCK], tl.float32)
    dbias = tl.zeros([BLOCK], tl.float32)
    for row in tl.range(tl.program_id(0), N, tl.num_programs(0)):
        here = row * H + columns
        dy = tl.load(dy_ptr + here, mask=inside, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + here, mask=inside, other=0.0).to(tl.float32)
        rstd = tl.load(rstd_ptr + row)
        x_hat = tl.where(inside, (x - tl.load(mean_ptr + row)) * rstd, 0.0)
        dweight += dy * x_hat
        dbias += dy
        g = dy * weight
        dx = (g - tl.sum(g) / H - x_hat * (tl.sum(g * x_hat) / H)) * rstd
        tl.store(dx_ptr + here, dx, mask=inside)
    mine = tl.program_id(0) * H + columns
    tl.store(dweight_ptr + mine, dweight, mask=inside)
    tl.store(dbias_ptr + mine, dbias, mask=inside)


@triton.jit
def sum_of_partials(partial_ptr, total_ptr, P, H: tl.constexpr, BLOCK: tl.constexpr):
    """Add up P rows of partial sums, always in the same order; a program for BLOCK columns."""
    columns = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    total = tl.zeros([BLOCK], tl.float32)
    for program in tl.range(0, P):
        total += tl.load(partial_ptr + program * H + columns, mask=columns < H, other=0.0)
    tl.store(total_ptr + columns, total, mask=columns < H)


BACKWARD = (atomic_sums, partial_sums)


def layer_norm_backward(kernel, dy, x, weight, mean, rstd, programs=None):
    """Return the gradients (dx, dweight, dbias), by one of the kernels in `BACKWARD`.

    Parameters
    ----------
    kernel : one of BACKWARD
    dy, x : Tensors of shape (N, H)
        dy = ∂L/∂y, and the input of the forward pass.
    weight : Tensor of shape (H,)
    mean, rstd : float32 Tensors of N elements
        The statistics of the forward pass.
    programs : int, optional
        How many programs share the rows in `partial_sums`; otherwise, one for each multiprocessor.

    Returns
    -------
    tuple of Tensors
        dx in the dtype of `x`; dweight and dbias in float32.
    """
    N, H = x.shape
    dy, x = dy.contiguous(), x.contiguous()
    dx = torch.empty_like(x)
    constants, warps = how(kernel, H, x.element_size())
    tensors = (dy, x, weight, mean, rstd, dx)
    if kernel is atomic_sums:
        dweight, dbias = torch.zeros(2, H, dtype=torch.float32, device=x.device)
        kernel[(N,)](*tensors, dweight, dbias, **constants, num_warps=warps)
        return dx, dweight, dbias
    programs = programs or min(N, norms.multiprocessors(x.device))
    partials = torch.empty(2, programs, H, dtype=torch.float32, device=x.device)
    kernel[(programs,)](*tensors, *partials, N, **constants, num_warps=warps)
    totals = torch.empty(2, H, dtype=torch.float32, device=x.device)
    for partial, total in zip(partials, totals, strict=True):
        sum_of_partials[(triton.cdiv(H, 64),)](partial, total, programs, H, 64, num_warps=2)
    return dx, *totals
