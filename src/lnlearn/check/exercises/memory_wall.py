"""The exercises of the chapter *The memory wall*."""

from dataclasses import replace

import numpy as np

from lnlearn.check import formula
from lnlearn.check.catalogue import CATALOGUE, named
from lnlearn.check.checker import Checker, Mistake, Probe


def _backward_bytes(wrong, rows, width, itemsize):
    apart, fused = 6, 4
    if "written-twice" in wrong:
        apart, fused = apart + 1, fused + 1
    if "sum-not-read" in wrong:
        apart, fused = apart - 1, fused - 1
    if "residual-gradient-forgotten" in wrong:
        apart, fused = apart - 3, fused - 1
    array = rows * width * (1 if "numbers-counted" in wrong else itemsize)
    return apart * array, fused * array


add_norm_backward_bytes = Checker(
    name="add_norm_backward_bytes",
    arguments=("rows", "width", "itemsize"),
    results=("apart", "fused"),
    formula=_backward_bytes,
    probes=(
        Probe("one byte for each number", (2, 3, 1)),
        Probe("float32", (4096, 1024, 4)),
        Probe("bfloat16", (128, 768, 2)),
    ),
    mistakes=(
        Mistake(
            "numbers-counted",
            "It counts numbers and not bytes.",
            "How many bytes has a float32 number?",
        ),
        Mistake(
            "written-twice",
            "It writes one array more than is needed in both cases.",
            "Can the gradients of x and of the residual ever differ?",
            twin="sum-not-read",
        ),
        Mistake(
            "sum-not-read",
            "It counts one array too few in both cases.",
            "Look at the formula for dx in the chapter on the backward pass. Which arrays of full "
            "size are in it?",
            twin="residual-gradient-forgotten",
        ),
        Mistake(
            "residual-gradient-forgotten",
            "It leaves out the gradient that comes along the residual connection.",
            "In y and the sum, the forward pass has two outputs. How many gradients come back?",
            twin="written-twice",
        ),
    ),
    reveal=False,
)


def _intensity(wrong, n, k, m, itemsize):
    operations = n * k * m * (1 if "additions-forgotten" in wrong else 2)
    numbers = n * k + k * m + n * m
    if "output-forgotten" in wrong:
        numbers -= n * m
    if "matrix-forgotten" in wrong:
        numbers -= k * m
    size = 1 if "numbers-counted" in wrong else itemsize
    result = operations / (size * numbers)
    return 1 / result if "upside-down" in wrong else result


matmul_intensity = Checker(
    name="matmul_intensity",
    arguments=("n", "k", "m", "itemsize"),
    results=("intensity",),
    formula=_intensity,
    probes=(
        Probe("small matrices, one byte a number", (2, 3, 5, 1)),
        Probe("square matrices in float32", (1024, 1024, 1024, 4)),
        Probe("one token in bfloat16", (1, 4096, 4096, 2)),
        Probe("long rows and few of them", (2, 10**6, 3, 4)),
        Probe("many short rows", (10**7, 2, 2, 4)),
        Probe("as many operations as bytes", (3, 3, 3, 2)),
    ),
    mistakes=(
        Mistake(
            "additions-forgotten",
            "It counts half of the operations.",
            "Write the product of a 1×2 and a 2×1 matrix out. Which operations do you see?",
        ),
        Mistake(
            "output-forgotten",
            "It does not count the bytes of the result.",
            "Where does the result go?",
        ),
        Mistake(
            "matrix-forgotten",
            "It does not count the bytes of the second matrix.",
            "Which of the three arrays is the largest for one token?",
        ),
        Mistake(
            "numbers-counted",
            "It counts numbers and not bytes.",
            "Does the intensity depend on the dtype?",
        ),
        Mistake(
            "upside-down",
            "It returns bytes for each operation.",
            "Which has the higher intensity: a product of large matrices, or a copy?",
        ),
    ),
    reveal=False,
)


def _in_blocks(ways, x, residual, weight, bias, eps, rows):
    total = x if "residual-skipped" in ways else x + residual
    block_ways = ways - {"statistics-of-the-block"}
    y = np.zeros_like(total)
    for start in range(0, len(x), rows):
        block = total[start : start + rows]
        if "statistics-of-the-block" in ways:
            flat = formula.layer_norm(
                block_ways, block.reshape(1, -1), *np.tile([[1.0], [0.0]], block.size), eps
            )
            y[start : start + rows] = flat.reshape(block.shape) * weight + bias
        else:
            y[start : start + rows] = formula.layer_norm(block_ways, block, weight, bias, eps)
    whole = len(x) - len(x) % rows
    if "last-rows-dropped, zeros" in ways:
        y[whole:] = 0
    if "last-rows-dropped, zeros in both" in ways:
        y[whole:] = 0
        total = np.concatenate([total[:whole], 0 * total[whole:]])
    if "last-rows-dropped, shorter" in ways:
        y, total = y[:whole], total[:whole]
    if "input-modified" in ways:
        x[...] = total
    if "input-modified, by the norm" in ways:
        x[...] = y
    return y, y if "sum-not-returned" in ways else total


_rng = np.random.default_rng(0)
_x, _r = _rng.normal(1, 2, (2, 6, 3))
_square = _rng.normal(1, 2, (3, 3))
_w, _b = np.array([2.0, -1.0, 0.5]), np.array([1.0, 0.0, -2.0])
_one, _zero = np.ones(3), np.zeros(3)
_token = np.array([[1.0, 2.0, 6.0]])
_nothing = np.zeros((1, 3))
_normal = np.sqrt(1.5) * np.array([[-1.0, 0.0, 1.0]])

add_norm_in_blocks = Checker(
    name="add_norm_in_blocks",
    arguments=("x", "residual", "weight", "bias", "eps", "rows"),
    results=("y", "total"),
    formula=_in_blocks,
    probes=(
        Probe("one token, no residual", (_token, _nothing, _one, _zero, 1e-5, 1)),
        Probe("one token, larger blocks", (_token, _nothing, _one, _zero, 1e-5, 4)),
        Probe("a residual", (_token, np.array([[2.0, -3.0, 0.0]]), _one, _zero, 1e-5, 1)),
        Probe("a weight", (_token, _nothing, _w, _zero, 1e-5, 1)),
        Probe("a bias", (_token, _nothing, _one, _b, 1e-5, 1)),
        Probe("a token with mean 0", (_token - 3, _nothing, _one, _zero, 1e-5, 1)),
        Probe("a constant token", (_nothing + 2, _nothing, _one, _zero, 1e-5, 1)),
        Probe("a normalized residual", (_nothing, _normal, _one, _zero, 1e-12, 1)),
        Probe("a large eps", (_token, _nothing, _one, _zero, 2.0, 1)),
        Probe("blocks of two", (_x, 0 * _x, _one, _zero, 1e-5, 2)),
        Probe("as many tokens as features", (_square, 0 * _square, _one, _zero, 1e-5, 1)),
        Probe("a block that is not full", (_x[:5], 0 * _r[:5], _one, _zero, 1e-5, 2)),
        Probe("all together", (_x, _r, _w, _b, 0.1, 4)),
    ),
    mistakes=(
        Mistake(
            "last-rows-dropped",
            "It leaves out the last rows, which do not fill a block.",
            "What does it return for five tokens in blocks of two?",
            (
                "last-rows-dropped, zeros",
                "last-rows-dropped, zeros in both",
                "last-rows-dropped, shorter",
            ),
        ),
        Mistake(
            "statistics-of-the-block",
            "All rows of a block share one mean and one variance.",
            "Change `rows`. Should the result change?",
        ),
        Mistake(
            "residual-skipped",
            "It does not add the residual.",
            "Change the residual. Does the output move?",
        ),
        Mistake(
            "sum-not-returned",
            "Its second result is normalized too; the next block needs the plain sum.",
            "What does the next residual connection continue from?",
        ),
        *named("unbiased-variance", "eps-outside-sqrt", "mean-not-subtracted"),
        *named("weight-skipped", "bias-skipped"),
        replace(
            CATALOGUE["input-modified"], ways=("input-modified, by the norm", "input-modified")
        ),
    ),
)
