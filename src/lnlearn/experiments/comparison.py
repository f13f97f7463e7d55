"""The comparison of norms in training: every network, batch size and learning rate.

The chapter on training runs a few of its cells and reads the others from the sweeps that `SWEEPS`
describes, one for each network.
"""

import math

import torch
import torch.nn.functional as F

from lnlearn import networks, training, transformer
from lnlearn.experiments.sweeps import Sweep
from lnlearn.nn import LayerNorm

WINDOW = 10  # steps, over which the loss of the batches is averaged
BATCHES = (64, 8, 2)
FAST = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # learning rates for SGD
SLOW = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)  # and for Adam
RATES = {"mlp": FAST, "deep mlp": FAST, "lstm": SLOW, "transformer": SLOW[:-1]}


def trained(network, norm, batch, lr, seed, steps=300):
    """Train a network on images of digits: an MLP with plain SGD, the others with Adam.

    Parameters
    ----------
    network, norm : str
        As in `lnlearn.networks.for_digits`.
    batch : int
        How many images a step sees.
    lr : float
        The learning rate, the same in all steps.
    seed, steps : int

    Returns
    -------
    dict
        ``curve``: the mean loss of the batches in each `WINDOW` of steps. ``loss``: the loss on
        all images that it was trained on, at the end, in evaluation mode. ``validation`` and
        ``error``: which part of the first and of the second 250 images that were held back is
        classified wrongly. Where a loss was not finite, the first two are None and the others 0.9.
    """
    images, labels, held_back, held_back_labels = training.digits(1000 + seed)
    torch.manual_seed(seed)
    model = networks.for_digits(network, norm)
    kind = torch.optim.SGD if network in networks.DEPTHS else torch.optim.Adam
    optimizer = kind(model.parameters(), lr)
    batch_loss = training.classification_loss(images, labels, batch)
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for _ in range(steps):
        value = batch_loss(model, generator)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
        if not math.isfinite(losses[-1]):
            break
    model.eval()
    with torch.no_grad():
        final = F.cross_entropy(model(images).mean(1), labels).item()
        wrong = (model(held_back).mean(1).argmax(-1) != held_back_labels).float()
    if not math.isfinite(sum(losses) + final):
        return {"curve": None, "loss": None, "validation": 0.9, "error": 0.9}
    return {
        "curve": torch.tensor(losses).view(-1, WINDOW).mean(1).tolist(),
        "loss": final,
        "validation": wrong[:250].mean().item(),
        "error": wrong[250:].mean().item(),
    }


def _cells(network):
    """Return the cells of one network: RMS norm for the MLP only, and one batch size if deep."""
    norms = ("none", "batch", "layer", "rms") if network == "mlp" else ("none", "batch", "layer")
    return tuple(
        {"network": network, "norm": norm, "batch": batch, "lr": lr, "seed": seed}
        for batch in (BATCHES if network != "deep mlp" else BATCHES[:1])
        for norm in norms
        for lr in RATES[network]
        for seed in range(3)
    )


SWEEPS = tuple(
    Sweep(
        f"norms_{network.replace(' ', '_')}",
        trained,
        _cells(network),
        sample={"network": network, "norm": "layer", "batch": 64, "lr": lr, "seed": 0},
        modules=(networks, LayerNorm, transformer, training),
    )
    for network, lr in (("mlp", 0.1), ("deep mlp", 0.003), ("lstm", 0.001), ("transformer", 0.0003))
)
