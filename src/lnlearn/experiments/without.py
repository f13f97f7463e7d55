"""A small decoder of text with other functions in the place of its norms, or with its norms frozen.

What the last chapter of the book measures on it, and the experiments of `without_sweeps` too.
"""

import torch
import torch.nn.functional as F
from torch import nn

from lnlearn import training
from lnlearn.nn import LayerNorm, RMSNorm
from lnlearn.pointwise import DynamicErf, DynamicTanh, FrozenNorm
from lnlearn.transformer import Decoder

# What can stand where Pre-LN has a norm. Each is called with the width.
NORMS = {
    "layer norm": LayerNorm,
    "RMS norm": RMSNorm,
    "DyT": DynamicTanh,
    "Derf": DynamicErf,
    "nothing": nn.Identity,
}
LENGTH = 32  # characters that the decoder reads
SPLIT = 120_000  # characters of the text to train on; the others are held back


def decoder(norm, seed):
    """Return an untrained decoder of 4 blocks of 32 features for the characters of a text.

    `norm` is a key of `NORMS`, and `seed` that of the initial weights.

    >>> decoder("DyT", seed=0).final
    DynamicTanh()
    """
    torch.manual_seed(seed)
    return Decoder(nn.Embedding(27, 32), LENGTH, 27, depth=4, placement="pre", norm=NORMS[norm])


def next_character_loss(characters):
    """Return the loss of a decoder, for `train`: cross-entropy of each next character."""

    def loss(model, generator):
        excerpts = training.excerpts(characters, 32, LENGTH + 1, generator)
        return F.cross_entropy(model(excerpts[:, :-1]).transpose(1, 2), excerpts[:, 1:])

    return loss


def losses_by_token(model, excerpts):
    """Return the loss of each predicted character: for (B, T + 1) characters, of shape (B, T)."""
    with torch.no_grad():
        scores = model(excerpts[:, :-1]).transpose(1, 2)
    return F.cross_entropy(scores, excerpts[:, 1:], reduction="none")


def text(characters=SPLIT):
    """Return the first characters of the text, encoded: what there is to train on.

    >>> training.decode(text(20))
    'alice s adventures i'
    """
    return training.encode(training.alice())[:characters]


def held_back(count=200):
    """Return (count, LENGTH + 1) characters from the part of the text not trained on.

    >>> held_back(3).shape
    torch.Size([3, 33])
    """
    characters = training.encode(training.alice())[SPLIT:]
    return training.excerpts(characters, count, LENGTH + 1, torch.Generator().manual_seed(0))


# The final norm ----------------------------------------------------------------------------------


def radial_gradients(model, excerpts):
    """Return ⟨h, ∂loss/∂h⟩ of each token h that leaves the last block, and the length of h.

    Two tensors of shape (B, T), for (B, T + 1) characters. The loss is that of the token's own
    prediction. The first number says how the loss changes when h becomes longer: it is its
    derivative with respect to t at t = 1, where h is replaced by t·h.
    """
    h = model.stream(excerpts[:, :-1])[-1].detach().requires_grad_()
    scores = model.head(model.final(h)).transpose(1, 2)
    loss = F.cross_entropy(scores, excerpts[:, 1:], reduction="sum")
    gradient = torch.autograd.grad(loss, h)[0]
    return (h * gradient).sum(-1).detach(), h.detach().norm(dim=-1)


# Taking norms out --------------------------------------------------------------------------------


def find_norms(model):
    """Return the norms of a Pre-LN model from input to output: pairs of a module and a name.

    >>> model = decoder("layer norm", seed=0)
    >>> [name for _, name in find_norms(model)].count("before")  # two in each of four blocks
    8
    """
    halves = [half for block in model.blocks for half in (block.attention, block.feed_forward)]
    return [(half, "before") for half in halves] + [(model, "final")]


def mean_sigmas(model, tokens):
    """Return for each norm of `find_norms` the mean over tokens of its input's deviation.

    A list of float, for `freeze`; `tokens` are (B, T) characters.
    """
    sigmas = []

    def note(norm, inputs, output):
        sigmas.append(inputs[0].std(-1, correction=0).mean().item())

    hooks = [getattr(*place).register_forward_hook(note) for place in find_norms(model)]
    with torch.no_grad():
        model(tokens)
    for hook in hooks:
        hook.remove()
    return sigmas


def freeze(model, sigmas, places=None):
    """Put a `FrozenNorm` where a model has a norm, in place.

    Parameters
    ----------
    model : lnlearn.transformer.Encoder
        With the placement "pre".
    sigmas : list of float
        Of all its norms, as `mean_sigmas` returns them.
    places : sequence of int, optional
        Which norms to freeze, counted from 0 at the input. Left out: all.

    >>> model = decoder("layer norm", seed=0)
    >>> freeze(model, sigmas=[1.0] * 9, places=[8])
    >>> model.final
    FrozenNorm()
    """
    found = find_norms(model)
    for i in range(len(found)) if places is None else places:
        parent, name = found[i]
        setattr(parent, name, FrozenNorm(getattr(parent, name), sigmas[i]))
