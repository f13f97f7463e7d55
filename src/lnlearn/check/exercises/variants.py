"""The exercises of the chapter on RMS norm and its relatives."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe

# The spacing of bfloat16 -------------------------------------------------------------------------


def _bfloat16_spacing(ways, w):
    digits = 8
    if "other-format" in ways:
        digits = 11
    if "other-format, float32" in ways:
        digits = 24
    if "digit-miscounted" in ways:
        digits = 9
    if "digit-miscounted, the other way" in ways:
        digits = 7
    exponent = np.log2(w)
    if "not-floored" not in ways:
        exponent = np.floor(exponent)
    if "rounded-up" in ways:
        exponent = np.ceil(np.log2(w))
    if "same-everywhere" in ways:
        exponent = 0.0
    return float(2.0 ** (exponent + 1 - digits))


bfloat16_spacing = Checker(
    name="bfloat16_spacing",
    arguments=("w",),
    results=("spacing",),
    formula=_bfloat16_spacing,
    probes=tuple(
        Probe(name, (w,), tolerance=1e-9)
        for name, w in (
            ("1", 1.0),
            ("a number between 1 and 2", 1.5),
            ("a half", 0.5),
            ("just below 1", 0.99609375),
            ("a number between 4 and 8", 5.0),
            ("96", 96.0),
        )
    ),
    mistakes=(
        Mistake(
            "other-format",
            "It returns the spacing of float16 or float32.",
            "How many significant binary digits does bfloat16 keep?",
            ("other-format", "other-format, float32"),
            twin="digit-miscounted",
        ),
        Mistake(
            "digit-miscounted",
            "Its result is half or twice the spacing.",
            "One of the 8 digits is before the point. What is the last digit of 1.0000000 worth?",
            ("digit-miscounted", "digit-miscounted, the other way"),
            twin="other-format",
        ),
        Mistake(
            "same-everywhere",
            "It returns the same spacing for every w.",
            "Are the numbers between 4 and 8 as close together as those between 1 and 2?",
        ),
        Mistake(
            "not-floored",
            "Its spacing grows with w between two powers of two.",
            "Is the spacing at 1.5 another one than at 1.25?",
        ),
        Mistake(
            "rounded-up",
            "It takes the next power of two above w where the one below belongs.",
            "Which power of two is the first digit of 1.5 worth, 1 or 2?",
            twin="not-floored",
        ),
    ),
)

# A writer without mean ---------------------------------------------------------------------------


def _centred_writer(ways, W, b):
    D = len(b)
    means = W.mean(axis=0)
    if "inputs-centred" in ways:
        means = W.mean(axis=1, keepdims=True)
    if "one-mean-for-all" in ways:
        means = W.mean()
    if "weight-forgotten" in ways:
        means = 0 * means
    shift = 0 if "bias-forgotten" in ways else b.mean()
    centred_W, centred_b = W - means, b - shift
    if "scaled" in ways:
        size = np.sqrt((centred_W**2).sum() / D)
        centred_W, centred_b = centred_W / size, centred_b / size
    return centred_W, centred_b


_rng = np.random.default_rng(0)
_COLUMN = np.array([[1.0], [-1.0]])  # centred, and its features have size 1

centred_writer = Checker(
    name="centred_writer",
    arguments=("W", "b"),
    results=("W", "b"),
    formula=_centred_writer,
    probes=(
        Probe("one input, two features", (_COLUMN + 1, np.zeros(2))),
        Probe("nothing to do", (2 * _COLUMN, np.array([3.0, -3.0]))),
        Probe("a bias with a mean", (_COLUMN, np.array([1.0, 3.0]))),
        Probe("inputs without mean", (np.array([[1.0, -1.0], [3.0, -3.0]]), np.zeros(2))),
        Probe("more inputs than features", (_rng.normal(1, 1, (3, 5)), _rng.normal(size=3))),
        Probe("as many inputs as features", (_rng.normal(1, 1, (4, 4)), _rng.normal(2, 1, 4))),
    ),
    mistakes=(
        Mistake(
            "inputs-centred",
            "It subtracts the mean over the inputs from each row of W.",
            "W h is a sum over inputs. Over which axis of W are the features that share a mean?",
        ),
        Mistake(
            "one-mean-for-all",
            "It subtracts one mean from the whole matrix.",
            "What does the layer write if only the first input is not zero?",
        ),
        Mistake(
            "weight-forgotten",
            "It leaves W as it is.",
            "Take b = 0. Does W h have a mean?",
        ),
        Mistake(
            "bias-forgotten",
            "It leaves b as it is.",
            "Take h = 0. What is the mean of what the layer writes?",
        ),
        Mistake(
            "scaled",
            "It divides by a size, too.",
            "Which of the two steps of layer norm is linear, so that weights can do it?",
        ),
    ),
)

# Per head, or over all heads ---------------------------------------------------------------------


def _score_limits(ways, heads, d, gain):
    factor = 1.0 if "gain-ignored" in ways else gain if "gain-once" in ways else gain**2
    width = heads * d if "width-of-the-token" in ways else d
    per_head = factor * d / (1 if "not-divided" in ways else np.sqrt(width))
    shared = per_head * heads
    if "same-limit" in ways:
        shared = per_head
    if "root-of-heads" in ways:
        shared = per_head * np.sqrt(heads)
    return float(per_head), float(shared)


score_limits = Checker(
    name="score_limits",
    arguments=("heads", "d", "gain"),
    results=("per_head", "over_all"),
    formula=_score_limits,
    probes=(
        Probe("one head of one feature", (1, 1, 1.0)),
        Probe("one head of one feature, a gain", (1, 1, 3.0)),
        Probe("one head", (1, 4, 1.0)),
        Probe("two heads of one feature", (2, 1, 1.0)),
        Probe("three heads", (3, 16, 1.0)),
        Probe("four heads, a gain", (4, 8, 0.5)),
    ),
    mistakes=(
        Mistake(
            "gain-ignored",
            "It ignores the gain.",
            "What does a gain of 3 do to the length of a query?",
            twin="gain-once",
        ),
        Mistake(
            "gain-once",
            "It counts the gain once.",
            "Which of the two vectors in the score has a gain?",
            twin="gain-ignored",
        ),
        Mistake(
            "not-divided",
            "It leaves out the division by the root of d.",
            "What does attention do with the dot product before the softmax?",
        ),
        Mistake(
            "width-of-the-token",
            "It divides by the root of the token's width, heads * d.",
            "How wide are the two vectors of which a head takes the dot product?",
            twin="same-limit",
        ),
        Mistake(
            "same-limit",
            "It returns the same limit for both.",
            "Two heads share a norm, and the query of the first is zero. How long is the other's?",
            twin="root-of-heads",
        ),
        Mistake(
            "root-of-heads",
            "With one norm over all heads, it lets only one of the two vectors grow.",
            "Can one head take the whole length of the queries, and that of the keys?",
            twin="width-of-the-token",
        ),
    ),
)
