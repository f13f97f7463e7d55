"""The way to our forward kernel, an idea at a time: layer norm as short as it gets.

Each kernel is complete and right, and adds one idea to the one before it. The chapter
*The GPU kernel* derives them line by line, `ladder_backward` has those of the backward pass,
and `forward` and `backward` are where they lead. To be read in one go, they leave out what has
nothing to do with their idea: x is (N, H), contiguous, with fewer than 2^31 elements, there are a
weight and a bias, and the statistics are not returned.

A kernel is what one *program* does. The program computes with whole tiles of numbers, whose shapes
are powers of two, and `program_id` tells it which rows of x are its own.
"""

import torch
import triton
import triton.language as tl

from lnlearn.accelerated.triton import launch


@triton.jit
def a_row(x_ptr, weight_ptr, bias_ptr, y_ptr, eps, H: tl.constexpr):
    """A program for each row, whose width is a power of two."""
    columns = tl.arange(0, H)
    here = tl.program_id(0) * H + columns
    x = tl.load(x_ptr + here).to(tl.float32)
    centred = x - tl.sum(x) / H
    variance = tl.sum(centred * centred) / H
    x_hat = centred / tl.sqrt(variance + eps)
    y = x_hat * tl.load(weight_ptr + columns) + tl.load(bias_ptr + columns)
    tl.store(y_ptr + here, y)


@triton.jit
def any_width(
    x_ptr, weight_ptr, bias_ptr, y_ptr, eps,
    H: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Any width, in BLOCK lanes, masked when loaded and when centred."""
    columns = tl.arange(0, BLOCK)
    inside = columns < H
    here = tl.program_id(0) * H + columns
    x = tl.load(x_ptr + here, mask=inside, other=0.0).to(tl.float32)
    centred = tl.where(inside, x - tl.sum(x) / H, 0.0)
    variance = tl.sum(centred * centred) / H
    x_hat = centred / tl.sqrt(variance + eps)
    weight = tl.load(weight_ptr + columns, mask=inside)
    bias = tl.load(bias_ptr + columns, mask=inside)
    tl.store(y_ptr + here, x_hat * weight + bias, mask=inside)


@triton.jit
def many_rows(
    x_ptr, weight_ptr, bias_ptr, y_ptr, N, eps,
    H: tl.constexpr, BLOCK: tl.constexpr, ROWS: tl.constexpr,
):  # fmt: skip
    """ROWS rows a program, so that narrow rows, too, are work for many threads."""
    rows = tl.program_id(0) * ROWS + tl.arange(0, ROWS)[:, None]
    columns = tl.arange(0, BLOCK)[None, :]
    inside = (rows < N) & (columns < H)
    here = rows * H + columns
    x = tl.load(x_ptr + here, mask=inside, other=0.0).to(tl.float32)
    mean = tl.sum(x, axis=1, keep_dims=True) / H
    centred = tl.where(inside, x - mean, 0.0)
    variance = tl.sum(centred * centred, axis=1, keep_dims=True) / H
    x_hat = centred / tl.sqrt(variance + eps)
    weight = tl.load(weight_ptr + columns, mask=columns < H)
    bias = tl.load(bias_ptr + columns, mask=columns < H)
    tl.store(y_ptr + here, x_hat * weight + bias, mask=inside)


@triton.jit
def pieces_of_a_row(
    x_ptr, weight_ptr, bias_ptr, y_ptr, eps,
    H: tl.constexpr, BLOCK: tl.constexpr, PIECES: tl.constexpr,
):  # fmt: skip
    """A row in PIECES pieces: 768 is 3 times 256, and no lane is idle."""
    start = tl.program_id(0) * H
    lanes = tl.arange(0, BLOCK)
    xs = ()
    sums = tl.zeros([BLOCK], tl.float32)  # over pieces first, over lanes once
    for piece in tl.static_range(PIECES):
        columns = piece * BLOCK + lanes
        x = tl.load(x_ptr + start + columns, mask=columns < H, other=0.0)
        xs += (x.to(tl.float32),)
        sums += xs[piece]
    mean = tl.sum(sums) / H
    squares = tl.zeros([BLOCK], tl.float32)
    for piece in tl.static_range(PIECES):
        centred = tl.where(piece * BLOCK + lanes < H, xs[piece] - mean, 0.0)
        squares += centred * centred
    rstd = 1 / tl.sqrt(tl.sum(squares) / H + eps)
    for piece in tl.static_range(PIECES):
        columns = piece * BLOCK + lanes
        weight = tl.load(weight_ptr + columns, mask=columns < H)
        bias = tl.load(bias_ptr + columns, mask=columns < H)
        y = (xs[piece] - mean) * rstd * weight + bias
        tl.store(y_ptr + start + columns, y, mask=columns < H)


@triton.jit
def corrected_mean(
    x_ptr, weight_ptr, bias_ptr, y_ptr, eps,
    H: tl.constexpr, BLOCK: tl.constexpr, PIECES: tl.constexpr,
):  # fmt: skip
    """The same, without what the mean was rounded by: the mean of the centred row."""
    start = tl.program_id(0) * H
    lanes = tl.arange(0, BLOCK)
    xs = ()
    sums = tl.zeros([BLOCK], tl.float32)
    for piece in tl.static_range(PIECES):
        columns = piece * BLOCK + lanes
        x = tl.load(x_ptr + start + columns, mask=columns < H, other=0.0)
        xs += (x.to(tl.float32),)
        sums += xs[piece]
    mean = tl.sum(sums) / H
    squares = tl.zeros([BLOCK], tl.float32)
    sums = tl.zeros([BLOCK], tl.float32)
    for piece in tl.static_range(PIECES):
        centred = tl.where(piece * BLOCK + lanes < H, xs[piece] - mean, 0.0)
        sums += centred
        squares += centred * centred
    off = tl.sum(sums) / H  # 0 but for rounding
    rstd = 1 / tl.sqrt(tl.sum(squares) / H - off * off + eps)
    for piece in tl.static_range(PIECES):
        columns = piece * BLOCK + lanes
        weight = tl.load(weight_ptr + columns, mask=columns < H)
        bias = tl.load(bias_ptr + columns, mask=columns < H)
        y = (xs[piece] - mean - off) * rstd * weight + bias
        tl.store(y_ptr + start + columns, y, mask=columns < H)


FORWARD = (a_row, any_width, many_rows, pieces_of_a_row, corrected_mean)


def layer_norm(kernel, x, weight, bias, eps=1e-5):
    """Return the layer norm of each row, by one of the kernels in `FORWARD`.

    Parameters
    ----------
    kernel : one of FORWARD
        Or another kernel whose arguments have the same names.
    x : Tensor of shape (N, H)
        float16, bfloat16 or float32; on a GPU, or interpreted, on the processor.
    weight, bias : Tensors of shape (H,)

    Returns
    -------
    Tensor of shape (N, H)
        In the dtype of `x`.

    Raises
    ------
    ValueError
        If `kernel` takes no BLOCK, as `a_row` does not, and H is no power of two.
    """
    N, H = x.shape
    x = x.contiguous()
    y = torch.empty_like(x)
    constants, warps = how(kernel, H, x.element_size())
    numbers = (N, eps) if "N" in kernel.arg_names else (eps,)
    grid = (triton.cdiv(N, constants.get("ROWS", 1)),)
    kernel[grid](x, weight, bias, y, *numbers, **constants, num_warps=warps)
    return y


def how(kernel, H, itemsize):
    """Return the constants of a kernel for rows of H elements of `itemsize` bytes, and its warps.

    A thread has 16 elements of a tile, or 16 bytes of a piece, as far as there are enough threads.
    """
    if "PIECES" in kernel.arg_names:
        block, pieces, *_ = launch.forward(H, itemsize)
        return {"H": H, "BLOCK": block, "PIECES": pieces}, max(1, block * itemsize // (16 * 32))
    constants = {"H": H, "BLOCK": triton.next_power_of_2(H)}
    if "BLOCK" not in kernel.arg_names:
        if constants.pop("BLOCK") != H:
            raise ValueError(
                f"{kernel.__name__} needs rows whose width is a power of two, got {H}. "
                f"Take any_width, which masks the lanes beyond the row."
            )
        return constants, _warps(H)
    if "ROWS" in kernel.arg_names:
        constants["ROWS"] = max(1, 2048 // constants["BLOCK"])
    return constants, _warps(constants["BLOCK"] * constants.get("ROWS", 1))


def _warps(elements):
    """Return the warps of a program for a tile of so many elements: 16 for each thread."""
    return min(32, max(1, elements // (16 * 32)))
