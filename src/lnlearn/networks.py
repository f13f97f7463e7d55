"""Networks whose only knob is the norm: an MLP, an LSTM and the Encoder of `lnlearn.transformer`.

They take a batch of B texts with T tokens of some features each, and return a vector for every
token, so that one loop trains them all.
"""

import torch
from torch import nn

from lnlearn.nn import LayerNorm
from lnlearn.transformer import Encoder


class BatchNorm(nn.BatchNorm1d):
    """`torch.nn.BatchNorm1d` for features on the last axis, whatever axes stand before it.

    In training, each feature has its mean and its variance over all tokens of the batch; in
    evaluation it takes the averages that it kept during training.

    Source: Ioffe and Szegedy 2015, arXiv:1502.03167.

    >>> BatchNorm(3)(torch.randn(5, 4, 3)).mean((0, 1)).abs().max() < 1e-6
    tensor(True)
    """

    def forward(self, x):
        """Return the normalized `x`, of shape (..., features)."""
        return super().forward(x.flatten(0, -2)).view_as(x)


NORMS = {
    "none": nn.Identity,
    "batch": BatchNorm,
    "layer": LayerNorm,
    "rms": lambda width: nn.RMSNorm(width, eps=1e-5),
}

DEPTHS = {"mlp": 4, "deep mlp": 16}


def for_digits(name, norm="none"):
    """Return a network that classifies images of digits, of shape (B, 8, 8).

    An MLP has the whole image as one token of 64 features; the others read it row by row, as eight
    tokens of 8 features.

    Parameters
    ----------
    name : str
        ``mlp``, with 4 layers of 128 features, ``deep mlp``, with 16 of them, ``lstm``, with 64
        features, or ``transformer``, with 4 blocks of 32 features, and Pre-LN where it has a norm.
    norm : str, default "none"
        A key of `NORMS`.

    Returns
    -------
    torch.nn.Module
        Which returns (B, T, 10) scores.

    Examples
    --------
    >>> for_digits("lstm", "batch")(torch.zeros(5, 8, 8)).shape
    torch.Size([5, 8, 10])
    """
    _check(norm)
    if name == "lstm":
        return nn.Sequential(LSTM(8, 64, norm), nn.Linear(64, 10))
    if name == "transformer":
        placement = "none" if norm == "none" else "pre"
        return Encoder(nn.Linear(8, 32), 8, 10, depth=4, placement=placement, norm=NORMS[norm])
    if name not in DEPTHS:
        raise ValueError(f"name is {name!r}, but must be {', '.join(DEPTHS)}, lstm or transformer")
    one_token = (nn.Flatten(1), nn.Unflatten(1, (1, 64)))
    return nn.Sequential(*one_token, *mlp(64, 128, 10, DEPTHS[name], norm))


def mlp(inputs, width, classes, depth, norm="none"):
    """Return an MLP: `depth` times a linear layer, the norm and a ReLU, then a linear layer.

    Parameters
    ----------
    inputs, width, classes, depth : int
    norm : str, default "none"
        A key of `NORMS`.

    >>> mlp(64, 128, 10, depth=2, norm="layer")(torch.zeros(5, 1, 64)).shape
    torch.Size([5, 1, 10])
    """
    _check(norm)
    layers = []
    for number in range(depth):
        layers += [nn.Linear(width if number else inputs, width), NORMS[norm](width), nn.ReLU()]
        nn.init.kaiming_normal_(layers[-3].weight, nonlinearity="relu")
        nn.init.zeros_(layers[-3].bias)
    return nn.Sequential(*layers, nn.Linear(width, classes))


class LSTM(nn.Module):
    """An LSTM with one layer, and with a norm N where Ba et al. 2016 have theirs.

    With x the token, h and c the states, σ the logistic function and ⊙ the product of features::

        i, f, g, o = N(W_h h) + N(W_x x) + b
        c ← σ(f) ⊙ c + σ(i) ⊙ tanh(g)
        h ← σ(o) ⊙ tanh(N(c))

    which for layer norm is their equations 20 to 22, and for batch norm the LSTM of Cooijmans et
    al. 2016: there each time step has statistics of its own, and γ begins at 0.1. Without a norm
    it is `torch.nn.LSTM`, but for having one bias b and not two. With one, b is what the norms add.

    Parameters
    ----------
    inputs, width : int
        The number of features of a token and of the state h.
    norm : str, default "none"
        A key of `NORMS`.
    steps : int, default 8
        How many tokens a text has, at most.

    Notes
    -----
    Sources: Ba, Kiros and Hinton 2016, arXiv:1607.06450, supplement; Cooijmans et al. 2016,
    arXiv:1603.09025.

    Examples
    --------
    >>> LSTM(8, 32, "layer")(torch.zeros(5, 8, 8)).shape
    torch.Size([5, 8, 32])
    """

    def __init__(self, inputs, width, norm="none", steps=8):
        super().__init__()
        _check(norm)
        self.width = width
        self.from_x = nn.Linear(inputs, 4 * width, bias=norm == "none")
        self.from_h = nn.Linear(width, 4 * width, bias=False)
        for weight in self.parameters():
            nn.init.uniform_(weight, -(width**-0.5), width**-0.5)
        self.norm_x, self.norm_h, self.norm_c = (
            _for_each_step(norm, size, steps) for size in (4 * width, 4 * width, width)
        )

    def forward(self, x):
        """Return the (B, T, width) states h after each of the T tokens of x."""
        h = c = x.new_zeros(len(x), self.width)
        states = []
        for t in range(x.shape[1]):
            gates = self.norm_h[t](self.from_h(h)) + self.norm_x[t](self.from_x(x[:, t]))
            i, f, g, o = gates.chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * self.norm_c[t](c).tanh()
            states.append(h)
        return torch.stack(states, 1)


def _for_each_step(norm, width, steps):
    """Return a list of norms: the same for each step, but batch norm has its own statistics."""
    first = NORMS[norm](width)
    if norm != "batch":
        return nn.ModuleList([first] * steps)
    nn.init.constant_(first.weight, 0.1)
    others = [NORMS[norm](width) for _ in range(steps - 1)]
    for other in others:
        other.weight, other.bias = first.weight, first.bias
    return nn.ModuleList([first, *others])


def _check(norm):
    if norm not in NORMS:
        raise ValueError(f"norm is {norm!r}, but must be one of {', '.join(NORMS)}")
