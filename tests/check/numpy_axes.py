"""Wrong answers to the exercises on axes, each mistake written in two ways, and right ones.

`PLANTED[checker][mistake]` and `RIGHT[checker]` hold functions. Nothing here is the package's.
"""

import numpy as np
import torch
import torch.nn.functional as F

# Ways to normalize a set of numbers: of an array over axes, and of a list ------------------------


def of_array(x, axes, eps, ddof=0):
    centred = x - x.mean(axis=axes, keepdims=True)
    return centred / np.sqrt(x.var(axis=axes, ddof=ddof, keepdims=True) + eps)


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
}
LISTS = {
    "unbiased-variance": lambda v, eps: of_list(v, eps, max(1, len(v) - 1)),
    "eps-outside-sqrt": lambda v, eps: (np.asarray(v) - np.mean(v)) / (np.std(v) + eps),
    "eps-missing": lambda v, eps: (np.asarray(v) - np.mean(v)) / np.std(v),
    "eps-ignored": lambda v, eps: of_list(v, 1e-3),
    "mean-not-subtracted": lambda v, eps: np.asarray(v) / np.sqrt(np.var(v) + eps),
    "not-scaled": lambda v, eps: np.asarray(v) - np.mean(v),
}


def affine(x_hat, weight, bias):
    return x_hat * weight[:, None, None] + bias[:, None, None]


def pixel_of_arrays(norm):
    return lambda x, weight, bias, eps: affine(norm(x, 1, eps), weight, bias)


def pixel_of_lists(norm):
    def function(x, weight, bias, eps):
        y = np.empty_like(x)
        for n, h, w in np.ndindex(x.shape[0], *x.shape[2:]):
            y[n, :, h, w] = norm(list(x[n, :, h, w]), eps)
        return affine(y, weight, bias)

    return function


def groups_of_arrays(norm):
    def function(x, num_groups, weight, bias, eps):
        groups = x.reshape(len(x), num_groups, -1)
        return affine(norm(groups, 2, eps).reshape(x.shape), weight, bias)

    return function


def groups_of_lists(norm):
    def function(x, num_groups, weight, bias, eps):
        y, size = np.empty_like(x), x.shape[1] // num_groups
        for n, g in np.ndindex(len(x), num_groups):
            group = x[n, g * size : (g + 1) * size]
            y[n, g * size : (g + 1) * size] = np.reshape(norm(list(group.flat), eps), group.shape)
        return affine(y, weight, bias)

    return function


def texts_of_arrays(norm):
    return lambda x, eps: norm(x, 2, eps).mean(axis=0)


def texts_of_lists(norm):
    def function(x, eps):
        y = np.zeros(x.shape[1:], x.dtype)
        for token in x:
            y += [np.asarray(norm(list(features), eps)) / len(x) for features in token]
        return y

    return function


def both(of_arrays, of_lists):
    return {name: [of_arrays(ARRAYS[name]), of_lists(LISTS[name])] for name in ARRAYS}


def modified(right, scale):
    """Two ways to spoil the input, which come with the right result."""

    def in_place(x, *arguments):
        y = right(x, *arguments)
        x -= x.mean()
        x *= scale
        x += scale
        return y

    return in_place


def widened(right, dtype):
    return lambda x, *arguments: right(x.astype(np.float64), *arguments).astype(dtype)


def kept(right):
    """Two ways to get only the array itself or its dtype wrong."""
    return {
        "input-modified": [modified(right, 2), modified(right, 3)],
        "wrong-dtype": [widened(right, np.float64), widened(right, np.float32)],
    }


def parameters(right):
    """Two ways to get only the parameters wrong, for functions whose last arguments they are."""

    def changed(change):
        return lambda *arguments: right(*arguments[:-3], *change(*arguments[-3:-1]), arguments[-1])

    return {
        "weight-skipped": [
            changed(lambda w, b: (np.ones_like(w), b)),
            lambda *a: right(*a[:-3], a[-3] * 0 + 1, *a[-2:]),
        ],
        "bias-skipped": [
            changed(lambda w, b: (w, np.zeros_like(b))),
            lambda *a: right(*a[:-2], 0 * a[-2], a[-1]),
        ],
        "weight-and-bias-swapped": [
            changed(lambda w, b: (b, w)),
            lambda *a: right(*a[:-3], a[-2], a[-3], a[-1]),
        ],
    }


# Layer norm at each pixel ------------------------------------------------------------------------


def pixel_over(*axes):
    return lambda x, weight, bias, eps: affine(of_array(x, axes, eps), weight, bias)


def pixel_by_torch(function):
    def run(x, weight, bias, eps):
        return function(*map(torch.from_numpy, (x, weight, bias)), eps).numpy()

    return run


def reshaped_there_and_back(x, weight, bias, eps):
    N, C, H, W = x.shape
    y = of_array(x.reshape(N, H, W, C), -1, eps) * weight + bias
    return y.reshape(N, C, H, W)


def unflattened(x, weight, bias, eps):
    tokens = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    return (of_array(tokens, 1, eps) * weight + bias).reshape(x.shape)


def affine_on(*new_axes):
    def function(x, weight, bias, eps):
        return of_array(x, 1, eps) * weight[new_axes] + bias[new_axes]

    return function


def means_of_rank_three(x, weight, bias, eps):
    return affine((x - x.mean(1)) / np.sqrt(x.var(1) + eps), weight, bias)


def means_squeezed(x, weight, bias, eps):
    mean, square = (np.einsum("nchw->nhw", a) / x.shape[1] for a in (x, x * x))
    return affine((x - mean) / np.sqrt(square - mean**2 + eps), weight, bias)


PIXEL = pixel_of_arrays(of_array)
pixel = {
    "pixels-mixed": [
        pixel_over(1, 2, 3),
        pixel_by_torch(lambda x, w, b, eps: F.group_norm(x, 1, w, b, eps)),
    ],
    "wrong-axis": [
        pixel_over(3),
        pixel_over(2),
        pixel_over(2, 3),
        pixel_by_torch(lambda x, w, b, eps: F.instance_norm(x, weight=w, bias=b, eps=eps)),
        pixel_by_torch(lambda x, w, b, eps: F.layer_norm(x, w.shape, w, b, eps)),
    ],
    "batch-mixed": [
        pixel_over(0),
        pixel_over(0, 1),
        pixel_over(0, 1, 2, 3),
        pixel_by_torch(lambda x, w, b, eps: F.batch_norm(x, None, None, w, b, True, eps=eps)),
    ],
    "reshape-not-permute": [
        reshaped_there_and_back,
        unflattened,
        pixel_by_torch(
            lambda x, w, b, eps: F.layer_norm(
                x.reshape(len(x), *x.shape[2:], -1), w.shape, w, b, eps
            ).permute(0, 3, 1, 2)
        ),
    ],
    "affine-misaligned": [
        affine_on(slice(None)),
        affine_on(slice(None), None),
        affine_on(slice(None), None, None, None),
    ],
    "keepdims-forgotten": [means_of_rank_three, means_squeezed],
    **both(pixel_of_arrays, pixel_of_lists),
    **kept(PIXEL),
    **parameters(PIXEL),
}


# Group norm --------------------------------------------------------------------------------------


def grouped(shape, axes):
    """`shape` of (N, C, H, W, G) is that into which the images are reshaped."""

    def function(x, num_groups, weight, bias, eps):
        groups = x.reshape(shape(*x.shape, num_groups))
        return affine(of_array(groups, axes, eps).reshape(x.shape), weight, bias)

    return function


def sliced(channels, batch=slice(None), axis=(1, 2, 3)):
    """`channels` of (C, G) gives the slices that are normalized together."""

    def function(x, num_groups, weight, bias, eps):
        y = np.empty_like(x)
        for part in channels(x.shape[1], num_groups):
            y[:, part] = of_array(x[:, part], axis, eps)
        return affine(y, weight, bias)

    return function


def neighbours(C, size):
    return [slice(i, i + size) for i in range(0, C, size)]


def group_means_squeezed(x, num_groups, weight, bias, eps):
    groups = x.reshape(len(x), num_groups, -1, *x.shape[2:])
    mean, variance = groups.mean((2, 3, 4)), groups.var((2, 3, 4))
    return affine(((groups - mean) / np.sqrt(variance + eps)).reshape(x.shape), weight, bias)


def group_means_summed(x, num_groups, weight, bias, eps):
    groups = x.reshape(len(x), num_groups, -1, *x.shape[2:])
    mean, square = (np.einsum("ngchw->ng", a) / groups[0, 0].size for a in (groups, groups**2))
    y = (groups - mean) * (square - mean**2 + eps) ** -0.5
    return affine(y.reshape(x.shape), weight, bias)


def group_affine_on(*new_axes):
    def function(x, num_groups, weight, bias, eps):
        y = of_array(x.reshape(len(x), num_groups, -1), 2, eps).reshape(x.shape)
        return y * weight[new_axes] + bias[new_axes]

    return function


def channels_last_after_reshape(x, num_groups, weight, bias, eps):
    N, C, H, W = x.shape
    y = np.empty((N, H, W, C), x.dtype)
    for part in neighbours(C, C // num_groups):
        y[..., part] = of_array(x.reshape(N, H, W, C)[..., part], (1, 2, 3), eps)
    return affine(y.reshape(x.shape), weight, bias)


GROUP = groups_of_arrays(of_array)
group = {
    "groups-interleaved": [
        grouped(lambda N, C, H, W, G: (N, C // G, G, H, W), (1, 3, 4)),
        sliced(lambda C, G: [slice(g, None, G) for g in range(G)]),
    ],
    "batch-mixed": [
        grouped(lambda N, C, H, W, G: (N, G, C // G, H, W), (0, 2, 3, 4)),
        sliced(lambda C, G: neighbours(C, C // G), axis=(0, 1, 2, 3)),
    ],
    "group-size-for-number": [
        grouped(lambda N, C, H, W, G: (N, C // G, G, H, W), (2, 3, 4)),
        sliced(lambda C, G: neighbours(C, G)),
    ],
    "groups-ignored": [
        grouped(lambda N, C, H, W, G: (N, -1), 1),
        grouped(lambda N, C, H, W, G: (N, G, C // G, H, W), (3, 4)),
    ],
    "pixels-apart": [
        grouped(lambda N, C, H, W, G: (N, G, C // G, H, W), 2),
        sliced(lambda C, G: neighbours(C, C // G), axis=1),
    ],
    "reshape-not-permute": [
        grouped(lambda N, C, H, W, G: (N, H, W, G, C // G), (1, 2, 4)),
        channels_last_after_reshape,
    ],
    "affine-misaligned": [
        group_affine_on(slice(None)),
        group_affine_on(slice(None), None),
        group_affine_on(slice(None), None, None, None),
    ],
    "keepdims-forgotten": [group_means_squeezed, group_means_summed],
    **both(groups_of_arrays, groups_of_lists),
    **kept(GROUP),
    **parameters(GROUP),
}


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


def text_means_summed(x, eps):
    mean, square = (np.einsum("tbd->tb", a) / x.shape[-1] for a in (x, x * x))
    return np.add.reduce((x - mean) * (square - mean**2 + eps) ** -0.5) / len(x)


TEXT = texts_of_arrays(of_array)
text = {
    "batch-mixed": [text_over(1, 2), text_over(0, 1, 2), text_over(1), text_slices],
    "text-mixed": [text_over(0, 2), whole_texts],
    "reshape-not-permute": [reshaped_after, reshaped_before],
    "averaged-first": [
        lambda x, eps: of_array(x.mean(0), 1, eps),
        lambda x, eps: np.array([of_list(list(v), eps) for v in x.sum(0) / len(x)], x.dtype),
    ],
    "texts-averaged": [
        lambda x, eps: of_array(x, 2, eps).mean(1),
        lambda x, eps: np.einsum("tbd->td", of_array(x, 2, eps)) / x.shape[1],
    ],
    "keepdims-forgotten": [text_means_squeezed, text_means_summed],
    **both(texts_of_arrays, texts_of_lists),
    **kept(TEXT),
}


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


counts = {
    "sharers-counted": [
        answer(512, 5120, 30, 3600, 9600, 600, 1200, 6),
        answer(320, 32, 1920, 16, 6, 96, 1200, 9600),  # by one of the norms alone
    ],
    "batch-forgotten": [answer(10, 1, 120, 1, 6, 6, 3, 600)],
    "batch-norm-per-image": [answer(320, 32, 1920, 16, 96, 96, 48, 9600)],
    "group-size-for-number": [answer(320, 32, 1920, 16, 6, 96, 32, 9600)],
}

PLANTED = {
    "how_many_means": counts,
    "layer_norm_at_each_pixel": pixel,
    "group_norm": group,
    "text_vectors": text,
}
RIGHT = {
    "how_many_means": [answer(320, 32, 1920, 16, 6, 96, 48, 9600)],
    "layer_norm_at_each_pixel": [
        PIXEL,
        pixel_of_lists(of_list),
        pixel_by_torch(
            lambda x, w, b, eps: F.layer_norm(x.movedim(1, -1), w.shape, w, b, eps).movedim(-1, 1)
        ),
    ],
    "group_norm": [
        GROUP,
        groups_of_lists(of_list),
        sliced(lambda C, G: neighbours(C, C // G)),
        lambda x, num_groups, weight, bias, eps: F.group_norm(
            torch.from_numpy(x), num_groups, *map(torch.from_numpy, (weight, bias)), eps
        ).numpy(),
    ],
    "text_vectors": [
        TEXT,
        texts_of_lists(of_list),
        lambda x, eps: F.layer_norm(torch.from_numpy(x), x.shape[2:], eps=eps).mean(0).numpy(),
    ],
}
