"""Backward kernels: dx, and the sums over rows that are dweight and dbias.

With x_hat = (x - mean) * rstd and g = dy * weight, of one row,

    dx = (g - mean(g) - x_hat * mean(g * x_hat)) * rstd
    dweight = sum over rows of dy * x_hat
    dbias = sum over rows of dy

(derived in `lnlearn.scratch.layernorm`). All three read x and dy, so one kernel reads them once and
computes all three: 3 transfers an element in place of 5. dweight and dbias need a sum over rows,
that is, over programs. Each program adds up the rows that it meets in float32 registers and writes
one row of partial sums; a second kernel adds those. No atomics: they would be slower, and the order
of a float sum, and with it the result, would change from run to run.
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
def normalized(x, mean, rstd, mask, CENTRED: tl.constexpr):
    """Return x_hat, (ROWS, BLOCK) float32, 0 where masked."""
    x = x.to(tl.float32)
    if CENTRED:  # a masked lane is 0 - mean by now
        x = tl.where(mask, x - mean[:, None], 0.0)
    return x * rstd[:, None]


@triton.jit
def store_partial(partial_ptr, program, sums, PIECE, BLOCK: tl.constexpr, H: tl.constexpr):
    """Store a piece of a program's row of partial sums, summed over the rows of a tile."""
    columns = columns_of_piece(PIECE, BLOCK)
    tl.store(partial_ptr + program * H + columns, tl.sum(sums, axis=0), mask=columns < H)


@triton.jit(do_not_specialize=["N"])
def backward_kernel(
    dy_ptr,  # (N, H), in rows of dy_stride elements
    x_ptr,  # (N, H), in rows of x_stride elements: the input of the norm
    dtotal_ptr,  # (N, H), in rows of dtotal_stride elements: more gradient of x; or None
    weight_ptr,  # (H,) or None
    mean_ptr,  # (N,) float32; None for RMS norm
    rstd_ptr,  # (N,) float32
    dx_ptr,  # (N, H) contiguous, a result
    dweight_ptr,  # (programs, H) float32, partial sums; or None
    dbias_ptr,  # (programs, H) float32, partial sums; or None
    N,  # number of rows
    dy_stride,  # from one row of dy to the next, in elements
    x_stride,  # the same of x
    dtotal_stride,  # the same of dtotal
    H: tl.constexpr,  # width
    BLOCK: tl.constexpr,  # columns of a piece
    PIECES: tl.constexpr,  # pieces of a row
    ROWS: tl.constexpr,  # rows of a tile
    CENTRED: tl.constexpr,  # layer norm; else RMS norm
    HAS_RESIDUAL: tl.constexpr,  # dtotal is added to dx
    HAS_WEIGHT: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    STAGES: tl.constexpr,  # tiles that are on their way at the same time
):
    """Rows that fit in the registers of one program: x and dy are read once."""
    weights, dweight, dbias = (), (), ()  # PIECES times (BLOCK,), and (ROWS, BLOCK) float32
    for piece in tl.static_range(PIECES):
        if HAS_WEIGHT:
            weights += (load_parameter(weight_ptr, piece, BLOCK, H),)
            dweight += (tl.zeros([ROWS, BLOCK], tl.float32),)
        if HAS_BIAS:
            dbias += (tl.zeros([ROWS, BLOCK], tl.float32),)

    first, tiles = tl.program_id(0).to(tl.int64), tl.cdiv(N, ROWS)
    for tile in tl.range(first, tiles, tl.num_programs(0), num_stages=STAGES):
        rows = rows_of_tile(tile, ROWS)
        mean = 0.0
        if CENTRED:
            mean = tl.load(mean_ptr + rows, mask=rows < N, other=0.0)
        rstd = tl.load(rstd_ptr + rows, mask=rows < N, other=0.0)

        x_hats, gs, dweight_next, dbias_next = (), (), (), ()
        sums = tl.zeros([ROWS, BLOCK], tl.float32)
        products = tl.zeros([ROWS, BLOCK], tl.float32)
        for piece in tl.static_range(PIECES):
            mask = inside(rows, N, piece, BLOCK, H)
            x = load(x_ptr, x_stride, rows, mask, piece, BLOCK)
            dy = load(dy_ptr, dy_stride, rows, mask, piece, BLOCK)
            x_hat = normalized(x, mean, rstd, mask, CENTRED)
            g = dy.to(tl.float32)
            if HAS_BIAS:
                dbias_next += (dbias[piece] + g,)
            if HAS_WEIGHT:
                dweight_next += (dweight[piece] + g * x_hat,)
                g = g * weights[piece].to(tl.float32)[None, :]
            sums += g
            products += g * x_hat
            x_hats += (x_hat,)
            gs += (g,)
        dweight, dbias = dweight_next, dbias_next
        total, total_products = two_sums(sums, products)  # (ROWS,)
        mean_of_g, mean_of_products = total / H, total_products / H

        for piece in tl.static_range(PIECES):
            mask = inside(rows, N, piece, BLOCK, H)
            dx = gs[piece] - x_hats[piece] * mean_of_products[:, None]
            if CENTRED:
                dx = dx - mean_of_g[:, None]
            dx = dx * rstd[:, None]
            if HAS_RESIDUAL:
                dx += load(dtotal_ptr, dtotal_stride, rows, mask, piece, BLOCK).to(tl.float32)
            store(dx_ptr, dx, rows, mask, piece, BLOCK, H)

    for piece in tl.static_range(PIECES):
        if HAS_WEIGHT:
            store_partial(dweight_ptr, first, dweight[piece], piece, BLOCK, H)
        if HAS_BIAS:
            store_partial(dbias_ptr, first, dbias[piece], piece, BLOCK, H)


@triton.jit(do_not_specialize=["N", "pieces"])
def wide_backward_kernel(
    dy_ptr, x_ptr, dtotal_ptr, weight_ptr, mean_ptr, rstd_ptr, dx_ptr, dweight_ptr, dbias_ptr,
    N, dy_stride, x_stride, dtotal_stride, pieces,
    H: tl.constexpr, BLOCK: tl.constexpr, PIECES: tl.constexpr, CENTRED: tl.constexpr,
    HAS_RESIDUAL: tl.constexpr, HAS_WEIGHT: tl.constexpr, HAS_BIAS: tl.constexpr,
    STAGES: tl.constexpr,
):  # fmt: skip
    """Rows that are too wide for the registers of a program, of any width.

    The arguments are those of `backward_kernel`, and `pieces`, how many a row has: no constant, or
    the compiler would unroll the loop over them and run out of registers.

    What must stay in registers are the sums over rows, 8 bytes a column, so programs share the
    columns as well as the rows: program (s, p) has the s-th slice of PIECES pieces. The two means
    are over whole rows, and each program of a row takes them for itself: no program waits for
    another. Then it goes through its slice, which comes out of a cache now. The wider the rows, the
    more often they are read from there.
    """
    slice_start = tl.program_id(0) * PIECES
    dweight, dbias = (), ()  # PIECES times (1, BLOCK) float32
    for _ in tl.static_range(PIECES):
        if HAS_WEIGHT:
            dweight += (tl.zeros([1, BLOCK], tl.float32),)
        if HAS_BIAS:
            dbias += (tl.zeros([1, BLOCK], tl.float32),)

    first = tl.program_id(1).to(tl.int64)
    for row in tl.range(first, N, tl.num_programs(1)):
        rows = rows_of_tile(row, 1)  # a tile of one row
        mean = 0.0
        if CENTRED:
            mean = tl.load(mean_ptr + rows)
        rstd = tl.load(rstd_ptr + rows)

        sums = tl.zeros([1, BLOCK], tl.float32)
        products = tl.zeros([1, BLOCK], tl.float32)
        for piece in tl.range(0, pieces, num_stages=STAGES):
            mask = (columns_of_piece(piece, BLOCK) < H)[None, :]
            x = load(x_ptr, x_stride, rows, mask, piece, BLOCK)
            g = load(dy_ptr, dy_stride, rows, mask, piece, BLOCK).to(tl.float32)
            if HAS_WEIGHT:
                g *= load_parameter(weight_ptr, piece, BLOCK, H).to(tl.float32)[None, :]
            sums += g
            products += g * normalized(x, mean, rstd, mask, CENTRED)
        total, total_products = two_sums(sums, products)  # (1,)
        mean_of_g, mean_of_products = total / H, total_products / H

        dweight_next, dbias_next = (), ()
        for index in tl.static_range(PIECES):
            piece = slice_start + index
            mask = (columns_of_piece(piece, BLOCK) < H)[None, :]
            x = load(x_ptr, x_stride, rows, mask, piece, BLOCK)
            g = load(dy_ptr, dy_stride, rows, mask, piece, BLOCK).to(tl.float32)
            x_hat = normalized(x, mean, rstd, mask, CENTRED)
            if HAS_BIAS:
                dbias_next += (dbias[index] + g,)
            if HAS_WEIGHT:
                dweight_next += (dweight[index] + g * x_hat,)
                g *= load_parameter(weight_ptr, piece, BLOCK, H).to(tl.float32)[None, :]
            dx = g - x_hat * mean_of_products[:, None]
            if CENTRED:
                dx = dx - mean_of_g[:, None]
            dx = dx * rstd[:, None]
            if HAS_RESIDUAL:
                dx += load(dtotal_ptr, dtotal_stride, rows, mask, piece, BLOCK).to(tl.float32)
            store(dx_ptr, dx, rows, mask, piece, BLOCK, H)
        dweight, dbias = dweight_next, dbias_next

    for index in tl.static_range(PIECES):
        if HAS_WEIGHT:
            store_partial(dweight_ptr, first, dweight[index], slice_start + index, BLOCK, H)
        if HAS_BIAS:
            store_partial(dbias_ptr, first, dbias[index], slice_start + index, BLOCK, H)


@triton.jit
def sum_of_partials(
    partial_ptr, out_ptr, P, H: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr
):
    """Store the sums over P rows of partial sums, of BLOCK columns, in the dtype of `out_ptr`."""
    columns = columns_of_piece(tl.program_id(0), BLOCK)
    sums = tl.zeros([ROWS, BLOCK], tl.float32)
    for start in tl.range(0, P, ROWS):
        rows = start + tl.arange(0, ROWS).to(tl.int64)
        mask = (rows < P)[:, None] & (columns < H)[None, :]
        sums += tl.load(partial_ptr + rows[:, None] * H + columns[None, :], mask=mask, other=0.0)
    total = rounded(tl.sum(sums, axis=0), out_ptr.dtype.element_ty)
    tl.store(out_ptr + columns, total, mask=columns < H)


@triton.jit(do_not_specialize=["P"])
def sum_kernel(
    dweight_partial_ptr,  # (P, H) float32, or None
    dbias_partial_ptr,  # (P, H) float32, or None
    dweight_ptr,  # (H,), a result; or None
    dbias_ptr,  # (H,), a result; or None
    P,  # programs that wrote partial sums
    H: tl.constexpr,  # width
    ROWS: tl.constexpr,  # partial sums that are loaded at a time
    BLOCK: tl.constexpr,  # columns of a program: few, so that there are many programs
    HAS_WEIGHT: tl.constexpr,
    HAS_BIAS: tl.constexpr,
):
    """Add up the partial sums, always in the same order."""
    if HAS_WEIGHT:
        sum_of_partials(dweight_partial_ptr, dweight_ptr, P, H, ROWS, BLOCK)
    if HAS_BIAS:
        sum_of_partials(dbias_partial_ptr, dbias_ptr, P, H, ROWS, BLOCK)
