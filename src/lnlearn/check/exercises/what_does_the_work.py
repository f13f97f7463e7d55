"""The exercises of the chapter on what does the work in layer norm."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe

# The gradient, with chosen derivatives -----------------------------------------------------------


def _partial_backward(ways, dy, x, keep_mean, keep_scale):
    if "switches-swapped" in ways:
        keep_mean, keep_scale = keep_scale, keep_mean
    if "switches-ignored" in ways:
        keep_mean = keep_scale = True
    sigma = x.std(axis=-1, keepdims=True)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    dx = dy
    if keep_mean:
        dx = dx - dy.mean(axis=-1, keepdims=True)
    if keep_scale:
        along = x if "projected-on-x" in ways else x_hat
        mean = np.sum if "sum-for-mean" in ways else np.mean
        dx = dx - along * mean(dy * along, axis=-1, keepdims=True)
    return dx if "scale-forgotten" in ways else dx / sigma


X = np.array([[2.6, 0.5, 1.4]])
UNIT = np.array([[1.0, -1.0, 1.0, -1.0]])
DY = np.array([[1.0, 0.0, 0.0]])
_rng = np.random.default_rng(0)

partial_backward = Checker(
    name="partial_backward",
    arguments=("dy", "x", "keep_mean", "keep_scale"),
    results=("dx",),
    formula=_partial_backward,
    probes=(
        Probe("neither derivative", (DY, X, False, False)),
        Probe("only that of the mean", (DY, X, True, False)),
        Probe("only that of the scale", (DY, X, False, True)),
        Probe("both", (DY, X, True, True)),
        Probe("a normalized token, neither", (np.array([[1.0, 2, 3, 5]]), UNIT, False, False)),
        Probe("a normalized token, both", (np.array([[1.0, 2, 3, 5]]), UNIT, True, True)),
        Probe("a normalized token, scale", (np.array([[1.0, 2, 3, 5]]), UNIT, False, True)),
        Probe("three tokens of three features", (*_rng.normal(1, 2, (2, 3, 3)), False, True)),
    ),
    mistakes=(
        Mistake(
            "switches-swapped",
            "It removes the mean where the scale's derivative is kept, and the other way round.",
            "Which of the two paths leads through the mean: the one whose part is along "
            "(1, ..., 1), or the one whose part is along x_hat?",
        ),
        Mistake(
            "switches-ignored",
            "It returns the whole gradient, whatever is kept.",
            "What is left of the gradient if both statistics are constants?",
        ),
        Mistake(
            "projected-on-x",
            "It removes the part along x, where the part along x_hat belongs.",
            "Add 100 to every feature of x. Should dx change?",
        ),
        Mistake(
            "sum-for-mean",
            "It multiplies x_hat by the sum of dy * x_hat, not by its mean.",
            "How long is x_hat? What part of dy along it is left in your dx?",
        ),
        Mistake(
            "scale-forgotten",
            "It does not divide by sigma.",
            "A constant sigma is still a divisor. What is the derivative of x / 2?",
        ),
    ),
)

# What layer norm leaves of the variance ----------------------------------------------------------


def _variance_left(ways, dy, x):
    if "not-centred" in ways:
        rho = np.sum(dy * x, -1) / np.sqrt(np.sum(dy**2, -1) * np.sum(x**2, -1))
    else:
        a, b = (v - v.mean(-1, keepdims=True) for v in (dy, x))
        rho = np.sum(a * b, -1) / np.sqrt(np.sum(a**2, -1) * np.sum(b**2, -1))
    left = 1 - (rho if "not-squared" in ways else rho**2)
    if "share-that-is-lost" in ways:
        left = 1 - left
    return np.sqrt(left) if "root-taken" in ways else left


variance_left = Checker(
    name="variance_left",
    arguments=("dy", "x"),
    results=("share",),
    formula=_variance_left,
    probes=(
        Probe("one feature's gradient", (DY, X)),
        Probe("a gradient along the token", (2 * X + 1, X)),
        Probe(
            "centred gradient and token",
            (np.array([[1.0, -1, 2, -2]]), np.array([[1.0, -1, 0, 0]])),
        ),
        Probe("correlated by one", (np.array([[3.0, -3.0, 0.0]]), np.array([[1.0, -1.0, 0.0]]))),
        Probe("against each other", (np.array([[-1.0, 1.0, 0.0]]), np.array([[1.0, -1.0, 0.0]]))),
        Probe("three tokens of three features", tuple(_rng.normal(1, 2, (2, 3, 3)))),
    ),
    mistakes=(
        Mistake(
            "not-centred",
            "It takes the cosine of dy and x, without subtracting their means.",
            "Add 100 to x. Layer norm does not notice. Does your result?",
        ),
        Mistake(
            "not-squared",
            "It subtracts the correlation, not its square.",
            "Can a part of a variance be more than 1? Try a gradient of the opposite sign.",
            twin="root-taken",
        ),
        Mistake(
            "share-that-is-lost",
            "It returns the share that is removed.",
            "A gradient along the token: what reaches x?",
        ),
        Mistake(
            "root-taken",
            "It returns the share of the standard deviation.",
            "What is the square of your result?",
        ),
    ),
    reveal=False,
)

# AdaNorm -----------------------------------------------------------------------------------------


def _ada_norm_forward(ways, x, C, k):
    sigma = x.std(axis=-1, keepdims=True)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    if "size-for-value" in ways:
        return C * (1 - k * np.abs(x_hat)) * x_hat
    if "factor-alone" in ways:
        return C * (1 - k * x_hat) + 0 * x
    if "constant-forgotten" in ways:
        C = 1.0
    return C * (1 - k * (x if "factor-from-x" in ways else x_hat)) * x_hat


ada_norm_forward = Checker(
    name="ada_norm_forward",
    arguments=("x", "C", "k"),
    results=("z",),
    formula=_ada_norm_forward,
    probes=(
        Probe("k = 0", (X, 1.0, 0.0)),
        Probe("k = 0 and a large C", (X, 3.0, 0.0)),
        Probe("k = 0.1", (X, 1.0, 0.1)),
        Probe("a normalized token", (UNIT, 1.0, 0.5)),
        Probe("three tokens of three features", (_rng.normal(1, 2, (3, 3)), 2.0, 0.1)),
    ),
    mistakes=(
        Mistake(
            "factor-alone",
            "It returns the factor and does not multiply it with the normalized token.",
            "With k = 0 and C = 1, what should AdaNorm be?",
        ),
        Mistake(
            "constant-forgotten",
            "It leaves C out.",
            "By what does the result grow if C is doubled?",
        ),
        Mistake(
            "size-for-value",
            "Its factor is smaller for large features of either sign.",
            "A feature that is far below the mean: is its factor above or below C?",
        ),
        Mistake(
            "factor-from-x",
            "Its factor is computed from x, not from the normalized token.",
            "Add 100 to x. Should the result change?",
        ),
    ),
)
