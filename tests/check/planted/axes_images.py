"""Answers to the exercises on axes that are about images, of shape (N, C, H, W)."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planted.axes import both, of_array, of_list, spoilt
from check.planting import Planted

plant = Planted()


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


def parameters(exercise, right):
    """Plant what has only the parameters wrong: weight, bias and eps are the last arguments."""

    def changed(change):
        return lambda *arguments: right(*arguments[:-3], *change(*arguments[-3:-1]), arguments[-1])

    plant(exercise, "weight-skipped")(
        changed(lambda w, b: (np.ones_like(w), b)),
        lambda *a: right(*a[:-3], a[-3] * 0 + 1, *a[-2:]),
    )
    plant(exercise, "bias-skipped")(
        changed(lambda w, b: (w, np.zeros_like(b))),
        lambda *a: right(*a[:-2], 0 * a[-2], a[-1]),
    )
    plant(exercise, "weight-and-bias-swapped")(
        changed(lambda w, b: (b, w)),
        lambda *a: right(*a[:-3], a[-2], a[-3], a[-1]),
    )
    plant(exercise, "bias-before-weight")(
        changed(lambda w, b: (w, b * w)),
        lambda *a: affine(right(*a[:-3], a[-3] * 0 + 1, *a[-2:]), a[-3], 0 * a[-2]),
    )
    plant(exercise, "one-plus-weight")(
        changed(lambda w, b: (1 + w, b)),
        lambda *a: right(*a) + right(*a[:-3], a[-3] * 0 + 1, 0 * a[-2], a[-1]),
    )
    plant(exercise, "weight-twice")(
        changed(lambda w, b: (w * w, b)),
        lambda *a: affine(right(*a[:-2], 0 * a[-2], a[-1]), *a[-3:-1]),
    )


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


def deviations_of_rank_three(x, weight, bias, eps):
    centred = x - x.mean(1)
    return affine(centred / np.sqrt(np.square(centred).mean(1) + eps), weight, bias)


def means_squeezed(x, weight, bias, eps):
    mean, square = (np.einsum("nchw->nhw", a) / x.shape[1] for a in (x, x * x))
    return affine((x - mean) / np.sqrt(square - mean**2 + eps), weight, bias)


PIXEL = "layer_norm_at_each_pixel"
plant(PIXEL, "pixels-mixed")(
    pixel_over(1, 2, 3), pixel_by_torch(lambda x, w, b, eps: F.group_norm(x, 1, w, b, eps))
)
plant(PIXEL, "wrong-axis")(
    pixel_over(3),
    pixel_over(2),
    pixel_over(2, 3),
    pixel_by_torch(lambda x, w, b, eps: F.instance_norm(x, weight=w, bias=b, eps=eps)),
    pixel_by_torch(lambda x, w, b, eps: F.layer_norm(x, w.shape, w, b, eps)),
)
plant(PIXEL, "batch-mixed")(
    pixel_over(0),
    pixel_over(0, 1),
    pixel_over(0, 1, 2, 3),
    pixel_by_torch(lambda x, w, b, eps: F.batch_norm(x, None, None, w, b, True, eps=eps)),
)
plant(PIXEL, "reshape-not-permute")(
    reshaped_there_and_back,
    unflattened,
    pixel_by_torch(
        lambda x, w, b, eps: F.layer_norm(
            x.reshape(len(x), *x.shape[2:], -1), w.shape, w, b, eps
        ).permute(0, 3, 1, 2)
    ),
)
plant(PIXEL, "affine-misaligned")(
    affine_on(slice(None)), affine_on(slice(None), None), affine_on(slice(None), None, None, None)
)
plant(PIXEL, "keepdims-forgotten")(means_of_rank_three, deviations_of_rank_three, means_squeezed)
both(plant, PIXEL, pixel_of_arrays, pixel_of_lists)
spoilt(plant, PIXEL, pixel_of_arrays(of_array))
parameters(PIXEL, pixel_of_arrays(of_array))
plant(PIXEL)(
    pixel_of_arrays(of_array),
    pixel_of_lists(of_list),
    pixel_by_torch(
        lambda x, w, b, eps: F.layer_norm(x.movedim(1, -1), w.shape, w, b, eps).movedim(-1, 1)
    ),
)


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


GROUP = "group_norm"
plant(GROUP, "groups-interleaved")(
    grouped(lambda N, C, H, W, G: (N, C // G, G, H, W), (1, 3, 4)),
    sliced(lambda C, G: [slice(g, None, G) for g in range(G)]),
)
plant(GROUP, "batch-mixed")(
    grouped(lambda N, C, H, W, G: (N, G, C // G, H, W), (0, 2, 3, 4)),
    sliced(lambda C, G: neighbours(C, C // G), axis=(0, 1, 2, 3)),
)
plant(GROUP, "group-size-for-number")(
    grouped(lambda N, C, H, W, G: (N, C // G, G, H, W), (2, 3, 4)),
    sliced(lambda C, G: neighbours(C, G)),
)
plant(GROUP, "groups-ignored")(
    grouped(lambda N, C, H, W, G: (N, -1), 1),
    grouped(lambda N, C, H, W, G: (N, G, C // G, H, W), (3, 4)),
)
plant(GROUP, "pixels-apart")(
    grouped(lambda N, C, H, W, G: (N, G, C // G, H, W), 2),
    sliced(lambda C, G: neighbours(C, C // G), axis=1),
)
plant(GROUP, "reshape-not-permute")(
    grouped(lambda N, C, H, W, G: (N, H, W, G, C // G), (1, 2, 4)), channels_last_after_reshape
)
plant(GROUP, "affine-misaligned")(
    group_affine_on(slice(None)),
    group_affine_on(slice(None), None),
    group_affine_on(slice(None), None, None, None),
)
plant(GROUP, "keepdims-forgotten")(group_means_squeezed, group_means_summed)
both(plant, GROUP, groups_of_arrays, groups_of_lists)
spoilt(plant, GROUP, groups_of_arrays(of_array))
parameters(GROUP, groups_of_arrays(of_array))
plant(GROUP)(
    groups_of_arrays(of_array),
    groups_of_lists(of_list),
    sliced(lambda C, G: neighbours(C, C // G)),
    lambda x, num_groups, weight, bias, eps: F.group_norm(
        torch.from_numpy(x), num_groups, *map(torch.from_numpy, (weight, bias)), eps
    ).numpy(),
)
