"""The exercise of writing one block of a Transformer, in the chapter on layer norm in it."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe


def _norm(ways, x):
    axes = -1
    if ways & {"tokens-mixed", "tokens-mixed, text by text"}:
        axes = None if "tokens-mixed" in ways else (-2, -1)
    centred = x - x.mean(axes, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axes, keepdims=True) + 1e-5)


SUBLAYERS, ORDERS = ("attention", "feed-forward"), ("before", "after")
PARTS = (*SUBLAYERS, *ORDERS, *(f"{part} {order}" for part in SUBLAYERS for order in ORDERS))


def _everywhere_or_in_a_part(mistake):
    """The ways to make a mistake in all steps, or only at one sublayer, in one order, or both."""
    return (mistake, *(f"{mistake}, {part}" for part in PARTS))


def _step(ways, x, sublayer, norm_first, name="attention"):
    order = "before" if norm_first else "after"

    def made(mistake):
        here = (mistake, *(f"{mistake}, {part}" for part in (name, order, f"{name} {order}")))
        return bool(ways.intersection(here))

    def norm(x):
        return x if made("norm-missing") else _norm(ways, x)

    skipped = 0 * x if made("residual-skipped") else x
    if norm_first:
        if "stream-normalized" in ways:
            return norm(x) + sublayer(norm(x))
        y = skipped + sublayer(norm(x))
        last = "sum-normalized-too, last" in ways and name == "feed-forward"
        return _norm(ways, y) if last or "sum-normalized-too" in ways else y
    if "norm-before-add" in ways:
        return skipped + norm(sublayer(x))
    return norm(skipped + sublayer(x))


def _encoder_block(ways, x, A, W, norm_first):
    def attention(x):
        return A @ x

    def feed_forward(x):
        return np.maximum(x @ W, 0)

    if ways & {"norm-first-ignored", "norm-first-ignored, always before"}:
        norm_first = "norm-first-ignored" not in ways
    if "orders-swapped" in ways:
        norm_first = not norm_first
    if "side-by-side" in ways:
        return _step(ways, x, lambda x: attention(x) + feed_forward(x), norm_first)
    start, x = x, _step(ways, x, attention, norm_first)
    if "old-x-added" in ways:
        read = _norm(ways, x) if norm_first else x
        y = start + feed_forward(read)
        return y if norm_first else _norm(ways, y)
    return _step(ways, x, feed_forward, norm_first, "feed-forward")


_rng = np.random.default_rng(0)
TWO = np.array([[3.0, 1.0, 2.0], [0.0, 4.0, -1.0]])
ONE = np.array([[3.0, 1.0, 2.0]])
UNIT = np.array([[1.5**0.5, 0.0, -(1.5**0.5)], [2**0.5, -(0.5**0.5), -(0.5**0.5)]])
A = np.array([[0.25, 0.75], [0.5, 0.5]])
W = np.array([[1.0, -1.0, 0.0], [0.5, 1.0, -2.0], [0.0, 1.0, 3.0]])

encoder_block = Checker(
    name="encoder_block",
    arguments=("x", "A", "W", "norm_first"),
    results=("y",),
    formula=_encoder_block,
    chapter="transformer",
    probes=(
        Probe("no feed-forward, norm after", (TWO, A, 0 * W, False)),
        Probe("no feed-forward, norm before", (TWO, A, 0 * W, True)),
        Probe("no attention, norm after", (TWO, 0 * A, W, False)),
        Probe("no attention, norm before", (TWO, 0 * A, W, True)),
        Probe("no attention, normalized tokens, norm before", (UNIT, 0 * A, W, True)),
        Probe("sublayers of zeros, normalized tokens, norm after", (UNIT, 0 * A, 0 * W, False)),
        Probe("one token, norm after", (ONE, np.ones((1, 1)), W, False)),
        Probe("two tokens, norm after", (TWO, A, W, False)),
        Probe("two tokens, norm before", (TWO, A, W, True)),
        Probe(
            "a batch of texts with as many tokens as features",
            (_rng.normal(size=(2, 3, 3)), np.full((3, 3), 1 / 3), _rng.normal(size=(3, 3)), False),
        ),
    ),
    mistakes=(
        Mistake(
            "norm-before-add",
            "With norm_first=False it normalizes what the sublayer returns, and then adds x.",
            "Post-LN's output has mean 0. Has yours?",
        ),
        Mistake(
            "residual-skipped",
            "It does not everywhere add x to what the sublayer returns.",
            "How many additions of x has your code for each order? With A and W of zeros, "
            "what comes out?",
            _everywhere_or_in_a_part("residual-skipped"),
        ),
        Mistake(
            "orders-swapped",
            "It is Pre-LN where norm_first is False, and Post-LN where it is True.",
            "What does norm_first=True say: is the first thing that happens to x a norm?",
        ),
        Mistake(
            "norm-first-ignored",
            "It returns the same for both values of norm_first.",
            "Where in your code does norm_first stand?",
            ("norm-first-ignored", "norm-first-ignored, always before"),
        ),
        Mistake(
            "stream-normalized",
            "With norm_first=True it adds to the normalized x, not to x itself.",
            "With Pre-LN and sublayers that return zeros, what should come out?",
        ),
        Mistake(
            "norm-missing",
            "A norm is missing, at one of the sublayers or in one of the orders.",
            "How many norms has a block? Count those in your code, for each order.",
            _everywhere_or_in_a_part("norm-missing"),
        ),
        Mistake(
            "sum-normalized-too",
            "With norm_first=True it normalizes after an addition as well.",
            "With Pre-LN and sublayers that return zeros, what should come out?",
            ("sum-normalized-too", "sum-normalized-too, last"),
            twin="norm-first-ignored",
        ),
        Mistake(
            "old-x-added",
            "After the feed-forward network it adds the x that came into the block.",
            "What becomes of what attention returned, if W is zero?",
        ),
        Mistake(
            "side-by-side",
            "It feeds the same x to both sublayers, and adds both results.",
            "What does the feed-forward network read: what came in, or what attention left?",
        ),
        Mistake(
            "tokens-mixed",
            "Its norm takes one mean of all tokens.",
            "Multiply one token by ten. Does the other one move in your norm?",
            ("tokens-mixed", "tokens-mixed, text by text"),
        ),
    ),
)
