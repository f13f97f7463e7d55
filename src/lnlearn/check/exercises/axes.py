"""The exercises of the chapter on axes that are about counting means and about texts."""

from dataclasses import replace

import numpy as np

from lnlearn.check import formula
from lnlearn.check.catalogue import CATALOGUE, NORM_MISTAKES, THREE, TINY, named, over
from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.cohort import Variation

# How many means? ---------------------------------------------------------------------------------


SHAPES = (32, 10, 512, 16, 6, 20, 30, 3)  # B, T, D, N, C, H, W, and the number of groups
OTHER_SHAPES = tuple(
    (B, T, D, N, C, H, W, groups)
    for B, T, D in ((24, 9, 256), (48, 15, 128), (40, 13, 768), (64, 11, 300), (36, 25, 512))
    for N, H, W in ((5, 14, 28), (7, 16, 60), (14, 50, 20), (18, 32, 44))
    for C, groups in ((8, 4), (10, 2), (12, 3), (6, 3))
)
EIGHT_NORMS = (
    "LayerNorm({D}) of texts",
    "LayerNorm(({T}, {D})) of texts",
    "LayerNorm({W}) of images",
    "LayerNorm(({C}, {H}, {W})) of images",
    "BatchNorm2d({C}) of images",
    "InstanceNorm2d({C}) of images",
    "GroupNorm({groups}, {C}) of images",
    "over the channels at each pixel of images",
)


def _plain(norm):
    """What one of the eight is called whatever the shapes are: "LayerNorm(D) of texts"."""
    return norm.replace("{", "").replace("}", "")


def _how_many_means(ways, *shapes):
    B, T, D, N, C, H, W, groups = shapes or SHAPES
    texts, images = (1, 1) if "batch-forgotten" in ways else (B, N)
    counts = (
        texts * T,
        texts,
        images * C * H,
        images,
        N * C if "batch-norm-per-image" in ways else C,
        images * C,
        images * (C // groups if "group-size-for-number" in ways else groups),
        images * H * W,
    )
    means = {}
    for norm, count in zip(EIGHT_NORMS, counts, strict=True):
        if f"batch-forgotten, {_plain(norm)}" in ways:
            count //= B if norm.endswith("texts") else N
        if ways & {"sharers-counted", f"sharers-counted, {_plain(norm)}"}:
            count = (B * T * D if norm.endswith("texts") else N * C * H * W) // count
        means[norm.format(D=D, T=T, C=C, H=H, W=W, groups=groups)] = count
    return means


how_many_means = Checker(
    name="how_many_means",
    arguments=(),
    results=("answers",),
    formula=_how_many_means,
    probes=(Probe("eight norms", ()),),
    mistakes=(
        Mistake(
            "sharers-counted",
            "It counts how many numbers share a mean, not how many means there are.",
            "What is the product of the two?",
            # for all norms, or for one of them
            ways=(
                "sharers-counted",
                *(f"sharers-counted, {_plain(norm)}" for norm in EIGHT_NORMS),
            ),
        ),
        Mistake(
            "batch-forgotten",
            "It counts the means of one text or image, not those of the batch.",
            "Does a second text share the means of the first, or bring means of its own?",
            # for all norms, or for one of them; batch norm has no means of one image
            ways=(
                "batch-forgotten",
                *(
                    f"batch-forgotten, {_plain(norm)}"
                    for norm in EIGHT_NORMS
                    if not norm.startswith("BatchNorm2d")
                ),
            ),
        ),
        Mistake(
            "batch-norm-per-image",
            "It gives each image a batch norm of its own.",
            "Over which axes does batch norm average? Look at its picture.",
        ),
        *named("group-size-for-number"),
    ),
    reveal=False,
    variation=Variation(
        SHAPES, OTHER_SHAPES, phrases=lambda *lengths: tuple(str(length) for length in lengths)
    ),
)


# A vector for each text --------------------------------------------------------------------------


@formula.where_shapes_meet
def _text_vectors(ways, x, eps):
    given, x = x, formula.widened(ways, x)
    if "averaged-first" in ways:
        return formula.handed_back(ways, formula.standardized(ways, x.mean(0), (1,), eps), given)
    y = formula.standardized(ways, x, (2,), eps)
    if "reshape-not-permute" in ways:
        T, B, D = x.shape
        y = y.reshape(B, T, D).mean(1)
    else:
        y = y.mean(1 if "texts-averaged" in ways else 0)
    return formula.handed_back(ways, y, given)


TOKEN = THREE[None]  # (T, B, D) = (1, 1, 3), with mean 0 and variance 1
TURNED = TOKEN[..., [1, 2, 0]]
OTHER = 2 - 4 * TURNED
PAIR = np.array([[[-1.0, 1.0]]])


def _batch(*rows):
    """Tokens in a batch, a row for each place in the text, an entry for each text."""
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)


_rng = np.random.default_rng(0)

text_vectors = Checker(
    name="text_vectors",
    arguments=("x", "eps"),
    results=("vectors",),
    formula=_text_vectors,
    probes=(
        Probe("one text of one token", (TOKEN, TINY)),
        Probe("a token far from zero", (TOKEN + 3, TINY)),
        Probe("a token with a large standard deviation", (5 * TOKEN, TINY)),
        Probe("a large eps", (TOKEN, 1.0)),
        Probe("an eps for which its place does not matter", (TOKEN / 4, 0.5)),
        Probe("a constant token", (0 * TOKEN + 0.5, 1e-5)),
        Probe("two tokens", (_batch([TOKEN], [OTHER]), TINY)),
        Probe("two tokens, alike", (_batch([TOKEN], [TURNED]), TINY)),
        Probe("two texts", (_batch([TOKEN, OTHER]), TINY)),
        Probe("two texts, mirrored", (_batch([PAIR, -PAIR]), TINY)),
        Probe("two texts of two tokens, alike", (_batch([TOKEN, TURNED], [TURNED, -TOKEN]), TINY)),
        Probe("the same across and down", (_batch([TOKEN, OTHER], [OTHER, TURNED]), TINY)),
        Probe("three different lengths", (_rng.normal(1, 2, (3, 2, 4)), 0.1)),
        Probe("three equal lengths", (_rng.normal(1, 2, (3, 3, 3)), 0.1)),
        Probe("float32", ((TOKEN + 1).astype(np.float32), 1e-5)),
    ),
    mistakes=(
        over(
            replace(
                CATALOGUE["batch-mixed"],
                sentence="The texts of a batch share a mean.",
                hint="Change a number of one text and look at the others. Should they move?",
            ),
            *((1, 2), (0, 1, 2), (1,)),
        ),
        *named("reshape-not-permute"),
        over(
            Mistake(
                "text-mixed",
                "The tokens of a text share a mean.",
                "Change a number of one token and look at the others. Should they move?",
            ),
            (0, 2),
        ),
        Mistake(
            "averaged-first",
            "It averages the tokens and normalizes the average.",
            "Make one token a hundred times larger. Should the others still count?",
        ),
        Mistake(
            "texts-averaged",
            "It averages over the texts, where it should over the tokens of each.",
            "What shape has the result for three tokens of two texts, and what does it need?",
        ),
        *named("keepdims-forgotten"),
        *NORM_MISTAKES,
    ),
)
