"""Answers to the exercises on floating point: each mistake in two ways, and right ones."""

import math

import numpy as np

from check.planting import Planted
from lnlearn.scratch import moments

plant = Planted()

# How many digits are left ------------------------------------------------------------------------


@plant("digits_left")
def from_the_relative_error(u, ratio):
    return max(0.0, -math.log10(u * max(1.0, ratio**2)))


@plant("digits_left")
def by_subtracting_digits(u, ratio):
    have = np.log10(1 / u)
    lost = 2 * np.log10(ratio) if ratio > 1 else 0
    return np.clip(have - lost, 0, None)


@plant("digits_left", "lost-once")
def as_many_as_the_ratio_has(u, ratio):
    return max(0.0, -math.log10(u * max(1.0, ratio)))


@plant("digits_left", "lost-once")
def lost_once_by_subtracting(u, ratio):
    return np.maximum(0, np.log10(1 / u) - np.maximum(0, np.log10(ratio)))


@plant("digits_left", "below-zero")
def without_a_floor(u, ratio):
    return -math.log10(u) - 2 * math.log10(max(1.0, ratio))


@plant("digits_left", "below-zero")
def logarithm_of_the_error(u, ratio):
    return np.log10(1 / (u * np.maximum(1, ratio) ** 2))


@plant("digits_left", "small-ratio-gains")
def without_looking_at_the_ratio(u, ratio):
    return max(0.0, -math.log10(u) - 2 * math.log10(ratio))


@plant("digits_left", "small-ratio-gains")
def relative_error_of_the_squares(u, ratio):
    return np.maximum(0, -np.log10(u * ratio * ratio))


@plant("digits_left", "in-bits")
def by_log2(u, ratio):
    return max(0.0, -math.log2(u) - 2 * math.log2(max(1.0, ratio)))


@plant("digits_left", "in-bits")
def bits_of_the_error(u, ratio):
    return np.clip(np.log2(1 / (u * np.maximum(1, ratio * ratio))), 0, None)


# Centred to the last digit -----------------------------------------------------------------------


@plant("centred_exactly")
def corrected(x):
    once = x - x.mean()
    return once - once.mean()


@plant("centred_exactly")
def in_float64(x):
    return (x - x.mean(dtype=np.float64)).astype(x.dtype)


@plant("centred_exactly")
def from_the_first(x):
    near = x - x[0]
    return near - near.mean()


@plant("centred_exactly", "mean-rounded")
def once_only(x):
    return x - x.mean()


@plant("centred_exactly", "mean-rounded")
def by_moments(x):
    mean, _ = moments.two_pass(x)
    return x - mean


@plant("centred_exactly", "correction-added")
def plus(x):
    once = x - x.mean()
    return once + once.mean()


@plant("centred_exactly", "correction-added")
def mean_moved_the_wrong_way(x):
    mean = x.sum() / np.float32(len(x))
    away = (x - mean).sum() / np.float32(len(x))
    return np.array([(v - mean) + away for v in x], np.float32)


@plant("centred_exactly", "first-subtracted")
def distance_from_the_first(x):
    return x - x[0]


@plant("centred_exactly", "first-subtracted")
def by_a_loop(x):
    return np.array([v - x[0] for v in x], x.dtype)


@plant("centred_exactly", "mean-not-subtracted")
def as_they_are(x):
    return x.copy()


@plant("centred_exactly", "mean-not-subtracted")
def minus_nothing(x):
    return x - np.float32(0)


@plant("centred_exactly", "wrong-dtype")
def left_in_float64(x):
    return x - x.mean(dtype=np.float64)


@plant("centred_exactly", "wrong-dtype")
def of_a_wide_copy(x):
    wide = x.astype(np.float64)
    return wide - wide.mean()


# A layer norm for numbers of any size ------------------------------------------------------------


def norm(x, scale, eps):
    z = x / scale
    z = z - z.mean()
    return z / np.sqrt(np.mean(z**2) + eps)


@plant("layer_norm_of_any_size")
def by_the_largest(x, eps):
    largest = np.abs(x).max() or 1.0
    return norm(x, largest, eps / largest / largest)


@plant("layer_norm_of_any_size")
def by_a_power_of_two(x, eps):
    scale = np.float64(2.0) ** np.frexp(np.abs(x).max())[1]
    return norm(x, scale, eps / scale**2)


@plant("layer_norm_of_any_size")
def with_hypot(x, eps):
    c = x - x.mean()
    length = 0.0
    for v in (*c, math.sqrt(eps * len(c))):
        length = math.hypot(length, v)
    return c / (length / math.sqrt(len(c)))


@plant("layer_norm_of_any_size", "not-scaled")
def textbook(x, eps):
    return (x - x.mean()) / np.sqrt(x.var() + eps)


@plant("layer_norm_of_any_size", "not-scaled")
def textbook_with_a_product(x, eps):
    c = x - x.mean()
    return c * (1 / np.sqrt(c @ c / len(c) + eps))


@plant("layer_norm_of_any_size", "eps-not-scaled")
def with_eps_as_it_is(x, eps):
    return norm(x, np.abs(x).max() or 1.0, eps)


@plant("layer_norm_of_any_size", "eps-not-scaled")
def textbook_of_the_scaled(x, eps):
    return textbook(x / (max(abs(v) for v in x) or 1.0), eps)


@plant("layer_norm_of_any_size", "eps-scaled-once")
def eps_over_largest(x, eps):
    largest = np.abs(x).max() or 1.0
    return norm(x, largest, eps / largest)


@plant("layer_norm_of_any_size", "eps-scaled-once")
def textbook_with_eps_over_largest(x, eps):
    largest = max(x.max(), -x.min()) or 1.0
    return textbook(x / largest, eps / largest)


@plant("layer_norm_of_any_size", "signed-maximum")
def by_the_maximum(x, eps):
    largest = x.max() or 1.0
    return norm(x, largest, eps / largest / largest)


@plant("layer_norm_of_any_size", "signed-maximum")
def by_the_last_when_sorted(x, eps):
    largest = sorted(x)[-1]
    return textbook(x / largest, eps / largest / largest) if largest else textbook(x, eps)


@plant("layer_norm_of_any_size", "zero-row-divided")
def by_the_largest_even_if_zero(x, eps):
    largest = np.abs(x).max()
    return norm(x, largest, eps / largest / largest)


@plant("layer_norm_of_any_size", "zero-row-divided")
def by_the_infinity_norm(x, eps):
    scale = np.linalg.norm(x, np.inf)
    return textbook(x / scale, eps / scale**2)
