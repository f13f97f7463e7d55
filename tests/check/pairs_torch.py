"""Two mistakes at once, modules: a layer norm in steps, and mistakes as overridden steps."""

import math

import torch

from check.pairs_numpy import HIDDEN, pairs


class Module(torch.nn.Module):
    """A right layer norm; a planted pair overrides some of its steps."""

    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__()
        self.eps, self.axes_of_features = eps, len(normalized_shape)
        self.weight = torch.nn.Parameter(torch.ones(normalized_shape))
        self.bias = torch.nn.Parameter(torch.zeros(normalized_shape))

    def forward(self, x):
        h = self.before(self.widen(x))
        axes = self.axes(h)
        mean = self.to_autograd_mean(self.mean(h, axes))
        variance = self.to_autograd_variance(self.variance(h, mean, axes))
        x_hat = self.divide(h - mean, self.sigma(variance, self.epsilon()))
        y = self.cast(x_hat * self.gain() + self.shift(), x)
        self.leave(x, y)
        return y

    def widen(self, x):
        return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x * 1

    def before(self, h):
        return h

    def axes(self, h):
        return tuple(range(h.ndim - self.axes_of_features, h.ndim))

    def mean(self, h, axes):
        return h.mean(axes, keepdim=True)

    def variance(self, h, mean, axes):
        return (h - mean).square().mean(axes, keepdim=True)

    def to_autograd_mean(self, mean):
        return mean

    def to_autograd_variance(self, variance):
        return variance

    def epsilon(self):
        return self.eps

    def sigma(self, variance, eps):
        return (variance + eps).sqrt()

    def divide(self, centred, sigma):
        return centred / sigma

    def gain(self):
        return self.weight

    def shift(self):
        return self.bias

    def cast(self, y, x):
        return y.to(x.dtype)

    def leave(self, x, y):
        """What the input holds afterwards."""


def count(h, axes):
    return math.prod(h.shape[i] for i in axes)


def padded(self, h, mean, axes):
    n = count(h, axes)
    lanes = 2 ** math.ceil(math.log2(n))
    return (h - mean).square().mean(axes, keepdim=True) + (lanes - n) / n * mean.square()


MISTAKES = {
    "unbiased-variance": {
        "variance": lambda self, h, mean, axes: (
            (h - mean).square().sum(axes, keepdim=True) / (count(h, axes) - 1 or math.nan)
        )
    },
    "one-pass-variance": {
        "variance": lambda self, h, mean, axes: (h * h).mean(axes, keepdim=True) - mean * mean
    },
    "padded-lanes": {"variance": padded},
    "eps-outside-sqrt": {"sigma": lambda self, variance, eps: variance.sqrt() + eps},
    "eps-missing": {"epsilon": lambda self: 0.0},
    "eps-ignored": {"epsilon": lambda self: 1e-6},
    "wrong-axis": {"axes": lambda self, h: (0,)},
    "batch-mixed": {"axes": lambda self, h: tuple(range(h.ndim))},
    "mean-not-subtracted": {
        "mean": lambda self, h, axes: torch.zeros_like(h.sum(axes, keepdim=True))
    },
    "not-scaled": {"divide": lambda self, centred, sigma: centred},
    "weight-skipped": {"gain": lambda self: 1},
    "bias-skipped": {"shift": lambda self: 0},
    "scalar-affine": {"gain": lambda self: self.weight.flatten()[0]},
    "weight-and-bias-swapped": {
        "gain": lambda self: self.bias,
        "shift": lambda self: self.weight,
    },
    "affine-before-norm": {
        "before": lambda self, h: h * self.weight + self.bias,
        "gain": lambda self: 1,
        "shift": lambda self: 0,
    },
    "low-precision-statistics": {"widen": lambda self, x: x * 1},
    "input-modified": {"leave": lambda self, x, y: x.data.copy_(y.detach())},
    "wrong-dtype": {"cast": lambda self, y, x: y.double()},
    "detached-mean": {"to_autograd_mean": lambda self, mean: mean.detach()},
    "detached-variance": {"to_autograd_variance": lambda self, variance: variance.detach()},
    "detached-statistics": {
        "to_autograd_mean": lambda self, mean: mean.detach(),
        "to_autograd_variance": lambda self, variance: variance.detach(),
    },
}

# One mistake of these hides the other, or both together are a third one.
HIDDEN_IN_MODULES = HIDDEN | {
    ("detached-mean", "detached-variance"),  # detached-statistics
    ("detached-mean", "mean-not-subtracted"),  # no mean to detach
    ("detached-variance", "not-scaled"),  # no variance to detach
}

MODULE = pairs(Module, MISTAKES, HIDDEN_IN_MODULES)
