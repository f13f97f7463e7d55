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
WIDEST_BACKWARD = 8192  # elements of a row that 16 warps hold, 16 a thread, five times over
WIDEST_SLICE = 16384  # elements of a row for which 16 warps hold dweight and dbias
SUM_WARPS = 4  # of a program of `sum_kernel`


class Launch(NamedTuple):
    """What a kernel is compiled and launched with, beside its arguments."""

    block: int  # columns of a piece of a row
    pieces: int  # pieces of a row, or of a slice where wide
    rows: int  # rows of a tile
    warps: int  # of a program
    registers: int  # of a thread, at most
    programs: int = 0  # of a multiprocessor, each with many tiles; 0: a program for each tile
    stages: int = 1  # tiles, or pieces where wide, that are on their way at the same time
    slices: int = 1  # programs that share a row
    wide: bool = False  # whether the row does not fit into registers


@cache
def forward(width, itemsize):
    """Return the launch of a forward kernel for rows of `width` elements of `itemsize` bytes.

    A program for each tile, 32 elements a thread, and at most 64 registers, so that 32 warps are on
    a multiprocessor: while some compute, the others wait for their loads. Rows that do not end on
    16 bytes are loaded an element at a time and need more registers, for the addresses.
    """
    if width > WIDEST_FORWARD:
        block = WARP * 16 * ACCESS // itemsize
        return Launch(block, -(-width // block), 1, warps=16, registers=64, stages=3, wide=True)
    threads = _threads(width, itemsize, elements=32)
    warps = max(4, threads // WARP)
    registers = 64 if width * itemsize % ACCESS == 0 or warps == 32 else 128
    return Launch(*_tile(width, itemsize, threads, warps), warps, registers)


@cache
def backward(width, itemsize):
    """Return the launch of a backward kernel for rows of `width` elements of `itemsize` bytes.

    Few programs, as each writes a row of partial sums: 16 warps a multiprocessor, with the loads
    of the next tiles on their way. A tile is one row, so that even 4096 rows are several for each
    program; with fewer, a program is done before its loads have got ahead. Rows wider than 16384
    are cut into slices, one for each program that shares the row.
    """
    if width > WIDEST_BACKWARD:
        slices, block, warps = -(-width // WIDEST_SLICE), 4096, 16
        pieces = -(-width // (slices * block))
        return Launch(block, pieces, 1, warps, 128, programs=1, stages=4, slices=slices, wide=True)
    block = min(4096, _power_of_two(width))
    warps = max(4, block // (8 * WARP))
    stages = 4 if width <= 4096 else 3
    return Launch(block, -(-width // block), 1, warps, 128, programs=16 // warps, stages=stages)


def grid(launch, rows, multiprocessors):
    """Return how many programs share `rows` rows: as many as there is room or work for.

    Where slices share each row, all of them run at the same time: what one reads, the others find
    in the cache.
    """
    tiles = -(-rows // launch.rows)
    if not launch.programs:
        return tiles
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


def _power_of_two(number):
    """Return the smallest power of two that is not smaller."""
    return 1 << (number - 1).bit_length()


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
    block = min(threads * ACCESS // itemsize, _power_of_two(width))
    return block, -(-width // block), warps * WARP // threads
