"""Answers to the exercises on released models: each mistake in two ways, and right ones."""

import numpy as np
import torch

from check.planting import Planted

plant = Planted()

# Fold the gain and the bias ----------------------------------------------------------------------


@plant("fold_affine")
def by_a_diagonal_matrix(weight, bias, W, b):
    return W @ np.diag(weight), b + W @ bias


@plant("fold_affine")
def read_off_from_the_map(weight, bias, W, b):
    def layer(x_hat):
        return W @ (weight * x_hat + bias) + b

    new_b = layer(np.zeros(len(weight)))
    return np.stack([layer(e) - new_b for e in np.eye(len(weight))], axis=1), new_b


@plant("fold_affine", "gain-skipped")
def only_the_bias(weight, bias, W, b):
    return W, W @ bias + b


@plant("fold_affine", "gain-skipped")
def only_the_bias_by_einsum(weight, bias, W, b):
    return W.copy(), np.einsum("oi,i->o", W, bias) + b


@plant("fold_affine", "gain-on-outputs")
def rows(weight, bias, W, b):
    return weight[:, None] * W, W @ bias + b


@plant("fold_affine", "gain-on-outputs")
def diagonal_from_the_left(weight, bias, W, b):
    return np.diag(weight) @ W, b + np.dot(W, bias)


@plant("fold_affine", "matrix-transposed")
def as_gpt2_stores_it(weight, bias, W, b):
    return W.T * weight[:, None], W @ bias + b


@plant("fold_affine", "matrix-transposed")
def as_gpt2_stores_it_by_a_diagonal_matrix(weight, bias, W, b):
    return np.diag(weight) @ W.T, b + np.einsum("oi,i->o", W, bias)


@plant("fold_affine", "bias-left-out")
def only_the_gain(weight, bias, W, b):
    return W * weight, b


@plant("fold_affine", "bias-left-out")
def only_the_gain_in_a_loop(weight, bias, W, b):
    return np.array([row * weight for row in W]), b + 0


@plant("fold_affine", "bias-scaled-too")
def folded_first(weight, bias, W, b):
    W = W * weight
    return W, b + W @ bias


@plant("fold_affine", "bias-scaled-too")
def product_of_both(weight, bias, W, b):
    return W * weight, b + W @ (weight * bias)


@plant("fold_affine", "bias-transposed")
def other_layout(weight, bias, W, b):
    return W * weight, b + bias @ W


@plant("fold_affine", "bias-transposed")
def other_layout_by_einsum(weight, bias, W, b):
    return weight * W, np.einsum("io,i->o", W, bias) + b


@plant("fold_affine", "old-bias-lost")
def forgotten(weight, bias, W, b):
    return W * weight, W @ bias


@plant("fold_affine", "old-bias-lost")
def forgotten_by_pytorch(weight, bias, W, b):
    W, weight, bias = map(torch.from_numpy, (W, weight, bias))
    return (W * weight).numpy(), torch.mv(W, bias).numpy()


@plant("fold_affine", "input-modified")
def in_place(weight, bias, W, b):
    b = b + W @ bias
    W *= weight
    return W, b


@plant("fold_affine", "input-modified")
def in_place_by_rows(weight, bias, W, b):
    new_b = W @ bias + b
    for row in W:
        row[:] = row * weight
    return W, new_b


# Which convention is it? -------------------------------------------------------------------------


def rms(x):
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True))


def centre(x):
    return x - x.mean(axis=-1, keepdims=True)


@plant("which_convention")
def the_best_of_four(x, weight, y):
    for centred, token in ((False, x), (True, centre(x))):
        for one in (False, True):
            if np.allclose(rms(token) * (weight + one), y, atol=1e-3):
                return centred, one


@plant("which_convention")
def from_the_gain(x, weight, y):
    ratios = y / rms(x)
    centred = bool(np.ptp(ratios, axis=0).max() > 1e-3)  # otherwise the same gain for all tokens
    gain = (y / rms(centre(x)) if centred else ratios)[0]
    return centred, abs(gain - weight).max() > 0.5


def wrongly(one=None, centred=None):
    """The right function, but for one of its two answers."""

    def answer(x, weight, y):
        right = the_best_of_four(x, weight, y)
        return (
            right[0] if centred is None else centred(right[0], y),
            right[1] if one is None else one(right[1], weight),
        )

    return answer


for mistake, first, second in (
    ("one-from-the-weights", lambda r, w: w.mean() < 0.5, lambda r, w: bool(np.median(w) < 0.5)),
    ("one-from-a-negative-weight", lambda r, w: (w < 0).any(), lambda r, w: min(w) < 0),
    ("one-confused", lambda r, w: not r, lambda r, w: r is False),
    ("one-assumed", lambda r, w: True, lambda r, w: False),
):
    plant("which_convention", mistake)(wrongly(one=first), wrongly(one=second))
for mistake, first, second in (
    (
        "centred-from-the-mean",
        lambda r, y: abs(y.mean(-1)).max() < 1e-3,
        lambda r, y: bool(np.allclose(y.sum(-1), 0, atol=1e-2)),
    ),
    ("norm-confused", lambda r, y: not r, lambda r, y: r is False),
    ("norm-assumed", lambda r, y: True, lambda r, y: False),
):
    plant("which_convention", mistake)(wrongly(centred=first), wrongly(centred=second))


# Convert a checkpoint ----------------------------------------------------------------------------


def adds_1(name):
    """Whether it is the weight of a norm that multiplies by 1 + w."""
    return name.endswith("norm.weight") and "linear_attn" not in name


@plant("convert_entry")
def by_the_modules_and_the_parameter(name, value):
    *rest, module, parameter = name.split(".")
    if module.endswith("norm") and parameter == "weight" and rest[-1:] != ["linear_attn"]:
        return np.float32(1) + value.astype(np.float32)
    return value


@plant("convert_entry")
def by_pytorch(name, value):
    if not adds_1(name):
        return value
    return torch.from_numpy(value).float().add(1).numpy()


@plant("convert_entry", "gated-too")
def by_the_end_of_the_modules_name(name, value):
    module, parameter = name.split(".")[-2:]
    if module.endswith("norm") and parameter == "weight":
        return 1 + value.astype(np.float32)
    return value


@plant("convert_entry", "gated-too")
def by_pytorch_and_the_end_of_the_name(name, value):
    if "norm.weight" not in name:
        return value
    return torch.from_numpy(value).float().add(1).numpy()


@plant("convert_entry", "some-norms-missed")
def by_one_name(name, value):
    return value.astype(np.float32) + 1 if "layernorm.weight" in name else value


@plant("convert_entry", "some-norms-missed")
def by_the_end_of_the_name(name, value):
    return np.add(value, 1, dtype=np.float32) if name.endswith("layernorm.weight") else value


@plant("convert_entry", "every-weight")
def all_weights(name, value):
    return value.astype(np.float32) + 1 if name.endswith("weight") else value


@plant("convert_entry", "every-weight")
def all_but_biases(name, value):
    return value if "bias" in name else np.add(value, 1, dtype=np.float32)


@plant("convert_entry", "chosen-by-shape")
def all_vectors(name, value):
    if value.ndim > 1 or name.endswith("bias"):
        return value
    return value.astype(np.float32) + 1


@plant("convert_entry", "chosen-by-shape")
def all_vectors_by_pytorch(name, value):
    if len(value.shape) == 1 and ".weight" in name:
        return torch.from_numpy(value).float().add(1).numpy()
    return value


@plant("convert_entry", "bias-too")
def everything_of_a_norm(name, value):
    if "linear_attn" in name:
        return value
    return value.astype(np.float32) + 1 if "norm" in name else value


@plant("convert_entry", "bias-too")
def everything_of_a_norm_by_its_module(name, value):
    module = name.rpartition(".")[0]
    if module.endswith("norm") and not module.endswith("attn.norm"):
        return np.add(value, 1, dtype=np.float32)
    return value


@plant("convert_entry", "rounded")
def too_late(name, value):
    return (value + 1).astype(np.float32) if adds_1(name) else value


@plant("convert_entry", "rounded")
def as_numpy_does_it(name, value):
    return value + 1 if adds_1(name) else value


@plant("convert_entry", "rounded")
def too_late_by_pytorch(name, value):
    if adds_1(name):
        return torch.from_numpy(value).add(1).float().numpy()
    return value


@plant("convert_entry", "one-subtracted")
def the_other_way(name, value):
    return value.astype(np.float32) - 1 if adds_1(name) else value


@plant("convert_entry", "one-subtracted")
def the_other_way_by_numpy(name, value):
    return np.subtract(value, 1, dtype=np.float32) if adds_1(name) else value


@plant("convert_entry", "all-in-float32")
def widened_before(name, value):
    value = value.astype(np.float32)
    return value + 1 if adds_1(name) else value


@plant("convert_entry", "all-in-float32")
def widened_by_a_factor(name, value):
    return value * np.ones(1, np.float32) + adds_1(name)
