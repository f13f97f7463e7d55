"""The exercises of the chapter on layer norm in the Transformer."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe

# Which tokens move? ------------------------------------------------------------------------------

EVERY, CHANGED, BEFORE, BEHIND, LATER = "ABCD", "B", "AB", "BCD", "CD"


def _which_tokens_move(ways):
    masked = BEHIND
    for switch, answer in (
        ("mask-forgotten", EVERY),
        ("mask-reversed", BEFORE),
        ("itself-left-out", LATER),
        ("attention-keeps-apart", CHANGED),
    ):
        masked = answer if switch in ways else masked
    unmasked = CHANGED if "attention-keeps-apart" in ways else EVERY
    if "itself-left-out, always" in ways:
        unmasked, masked = "ACD", LATER
    apart = masked_apart = CHANGED
    for switch, answers in (
        ("norm-mixes-tokens", (EVERY, EVERY)),
        ("norm-mixes-tokens, with a mask", (EVERY, BEHIND)),
        ("norm-mixes-tokens, in the encoder", (EVERY, CHANGED)),
    ):
        apart, masked_apart = answers if switch in ways else (apart, masked_apart)
    return {
        "encoder, before attention": unmasked,
        "encoder, between attention and Add & Norm": apart,
        "decoder, before attention": masked,
        "decoder, between attention and Add & Norm": masked_apart,
    }


def _as_letters(function):
    """Let small letters, lists and "A, B" be read as the letters that they stand for."""

    def read(answer):
        parts = answer if isinstance(answer, (str, list, tuple)) else ""
        letters = "".join(map(str, parts)).upper().replace(",", "").replace(" ", "")
        return letters if letters and set(letters) <= set(EVERY) else answer

    def answers():
        given = function()
        if not isinstance(given, dict):
            return given
        return {key: read(answer) for key, answer in given.items()}

    return answers


which_tokens_move = Checker(
    name="which_tokens_move",
    arguments=(),
    results=("answers",),
    formula=_which_tokens_move,
    probes=(Probe("four changes of token B", ()),),
    mistakes=(
        Mistake(
            "norm-mixes-tokens",
            "It lets a change after the attention reach other tokens.",
            "Whose mean is subtracted from token A in Add & Norm?",
            (
                "norm-mixes-tokens",
                "norm-mixes-tokens, with a mask",
                "norm-mixes-tokens, in the encoder",
            ),
        ),
        Mistake(
            "attention-keeps-apart",
            "It lets no token see another one, not even in attention.",
            "What does attention take its weighted mean of?",
        ),
        Mistake(
            "mask-forgotten",
            "It lets the tokens of a decoder see later ones.",
            "What would a decoder learn that can see the character it has to predict?",
        ),
        Mistake(
            "mask-reversed",
            "It lets the tokens of a decoder see later ones, but not earlier ones.",
            "Token C of a decoder: does it look at B or at D?",
        ),
        Mistake(
            "itself-left-out",
            "It leaves out the token that was changed, B itself.",
            "Does x + F(x) contain x?",
            ("itself-left-out", "itself-left-out, always"),
        ),
    ),
    adapt=_as_letters,
    reveal=False,
)

# One block ---------------------------------------------------------------------------------------


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

# By how much does layer norm turn a token? -------------------------------------------------------


def _turned_by_norm(ways, mean, deviation):
    size = mean if "sign-kept" in ways else abs(mean)
    angle = np.arctan2(deviation, size) if "upside-down" in ways else np.arctan2(size, deviation)
    if "sign-kept, of a quotient" in ways and mean < 0:
        angle = -angle
    if "cosine-returned" in ways:
        return float(np.cos(angle))
    if "tangent-returned" in ways:
        return float(np.tan(angle))
    if "deviation-as-hypotenuse" in ways:
        angle = np.arcsin(size / deviation)
    return float(angle if "radians" in ways else np.degrees(angle))


turned_by_norm = Checker(
    name="turned_by_norm",
    arguments=("mean", "deviation"),
    results=("angle",),
    formula=_turned_by_norm,
    probes=(
        Probe("a mean as large as the deviation", (1.0, 1.0)),
        Probe("a mean of 0", (0.0, 2.0)),
        Probe("a large mean", (30.0, 0.5)),
        Probe("a negative mean", (-1.0, 2.0)),
    ),
    mistakes=(
        Mistake(
            "upside-down",
            "It has mean and deviation the wrong way round.",
            "A token whose mean is 0 already: does centring turn it?",
        ),
        Mistake(
            "radians",
            "It returns radians.",
            "How many degrees is a quarter of a turn, and what does your function use?",
            twin="deviation-as-hypotenuse",
        ),
        Mistake(
            "sign-kept",
            "It keeps the sign of a negative mean, and measures the angle from there.",
            "How long is the vector with -1 in every feature?",
            ("sign-kept", "sign-kept, of a quotient"),
        ),
        Mistake(
            "cosine-returned",
            "It returns the cosine of the angle.",
            "By how many degrees is a token turned whose cosine is 1?",
        ),
        Mistake(
            "deviation-as-hypotenuse",
            "It takes the quotient of mean and deviation for the sine of the angle.",
            "Which side of the triangle is opposite the right angle?",
            twin="tangent-returned",
        ),
        Mistake(
            "tangent-returned",
            "It returns the tangent of the angle.",
            "What is the angle, in degrees, whose tangent is 1?",
            twin="radians",
        ),
    ),
    reveal=False,
)
