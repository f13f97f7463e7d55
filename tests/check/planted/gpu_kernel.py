"""Answers to the exercises on kernels, in NumPy: each mistake in two ways, and right ones."""

import ctypes

import numpy as np

from check.planting import Planted

plant = Planted()

# The variance of a row of any width --------------------------------------------------------------


def lanes_of(x):
    """A power of two, at least as many as a row has features."""
    return 1 << (x.shape[-1] - 1).bit_length()


def in_lanes(x):
    padded = np.zeros((len(x), lanes_of(x)))
    padded[:, : x.shape[-1]] = x
    return padded


plant("variance_of_any_width")(
    lambda x: x.var(-1),
    lambda x: ((x - x.mean(-1, keepdims=True)) ** 2).mean(-1),
)


@plant("variance_of_any_width")
def masked_twice(x):
    width = x.shape[-1]
    inside = np.arange(lanes_of(x)) < width
    centred = np.where(inside, in_lanes(x) - x.sum(-1, keepdims=True) / width, 0)
    return (centred**2).sum(-1) / width


@plant("variance_of_any_width", "padded-lanes")
def masked_once(x):
    lanes, width = in_lanes(x), x.shape[-1]
    return ((lanes - lanes.sum(-1, keepdims=True) / width) ** 2).sum(-1) / width


@plant("variance_of_any_width", "padded-lanes")
def with_the_square_of_the_mean(x):
    width = x.shape[-1]
    return x.var(-1) + x.mean(-1) ** 2 * (lanes_of(x) - width) / width


@plant("variance_of_any_width", "mean-over-lanes")
def around_the_mean_of_the_lanes(x):
    mean = in_lanes(x).mean(-1, keepdims=True)
    return ((x - mean) ** 2).mean(-1)


@plant("variance_of_any_width", "mean-over-lanes")
def row_by_row_around_the_mean_of_the_lanes(x):
    return np.array([((row - row.sum() / lanes_of(x)) ** 2).mean() for row in x])


@plant("variance_of_any_width", "divided-by-lanes")
def over_the_lanes(x):
    return ((x - x.mean(-1, keepdims=True)) ** 2).sum(-1) / lanes_of(x)


@plant("variance_of_any_width", "divided-by-lanes")
def a_share_of_the_variance(x):
    return np.array([row.var() * len(row) / lanes_of(x) for row in x])


plant("variance_of_any_width", "unbiased-variance")(
    lambda x: x.var(-1, ddof=1),
    lambda x: ((x - x.mean(-1, keepdims=True)) ** 2).sum(-1) / (x.shape[-1] - 1),
)
plant("variance_of_any_width", "root")(
    lambda x: x.std(-1),
    lambda x: np.sqrt(np.array([row.var() for row in x])),
)


@plant("variance_of_any_width", "padded-lanes", "divided-by-lanes")
def as_if_all_lanes_were_the_row(x):
    lanes = in_lanes(x)
    return ((lanes - x.mean(-1, keepdims=True)) ** 2).mean(-1)


@plant("variance_of_any_width", "padded-lanes", "mean-over-lanes", "divided-by-lanes")
def the_variance_of_the_lanes(x):
    return in_lanes(x).var(-1)


# Sums over rows that programs share --------------------------------------------------------------


plant("sums_over_programs")(lambda dy, programs: dy.sum(0))


@plant("sums_over_programs")
def by_turns(dy, programs):
    partials = np.zeros((programs, dy.shape[1]))
    for row, values in enumerate(dy):
        partials[row % programs] += values
    return partials.sum(0)


@plant("sums_over_programs")
def in_shares(dy, programs):
    return sum(part.sum(0) for part in np.array_split(dy, programs))


@plant("sums_over_programs", "rows-left-over")
def equal_shares(dy, programs):
    share = len(dy) // programs
    return dy[: share * programs].sum(0)


@plant("sums_over_programs", "rows-left-over")
def program_by_program_in_equal_shares(dy, programs):
    total = np.zeros(dy.shape[1])
    for program in range(programs):
        for row in range(len(dy) // programs):
            total += dy[program * (len(dy) // programs) + row]
    return total


@plant("sums_over_programs", "overwritten")
def assigned_and_not_added(dy, programs):
    partials = np.zeros((programs, dy.shape[1]))
    for row, values in enumerate(dy):
        partials[row % programs] = values
    return partials.sum(0)


@plant("sums_over_programs", "overwritten")
def last_rows(dy, programs):
    return dy[-programs:].sum(0)


@plant("sums_over_programs", "first-program-only")
def of_the_first_program(dy, programs):
    return dy[::programs].sum(0)


@plant("sums_over_programs", "first-program-only")
def first_of_the_partial_sums(dy, programs):
    partials = [dy[program::programs].sum(0) for program in range(programs)]
    return partials[0]


plant("sums_over_programs", "mean")(
    lambda dy, programs: dy.mean(0),
    lambda dy, programs: sum(dy[p::programs].sum(0) for p in range(programs)) / len(dy),
)

# An offset in 32 bits ----------------------------------------------------------------------------


@plant("offset_in_32_bits")
def by_numpy(row, stride):
    return int((np.array([row], np.int32) * np.int32(stride))[0])


@plant("offset_in_32_bits")
def by_the_c_compiler(row, stride):
    return ctypes.c_int32(row * stride).value


@plant("offset_in_32_bits")
def by_remainder(row, stride):
    rest = row * stride % 2**32
    return rest - 2**32 if rest >= 2**31 else rest


plant("offset_in_32_bits", "not-wrapped")(
    lambda row, stride: row * stride,
    lambda row, stride: int(np.int64(row) * np.int64(stride)),
)
plant("offset_in_32_bits", "clipped")(
    lambda row, stride: min(row * stride, 2**31 - 1),
    lambda row, stride: int(np.clip(row * stride, -(2**31), 2**31 - 1)),
)
plant("offset_in_32_bits", "unsigned")(
    lambda row, stride: row * stride % 2**32,
    lambda row, stride: ctypes.c_uint32(row * stride).value,
)


@plant("offset_in_32_bits", "one-wrap")
def around_once(row, stride):
    return row * stride - 2**32 if row * stride >= 2**31 else row * stride


@plant("offset_in_32_bits", "one-wrap")
def how_far_beyond(row, stride):
    beyond = row * stride - (2**31 - 1)
    return row * stride if beyond <= 0 else -(2**31) + beyond - 1
