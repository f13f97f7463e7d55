"""The exercises of the chapter *The geometry of layer norm*."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe


def _matrix(wrong, D):
    if "onto-the-line" in wrong:
        return np.full((D, D), 1 / D)
    divisor = 1 if "ones-not-divided" in wrong else 3 if "of-three-alone" in wrong else D
    return np.eye(D) - np.ones((D, D)) / (np.sqrt(D) if "divided-by-the-root" in wrong else divisor)


projection_matrix = Checker(
    name="projection_matrix",
    arguments=("D",),
    results=("P",),
    formula=_matrix,
    probes=tuple(Probe(f"D = {D}", (D,)) for D in (1, 2, 3, 8)),
    mistakes=(
        Mistake(
            "ones-not-divided",
            "It subtracts the sum of the features from each of them.",
            "Multiply your matrix by 1, 2, 3. What do the three results sum to?",
            twin="divided-by-the-root",
        ),
        Mistake(
            "divided-by-the-root",
            "It divides the ones by the square root of D.",
            "A unit vector along (1, ..., 1) has entries 1/sqrt(D). How often does it stand in "
            "the projection?",
        ),
        Mistake(
            "of-three-alone",
            "It is the matrix for three features, whatever D is.",
            "Multiply your matrix for D = 8 by eight ones.",
        ),
        Mistake(
            "onto-the-line",
            "It projects onto the line of (1, ..., 1) and not onto the plane.",
            "Multiply your matrix by 1, 1, 1. Has layer norm kept this token?",
        ),
    ),
    reveal=False,
)


def _lost(wrong):
    by_scaling = 0 if "scaling-forgotten" in wrong else 1
    with_eps = by_scaling if "eps-forgotten" in wrong else 0
    by_rms = 1 if "rms-norm-projects" in wrong else 0
    return {
        "layer norm, D = 8": 1 + by_scaling,
        "layer norm, D = 2": 1 + by_scaling,
        "layer norm, D = 8, eps = 1e-5": 1 + with_eps,
        "RMS norm, D = 8": by_rms + by_scaling,
        "RMS norm, D = 8, eps = 1e-5": by_rms + with_eps,
    }


lost_directions = Checker(
    name="lost_directions",
    arguments=(),
    results=("answers",),
    formula=_lost,
    probes=(Probe("five norms", ()),),
    mistakes=(
        Mistake(
            "scaling-forgotten",
            "It forgets that scaling loses a direction, too.",
            "What does a token that is twice as far from the origin give?",
        ),
        Mistake(
            "eps-forgotten",
            "It says that a norm with eps loses as much as one without.",
            "With eps, is the output of 2 * x that of x, to the last digit?",
        ),
        Mistake(
            "rms-norm-projects",
            "It says that RMS norm loses the direction (1, ..., 1).",
            "Give RMS norm the tokens 1, 2, 3 and 2, 3, 4.",
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
            "It scales before it projects.",
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
    D, centred = len(x), x - x.mean()
    s = np.sqrt(x.var() + eps)
    plane = np.eye(D) - (0 if "projection-forgotten" in wrong else 1 / D)
    u = centred / (x.std() if "eps-only-in-the-root" in wrong else s)
    outer = np.outer(u, u) / (1 if "outer-not-divided" in wrong else D)
    if "radius-forgotten" in wrong:
        outer = 0
    return (plane - outer) / (1 if "root-forgotten" in wrong else s)


jacobian_of_layer_norm = Checker(
    name="jacobian_of_layer_norm",
    arguments=("x", "eps"),
    results=("J",),
    formula=_jacobian,
    probes=(
        Probe("a token that is normalized already", (np.array([1.0, -1.0, -1.0, 1.0]), 0.0)),
        Probe("three features, eps = 0", (np.array([2.6, 0.5, 1.4]), 0.0)),
        Probe("three features, eps = 1", (np.array([2.6, 0.5, 1.4]), 1.0)),
        Probe("a constant token", (np.array([0.5, 0.5, 0.5]), 0.25)),
    ),
    mistakes=(
        Mistake(
            "projection-forgotten",
            "It begins with the identity in place of the projection: that is RMS norm of a "
            "centred token.",
            "Multiply your matrix by 1, 1, 1. Does the output move when all features do?",
        ),
        Mistake(
            "radius-forgotten",
            "It has the projection alone: it holds the standard deviation fixed.",
            "Multiply your matrix, for eps = 0, by the token itself.",
            twin="outer-not-divided",
        ),
        Mistake(
            "outer-not-divided",
            "It does not divide the product of x_hat with itself by D.",
            "How long is x_hat? A projection needs a vector of length 1.",
        ),
        Mistake(
            "eps-only-in-the-root",
            "It uses a direction of length 1, or x_hat without eps, so eps is in the root alone.",
            "With a large eps, stretch a token a little. Does its output move?",
        ),
        Mistake(
            "root-forgotten",
            "It does not divide by the root of the variance plus eps.",
            "A token ten times as large has the same output. What about its Jacobian?",
        ),
    ),
)
