"""Layer norm of large arrays: the formulas of `layernorm`, a block of rows at a time.

A line of NumPy reads an array from memory and writes another one. That takes far longer than the
arithmetic, and the formulas have about ten such lines. Here all of them are applied to a block of
rows before the next block is touched. A block is small enough to stay in the processor's cache, so
that memory sees one read of x and one write of y. And each line writes over what the last one
left, because new arrays would push the block out of the cache.

Arguments and results are those of `layernorm.forward` and `layernorm.backward`, with two
differences: `x` and `dy` may have any dtype and layout, and y and dx have the dtype of `x`.
"""

import numpy as np

from lnlearn.scratch._common import average, reciprocal_root, upcast

BLOCK = 65_536  # numbers in a block: 256 KiB of float32


def forward(x, weight, bias, eps):
    """Return (y, mean, rstd), with the same bits as from `layernorm.forward`."""
    y = np.empty(x.shape, x.dtype)
    mean, rstd = np.empty((2, len(x), 1), weight.dtype)
    room = on_a_cache_line(step(x), x.shape[1], weight.dtype)
    ones = np.ones(x.shape[1], weight.dtype)
    for rows in blocks(x):
        block = np.ascontiguousarray(x[rows], weight.dtype)
        first = average(block, ones)
        x_hat = np.subtract(block, first, out=room[: len(block)])
        rounding = average(x_hat, ones)
        x_hat -= rounding
        mean[rows] = first + rounding
        rstd[rows] = reciprocal_root(average(x_hat, x_hat), eps)
        x_hat *= rstd[rows]
        x_hat *= weight
        np.add(x_hat, bias, out=y[rows], casting="same_kind")  # rounded to the dtype of y
    return y, mean, rstd


def backward(dy, x, weight, mean, rstd):
    """Return (dx, dweight, dbias); dx with the same bits as from `layernorm.backward`."""
    dx = np.empty(x.shape, x.dtype)
    dweight, dbias = np.zeros((2, x.shape[1]), rstd.dtype)
    for rows in blocks(x):
        g = np.ascontiguousarray(dy[rows], rstd.dtype)
        x_hat = upcast(x[rows]) - mean[rows]
        x_hat -= average(x_hat)
        x_hat *= rstd[rows]
        dweight += np.einsum("nd,nd->d", g, x_hat)
        dbias += g.sum(axis=0)
        g = g * weight
        x_hat *= average(g, x_hat)
        g -= average(g)
        g -= x_hat
        np.multiply(g, rstd[rows], out=dx[rows], casting="same_kind")
    return dx, dweight, dbias


def on_a_cache_line(rows, columns, dtype):
    """An empty matrix that begins where a line of the cache does.

    A wide instruction that reads across the border of two lines has to fetch both of them. The
    arrays of NumPy begin 16 bytes behind such a border more often than not.
    """
    line = 64 // np.dtype(dtype).itemsize
    room = np.empty(rows * columns + line, dtype)
    start = -room.ctypes.data % 64 // room.itemsize
    return room[start : start + rows * columns].reshape(rows, columns)


def step(x):
    """How many rows of `x` make a block."""
    return max(1, BLOCK // x.shape[1])


def blocks(x):
    """The blocks of `x`, as slices of its rows; the last one may be shorter."""
    height = step(x)
    return (slice(start, start + height) for start in range(0, len(x), height))
