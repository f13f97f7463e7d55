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
    apart = EVERY if "norm-mixes-tokens" in ways else CHANGED
    return {
        "encoder, before attention": CHANGED if "attention-keeps-apart" in ways else EVERY,
        "encoder, between attention and Add & Norm": apart,
        "decoder, before attention": masked,
        "decoder, between attention and Add & Norm": apart,
    }


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
            "It does not let token B of a decoder see itself.",
            "Does x + F(x) contain x?",
        ),
    ),
    reveal=False,
)

# One block ---------------------------------------------------------------------------------------


def _norm(ways, x):
    axes = None if "tokens-mixed" in ways else -1
    centred = x - x.mean(axes, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axes, keepdims=True) + 1e-5)


def _step(ways, x, sublayer, norm_first, normed=True):
    def norm(x):
        return _norm(ways, x) if normed else x

    skipped = 0 * x if "residual-skipped" in ways else x
    if norm_first:
        if "stream-normalized" in ways:
            return norm(x) + sublayer(norm(x))
        return skipped + sublayer(norm(x))
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
    if "side-by-side" in ways:
        return _step(ways, x, lambda x: attention(x) + feed_forward(x), norm_first)
    x = _step(ways, x, attention, norm_first)
    return _step(ways, x, feed_forward, norm_first, "one-norm-for-two" not in ways)


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
            "It does not add x to what the sublayer returns.",
            "What comes out where A and W are zero?",
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
            "one-norm-for-two",
            "It normalizes at the attention, but not at the feed-forward network.",
            "How many norms has a block?",
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
        ),
    ),
)

# By how much does layer norm turn a token? -------------------------------------------------------


def _turned_by_norm(ways, mean, deviation):
    size = mean if "sign-kept" in ways else abs(mean)
    angle = np.arctan2(deviation, size) if "upside-down" in ways else np.arctan2(size, deviation)
    if "cosine-returned" in ways:
        return float(np.cos(angle))
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
        ),
        Mistake(
            "sign-kept",
            "It returns a negative angle where the mean is negative.",
            "Can the angle between two vectors be negative?",
        ),
        Mistake(
            "cosine-returned",
            "It returns the cosine of the angle.",
            "By how many degrees is a token turned whose cosine is 1?",
        ),
    ),
    reveal=False,
)
