"""Forward kernels: layer norm and RMS norm of a row, with or without a sum before it.

y = (x - mean) * rstd * weight + bias, with rstd = 1 / sqrt(variance + eps). The row is read once
and stays in registers while the statistics are taken in two passes over it: first the mean, then
the mean of the *centred* squares. The one-pass E[x²] - E[x]² would save nothing, as nothing is read
twice, and cancels (see `lnlearn.scratch.moments`).

The mean of the centred elements, which is 0 but for the rounding of the first mean, is taken beside
that of their squares and corrects both: what is left of the error is far below a float32 mean's.

RMS norm is the same without the mean: CENTRED is False, and there is no bias.
"""

import triton
import triton.language as tl

from lnlearn.accelerated.triton.rows import (
    columns_of_piece,
    inside,
    load,
    load_parameter,
    rounded,
    rows_of_tile,
    store,
    two_sums,
)


@triton.jit
def load_total(
    x_ptr, x_stride, residual_ptr, residual_stride, rows, mask,
    PIECE, BLOCK: tl.constexpr, HAS_RESIDUAL: tl.constexpr,
):  # fmt: skip
    """Load a piece of x, or of x + residual rounded to the dtype of x, (ROWS, BLOCK) float32.

    The norm is that of the rounded sum, which is what the next layer gets and what the backward
    pass reads.
    """
    x = load(x_ptr, x_stride, rows, mask, PIECE, BLOCK)
    if HAS_RESIDUAL:
        residual = load(residual_ptr, residual_stride, rows, mask, PIECE, BLOCK)
        x = rounded(x.to(tl.float32) + residual.to(tl.float32), x.dtype)
    return x.to(tl.float32)


@triton.jit
def scale_of_squares(mean, CENTRED: tl.constexpr):
    """Return what centred elements are multiplied by before they are squared: mostly 1.

    A float32 mean near 1e37 is off by 1e30, which no float32 can hold squared. There, 2^-80; in
    all other rows nothing changes, as a product with 1 is exact.
    """
    if CENTRED:
        return tl.where(tl.abs(mean) > 2.0**60, 2.0**-80, 1.0)
    else:
        return tl.full(mean.shape, 1.0, tl.float32)


@triton.jit
def reciprocal_root(variance, eps, scale):
    """Return 1 / sqrt(variance + eps), rounded correctly, of the variance of scaled elements.

    eps is scaled less than it should be, or it would vanish. Where scale is not 1 that makes no
    difference: floats that large lie 2^37 apart, so a variance there is 0 or far above eps.

    A variance that overflowed gives NaN. Its root would be infinite and the row 0, which looks
    like a result.
    """
    variance = tl.where(variance < float("inf"), variance, float("nan"))
    return tl.div_rn(scale, tl.sqrt_rn(variance + eps * scale))


@triton.jit
def correction_and_rstd(
    sums, squares, scale, eps, H: tl.constexpr, SHRINK: tl.constexpr, CENTRED: tl.constexpr
):
    """Return what is to be added to the mean, and rstd around the sum of both, (ROWS,) each.

    `sums` are lanes' sums of centred elements times SHRINK, `squares` of their scaled squares.
    """
    total, total_squares = two_sums(sums, squares)
    correction, variance = total / (H * SHRINK), total_squares / H
    if CENTRED:
        variance = variance - (correction * scale) * (correction * scale)
        variance = tl.where(variance < 0.0, 0.0, variance)  # rounding; a NaN stays one
    return correction, reciprocal_root(variance, eps, scale)


@triton.jit
def affine(x_hat, weight, bias, HAS_WEIGHT: tl.constexpr, HAS_BIAS: tl.constexpr):
    """Return x_hat * weight + bias, (ROWS, BLOCK), where there are such."""
    if HAS_WEIGHT:
        x_hat = x_hat * weight.to(tl.float32)[None, :]
    if HAS_BIAS:
        x_hat = x_hat + bias.to(tl.float32)[None, :]
    return x_hat


# N changes from batch to batch: compiling again when it becomes 1 or a multiple of 16 would make
# the first call of a new batch size slow, and give the same code.
@triton.jit(do_not_specialize=["N"])
def forward_kernel(
    x_ptr,  # (N, H), in the rows of x_stride elements
    residual_ptr,  # (N, H), in the rows of residual_stride elements; or None
    weight_ptr,  # (H,) or None
    bias_ptr,  # (H,) or None
    y_ptr,  # (N, H) contiguous, the result
    total_ptr,  # (N, H) contiguous, x + residual; or None
    mean_ptr,  # (N,) float32; None for RMS norm
    rstd_ptr,  # (N,) float32
    N,  # number of rows
    x_stride,  # from one row of x to the next, in elements
    residual_stride,  # the same of residual
    eps,  # added to the variance
    SHRINK: tl.constexpr,  # a power of two, 1 / H or a little less
    H: tl.constexpr,  # width; a constant, so that masks vanish where it fits
    BLOCK: tl.constexpr,  # columns of a piece
    PIECES: tl.constexpr,  # pieces of a row
    ROWS: tl.constexpr,  # rows of a tile
    CENTRED: tl.constexpr,  # layer norm; else RMS norm
    HAS_RESIDUAL: tl.constexpr,
    HAS_WEIGHT: tl.constexpr,
    HAS_BIAS: tl.constexpr,
):
    """Normalize rows that fit in the registers of one program: one read, one write.

    A tile a program, and many programs waiting on each multiprocessor: while some compute, the
    loads of others are under way. That was measured to be faster than few programs that each loop
    over tiles and load ahead, and it is shorter.
    """
    rows = rows_of_tile(tl.program_id(0).to(tl.int64), ROWS)

    xs = ()  # PIECES times (ROWS, BLOCK) float32: the tile
    sums = tl.zeros([ROWS, BLOCK], tl.float32)  # added up over pieces, then once over lanes
    for piece in tl.static_range(PIECES):
        mask = inside(rows, N, piece, BLOCK, H)
        x = load_total(
            x_ptr, x_stride, residual_ptr, residual_stride, rows, mask, piece, BLOCK, HAS_RESIDUAL
        )
        if HAS_RESIDUAL:
            store(total_ptr, x, rows, mask, piece, BLOCK, H)
        xs += (x,)
        # Made smaller before it is added up, exactly, as SHRINK is a power of two: the sum of a
        # row of 1e37s is larger than any float32, their mean is not.
        sums += x * SHRINK
    mean = tl.sum(sums, axis=1) / (H * SHRINK)  # (ROWS,)

    centred = ()
    scale = scale_of_squares(mean, CENTRED)
    sums = tl.zeros([ROWS, BLOCK], tl.float32)
    squares = tl.zeros([ROWS, BLOCK], tl.float32)
    for piece in tl.static_range(PIECES):
        x = xs[piece]
        if CENTRED:
            x = x - mean[:, None]
            if (piece + 1) * BLOCK > H:  # a masked lane is 0 - mean by now
                x = tl.where(inside(rows, N, piece, BLOCK, H), x, 0.0)
            sums += x * SHRINK
        centred += (x,)
        squares += (x * scale[:, None]) * (x * scale[:, None])
    correction, rstd = correction_and_rstd(sums, squares, scale, eps, H, SHRINK, CENTRED)

    for piece in tl.static_range(PIECES):
        weight, bias = 0.0, 0.0
        if HAS_WEIGHT:
            weight = load_parameter(weight_ptr, piece, BLOCK, H)
        if HAS_BIAS:
            bias = load_parameter(bias_ptr, piece, BLOCK, H)
        x = centred[piece]
        if CENTRED:
            x = x - correction[:, None]
        y = affine(x * rstd[:, None], weight, bias, HAS_WEIGHT, HAS_BIAS)
        store(y_ptr, y, rows, inside(rows, N, piece, BLOCK, H), piece, BLOCK, H)
    if CENTRED:
        tl.store(mean_ptr + rows, mean + correction, mask=rows < N)
    tl.store(rstd_ptr + rows, rstd, mask=rows < N)


@triton.jit(do_not_specialize=["N", "pieces"])
def wide_forward_kernel(
    x_ptr, residual_ptr, weight_ptr, bias_ptr, y_ptr, total_ptr, mean_ptr, rstd_ptr,
    N, x_stride, residual_stride, eps, pieces,
    SHRINK: tl.constexpr, H: tl.constexpr, BLOCK: tl.constexpr, CENTRED: tl.constexpr,
    HAS_RESIDUAL: tl.constexpr, HAS_WEIGHT: tl.constexpr, HAS_BIAS: tl.constexpr,
    STAGES: tl.constexpr,
):  # fmt: skip
    """Normalize rows that are too wide for the registers of a program, of any width.

    The arguments are those of `forward_kernel`, and `pieces`, how many a row has: no constant, or
    the compiler would unroll the loops over them and run out of registers. A row is gone through
    three times, BLOCK columns at a time: for the mean, for the centred squares, for y. The second
    and third time it comes out of a cache, as long as the rows that all programs work on fit in.
    """
    rows = rows_of_tile(tl.program_id(0).to(tl.int64), 1)  # a tile of one row

    sums = tl.zeros([1, BLOCK], tl.float32)
    for piece in tl.range(0, pieces, num_stages=STAGES):
        mask = (columns_of_piece(piece, BLOCK) < H)[None, :]
        x = load_total(
            x_ptr, x_stride, residual_ptr, residual_stride, rows, mask,
            piece, BLOCK, HAS_RESIDUAL,
        )  # fmt: skip
        sums += x * SHRINK
    mean = tl.sum(sums, axis=1) / (H * SHRINK)

    scale = scale_of_squares(mean, CENTRED)
    sums = tl.zeros([1, BLOCK], tl.float32)
    squares = tl.zeros([1, BLOCK], tl.float32)
    for piece in tl.range(0, pieces, num_stages=STAGES):
        mask = (columns_of_piece(piece, BLOCK) < H)[None, :]
        x = load_total(
            x_ptr, x_stride, residual_ptr, residual_stride, rows, mask,
            piece, BLOCK, HAS_RESIDUAL,
        )  # fmt: skip
        if CENTRED:
            x = tl.where(mask, x - mean[:, None], 0.0)
            sums += x * SHRINK
        squares += (x * scale[:, None]) * (x * scale[:, None])
    correction, rstd = correction_and_rstd(sums, squares, scale, eps, H, SHRINK, CENTRED)

    for piece in tl.range(0, pieces, num_stages=STAGES):
        mask = (columns_of_piece(piece, BLOCK) < H)[None, :]
        x = load_total(
            x_ptr, x_stride, residual_ptr, residual_stride, rows, mask,
            piece, BLOCK, HAS_RESIDUAL,
        )  # fmt: skip
        if HAS_RESIDUAL:
            store(total_ptr, x, rows, mask, piece, BLOCK, H)
        if CENTRED:
            x = (x - mean[:, None]) - correction[:, None]
        weight, bias = 0.0, 0.0
        if HAS_WEIGHT:
            weight = load_parameter(weight_ptr, piece, BLOCK, H)
        if HAS_BIAS:
            bias = load_parameter(bias_ptr, piece, BLOCK, H)
        y = affine(x * rstd[:, None], weight, bias, HAS_WEIGHT, HAS_BIAS)
        store(y_ptr, y, rows, mask, piece, BLOCK, H)
    if CENTRED:
        tl.store(mean_ptr + rows, mean + correction)
    tl.store(rstd_ptr + rows, rstd)
