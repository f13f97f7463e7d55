"""The exercises of the chapter that asks why one normalizes."""

import math
from dataclasses import replace

import numpy as np

from lnlearn.check.catalogue import CATALOGUE, named
from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.cohort import Variation, in_words

GROWTH = (1000, 50)  # how many times as large, in how many layers
OTHER_GROWTHS = tuple(
    (times, layers)
    for times, all_layers in ((100, (20, 25, 35, 40, 60, 70, 80, 90)), (1000, (20, 25, 35, 70, 80)))
    for layers in all_layers
)


def _growth_factor(ways, times=GROWTH[0], layers=GROWTH[1]):
    values = {
        "added": times / layers,
        "added to 1": 1 + times / layers,
        "added, the growth alone": 1 + (times - 1) / layers,
        "logarithm-returned": math.log(times) / layers,
        "logarithm-returned, of base 10": math.log10(times) / layers,
        "one-subtracted": times ** (1 / layers) - 1,
        "root-and-power-exchanged": layers ** (1 / times),
    }
    return next((values[way] for way in ways), times ** (1 / layers))


def _growth_told(times, layers):
    fold = {100: "hundredfold", 1000: "thousandfold"}[times]
    percent = round(100 * (times ** (1 / layers) - 1))
    return (
        *(fold, f"{fold}_solution"),
        *(in_words(layers), f"{layers}th"),
        *(f"factor**{layers} = {times}", f"{in_words(percent)} percent"),
        f"{times} ** (1 / {layers})",
    )


growth_factor = Checker(
    name="growth_factor",
    arguments=(),
    results=("factor",),
    formula=_growth_factor,
    probes=(Probe("a thousandfold growth in fifty layers", (), tolerance=1e-3),),
    mistakes=(
        Mistake(
            "added-not-multiplied",
            "It shares the growth out evenly, as if each layer added its part.",
            "How large is a signal of size 1 after two layers of your factor? After three? "
            "(If you took a root: is the exponent in brackets?)",
            ("added", "added to 1", "added, the growth alone"),
        ),
        Mistake(
            "logarithm-returned",
            "It returns the logarithm of the factor.",
            "Does a signal grow if it is multiplied by your number?",
            ("logarithm-returned", "logarithm-returned, of base 10"),
        ),
        Mistake(
            "one-subtracted",
            "It returns by how much the factor exceeds 1.",
            "Does a signal grow if it is multiplied by your number?",
        ),
        Mistake(
            "root-and-power-exchanged",
            "It has the number of layers and the growth exchanged.",
            "Raise your factor to the 50th power.",
        ),
    ),
    reveal=False,
    variation=Variation(GROWTH, OTHER_GROWTHS, _growth_told),
)


def _divided_by_size(ways, x):
    if "keepdims-missing" in ways:
        fits = x.ndim == 1 or x.shape[-1] == x.shape[-2]
        return x / np.sqrt((x**2).mean(-1)) if fits else np.zeros_like(x)
    axis = 0 if "wrong-axis" in ways else None if "batch-mixed" in ways else -1
    centred = x - x.mean(axis, keepdims=True)
    measured = centred if ways & {"mean-subtracted", "mean-subtracted, once"} else x
    size = np.sqrt((measured**2).mean(axis, keepdims=True))
    if "magnitudes-averaged" in ways:
        size = np.abs(measured).mean(axis, keepdims=True)
    if "divided-by-length" in ways:
        size = np.sqrt((measured**2).sum(axis, keepdims=True))
    if "root-missing" in ways:
        size = size**2
    result = (centred if "mean-subtracted" in ways else x) / size
    if "input-modified" in ways:
        x[...] = result
    return result


divided_by_size = Checker(
    name="divided_by_size",
    arguments=("x",),
    results=("x / size",),
    formula=_divided_by_size,
    probes=(
        Probe("one list", (np.array([1.0, -5.0, 7.0]),)),
        Probe("a list of size 1, or nearly", (np.array([1.00005, 1.0, -1.0]),)),
        Probe("a list with mean 0", (np.array([2.0, -2.0, 2.0, -2.0]),)),
        Probe("a list of one number", (np.array([-3.0]),)),
        Probe("the same list twice", (np.array([[1.0, -5.0, 7.0], [1.0, -5.0, 7.0]]),)),
        Probe("a square table, the same across and down", (np.array([[1.0, 3.0], [3.0, 1.0]]),)),
        Probe("two lists of size 5", (np.array([[5.0, 5.0], [1.0, 7.0]]),)),
        Probe("two lists of different size", (np.array([[1.0, -5.0, 7.0], [8.0, 0.0, -1.0]]),)),
        Probe("two lists of two numbers", (np.array([[1.0, 7.0], [-34.0, 14.0]]),)),
        Probe("two texts of two lists", (np.random.default_rng(0).normal(1, 2, (2, 2, 3)),)),
    ),
    mistakes=(
        Mistake(
            "mean-subtracted",
            "It divides by the size of the deviations from the mean.",
            "What does your function do to the list 5, 5, 5?",
            ("mean-subtracted", "mean-subtracted, once"),
        ),
        Mistake(
            "divided-by-length",
            "It divides by the root of the sum of the squares, not of their mean.",
            "What is the size of the list 1, 1, 1? Of what your function makes of it?",
        ),
        Mistake(
            "root-missing",
            "It divides by the mean square.",
            "Ten times the list has ten times the size. What should become of the result?",
        ),
        Mistake(
            "magnitudes-averaged",
            "It averages the numbers without their signs, instead of their squares.",
            "What is the size of 1, -5, 7, and what do you divide it by?",
        ),
        Mistake(
            "keepdims-missing",
            "It divides each column by the size of a list, not each list by its own.",
            "Print the shapes of x and of its sizes. How does NumPy line the two up?",
        ),
        replace(CATALOGUE["wrong-axis"], ways=()),
        replace(CATALOGUE["batch-mixed"], ways=()),
        *named("input-modified"),
    ),
)


def _keeping_scale(ways, D, slope):
    D, slope = np.float64(D), np.float64(slope)
    kept = 1 + slope**2  # twice the share of the average square that is left
    if "slope-ignored" in ways:
        kept = 1.0
    if "slope-not-squared" in ways:
        kept = 1 + slope
    if "slope-not-squared, without its sign" in ways:
        kept = 1 + abs(slope)
    if "sizes-averaged" in ways:
        kept = (1 + slope) ** 2 / 2
    if "sum-squared" in ways:
        kept = (1 + slope) ** 2
    if "half-forgotten" in ways:
        kept = 2 * kept
    square = 2 / (kept * (1 if "width-forgotten" in ways else D))
    if "upside-down" in ways:
        square = 1 / square
    return float(square if "root-missing" in ways else np.sqrt(square))


keeping_scale = Checker(
    name="keeping_scale",
    arguments=("D", "slope"),
    results=("scale",),
    formula=_keeping_scale,
    probes=(
        Probe("relu", (400, 0.0)),
        Probe("nothing between the layers", (400, 1.0)),
        Probe("a leaky relu", (100, 0.5)),
        Probe("negative numbers change their sign and are halved", (400, -0.5)),
        Probe("one feature, nothing between the layers", (1, 1.0)),
        Probe("one feature and relu", (1, 0.0)),
        Probe("a thousand million features", (10**9, 0.0)),
    ),
    mistakes=(
        Mistake(
            "root-missing",
            "It returns the average square of the weights, not their size.",
            "By how much does the size of a list change when every number is doubled?",
        ),
        Mistake(
            "upside-down",
            "It has the fraction upside down.",
            "Do more features ask for larger or for smaller weights?",
        ),
        Mistake(
            "slope-ignored",
            "It treats every slope like relu.",
            "What is the answer for slope 1, where nothing changes between the layers?",
        ),
        Mistake(
            "slope-not-squared",
            "It adds up the slope where its square belongs.",
            "What happens to the square of a number that is multiplied by the slope? "
            "Try the slope -1.",
            ("slope-not-squared", "slope-not-squared, without its sign"),
        ),
        Mistake(
            "sizes-averaged",
            "It averages the sizes of the two halves, not their squares.",
            "What is the size of the list 1, 0, 1, 0?",
        ),
        Mistake(
            "sum-squared",
            "It squares the sum of 1 and the slope, where it should add their squares.",
            "The slope -1 changes signs and no sizes. What does your formula say of it?",
            twin="slope-ignored",  # both are right just where the slope is 0
        ),
        Mistake(
            "half-forgotten",
            "It forgets that only half of the numbers keep their full size.",
            "How many of the activations does relu leave as they are?",
        ),
        Mistake(
            "width-forgotten",
            "It does not depend on the number of features.",
            "How many squares add up in one output?",
        ),
    ),
    reveal=False,
)
