"""The exercises of the chapter on layer norm in the Transformer."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.cohort import Variation, in_words

# Which tokens move? ------------------------------------------------------------------------------

TEXT = ("ABCD", "B")  # the tokens, and the one that is changed: neither the first nor the last
OTHER_TEXTS = tuple(
    (tokens, changed)
    for tokens in ("ABCD", "ABCDE", "ABCDEF", "ABCDEFG")
    for changed in tokens[1:-1]
    if (tokens, changed) != TEXT
)
LETTERS = set("ABCDEFG")


def _which_tokens_move(ways, tokens=TEXT[0], changed=TEXT[1]):
    before, behind = tokens[: tokens.index(changed) + 1], tokens[tokens.index(changed) :]
    masked = behind
    for switch, answer in (
        ("mask-forgotten", tokens),
        ("mask-reversed", before),
        ("itself-left-out", behind[1:]),
        ("attention-keeps-apart", changed),
    ):
        masked = answer if switch in ways else masked
    unmasked = changed if "attention-keeps-apart" in ways else tokens
    if "itself-left-out, always" in ways:
        unmasked, masked = tokens.replace(changed, ""), behind[1:]
    apart = masked_apart = changed
    for switch, answers in (
        ("norm-mixes-tokens", (tokens, tokens)),
        ("norm-mixes-tokens, with a mask", (tokens, behind)),
        ("norm-mixes-tokens, in the encoder", (tokens, changed)),
    ):
        apart, masked_apart = answers if switch in ways else (apart, masked_apart)
    return {
        "encoder, before attention": unmasked,
        "encoder, between attention and Add & Norm": apart,
        "decoder, before attention": masked,
        "decoder, between attention and Add & Norm": masked_apart,
    }


def _which_tokens_told(tokens, changed):
    return (
        f"{in_words(len(tokens))} tokens {', '.join(tokens[:-1])} and {tokens[-1]}",
        *(f"vector of {changed}", f"token {changed}", f"{changed} itself"),
        *(f'"{tokens}"', f'"{changed}"', f'"{tokens[tokens.index(changed) :]}"'),
        f"share of {changed}",
        f"see {changed}; {changed} keeps itself" if tokens == TEXT[0] else f"see {changed}",
    )


def _as_letters(function):
    """Let small letters, lists and "A, B" be read as the letters that they stand for."""

    def read(answer):
        parts = answer if isinstance(answer, (str, list, tuple)) else ""
        letters = "".join(map(str, parts)).upper().replace(",", "").replace(" ", "")
        return letters if letters and set(letters) <= LETTERS else answer

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
    variation=Variation(TEXT, OTHER_TEXTS, _which_tokens_told),
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
        Probe("a mean as large as σ", (1.0, 1.0)),
        Probe("a mean of 0", (0.0, 2.0)),
        Probe("a large mean", (30.0, 0.5)),
        Probe("a negative mean", (-1.0, 2.0)),
    ),
    mistakes=(
        Mistake(
            "upside-down",
            "It has the mean and the standard deviation the wrong way round.",
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
            "It takes the quotient of mean and standard deviation for the sine of the angle.",
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
