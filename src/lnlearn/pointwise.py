"""Modules that stand where a norm stood, and compute no statistics of their input.

`DynamicTanh` and `DynamicErf` treat each number alone. `FrozenNorm` is a layer norm whose standard
deviation is a constant, which makes it a linear layer. The first two are made like a norm, from the
width, so `lnlearn.transformer` takes them as its ``norm``.
"""

import torch
from torch import nn


class DynamicTanh(nn.Module):
    """``y = tanh(alpha * x) * weight + bias``, with one learned alpha for all features.

    Parameters
    ----------
    width : int
        The number D of features; inputs and outputs have shape (..., D).
    alpha : float, default 0.5
        Where the learned alpha starts.

    Notes
    -----
    Source: Zhu, Chen, He, LeCun and Liu 2025, arXiv:2503.10622, who call it DyT.

    Examples
    --------
    >>> DynamicTanh(3)(torch.tensor([-100.0, 0.0, 1.0])).detach()
    tensor([-1.0000,  0.0000,  0.4621])
    """

    def __init__(self, width, alpha=0.5):
        super().__init__()
        self.alpha = nn.Parameter(torch.tensor(float(alpha)))
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        """Return a tensor of the (..., D) shape of x."""
        return torch.tanh(self.alpha * x) * self.weight + self.bias


class DynamicErf(DynamicTanh):
    """``y = erf(alpha * x + shift) * weight + bias``, with a learned alpha and a learned shift.

    The error function erf is another S from -1 to 1, a little steeper than tanh. `width` and
    `alpha` are those of `DynamicTanh`; the shift starts at 0.

    Notes
    -----
    Source: Chen, Lu, Zhu, Sun and Liu 2025, arXiv:2512.10938, who call it Derf.

    Examples
    --------
    >>> DynamicErf(3)(torch.tensor([-100.0, 0.0, 1.0])).detach()
    tensor([-1.0000,  0.0000,  0.5205])
    """

    def __init__(self, width, alpha=0.5):
        super().__init__(width, alpha)
        self.shift = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        """Return a tensor of the (..., D) shape of x."""
        return torch.erf(self.alpha * x + self.shift) * self.weight + self.bias


class FrozenNorm(nn.Module):
    """A layer norm that divides every token by the same constant.

    Parameters
    ----------
    norm : torch.nn.LayerNorm
        Its weight and bias are taken over, and go on being learned.
    sigma : float
        What takes the place of each token's own standard deviation.

    Examples
    --------
    >>> FrozenNorm(nn.LayerNorm(2), 10.0)(torch.tensor([3.0, 5.0])).detach()
    tensor([-0.1000,  0.1000])
    """

    def __init__(self, norm, sigma):
        super().__init__()
        self.weight, self.bias = norm.weight, norm.bias
        self.register_buffer("sigma", torch.tensor(float(sigma)))

    def forward(self, x):
        """Return a tensor of the (..., D) shape of x."""
        return (x - x.mean(-1, keepdim=True)) / self.sigma * self.weight + self.bias
