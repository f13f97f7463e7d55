"""Two experiments on where the norms of a Transformer go: its start, and its training.

The chapter on Pre-LN and Post-LN runs some of their cells and reads the others from the sweeps that
`SWEEPS` describes.
"""

import torch
import torch.nn.functional as F
from torch import nn

from lnlearn import training, transformer
from lnlearn.experiments.sweeps import Sweep
from lnlearn.nn import LayerNorm
from lnlearn.transformer import PLACEMENTS, Encoder

DEPTHS = (2, 4, 6, 8, 12, 16, 24)


def at_start(placement, depth, seed, as_in_theorem=False):
    """Measure an untrained Transformer: its gradients and the size of its tokens, block by block.

    16 texts of 16 random tokens of 64 features go through it, and each token has one of 64 classes
    at random for the cross-entropy.

    Parameters
    ----------
    placement : str
        A key of `lnlearn.transformer.PLACEMENTS`.
    depth, seed : int
    as_in_theorem : bool, default False
        Simplify the model to the assumptions of Xiong et al. 2020, arXiv:2002.04745: one head
        that attends to all tokens alike and has no output matrix, and a feed-forward network as
        narrow as the tokens.

    Returns
    -------
    dict
        ``gradient``: for each block, the norm of the gradient of the last matrix of its
        feed-forward network. ``size``: for the input and after each block, the mean of the squared
        features of the tokens.
    """
    torch.manual_seed(seed)
    width, heads = 64, 1 if as_in_theorem else 4
    model = Encoder(
        nn.Identity(), 16, 64, width=width, heads=heads, depth=depth, placement=placement
    )
    if as_in_theorem:
        for block in model.blocks:
            simplify(block, width)
    x = torch.randn(16, 16, width) * 0.5**0.5  # the positions bring the other half
    classes = torch.randint(64, (16, 16))
    F.cross_entropy(model(x).transpose(1, 2), classes).backward()
    last = [block.feed_forward.sublayer.down.weight.grad for block in model.blocks]
    with torch.no_grad():
        sizes = [state.square().mean().item() for state in model.stream(x)]
    return {"gradient": [gradient.norm().item() for gradient in last], "size": sizes}


def simplify(block, width):
    """Give a block the attention and the feed-forward network of the theorem, in place."""
    attention, feed_forward = block.attention.sublayer, block.feed_forward.sublayer
    with torch.no_grad():
        attention.project.weight[:width] = 0  # queries of zero: equal shares
        attention.combine.weight.copy_(torch.eye(width))
    feed_forward.up, feed_forward.down = nn.Linear(width, width), nn.Linear(width, width)
    for linear in (feed_forward.up, feed_forward.down):
        nn.init.xavier_normal_(linear.weight)
        nn.init.zeros_(linear.bias)


def on_digits(placement, lr, warmup, seed, depth=12, steps=150):
    """Train a Transformer on images of digits, whose eight rows are its tokens.

    Parameters
    ----------
    placement : str
        A key of `lnlearn.transformer.PLACEMENTS`.
    lr : float
        The learning rate of Adam.
    warmup : int
        For how many steps the learning rate rises to `lr`.
    seed, depth, steps : int

    Returns
    -------
    dict
        ``error``: which part of 500 images that were held back is classified wrongly. ``loss``:
        the mean loss of the last 20 steps, or None where the loss was not finite. ``growth``: the
        mean variance of a token after the last block, divided by that after the first.
    """
    images, labels, test_images, test_labels = training.digits(1000 + seed)
    torch.manual_seed(seed)
    model = Encoder(nn.Linear(8, 32), 8, 10, depth=depth, placement=placement)
    loss = training.classification_loss(images, labels)
    losses = torch.tensor(training.train(model, loss, steps, lr, warmup=warmup, seed=seed))
    with torch.no_grad():
        error = (model(test_images).mean(1).argmax(-1) != test_labels).float().mean().item()
        variances = [state.var(-1, correction=0).mean() for state in model.stream(test_images)]
    finite = bool(losses.isfinite().all())
    return {
        "error": error if finite else 0.9,
        "loss": losses[-20:].mean().item() if finite else None,
        "growth": (variances[-1] / variances[1]).item() if finite else None,
    }


SWEEPS = (
    Sweep(
        "at_start",
        at_start,
        tuple(
            {"placement": placement, "depth": depth, "seed": seed}
            for placement in PLACEMENTS
            for depth in DEPTHS
            for seed in range(5)
        ),
        sample={"placement": "sandwich", "depth": 6, "seed": 3},
        modules=(LayerNorm, transformer),
    ),
    Sweep(
        "on_digits",
        on_digits,
        tuple(
            {"placement": placement, "lr": lr, "warmup": warmup, "seed": seed}
            for seed in range(3)
            for lr, warmup, placements in (
                (3e-3, 0, PLACEMENTS),
                (1e-3, 0, ("post", "pre", "none")),
                (3e-3, 50, PLACEMENTS),
            )
            for placement in placements
        ),
        sample={"placement": "pre", "lr": 1e-3, "warmup": 0, "seed": 0},
        modules=(LayerNorm, transformer, training),
    ),
    Sweep(
        "at_start_in_theorem",
        at_start,
        tuple(
            {"placement": placement, "depth": depth, "seed": seed, "as_in_theorem": True}
            for placement in ("post", "pre")
            for depth in DEPTHS
            for seed in range(5)
        ),
        sample={"placement": "pre", "depth": 6, "seed": 3, "as_in_theorem": True},
        modules=(LayerNorm, transformer),
    ),
)
