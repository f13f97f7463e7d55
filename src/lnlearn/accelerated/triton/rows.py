"""What every kernel does with a tile of rows: name its elements, load them, and store them.

A program works on a tile of ROWS rows at a time. Shapes in Triton are powers of two and widths are
not, so a row is cut into PIECES of BLOCK elements each, BLOCK a power of two: 768 is three pieces
of 256, and no lane is idle. Only where H is no multiple of BLOCK does the last piece have lanes
beyond the row's end. Those are masked, and masked lanes hold 0.

Offsets are 64-bit: row number times stride passes 2^31 in tensors that fit on a GPU. Whoever calls
these functions gets `rows` from `rows_of_tile`, which are 64-bit; columns never need to be.
"""

import os

import triton
import triton.language as tl

INTERPRETED = tl.constexpr(os.environ.get("TRITON_INTERPRET") == "1")


@triton.jit
def rows_of_tile(tile, ROWS: tl.constexpr):
    """Return the numbers of the rows of a tile, (ROWS,) int64; `tile` is 64-bit as well."""
    return tile * ROWS + tl.arange(0, ROWS).to(tl.int64)


@triton.jit
def columns_of_piece(PIECE, BLOCK: tl.constexpr):
    """Return the numbers of the columns of a piece, (BLOCK,)."""
    return PIECE * BLOCK + tl.arange(0, BLOCK)


@triton.jit
def inside(rows, N, PIECE: tl.constexpr, BLOCK: tl.constexpr, H: tl.constexpr):
    """Return which lanes of a piece lie in the tensor, (ROWS, BLOCK).

    The comparison with H is made only for a piece that crosses the row's end: a mask over columns
    that the compiler cannot see through would split 16-byte accesses into single elements.
    """
    mask = (rows < N)[:, None]
    if (PIECE + 1) * BLOCK > H:
        mask = mask & (columns_of_piece(PIECE, BLOCK) < H)[None, :]
    return mask


@triton.jit
def load(ptr, stride, rows, mask, PIECE, BLOCK: tl.constexpr):
    """Load a piece of a tile, (ROWS, BLOCK), in the tensor's dtype; masked lanes are 0.

    ``evict_first``: nobody reads these elements again soon, so they make room in the cache before
    the weights and the partial sums do.
    """
    where = rows[:, None] * stride + columns_of_piece(PIECE, BLOCK)[None, :]
    return tl.load(ptr + where, mask=mask, other=0.0, eviction_policy="evict_first")


@triton.jit
def two_sums(a, b):
    """Return the sums over the lanes of two tiles, (ROWS,) each, in one exchange between warps."""
    return tl.split(tl.sum(tl.join(a, b), axis=1))


@triton.jit
def rounded(values, dtype: tl.constexpr):
    """Return float32 values in `dtype`, rounded to nearest even, as every GPU does.

    Triton's interpreter (3.6 and 3.7) cuts the last 16 bits off for bfloat16, an error twice as
    large and to one side. For it, and only for it, the rounding is written out.
    """
    if INTERPRETED and dtype == tl.bfloat16:
        bits = values.to(tl.int32, bitcast=True)
        up = bits + 0x7FFF + ((bits >> 16) & 1)
        bits = tl.where(values == values, up, 0x7FC00000)  # a NaN stays one
        return (bits >> 16).to(tl.int16).to(tl.bfloat16, bitcast=True)
    else:
        return values.to(dtype)


@triton.jit
def store(ptr, values, rows, mask, PIECE, BLOCK: tl.constexpr, H: tl.constexpr):
    """Store a piece of a tile into a contiguous tensor, rounded once to its dtype."""
    where = rows[:, None] * H + columns_of_piece(PIECE, BLOCK)[None, :]
    tl.store(ptr + where, rounded(values, ptr.dtype.element_ty), mask=mask)


@triton.jit
def load_parameter(ptr, PIECE, BLOCK: tl.constexpr, H: tl.constexpr):
    """Load a piece of weight or bias, (BLOCK,), in its own dtype.

    ``evict_last``: every program reads the same few kilobytes.
    """
    columns = columns_of_piece(PIECE, BLOCK)
    return tl.load(ptr + columns, mask=columns < H, other=0.0, eviction_policy="evict_last")
