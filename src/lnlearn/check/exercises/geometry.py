"""The exercises of the chapter *The geometry of layer norm*."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe


def _matrix(wrong, u):
    D = len(u)
    if "ones-alone" in wrong:
        u = np.ones(D)
    outer, squared = np.outer(u, u), u @ u
    if "onto-the-line" in wrong:
        return outer / squared
    divisor = D if "divided-by-D" in wrong else squared
    divisor = 1 if "not-divided" in wrong else divisor
    return np.eye(D) - outer / (np.sqrt(squared) if "divided-by-the-length" in wrong else divisor)


projection_matrix = Checker(
    name="projection_matrix",
    arguments=("u",),
    results=("P",),
    formula=_matrix,
    probes=(
        Probe("(1, 1, 1)", (np.ones(3),)),
        Probe("(3, 4)", (np.array([3.0, 4.0]),)),
        Probe("of length 1", (np.array([0.6, 0.0, 0.8]),)),
        Probe("of squared length D", (np.array([1.0, -1.0, 1.0, -1.0]),)),
        Probe("a single feature", (np.array([2.0]),)),
    ),
    mistakes=(
        Mistake(
            "not-divided",
            "It divides u times u by nothing.",
            "Multiply your matrix for u = (3, 4) by u. What should be left of u?",
            twin="divided-by-the-length",
        ),
        Mistake(
            "divided-by-the-length",
            "It divides by the length of u, and u stands there twice.",
            "Divide u by its length first. What is the product of the result with itself?",
        ),
        Mistake(
            "divided-by-D",
            "It divides by D, as if all features of u were 1.",
            "What is the D in formula (1), seen as a property of (1, ..., 1)?",
        ),
        Mistake(
            "ones-alone",
            "It is the matrix that centres, whatever u is.",
            "Multiply your matrix for u = (3, 4) by u. What should be left of u?",
        ),
        Mistake(
            "onto-the-line",
            "It projects onto the line of u and not onto the plane.",
            "Multiply your matrix for u = (1, 1, 1) by 1, 1, 1. Has layer norm kept this token?",
        ),
    ),
    reveal=False,
)


def _by_geometry(wrong, x):
    D, ones = len(x), np.ones(len(x))
    projected = x - (x @ ones) / (1 if "line-not-unit" in wrong else D) * ones
    if "scaled-first" in wrong:
        return projected * np.sqrt(D) / np.linalg.norm(x)
    if "not-projected" in wrong:
        projected = x
    if "not-scaled" in wrong:
        return projected
    radius = 1 if "unit-sphere" in wrong else D - 1 if "unbiased-radius" in wrong else D
    return projected * np.sqrt(radius) / np.linalg.norm(projected)


layer_norm_by_geometry = Checker(
    name="layer_norm_by_geometry",
    arguments=("x",),
    results=("y",),
    formula=_by_geometry,
    probes=(
        Probe("a token that is normalized already", (np.array([1.0, -1.0, -1.0, 1.0]),)),
        Probe("a token on the plane", (np.array([3.0, -1.0, -2.0]),)),
        Probe("a token off the plane", (np.array([2.6, 0.5, 1.4]),)),
        Probe("a token far off the plane", (np.array([101.0, 99.0, 102.0, 98.0, 100.0]),)),
    ),
    mistakes=(
        Mistake(
            "unit-sphere",
            "It scales to the sphere of radius 1.",
            "What is the standard deviation of your result? What do D squares of mean 1 sum to?",
            twin="unbiased-radius",
        ),
        Mistake(
            "unbiased-radius",
            "It scales to the sphere of radius sqrt(D - 1).",
            "By what does layer norm divide the sum of squares, by D or by D - 1?",
        ),
        Mistake(
            "scaled-first",
            "It divides by the length that the token has before the projection.",
            "How long is the result? Projecting makes a vector shorter.",
            twin="not-projected",
        ),
        Mistake(
            "not-projected",
            "It scales without projecting, as RMS norm does.",
            "What do the features of your result sum to?",
            twin="line-not-unit",
        ),
        Mistake(
            "line-not-unit",
            "It subtracts (x · 1) 1 without dividing by the squared length of 1, which is D.",
            "After the projection, what should the features sum to?",
            twin="scaled-first",
        ),
        Mistake(
            "not-scaled",
            "It projects without scaling.",
            "How long is the result, and how long should it be?",
        ),
    ),
)


def _jacobian(wrong, x, eps):
    D, eps = len(x), 0 if "eps-ignored" in wrong else eps
    mean_square = x.var() if "variance" in wrong else (x**2).mean()
    s = np.sqrt(mean_square + eps)
    start = np.eye(D) - (1 / D if "of-layer-norm" in wrong else 0)
    if "of-layer-norm" in wrong:
        x, s = x - x.mean(), np.sqrt(x.var() + eps)
    u = x / (np.sqrt((x**2).mean()) if "eps-only-in-the-root" in wrong else s)
    outer = np.outer(u, u) / (1 if "outer-not-divided" in wrong else D)
    if "radius-forgotten" in wrong:
        outer = 0
    return (start - outer) / (1 if "root-forgotten" in wrong else s)


jacobian_of_rms_norm = Checker(
    name="jacobian_of_rms_norm",
    arguments=("x", "eps"),
    results=("J",),
    formula=_jacobian,
    probes=(
        Probe("a token that both norms leave alone", (np.array([1.0, -1.0, -1.0, 1.0]), 0.0)),
        Probe("three features, eps = 0", (np.array([2.6, 0.5, 1.4]), 0.0)),
        Probe("three features on the plane, eps = 0", (np.array([3.0, -1.0, -2.0]), 0.0)),
        Probe("three features, eps = 1", (np.array([2.6, 0.5, 1.4]), 1.0)),
        Probe("a constant token", (np.array([0.5, 0.5, 0.5]), 0.75)),
        Probe("a token of zeros", (np.zeros(3), 0.25)),
    ),
    mistakes=(
        Mistake(
            "of-layer-norm",
            "It is the Jacobian of layer norm.",
            "Add a number to all features. Does the output of RMS norm stay?",
        ),
        Mistake(
            "variance",
            "It takes the variance where RMS norm takes the mean of the squares.",
            "By what does RMS norm divide the token 0.5, 0.5, 0.5?",
        ),
        Mistake(
            "radius-forgotten",
            "It holds the root mean square fixed.",
            "Multiply your matrix, for eps = 0, by the token itself.",
            twin="outer-not-divided",
        ),
        Mistake(
            "outer-not-divided",
            "It does not divide the product of x_hat with itself by D.",
            "How long is x_hat? A projection needs a vector of length 1.",
        ),
        Mistake(
            "eps-ignored",
            "It does not use eps.",
            "Call it with eps = 0 and with eps = 1. Should the two agree?",
            twin="eps-only-in-the-root",
        ),
        Mistake(
            "eps-only-in-the-root",
            "It uses a direction of length 1, or x_hat without eps, so eps is in the root alone.",
            "With a large eps, stretch a token a little. Does its output move?",
        ),
        Mistake(
            "root-forgotten",
            "It does not divide by the root of the mean square plus eps.",
            "A token ten times as large has the same output. What about its Jacobian?",
        ),
    ),
)
