"""An experiment on the scores of attention: how large training makes them, and what holds them.

The chapter *RMS norm and its relatives* runs one of its cells and reads the others from the sweep
that `SWEEPS` describes.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from lnlearn import training, transformer
from lnlearn.experiments.sweeps import Sweep
from lnlearn.nn import LayerNorm
from lnlearn.transformer import Attention, Encoder

RATES = (3e-3, 1e-2, 3e-2)
WAYS = ("nothing", "QK norm", "QK norm, no gain", "QK-clip")
THRESHOLD = 20.0  # of QK-clip


class NormedAttention(Attention):
    """Attention with *QK norm*: an RMS norm on the queries and keys of each head.

    Parameters
    ----------
    width, heads : int
    gain : bool, default True
        Whether both norms have a gain for each of the head's features, as in Qwen3 and Gemma 3.
        Without, no score is larger than the root of the head's width.
    """

    def __init__(self, width, heads, gain=True):
        super().__init__(width, heads)
        self.query_norm, self.key_norm = (
            nn.RMSNorm(width // heads, eps=1e-6, elementwise_affine=gain) for _ in range(2)
        )

    def split(self, x):
        """Return queries and keys, normalized, and values, each of shape (B, H, T, D/H)."""
        queries, keys, values = super().split(x)
        return self.query_norm(queries), self.key_norm(keys), values


def scores(attention, x):
    """Return what the softmax of an `Attention` is given for (B, T, D) tokens: (B, H, T, T)."""
    queries, keys, _ = attention.split(x)
    return queries @ keys.mT / math.sqrt(queries.shape[-1])


@torch.no_grad()
def qk_clip(attention, x, threshold=THRESHOLD):
    """Shrink the queries and keys of each head whose largest score for `x` exceeds `threshold`.

    Both are multiplied by the same number, so that the largest score is the threshold again. Kimi
    Team 2025, arXiv:2507.20534, do so after each step of training.

    Returns
    -------
    torch.Tensor of shape (H,)
        What the scores of each head were multiplied with: 1 where nothing was to be done.

    Examples
    --------
    >>> _ = torch.manual_seed(0)
    >>> attention, x = Attention(32, 4), 9 * torch.randn(5, 8, 32)
    >>> _ = qk_clip(attention, x, threshold=2.0)
    >>> scores(attention, x).abs().amax((0, 2, 3)).detach()
    tensor([2.0000, 2.0000, 2.0000, 2.0000])
    """
    factor = (threshold / scores(attention, x).abs().amax((0, 2, 3))).clamp(max=1)
    heads, width = attention.heads, attention.project.in_features
    for parameter in (attention.project.weight, attention.project.bias):
        parts = parameter.view(3, heads, width // heads, -1)
        parts[:2] *= factor.sqrt()[:, None, None]  # queries and keys, not values
    return factor


def on_digits(way, lr, seed, depth=3, steps=300):
    """Train a Pre-LN Transformer on images of digits, whose eight rows are its tokens.

    Parameters
    ----------
    way : str
        What holds the scores, one of `WAYS`.
    lr : float
        The learning rate of Adam, without warm-up.
    seed, depth, steps : int

    Returns
    -------
    dict
        ``error``: which part of 500 images that were held back is classified wrongly. ``loss``:
        the mean loss of the last 20 steps. ``largest``: the largest score, without its sign, over
        those images and all heads, of the trained model.
    """
    images, labels, test_images, test_labels = training.digits(1000 + seed)
    torch.manual_seed(seed)
    model = Encoder(nn.Linear(8, 32), 8, 10, depth=depth, placement="pre")
    if way.startswith("QK norm"):
        for block in model.blocks:
            given = block.attention.sublayer.state_dict()  # the same start
            block.attention.sublayer = NormedAttention(32, 4, gain=way == "QK norm")
            block.attention.sublayer.load_state_dict(given, strict=False)

    def loss(model, generator):
        chosen = torch.randint(len(images), (64,), generator=generator)
        if way == "QK-clip":
            for attention, x in attentions(model, images[chosen]):
                qk_clip(attention, x)
        return F.cross_entropy(model(images[chosen]).mean(1), labels[chosen])

    losses = torch.tensor(training.train(model, loss, steps, lr, seed=seed))
    with torch.no_grad():
        wrong = model(test_images).mean(1).argmax(-1) != test_labels
        largest = max(scores(*one).abs().max().item() for one in attentions(model, test_images))
    return {
        "error": wrong.float().mean().item(),
        "loss": losses[-20:].mean().item(),
        "largest": largest,
    }


@torch.no_grad()
def attentions(model, images):
    """Return for each block its attention and the tokens that it is given, in a list of pairs."""
    blocks = [block.attention for block in model.blocks]
    inputs = model.stream(images)[:-1]
    return [(one.sublayer, one.before(x)) for one, x in zip(blocks, inputs, strict=True)]


# Few steps: after many, what differs in the last digit has become another model.
SAMPLE = {"way": "QK norm", "lr": 3e-3, "seed": 0, "steps": 20}
SWEEPS = (
    Sweep(
        "largest_score",
        on_digits,
        (
            SAMPLE,
            *(
                {"way": way, "lr": lr, "seed": seed, "steps": 300}
                for seed in range(6)
                for lr in RATES
                for way in WAYS
            ),
        ),
        sample=SAMPLE,
        modules=(NormedAttention, scores, qk_clip, attentions, LayerNorm, transformer, training),
    ),
)
