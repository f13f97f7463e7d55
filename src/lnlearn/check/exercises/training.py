"""The exercises of the chapter on training with layer norm."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.formula import where_shapes_meet

_rng = np.random.default_rng(0)
NAN = np.nan

# Which learning rate is best ---------------------------------------------------------------------


@where_shapes_meet
def _best_rate(ways, errors, rates):
    counted = np.where(np.isnan(errors), 0.9, errors)
    if "diverged-runs-dropped" in ways:
        means = np.array([row[~np.isnan(row)].mean() if any(row == row) else 2 for row in errors])
    elif "diverged-rates-dropped" in ways:
        means = np.where(np.isnan(errors).any(1), 2, errors.mean(1))
    elif "diverged-run-chosen" in ways:
        means = np.where(np.isnan(errors).any(1), -1, errors.mean(1))
    elif "diverged-run-chosen, as 0" in ways:
        means = np.nan_to_num(errors).mean(1)
    elif "luckiest-seed" in ways:
        means = counted.min(1)
    elif "seeds-for-rates" in ways:
        means = counted.mean(0)
    else:
        means = counted.mean(1)
    best = means.argmax() if "worst-rate" in ways else means.argmin()
    return best if "index-returned" in ways else rates[best]


RATES = np.array([0.01, 0.1, 1.0])

best_rate = Checker(
    name="best_rate",
    arguments=("errors", "rates"),
    results=("rate",),
    formula=_best_rate,
    probes=(
        Probe("one seed", (np.array([[0.3], [0.1], [0.2]]), RATES)),
        Probe("the first rate is best", (np.array([[0.1], [0.3]]), np.array([0.5, 2.0]))),
        Probe("the second rate, which is 1", (np.array([[0.3], [0.1]]), np.array([0.5, 1.0]))),
        Probe("one lucky seed", (np.array([[0.2, 0.2, 0.2], [0.1, 0.4, 0.5]]), RATES[:2])),
        Probe(
            "as many seeds as rates",
            (np.array([[0.5, 0.2, 0.6], [0.3, 0.2, 0.1], [0.4, 0.3, 0.2]]), RATES),
        ),
        Probe("one of three runs diverged", (np.array([[0.2] * 3, [0.1, 0.1, NAN]]), RATES[:2])),
        Probe("and is still the best rate", (np.array([[0.6] * 3, [0.1, 0.1, NAN]]), RATES[:2])),
        Probe("all runs of a rate diverged", (np.array([[0.3, 0.4], [NAN, NAN]]), RATES[:2])),
        Probe(
            "a lucky seed, and a rate that diverged",
            (np.array([[0.3, 0.3, 0.3], [0.1, 0.5, 0.8], [NAN, NAN, NAN]]), RATES),
        ),
    ),
    mistakes=(
        Mistake(
            "diverged-runs-dropped",
            "It leaves out the runs that diverged and averages the others.",
            "Two of three runs explode and the third is excellent: would you recommend the rate?",
        ),
        Mistake(
            "diverged-rates-dropped",
            "It leaves out every rate at which a run diverged.",
            "By the rule of the exercise, what is the mean of 0.1, 0.1 and a run that diverged?",
        ),
        Mistake(
            "diverged-run-chosen",
            "It takes a run that diverged for a very good one.",
            "What does argmin say of a NaN? And which number stands in its place, if one does?",
            ("diverged-run-chosen", "diverged-run-chosen, as 0"),
        ),
        Mistake(
            "luckiest-seed",
            "It compares the best seeds of each rate, not their means.",
            "What would you get with a seed that you have not tried?",
        ),
        Mistake(
            "seeds-for-rates",
            "It averages over the rates, and compares the seeds.",
            "Which axis of errors has the seeds? Try more seeds than rates.",
        ),
        Mistake(
            "worst-rate",
            "It returns the rate with the largest mean error.",
            "Is a large error good or bad?",
        ),
        Mistake(
            "index-returned",
            "It returns the place of the rate, not the rate.",
            "What does argmin return? And what does the exercise ask for?",
        ),
    ),
)

# One step of an LSTM with layer norm -------------------------------------------------------------


def _layer_norm(z):
    return (z - z.mean(-1, keepdims=True)) / np.sqrt(z.var(-1, keepdims=True) + 1e-5)


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


@where_shapes_meet
def _normed_step(ways, x, h, c, W_x, W_h):
    from_x, from_h = x @ W_x.T, h @ W_h.T
    if "one-norm-of-the-sum" in ways:
        gates = _layer_norm(from_x + from_h)
    elif "gate-by-gate" in ways:
        parts = zip(np.split(from_x, 4, -1), np.split(from_h, 4, -1), strict=True)
        gates = np.concatenate([_layer_norm(a) + _layer_norm(b) for a, b in parts], -1)
    elif "before-the-matrices" in ways:
        gates = _layer_norm(x) @ W_x.T + _layer_norm(h) @ W_h.T
    elif "gates-not-normalized" in ways:
        gates = from_x + from_h
    else:
        gates = _layer_norm(from_x) + _layer_norm(from_h)
    i, f, g, o = np.split(gates, 4, -1)
    if "gates-in-the-order-of-the-paper" in ways:
        f, i, o, g = np.split(gates, 4, -1)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    seen = c if "state-not-normalized" in ways else _layer_norm(c)
    h = _sigmoid(o) * np.tanh(seen)
    return h, seen if "state-stays-normalized" in ways else c


def _step(texts, inputs, width, state=1.0):
    x, h, c = (
        size * _rng.normal(0.5, 1, (texts, n))
        for size, n in ((1, inputs), (state, width), (state, width))
    )
    return x, h, c, *(_rng.normal(0, 1, (4 * width, n)) for n in (inputs, width))


def _giving(x, h, c, from_x, from_h):
    """The arguments of a step for one text, with matrices for which W_x x and W_h h are these."""
    x, h, c = (np.array([state], float) for state in (x, h, c))
    return x, h, c, *(np.outer(g, s) / np.sum(s**2) for g, s in ((from_x, x), (from_h, h)))


HALVES, EVERY_OTHER, OUTSIDE = [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]
BY_GATE = np.array(HALVES + EVERY_OTHER + OUTSIDE + EVERY_OTHER)  # each gate has mean 0
ACROSS = np.array([1, 1, -1, -1, 1, -1, 1, -1])  # two features a gate
LEVEL = np.array([1, 1, 1, 1, -1, -1, -1, -1])  # as many of each, but each gate of one kind
PAIRED = np.array([1, 3, 1, 3, -2, -1, -2, -1])  # i is f, and g is o

normed_step = Checker(
    name="normed_step",
    arguments=("x", "h", "c", "W_x", "W_h"),
    results=("h", "c"),
    formula=_normed_step,
    probes=(
        Probe("one text, two features", _step(1, 1, 2)),
        Probe("the first token: both states are 0", _step(2, 3, 2, state=0.0)),
        Probe("three texts of three features", _step(3, 2, 3)),
        Probe("matrices of zeros", (*_step(2, 2, 4)[:3], np.zeros((16, 2)), np.zeros((16, 4)))),
        Probe("products that are normalized", _giving([2], [1, 0.5], [1, 3], ACROSS, LEVEL)),
        Probe(
            "products of which every gate has the mean 0",
            _giving([2], [1, 2, 0, 1], [1, 3, 0, 2], 3 * BY_GATE, 2 * BY_GATE[::-1]),
        ),
        Probe("x and h with the mean 0", _giving([3, -3], [2, -2], [1, 3], 3 * LEVEL, -2 * LEVEL)),
        Probe("gates in equal pairs", _giving([2], [1, 0.5], [1, 3], PAIRED, PAIRED**2)),
    ),
    mistakes=(
        Mistake(
            "one-norm-of-the-sum",
            "It normalizes the sum of both products once.",
            "How many N stand in the first line of (1)?",
        ),
        Mistake(
            "gate-by-gate",
            "It normalizes each of the four gates by itself.",
            "Over how many features does N take its mean in the first line of (1)?",
        ),
        Mistake(
            "before-the-matrices",
            "It normalizes x and h, and multiplies by the matrices afterwards.",
            "In N(W h), what is normalized: h or the product?",
        ),
        Mistake(
            "gates-not-normalized",
            "It does not normalize the products.",
            "Make both matrices ten times larger. What should change?",
        ),
        Mistake(
            "gates-in-the-order-of-the-paper",
            "It takes the four parts for f, i, o and g, which is the order in the paper.",
            "In which order does formula (1) name the gates?",
        ),
        Mistake(
            "state-not-normalized",
            "It computes h from c itself.",
            "Look at the last line of (1) again.",
        ),
        Mistake(
            "state-stays-normalized",
            "It returns the normalized c as the new state.",
            "In (1), does the next token read c or N(c)?",
            twin="state-not-normalized",
        ),
    ),
)
