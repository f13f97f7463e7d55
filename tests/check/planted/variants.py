"""Answers to the exercises on RMS norm and its relatives: each mistake in two ways, right ones."""

import math

import numpy as np
import torch

from check.planting import Planted

plant = Planted()

# The spacing of bfloat16 -------------------------------------------------------------------------


@plant("bfloat16_spacing")
def by_the_next_number(w):
    bits = torch.tensor(w, dtype=torch.bfloat16).view(torch.int16)
    return (bits + 1).view(torch.bfloat16).item() - w


@plant("bfloat16_spacing")
def by_frexp(w):
    return math.ldexp(1.0, math.frexp(w)[1] - 8)


def between_powers(digits):
    return lambda w: 2.0 ** (math.floor(math.log2(w)) + 1 - digits)


plant("bfloat16_spacing", "other-format")(
    between_powers(11), lambda w: float(np.spacing(np.float32(w)))
)
plant("bfloat16_spacing", "digit-miscounted")(
    between_powers(9), lambda w: by_frexp(w) / 2, lambda w: 2 * by_frexp(w)
)
plant("bfloat16_spacing", "same-everywhere")(
    lambda w: 2.0**-7, lambda w: torch.finfo(torch.bfloat16).eps
)
plant("bfloat16_spacing", "not-floored")(lambda w: w * 2.0**-7, lambda w: w / 128)
plant("bfloat16_spacing", "rounded-up")(
    lambda w: 2.0 ** (math.ceil(math.log2(w)) - 7),
    lambda w: 2.0 ** math.ceil(math.log2(w)) / 128,
)

# A writer without mean ---------------------------------------------------------------------------


@plant("centred_writer")
def by_a_projection(W, b):
    D = len(b)
    P = np.eye(D) - np.ones((D, D)) / D
    return P @ W, P @ b


@plant("centred_writer")
def column_by_column(W, b):
    columns = [column - column.mean() for column in W.T]
    return np.stack(columns, axis=1), b - np.average(b)


@plant("centred_writer", "inputs-centred")
def rows_centred(W, b):
    return W - W.mean(axis=1, keepdims=True), b - b.mean()


@plant("centred_writer", "inputs-centred")
def projected_from_the_right(W, b):
    n = W.shape[1]
    return W @ (np.eye(n) - np.ones((n, n)) / n), b - b.mean()


plant("centred_writer", "one-mean-for-all")(
    lambda W, b: (W - W.mean(), b - b.mean()),
    lambda W, b: (W - np.average(W), b - b.sum() / len(b)),
)
plant("centred_writer", "weight-forgotten")(
    lambda W, b: (W, b - b.mean()), lambda W, b: (W.copy(), b - np.average(b))
)
plant("centred_writer", "bias-forgotten")(
    lambda W, b: (W - W.mean(0), b), lambda W, b: (by_a_projection(W, b)[0], b.copy())
)


@plant("centred_writer", "scaled")
def divided_by_the_size(W, b):
    W, b = by_a_projection(W, b)
    size = np.linalg.norm(W) / np.sqrt(len(b))
    return W / size, b / size


@plant("centred_writer", "scaled")
def divided_by_the_root_of_the_sum(W, b):
    W, b = W - W.mean(0), b - b.mean()
    size = np.sqrt(np.square(W).sum(0).sum() / len(b))
    return W / size, b / size


# Per head, or over all heads ---------------------------------------------------------------------


@plant("score_limits")
def by_parallel_vectors(heads, d, gain):
    alone = np.ones(d) * gain
    taking_all = np.ones(d) * gain * np.sqrt(heads)
    return alone @ alone / np.sqrt(d), taking_all @ taking_all / np.sqrt(d)


plant("score_limits")(lambda heads, d, gain: (gain * gain * d**0.5, gain * gain * heads * d**0.5))
plant("score_limits", "gain-ignored")(
    lambda heads, d, gain: (d**0.5, heads * d**0.5),
    lambda heads, d, gain: by_parallel_vectors(heads, d, 1.0),
)
plant("score_limits", "gain-once")(
    lambda heads, d, gain: (gain * d**0.5, gain * heads * d**0.5),
    lambda heads, d, gain: by_parallel_vectors(heads, d, gain**0.5),
)
plant("score_limits", "not-divided")(
    lambda heads, d, gain: (gain**2 * d, gain**2 * heads * d),
    lambda heads, d, gain: tuple(s * d**0.5 for s in by_parallel_vectors(heads, d, gain)),
)
plant("score_limits", "width-of-the-token")(
    lambda heads, d, gain: (
        gain**2 * d / (heads * d) ** 0.5,
        gain**2 * heads * d / (heads * d) ** 0.5,
    ),
    lambda heads, d, gain: tuple(s / heads**0.5 for s in by_parallel_vectors(heads, d, gain)),
)
plant("score_limits", "same-limit")(
    lambda heads, d, gain: (gain**2 * d**0.5, gain**2 * d**0.5),
    lambda heads, d, gain: (by_parallel_vectors(heads, d, gain)[0],) * 2,
)
plant("score_limits", "root-of-heads")(
    lambda heads, d, gain: (gain**2 * d**0.5, gain**2 * (heads * d) ** 0.5),
    lambda heads, d, gain: (gain**2 * d**0.5, gain**2 * d**0.5 * heads**0.5),
)
