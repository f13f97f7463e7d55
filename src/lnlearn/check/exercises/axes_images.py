"""The exercises of the chapter on axes that are about images, of shape (N, C, H, W), in NumPy."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lnlearn.check import formula
from lnlearn.check.catalogue import CATALOGUE, NORM_MISTAKES, TINY, named, over
from lnlearn.check.checker import Checker, Mistake, Probe


class Reshaped(NamedTuple):
    """To reshape where axes change places: from (N, C, H, W) to (N, H, W, C), or back."""

    there: bool = False
    back: bool = False


AFFINE_MISALIGNED = Mistake(
    "affine-misaligned",
    "It lines weight and bias up with another axis than that of the channels.",
    "NumPy lines shapes up from the right. Which axis of (N, C, H, W) does a shape of (C,) meet?",
    ("affine-misaligned", "affine-misaligned with H", "affine-misaligned with N"),
)
IMAGES_MIXED = replace(
    CATALOGUE["batch-mixed"],
    sentence="The images of a batch share a mean.",
    hint="Change a number of one image and look at the others. Should they move?",
)
PARAMETERS = named(
    *("weight-skipped", "bias-skipped", "weight-and-bias-swapped"),
    *("bias-before-weight", "one-plus-weight", "weight-twice"),
)
_rng = np.random.default_rng(0)


def _pixel(*values):
    """One image of one pixel, with these channels."""
    return np.array(values, float).reshape(1, -1, 1, 1)


def _random(*shape, groups=None):
    """Images, the number of groups if there are any, a weight and a bias."""
    x, [weight, bias] = _rng.normal(1, 2, shape), _rng.normal(size=(2, shape[1]))
    return (x, weight, bias) if groups is None else (x, groups, weight, bias)


def _scaled_and_shifted(ways, x_hat, weight, bias):
    weight, bias = formula.parameters(ways, weight, bias)
    shapes = dict(zip(AFFINE_MISALIGNED.ways, [(-1,), (-1, 1), (-1, 1, 1, 1)], strict=True))
    shape = next((shapes[way] for way in shapes if way in ways), (-1, 1, 1))
    return formula.scaled_and_shifted(ways, x_hat, weight.reshape(shape), bias.reshape(shape))


# Layer norm at each pixel ------------------------------------------------------------------------


@formula.where_shapes_meet
def _at_each_pixel(ways, x, weight, bias, eps):
    given, x, weight, bias = x, *(formula.widened(ways, a) for a in (x, weight, bias))
    reshaped = [way for way in ways if isinstance(way, Reshaped)]
    if reshaped:
        N, C, H, W = x.shape
        last = x.reshape(N, H, W, C) if reshaped[0].there else x.transpose(0, 2, 3, 1)
        weight, bias = formula.parameters(ways, weight, bias)
        x_hat = formula.standardized(ways, last, (3,), eps)
        y = formula.scaled_and_shifted(ways, x_hat, weight, bias)
        y = y.reshape(x.shape) if reshaped[0].back else y.transpose(0, 3, 1, 2)
    elif "wrong-axis, the last if it fits" in ways:  # LayerNorm(C), which fits if W is C
        if x.shape[3] != len(weight):
            return None
        y = formula.standardized(ways, x, (3,), eps) * weight + bias
    else:
        y = _scaled_and_shifted(ways, formula.standardized(ways, x, (1,), eps), weight, bias)
    return formula.handed_back(ways, y, given)


PIXEL = np.sqrt(1.5) * _pixel(-1, 0, 1)  # mean 0 and variance 1: here most mistakes do not show
OTHER = 2 - 4 * PIXEL
TURNED = PIXEL[:, [1, 2, 0]]
ONE, ZERO = np.ones(3), np.zeros(3)
# Mean 0 and variance 1 along every axis, and weights that fit every axis.
BOARD = np.array([[[[-1.0, 1.0], [1.0, -1.0]], [[1.0, -1.0], [-1.0, 1.0]]]])
BOTH = np.ones(2), np.zeros(2)

layer_norm_at_each_pixel = Checker(
    name="layer_norm_at_each_pixel",
    arguments=("x", "weight", "bias", "eps"),
    results=("y",),
    formula=_at_each_pixel,
    chapter="axes",
    probes=(
        Probe("one pixel", (PIXEL, ONE, ZERO, TINY)),
        Probe("a pixel far from zero", (PIXEL + 3, ONE, ZERO, TINY)),
        Probe("a pixel with a large standard deviation", (5 * PIXEL, ONE, ZERO, TINY)),
        Probe("a large eps", (PIXEL, ONE, ZERO, 1.0)),
        Probe("an eps for which its place does not matter", (PIXEL / 4, ONE, ZERO, 0.5)),
        Probe("a constant pixel", (0 * PIXEL + 0.5, ONE, ZERO, 1e-5)),
        Probe("a weight", (PIXEL, np.array([2.0, -1.0, 0.5]), ZERO, TINY)),
        Probe("a bias", (PIXEL, ONE, np.array([1.0, -2.0, 0.5]), TINY)),
        Probe("weight and bias both 2", (PIXEL, 2 * ONE, 2 * ONE, TINY)),
        Probe("a weight of 0", (PIXEL, ZERO, ONE, TINY)),
        Probe("two pixels", (np.concatenate([PIXEL, OTHER], 3), ONE, ZERO, TINY)),
        Probe("two pixels, alike", (np.concatenate([PIXEL, TURNED], 3), ONE, ZERO, TINY)),
        Probe("two images", (np.concatenate([PIXEL, OTHER], 0), ONE, ZERO, TINY)),
        Probe("two images, alike", (np.concatenate([PIXEL, TURNED], 0), ONE, ZERO, TINY)),
        Probe("a chessboard and its negative", (np.concatenate([BOARD, -BOARD]), *BOTH, TINY)),
        Probe("two chessboards", (np.concatenate([BOARD, 4 * BOARD + 2]), *BOTH, TINY)),
        Probe("all lengths equal", (_rng.normal(1, 2, (2, 2, 2, 2)), *BOTH, TINY)),
        Probe("as many images and columns as channels", (*_random(2, 2, 1, 2), 0.1)),
        Probe("four different lengths", (*_random(2, 3, 4, 5), 0.1)),
        Probe("float32", ((PIXEL + 1).astype(np.float32), *np.ones((2, 3), np.float32), 1e-5)),
    ),
    mistakes=(
        over(
            Mistake(
                "pixels-mixed",
                "All pixels of an image share one mean, as in GroupNorm(1, C).",
                "Change a number of one pixel and look at the others. Should they move?",
            ),
            (1, 2, 3),
        ),
        over(
            CATALOGUE["wrong-axis"], (3,), (2,), (2, 3), also=("wrong-axis, the last if it fits",)
        ),
        over(IMAGES_MIXED, (0,), (0, 1), (0, 2, 3), (0, 1, 2, 3)),
        replace(
            CATALOGUE["reshape-not-permute"],
            ways=(Reshaped(there=True), Reshaped(back=True), Reshaped(there=True, back=True)),
        ),
        AFFINE_MISALIGNED,
        *named("keepdims-forgotten"),
        *PARAMETERS,
        *NORM_MISTAKES,
    ),
)


# Group norm --------------------------------------------------------------------------------------


@formula.where_shapes_meet
def _group_norm(ways, x, num_groups, weight, bias, eps):
    given, x, weight, bias = x, *(formula.widened(ways, a) for a in (x, weight, bias))
    N, C, H, W = x.shape
    groups = C // num_groups if "group-size-for-number" in ways else num_groups
    groups = 1 if "groups-ignored" in ways else groups
    groups = C if "groups-ignored, a mean for each channel" in ways else groups
    shape, axes = (N, groups, C // groups, H, W), (2, 3, 4)
    if "groups-interleaved" in ways:
        shape, axes = (N, C // groups, groups, H, W), (1, 3, 4)
    if "reshape-not-permute" in ways:  # as if the channels were last
        shape, axes = (N, H, W, groups, C // groups), (1, 2, 4)
    if "pixels-apart" in ways:
        axes = axes[:1]
    if "images-mixed" in ways:
        axes = (0, *axes)
    x_hat = formula.standardized(ways, x.reshape(shape), axes, eps).reshape(x.shape)
    return formula.handed_back(ways, _scaled_and_shifted(ways, x_hat, weight, bias), given)


PAIRS = _pixel(-1, 1, 1, -1)  # mean 0 and variance 1 in any two neighbours, and in 1, 3 and 2, 4
APART = PAIRS + _pixel(0, 0, 8, 8)
ONES, ZEROS = np.ones(4), np.zeros(4)

group_norm = Checker(
    name="group_norm",
    arguments=("x", "num_groups", "weight", "bias", "eps"),
    results=("y",),
    formula=_group_norm,
    chapter="axes",
    probes=(
        Probe("two groups of two channels", (PAIRS, 2, ONES, ZEROS, TINY)),
        Probe("two groups far from zero", (PAIRS + 3, 2, ONES, ZEROS, TINY)),
        Probe("two groups with a large standard deviation", (5 * PAIRS, 2, ONES, ZEROS, TINY)),
        Probe("two groups that differ", (APART, 2, ONES, ZEROS, TINY)),
        Probe("one group", (APART, 1, ONES, ZEROS, TINY)),
        Probe("a large eps", (PAIRS, 2, ONES, ZEROS, 1.0)),
        Probe("an eps for which its place does not matter", (PAIRS / 4, 2, ONES, ZEROS, 0.5)),
        Probe("a constant image", (0 * PAIRS + 0.5, 2, ONES, ZEROS, 1e-5)),
        Probe("a weight", (PAIRS, 2, np.array([2.0, -1.0, 0.5, 3.0]), ZEROS, TINY)),
        Probe("a bias", (PAIRS, 2, ONES, np.array([1.0, -2.0, 0.5, 3.0]), TINY)),
        Probe("weight and bias both 2", (PAIRS, 2, 2 * ONES, 2 * ONES, TINY)),
        Probe("a weight of 0", (PAIRS, 2, ZEROS, ONES, TINY)),
        Probe("two groups alike", (_pixel(-1, 1, -1, 1), 2, ONES, ZEROS, TINY)),
        Probe("two pixels", (np.concatenate([PAIRS, 2 - 4 * PAIRS], 3), 2, ONES, ZEROS, TINY)),
        Probe("two images", (np.concatenate([PAIRS, 2 - 4 * PAIRS], 0), 2, ONES, ZEROS, TINY)),
        Probe("a group for each channel", (np.concatenate([BOARD, -BOARD]), 2, *BOTH, TINY)),
        Probe("as many images and columns as channels", (*_random(2, 2, 2, 2, groups=2), 0.1)),
        Probe("four different lengths", (*_random(2, 6, 3, 4, groups=2), 0.1)),
        Probe(
            "float32",
            ((PAIRS + 1).astype(np.float32), 2, *np.ones((2, 4), np.float32), 1e-5),
        ),
    ),
    mistakes=(
        Mistake(
            "groups-interleaved",
            "It puts every second (or third, ...) channel into a group, not neighbours.",
            "With four channels and two groups, which two does your reshape put together?",
        ),
        replace(IMAGES_MIXED, ways=("images-mixed",)),
        *named("group-size-for-number"),
        Mistake(
            "groups-ignored",
            "It does not use num_groups: all channels share a mean, or none do.",
            "Call it with 1 group and with as many groups as channels. Does the result change?",
            ("groups-ignored", "groups-ignored, a mean for each channel"),
        ),
        Mistake(
            "pixels-apart",
            "It takes a mean at each pixel, over the channels of the group alone.",
            "Change a number of one pixel and look at the others. Should they move?",
        ),
        *named("reshape-not-permute"),
        AFFINE_MISALIGNED,
        *named("keepdims-forgotten"),
        *PARAMETERS,
        *NORM_MISTAKES,
    ),
)
