"""How a kernel is launched: pure functions of the width and the size of an element.

Never of the number of rows: the same row gives the same bits alone and in a batch, and no batch
size compiles anything again. Nothing is tried out when called; `docs/kernel-notes.md` says what
each number was chosen for and what has been measured of it. This file does not import Triton.

What has to fit, on a multiprocessor of compute capability 8.0 and up: 65536 registers of 32 bits,
for at most 2048 threads in warps of 32.
"""

from functools import cache
from typing import NamedTuple

ACCESS = 16  # bytes that a thread loads or stores at a time: the widest there is
WARP = 32  # threads
REGISTERS = 65536  # of a multiprocessor

WIDEST_FORWARD = 32768  # elements of a row that 32 warps hold, 32 a thread
WIDEST_KEPT = 16384  # elements of a row for which weight and bias stay in registers as well
WIDEST_BACKWARD = 8192  # elements of a row that 16 warps hold five times over: see `backward`
SUM_WARPS = 4  # of a program of `sum_kernel`


class Launch(NamedTuple):
    """What a kernel is compiled and launched with, beside its arguments."""

    block: int  # columns of a piece of a row
    pieces: int  # pieces of a row, or of a slice where wide
    rows: int  # rows of a tile
    warps: int  # of a program
    stages: int  # tiles, or pieces where wide, that are on their way at the same time
    programs: int  # of a multiprocessor
    registers: int  # of a thread, at most
    slices: int = 1  # programs that share a row
    wide: bool = False  # whether the row does not fit into registers
    keep: bool = False  # whether weight and bias stay in registers


@cache
def forward(width, itemsize):
    """Return the launch of a forward kernel for rows of `width` elements of `itemsize` bytes.

    32 elements a thread, weight and bias beside them, take about 128 registers: 16 warps fit on a
    multiprocessor. With the next tile on its way, that keeps 32 KB of loads in flight, which is
    what it takes to fill the memory's pipeline (latency times bandwidth of an H200: about 26 KB a
    multiprocessor).
    """
    if width > WIDEST_FORWARD:
        block = WARP * 16 * ACCESS // itemsize
        pieces = -(-width // block)
        return Launch(block, pieces, 1, warps=16, stages=2, programs=2, registers=64, wide=True)
    threads = _threads(width, itemsize, elements=32)
    warps = max(4, threads // WARP)
    keep = width <= WIDEST_KEPT
    programs = max(1, 16 // warps)
    registers = REGISTERS // (WARP * warps * programs)
    block, pieces, rows = _tile(width, itemsize, threads, warps)
    return Launch(block, pieces, rows, warps, 2 if keep else 1, programs, registers, keep=keep)


@cache
def backward(width, itemsize):
    """Return the launch of a backward kernel for rows of `width` elements of `itemsize` bytes.

    One program of 16 warps a multiprocessor, as each writes a row of partial sums. It holds x_hat,
    g, dweight, dbias and weight, five registers an element: with 16 elements a thread 80 of its
    128. Wider rows are cut into slices of at most that, one for each program that shares the row.
    """
    if width > WIDEST_BACKWARD:
        slices = -(-width // WIDEST_BACKWARD)
        block = WIDEST_BACKWARD // 2
        pieces = -(-width // (slices * block))
        return Launch(
            block, pieces, 1, warps=16, stages=2, programs=1, registers=128, slices=slices,
            wide=True,
        )  # fmt: skip
    threads = _threads(width, itemsize, elements=16)
    block, pieces, rows = _tile(width, itemsize, threads, warps=16)
    return Launch(block, pieces, rows, 16, stages=2, programs=1, registers=128, keep=True)


def grid(launch, rows, multiprocessors):
    """Return how many programs share `rows` rows: as many as there is room or work for.

    Where slices share each row, all of them run at the same time: what one reads, the others find
    in the cache.
    """
    tiles = -(-rows // launch.rows)
    return min(tiles, max(1, multiprocessors * launch.programs // launch.slices))


def sums(width, multiprocessors):
    """Return (rows, columns) of partial sums that a program of `sum_kernel` adds at a time.

    Few columns, so that each multiprocessor has about 4 programs, but at least 8: 32 bytes, the
    least that memory transfers. Together 512 sums, which is 16 bytes for each of 128 threads.
    """
    columns = 8
    while columns < 512 and columns * 4 * multiprocessors < width:
        columns *= 2
    return 512 // columns, columns


def shrink(width):
    """Return the largest power of two that is at most 1 / `width`."""
    return 2.0 ** -((width - 1).bit_length())


def _threads(width, itemsize, elements):
    """Return how many threads share a row: the fewest with at most `elements` for each."""
    threads = 1
    while _pieces(width, itemsize, threads) * ACCESS // itemsize > elements:
        threads *= 2
    return threads


def _pieces(width, itemsize, threads):
    """Return how many accesses a thread needs for its part of a row."""
    return -(-width // (threads * ACCESS // itemsize))


def _tile(width, itemsize, threads, warps):
    """Return (columns of a piece, pieces of a row, rows of a tile)."""
    block = min(threads * ACCESS // itemsize, 1 << (width - 1).bit_length())
    return block, -(-width // block), warps * WARP // threads
