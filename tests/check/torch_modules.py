"""What the planted modules are made of: parameters, and the right steps of a layer norm.

Each step can be overridden. `Own` is a `torch.nn.Module` from scratch; `Theirs` holds the
parameters of `torch.nn.LayerNorm`. All of normalized_shape's axes are the last ones of the input.
"""

import warnings

import torch
from torch import nn


class Own(nn.Module):
    """Its own parameters, and forward in steps."""

    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(normalized_shape))
        self.bias = nn.Parameter(torch.zeros(normalized_shape))
        self.normalized_shape, self.eps = tuple(normalized_shape), eps
        self.axes = tuple(range(-len(self.normalized_shape), 0))

    def forward(self, x):
        return self.affine(self.normalize(wide(x))).to(x.dtype)

    def affine(self, x_hat):
        return x_hat * self.weight + self.bias

    def normalize(self, h):
        centred = h - h.mean(self.axes, keepdim=True)
        return centred / torch.sqrt(centred.square().mean(self.axes, keepdim=True) + self.eps)


class Theirs(nn.LayerNorm):
    """A subclass of PyTorch's, whose forward the planted ones replace."""

    @property
    def axes(self):
        return tuple(range(-len(self.normalized_shape), 0))

    def moments(self, h):
        return h.mean(self.axes, True), h.var(self.axes, correction=0, keepdim=True)


def wide(x):
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x


def scripted(function):
    """`torch.jit.script`, which PyTorch means to replace by a slower start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(function)
