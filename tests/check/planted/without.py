"""Wrong and right answers to the exercises on Transformers without layer norm."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted

plant = Planted()

# The backward pass of DyT ------------------------------------------------------------------------


@plant("dyt_backward")
def by_autograd(dy, x, alpha, weight):
    x, alpha, weight = (torch.tensor(v, requires_grad=True) for v in (x, alpha, np.asarray(weight)))
    bias = torch.zeros_like(weight, requires_grad=True)
    y = torch.tanh(alpha * x) * weight + bias
    return tuple(
        g.numpy() for g in torch.autograd.grad(y, (x, alpha, weight, bias), torch.tensor(dy))
    )


@plant("dyt_backward")
def by_hyperbolic_cosine(dy, x, alpha, weight):
    slope = np.cosh(alpha * x) ** -2.0
    dx = np.einsum("td,d,td->td", dy, weight, slope) * alpha
    dalpha = float(np.vdot(dx, x) / alpha)
    return dx, dalpha, np.einsum("td,td->d", dy, np.tanh(alpha * x)), dy.sum(0)


def written(dy, x, alpha, weight, factor=None, slope=None, gain=None, t=None, total=sum):
    """The formula with its places for mistakes."""
    tanh = np.tanh(alpha * x)
    g = dy * (np.asarray(weight) if gain is None else gain)
    g = g * (1 - tanh * tanh if slope is None else slope(tanh))
    dx = g * (alpha if factor is None else factor)
    return dx, (g * x).sum(), total(dy * (tanh if t is None else t)), total(dy)


def by_tokens(dy, x, alpha, weight, **options):
    """Token after token; the gradients of the parameters are added up."""
    parts = [written(dy[[i]], x[[i]], alpha, weight, **options) for i in range(len(x))]
    dx, *others = zip(*parts, strict=True)
    return np.concatenate(dx), *(sum(other) for other in others)


for name, options in {
    "alpha-skipped": {"factor": 1},
    "weight-skipped": {"gain": 1},
    "slope-skipped": {"slope": lambda t: 1},
    "slope-not-squared": {"slope": lambda t: 1 - t},
}.items():
    plant("dyt_backward", name)(lambda *a, o=options: written(*a, **o))
    plant("dyt_backward", name)(lambda *a, o=options: by_tokens(*a, **o))
plant("dyt_backward", "weight-gradient-from-x")(lambda *a: written(*a, t=a[1]))


@plant("dyt_backward", "weight-gradient-from-x")
def autograd_but_weight(dy, x, alpha, weight):
    dx, dalpha, _, dbias = by_autograd(dy, x, alpha, weight)
    return dx, dalpha, np.einsum("td,td->d", dy, x), dbias


@plant("dyt_backward", "alpha-gradient-per-feature")
def summed_over_tokens_only(dy, x, alpha, weight):
    dx, _, dweight, dbias = by_autograd(dy, x, alpha, weight)
    return dx, (dx * x).sum(0) / alpha, dweight, dbias


@plant("dyt_backward", "alpha-gradient-per-feature")
def one_alpha_for_each_feature(dy, x, alpha, weight):
    return by_autograd(dy, x, np.full(x.shape[-1], alpha), weight)


plant("dyt_backward", "gradients-averaged")(
    lambda *a: written(*a, total=lambda parts: parts.mean(axis=0))
)


@plant("dyt_backward", "gradients-averaged")
def divided_by_the_tokens(dy, x, alpha, weight):
    dx, dalpha, dweight, dbias = by_hyperbolic_cosine(dy, x, alpha, weight)
    return dx, dalpha, dweight / len(x), dbias / len(x)


# What DyT shares with layer norm -----------------------------------------------------------------

PROPERTIES = (
    "x + 5: the output stays",
    "2 * x: the output stays",
    "-x: the output becomes -y",
    "features swapped: so are outputs",
    "one feature changed: other outputs stay",
    "another token changed: the output stays",
    "x of any length: the output is bounded",
)
RIGHT = ("layer norm", "layer norm", "both", "both", "DyT", "both", "both")


def answers(**changed):
    named = dict(zip(PROPERTIES, RIGHT, strict=True))
    return named | {PROPERTIES[int(place[1:])]: word for place, word in changed.items()}


plant("who_keeps")(answers, lambda: dict(reversed(answers().items())))
for name, changed in {
    "tanh-centres": {"p0": "both"},
    "tanh-scales": {"p1": "both"},
    "sign-lost": {"p2": "layer norm"},
    "order-matters": {"p3": "neither"},
    "norm-is-pointwise": {"p4": "both"},
    "tanh-mixes-features": {"p4": "neither"},
    "norm-mixes-tokens": {"p5": "DyT"},
    "norm-not-bounded": {"p6": "DyT"},
}.items():
    plant("who_keeps", name)(lambda c=changed: answers(**c))
    plant("who_keeps", name)(lambda c=changed: dict(reversed(answers(**c).items())))

# Folding a frozen norm ---------------------------------------------------------------------------


def frozen(x, gain, shift, sigma, weight, bias):
    return ((x - x.mean(-1, keepdims=True)) / sigma * gain + shift) @ weight.T + bias


@plant("fold_frozen")
def from_the_outputs(gain, shift, sigma, weight, bias):
    D = len(gain)
    at_zero = frozen(np.zeros((1, D)), gain, shift, sigma, weight, bias)[0]
    return (frozen(np.eye(D), gain, shift, sigma, weight, bias) - at_zero).T, at_zero


@plant("fold_frozen")
def with_matrices(gain, shift, sigma, weight, bias, centre=True, shift_through=None):
    D = len(gain)
    C = np.eye(D) - centre * np.ones((D, D)) / D
    through = weight if shift_through is None else shift_through
    return weight @ np.diag(gain) @ C / sigma, bias + through @ shift


plant("fold_frozen", "mean-not-folded")(
    lambda gain, shift, sigma, weight, bias: (weight * (gain / sigma), weight @ shift + bias),
    lambda *a: with_matrices(*a, centre=False),
)


@plant("fold_frozen", "along-the-outputs")
def wrong_side(gain, shift, sigma, weight, bias):
    n = len(bias)
    return (np.eye(n) - np.full((n, n), 1 / n)) @ weight * gain / sigma, bias + weight @ shift


@plant("fold_frozen", "along-the-outputs")
def first_axis(gain, shift, sigma, weight, bias):
    new = np.einsum("od,d->od", weight, gain / sigma)
    return new - new.mean(0, keepdims=True), bias + np.dot(weight, shift)


@plant("fold_frozen", "centred-before-gain")
def other_order(gain, shift, sigma, weight, bias):
    D = len(gain)
    return weight @ (np.eye(D) - 1 / D) @ np.diag(gain) / sigma, bias + weight @ shift


@plant("fold_frozen", "centred-before-gain")
def rows_first(gain, shift, sigma, weight, bias):
    return (weight - weight.mean(1)[:, None]) * (gain / sigma), weight @ shift + bias


plant("fold_frozen", "sigma-skipped")(
    lambda gain, shift, sigma, weight, bias: from_the_outputs(gain, shift, 1.0, weight, bias),
    lambda gain, shift, sigma, weight, bias: with_matrices(gain, shift, 1, weight, bias),
)
plant("fold_frozen", "shift-skipped")(
    lambda gain, shift, sigma, weight, bias: (
        with_matrices(gain, shift, sigma, weight, bias)[0],
        bias,
    ),
    lambda gain, shift, sigma, weight, bias: from_the_outputs(gain, 0 * shift, sigma, weight, bias),
)


@plant("fold_frozen", "shift-scaled")
def through_the_new_one(gain, shift, sigma, weight, bias):
    new, _ = from_the_outputs(gain, shift, sigma, weight, bias)
    return new, new @ shift + bias


@plant("fold_frozen", "shift-scaled")
def shifted_before(gain, shift, sigma, weight, bias):
    linear = torch.tensor(weight * gain / sigma)
    linear = linear - linear.mean(1, keepdim=True)
    return linear.numpy(), F.linear(torch.tensor(shift), linear, torch.tensor(bias)).numpy()
