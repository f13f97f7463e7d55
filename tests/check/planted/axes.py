"""Answers to the exercises on axes that are about counting means and about texts."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted

plant = Planted()

# Ways to normalize a set of numbers: of an array over axes, and of a list ------------------------


def of_array(x, axes, eps, ddof=0):
    centred = x - x.mean(axis=axes, keepdims=True)
    return centred / np.sqrt(x.var(axis=axes, ddof=ddof, keepdims=True) + eps)


def divided(x, axes, divisor):
    """The deviations, over what `divisor` makes of their mean square."""
    centred = x - x.mean(axis=axes, keepdims=True)
    return centred / divisor((centred**2).mean(axis=axes, keepdims=True))


def of_list(values, eps, count=None):
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / (count or len(values))
    return [(v - mean) / (variance + eps) ** 0.5 for v in values]


ARRAYS = {
    "unbiased-variance": lambda x, axes, eps: of_array(
        x, axes, eps, ddof=min(1, np.prod([x.shape[a] for a in np.atleast_1d(axes)]) - 1)
    ),
    "eps-outside-sqrt": lambda x, axes, eps: (
        (x - x.mean(axes, keepdims=True)) / (x.std(axes, keepdims=True) + eps)
    ),
    "eps-missing": lambda x, axes, eps: of_array(x, axes, 0),
    "eps-ignored": lambda x, axes, eps: of_array(x, axes, 1e-5),
    "mean-not-subtracted": lambda x, axes, eps: x / np.sqrt((x**2).mean(axes, keepdims=True) + eps),
    "not-scaled": lambda x, axes, eps: x - x.mean(axes, keepdims=True),
    "root-missing": lambda x, axes, eps: divided(x, axes, lambda v: v + eps),
    "eps-as-floor": lambda x, axes, eps: divided(x, axes, lambda v: np.sqrt(np.maximum(v, eps))),
    "eps-squared": lambda x, axes, eps: of_array(x, axes, eps**2),
    "squares-not-averaged": lambda x, axes, eps: divided(
        x, axes, lambda v: np.sqrt(v * (x.size // v.size) + eps)
    ),
    "uncentred-variance": lambda x, axes, eps: divided(
        x, axes, lambda v: np.sqrt((x * x).mean(axes, keepdims=True) + eps)
    ),
}
LISTS = {
    "unbiased-variance": lambda v, eps: of_list(v, eps, max(1, len(v) - 1)),
    "eps-outside-sqrt": lambda v, eps: (np.asarray(v) - np.mean(v)) / (np.std(v) + eps),
    "eps-missing": lambda v, eps: (np.asarray(v) - np.mean(v)) / np.std(v),
    "eps-ignored": lambda v, eps: of_list(v, 1e-3),
    "mean-not-subtracted": lambda v, eps: np.asarray(v) / np.sqrt(np.var(v) + eps),
    "not-scaled": lambda v, eps: (np.asarray(v) - np.mean(v)) * np.sqrt(np.var(v) + eps),
    "root-missing": lambda v, eps: (np.asarray(v) - np.mean(v)) / (np.var(v) + eps),
    "eps-as-floor": lambda v, eps: (np.asarray(v) - np.mean(v)) / max(np.std(v), eps),
    "eps-squared": lambda v, eps: of_list(v, eps * eps),
    "squares-not-averaged": lambda v, eps: of_list(v, eps, count=1),
    "uncentred-variance": lambda v, eps: (
        (np.asarray(v) - np.mean(v)) / np.sqrt(np.dot(v, v) / len(v) + eps)
    ),
}


def texts_of_arrays(norm):
    return lambda x, eps: norm(x, 2, eps).mean(axis=0)


def texts_of_lists(norm):
    def function(x, eps):
        y = np.zeros(x.shape[1:], x.dtype)
        for token in x:
            y += [np.asarray(norm(list(features), eps)) / len(x) for features in token]
        return y

    return function


def both(plant, exercise, of_arrays, of_lists):
    """Plant the mistakes of one mean and one variance, in arrays and in lists."""
    for mistake in ARRAYS:
        plant(exercise, mistake)(of_arrays(ARRAYS[mistake]), of_lists(LISTS[mistake]))


def spoilt(plant, exercise, right):
    """Plant what has right numbers, in another dtype or in an array that belongs to the caller."""

    def in_place(scale):
        def function(x, *arguments):
            y = right(x, *arguments)
            x -= x.mean()
            x *= scale
            x += scale
            return y

        return function

    def cast(dtype):
        return lambda x, *arguments: right(x.astype(np.float64), *arguments).astype(dtype)

    plant(exercise, "input-modified")(in_place(2), in_place(3))
    plant(exercise, "wrong-dtype")(cast(np.float64), cast(np.float32))


# A vector for each text --------------------------------------------------------------------------


def text_over(*axes):
    return lambda x, eps: of_array(x, axes, eps).mean(0)


def text_slices(x, eps):
    return np.mean([of_array(token, (0, 1), eps) for token in x], axis=0)


def whole_texts(x, eps):
    return np.stack([of_array(x[:, b], None, eps).mean(0) for b in range(x.shape[1])])


def reshaped_after(x, eps):
    T, B, D = x.shape
    return of_array(x, 2, eps).reshape(B, T, D).mean(1)


def reshaped_before(x, eps):
    T, B, D = x.shape
    return np.stack([of_array(text, 1, eps).sum(0) / T for text in x.reshape(B, T, D)])


def text_means_squeezed(x, eps):
    return ((x - x.mean(-1)) / np.sqrt(x.var(-1) + eps)).mean(0)


def text_deviations_squeezed(x, eps):
    centred = x - x.mean(-1)
    return (centred / np.sqrt((centred**2).mean(-1) + eps)).mean(0)


def text_means_summed(x, eps):
    mean, square = (np.einsum("tbd->tb", a) / x.shape[-1] for a in (x, x * x))
    return np.add.reduce((x - mean) * (square - mean**2 + eps) ** -0.5) / len(x)


TEXT = "text_vectors"


@plant(TEXT, "batch-mixed", "reshape-not-permute")
def as_the_chapter_has_it(x, eps):
    T, B, D = x.shape
    mean, variance = (f(axis=(1, 2), keepdims=True) for f in (x.mean, x.var))
    return ((x - mean) / (variance + eps) ** 0.5).reshape(B, T, D).mean(axis=1)


plant(TEXT, "batch-mixed")(text_over(1, 2), text_over(0, 1, 2), text_over(1), text_slices)
plant(TEXT, "text-mixed")(text_over(0, 2), whole_texts)
plant(TEXT, "reshape-not-permute")(reshaped_after, reshaped_before)
plant(TEXT, "averaged-first")(
    lambda x, eps: of_array(x.mean(0), 1, eps),
    lambda x, eps: np.array([of_list(list(v), eps) for v in x.sum(0) / len(x)], x.dtype),
)
plant(TEXT, "texts-averaged")(
    lambda x, eps: of_array(x, 2, eps).mean(1),
    lambda x, eps: np.einsum("tbd->td", of_array(x, 2, eps)) / x.shape[1],
)
plant(TEXT, "keepdims-forgotten")(text_means_squeezed, text_deviations_squeezed, text_means_summed)
both(plant, TEXT, texts_of_arrays, texts_of_lists)
spoilt(plant, TEXT, texts_of_arrays(of_array))
plant(TEXT)(
    texts_of_arrays(of_array),
    texts_of_lists(of_list),
    lambda x, eps: F.layer_norm(torch.from_numpy(x), x.shape[2:], eps=eps).mean(0).numpy(),
)


# How many means? ---------------------------------------------------------------------------------

NAMES = (
    "LayerNorm(512) of texts",
    "LayerNorm((10, 512)) of texts",
    "LayerNorm(30) of images",
    "LayerNorm((6, 20, 30)) of images",
    "BatchNorm2d(6) of images",
    "InstanceNorm2d(6) of images",
    "GroupNorm(3, 6) of images",
    "over the channels at each pixel of images",
)


def answer(*counts):
    return lambda: dict(zip(NAMES, counts, strict=True))


def counted(B=32, N=16, batch_norm=(0, 2, 3), groups=3):
    """The counts of what NumPy returns for texts and images of these sizes."""

    def run():
        texts, images = np.zeros((B, 10, 512)), np.zeros((N, 6, 20, 30))
        means = [
            *(texts.mean(axes) for axes in (2, (1, 2))),
            *(images.mean(axes) for axes in (3, (1, 2, 3), batch_norm, (2, 3))),
            *(images.reshape(N, groups, -1).mean(2), images.mean(1)),
        ]
        return {name: mean.size for name, mean in zip(NAMES, means, strict=True)}

    return run


MEANS = "how_many_means"
plant(MEANS, "sharers-counted")(
    answer(512, 5120, 30, 3600, 9600, 600, 1200, 6), answer(320, 32, 1920, 16, 6, 96, 1200, 9600)
)
plant(MEANS, "batch-forgotten")(answer(10, 1, 120, 1, 6, 6, 3, 600), counted(B=1, N=1))
plant(MEANS, "batch-forgotten")(answer(320, 32, 1920, 16, 6, 96, 3, 9600))  # in one of the norms
plant(MEANS, "batch-forgotten")(answer(320, 32, 1920, 16, 6, 96, 48, 600))
plant(MEANS, "batch-norm-per-image")(
    answer(320, 32, 1920, 16, 96, 96, 48, 9600), counted(batch_norm=(2, 3))
)
plant(MEANS, "group-size-for-number")(answer(320, 32, 1920, 16, 6, 96, 32, 9600), counted(groups=2))
plant(MEANS)(answer(320, 32, 1920, 16, 6, 96, 48, 9600), counted())
