"""Answers to the exercises on expressivity: each mistake in two ways, and right ones."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted

plant = Planted()

# Which keys can all be selected? -----------------------------------------------------------------

NAMES = (
    "centring alone",
    "RMS norm",
    "layer norm",
    "layer norm, then γ",
    "layer norm, then W_K from 16 to 16 features",
    "layer norm, then W_K from 16 to 4 features",
    "W_K from 16 to 4 features, then RMS norm",
)


def answers(*selectable):
    return lambda: dict(zip(NAMES, selectable, strict=True))


T, F_ = True, False
plant("always_selectable")(answers(F_, T, T, T, T, F_, T), answers(0, 1, 1, 1, 1, 0, 1))
for name, wrong in {
    "centring-suffices": (T, T, T, T, T, F_, T),
    "scaling-not-enough": (F_, F_, T, T, T, F_, F_),
    "sphere-needed": (F_, T, T, F_, F_, F_, T),
    "flattening-harmless": (F_, T, T, T, T, T, T),
}.items():
    plant("always_selectable", name)(answers(*wrong))
    plant("always_selectable", name)(answers(*np.array(wrong)))

# The query that attends to all keys equally ------------------------------------------------------


@plant("even_query")
def from_the_null_space_of_the_keys(weight):
    keys = np.random.default_rng(0).standard_normal((50, len(weight)))
    keys = weight * (keys - keys.mean(axis=1, keepdims=True))
    query = np.linalg.svd(keys)[2][-1]
    return query * np.sign(query[0])


@plant("even_query")
def normalized_by_pytorch(weight):
    return F.normalize(torch.from_numpy(weight).reciprocal(), dim=0).numpy()


@plant("even_query", "gain-forgotten")
def diagonal(weight):
    return np.full(len(weight), len(weight) ** -0.5)


@plant("even_query", "gain-forgotten")
def ones_over_their_length(weight):
    ones = np.ones(len(weight))
    return ones / np.linalg.norm(ones)


@plant("even_query", "gain-multiplied")
def unit_gain(weight):
    return weight / np.sqrt(weight @ weight)


@plant("even_query", "gain-multiplied")
def gain_by_pytorch(weight):
    return F.normalize(torch.from_numpy(weight), dim=0).numpy()


@plant("even_query", "squares-inverted")
def inverse_squares(weight):
    query = weight**-2.0
    return query / np.linalg.norm(query)


@plant("even_query", "squares-inverted")
def divided_twice(weight):
    query = np.ones(len(weight)) / weight / weight
    return query / np.sqrt((query**2).sum())


@plant("even_query", "centred")
def centred_inverse(weight):
    query = 1 / weight - (1 / weight).mean()
    return query / max(np.linalg.norm(query), 1e-300)


@plant("even_query", "centred")
def centred_by_a_matrix(weight):
    D = len(weight)
    query = (np.eye(D) - 1 / D) @ (1 / weight)
    return F.normalize(torch.from_numpy(query), dim=0).numpy()


@plant("even_query", "not-unit")
def inverse(weight):
    return 1 / weight


@plant("even_query", "not-unit")
def inverse_by_power(weight):
    return weight**-1.0


# The lead of the right key -----------------------------------------------------------------------


def key(i):
    return F.layer_norm(torch.tensor([i, 1.0, -i, -1.0], dtype=torch.float64), (4,), eps=0) / 2


@plant("hash_gap")
def by_layer_norm(i):
    return 1 - float(key(i) @ key(i + 1))


@plant("hash_gap")
def half_the_squared_distance(i):
    return float((key(i) - key(i + 1)).square().sum()) / 2


@plant("hash_gap")
def by_trigonometry(i):
    return 1 - np.cos(np.arctan(i + 1) - np.arctan(i))


@plant("hash_gap", "lower-neighbour")
def one_below(i):
    return 1 - float(key(i) @ key(i - 1))


@plant("hash_gap", "lower-neighbour")
def one_below_by_trigonometry(i):
    return 1 - np.cos(np.arctan(i) - np.arctan(i - 1))


@plant("hash_gap", "not-normalized")
def raw_keys(i):
    return float(np.dot([i, 1], [i, 1]) - np.dot([i, 1], [i + 1, 1]))


@plant("hash_gap", "not-normalized")
def raw_keys_worked_out(i):
    return float(i**2 - i * (i + 1))


@plant("hash_gap", "length-two")
def as_layer_norm_returns_them(i):
    return float(4 * key(i) @ key(i) - 4 * key(i) @ key(i + 1))


@plant("hash_gap", "length-two")
def four_minus(i):
    return 4 - 4 * (i * (i + 1) + 1) / np.sqrt((i**2 + 1) * ((i + 1) ** 2 + 1))


@plant("hash_gap", "angle-returned")
def angle(i):
    return np.arctan(i + 1) - np.arctan(i)


@plant("hash_gap", "angle-returned")
def angle_from_the_cosine(i):
    return float(np.arccos((i * (i + 1) + 1) / np.sqrt((i**2 + 1) * ((i + 1) ** 2 + 1))))
