"""Answers to the exercises of *Why normalize?*."""

import math
import statistics

import numpy as np

from check.planting import Planted

plant = Planted()


# growth_factor ------------------------------------------------------------------------------------

GROWTH = "growth_factor"

plant(GROWTH, "added-not-multiplied")(
    lambda: 20, lambda: 1 + (1000 - 1) / 50, lambda: np.float64(21)
)
plant(GROWTH, "logarithm-returned")(lambda: np.log(1000) / 50, lambda: 0.06)
plant(GROWTH, "one-subtracted")(lambda: 0.148, lambda: math.expm1(math.log(1000) / 50))
plant(GROWTH, "root-and-power-exchanged")(lambda: 50**0.001, lambda: math.exp(math.log(50) / 1000))
plant(GROWTH)(lambda: 1.148, lambda: 10**0.06, lambda: math.exp(math.log(1000) / 50))

# divided_by_size ----------------------------------------------------------------------------------

SIZE = "divided_by_size"


def each_list(result):
    """A function of an array, from one of a single list."""
    return lambda x: np.apply_along_axis(result, -1, x)


def in_place(x):
    x /= np.sqrt(np.mean(x * x, axis=-1, keepdims=True))
    return x


def list_by_list_in_place(x):
    for row in x.reshape(-1, x.shape[-1]):
        row[:] = row / math.sqrt(sum(row**2) / len(row))
    return x


def transposed(x):
    """The size of each list in a row, which NumPy lines up with the columns."""
    sizes = np.array([math.hypot(*row) for row in x.reshape(-1, x.shape[-1])])
    return x / (sizes / math.sqrt(x.shape[-1])).reshape(x.shape[:-1])


def loop(x):
    y = np.empty(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        squares = [float(number) ** 2 for number in x[place]]
        y[place] = x[place] / math.sqrt(math.fsum(squares) / len(squares))
    return y


plant(SIZE, "mean-subtracted")(
    lambda x: (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True),
    each_list(lambda row: row / statistics.pstdev(row)),
)
plant(SIZE, "divided-by-length")(
    lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True),
    each_list(lambda row: row / math.hypot(*row)),
)
plant(SIZE, "root-missing")(
    lambda x: x / np.mean(x**2, axis=-1, keepdims=True),
    each_list(lambda row: row * len(row) / (row @ row)),
)
plant(SIZE, "magnitudes-averaged")(
    lambda x: x / np.abs(x).mean(axis=-1, keepdims=True),
    each_list(lambda row: len(row) * row / sum(map(abs, row))),
)
plant(SIZE, "keepdims-missing")(lambda x: x / np.sqrt(np.mean(x**2, axis=-1)), transposed)
plant(SIZE, "wrong-axis")(
    lambda x: x / np.sqrt((x**2).mean(0)),
    lambda x: x / (np.linalg.norm(x, axis=0) / math.sqrt(len(x))),
)
plant(SIZE, "batch-mixed")(
    lambda x: x / np.sqrt(np.mean(x**2)),
    lambda x: x * math.sqrt(x.size) / np.linalg.norm(x.ravel()),
)
plant(SIZE, "input-modified")(in_place, list_by_list_in_place)
plant(SIZE)(
    loop,
    lambda x: x * np.sqrt(x.shape[-1]) / np.linalg.norm(x, axis=-1, keepdims=True),
    lambda x: x / np.sqrt(np.einsum("...d,...d->...", x, x) / x.shape[-1])[..., None],
)

# keeping_scale ------------------------------------------------------------------------------------

SCALE = "keeping_scale"


def measured(D, slope):
    """The scale for which a layer keeps the average square, by integrating over the bell curve."""
    z = np.linspace(-9, 9, 180_001)
    after = np.where(z > 0, z, slope * z)
    kept = np.trapezoid(after**2 * np.exp(-(z**2) / 2), z) / math.sqrt(2 * math.pi)
    return 1 / math.sqrt(D * kept)


plant(SCALE, "root-missing")(
    lambda D, slope: 2 / D / (1 + slope**2), lambda D, slope: 1 / (D * (0.5 + 0.5 * slope * slope))
)
plant(SCALE, "upside-down")(
    lambda D, slope: math.sqrt(D * (1 + slope**2) / 2),
    lambda D, slope: D**0.5 * np.hypot(1, slope) * 0.5**0.5,
)
plant(SCALE, "slope-ignored")(lambda D, slope: math.sqrt(2 / D), lambda D, slope: (D / 2) ** -0.5)
plant(SCALE, "slope-not-squared")(
    lambda D, slope: math.sqrt(2 / D / (1 + slope)),
    lambda D, slope: 2**0.5 / (D * (1 + abs(slope))) ** 0.5,
)
plant(SCALE, "sizes-averaged")(
    lambda D, slope: 2 / (math.sqrt(D) * (1 + slope)),
    lambda D, slope: 1 / (np.sqrt(D) * np.mean([1, slope])),
)
plant(SCALE, "sum-squared")(
    lambda D, slope: math.sqrt(2 / D) / abs(1 + slope),
    lambda D, slope: (2 / D) ** 0.5 * np.square(1 + slope) ** -0.5,
)
plant(SCALE, "half-forgotten")(
    lambda D, slope: 1 / math.sqrt(D * (1 + slope**2)),
    lambda D, slope: D**-0.5 / math.hypot(1, slope),
)
plant(SCALE, "width-forgotten")(
    lambda D, slope: math.sqrt(2 / (1 + slope**2)), lambda D, slope: 2**0.5 / math.hypot(slope, 1)
)
plant(SCALE)(
    measured,
    lambda D, slope: (2 / D / (1 + slope**2)) ** 0.5,
    lambda D, slope: np.sqrt(1 / D) / np.sqrt(np.mean([1, slope**2])),
)
