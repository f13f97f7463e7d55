"""An experiment on layer norm's derivatives: which of them training needs, each at its best rate.

Its networks differ in their norm alone, which follows the derivatives of its mean and its standard
deviation, or of one of them, or of neither. The chapter *What does the work?* runs one of the
cells and reads the others from the sweep that `SWEEPS` describes.
"""

import torch
import torch.nn.functional as F

from lnlearn import training
from lnlearn.experiments.sweeps import Sweep

SEEDS = 5
SCALES = {"small": (1 / 3) ** 0.5, "He": 2**0.5}  # as in torch.nn.Linear, and He et al. 2015
OPTIMIZERS = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam}


def normalize(x, keep="μσ", eps=1e-5):
    """Layer norm without γ and β. The derivatives of statistics that are not in `keep` are ignored.

    >>> x = torch.tensor([1.0, 3.0], requires_grad=True)
    >>> normalize(x, keep="μ").backward(torch.tensor([1.0, 0.0]))
    >>> x.grad
    tensor([ 0.5000, -0.5000])
    """
    mean = x.mean(-1, keepdim=True)
    variance = x.var(-1, correction=0, keepdim=True)
    if "μ" not in keep:
        mean = mean.detach()
    if "σ" not in keep:
        variance = variance.detach()
    return (x - mean) / (variance + eps).sqrt()


def ada_norm(x, C=1.0, k=0.1):
    """AdaNorm: ``C * (1 - k * y) * y``, where y is normalized and the factor is detached.

    Source: Xu et al. 2019, arXiv:1911.07013.
    """
    y = normalize(x)
    return (C * (1 - k * y)).detach() * y


NORMS = {
    "no norm": lambda x: x,
    "neither": lambda x: normalize(x, ""),
    "only μ": lambda x: normalize(x, "μ"),
    "only σ": lambda x: normalize(x, "σ"),
    "both": normalize,
    "AdaNorm": ada_norm,
}


def weights(depth, scale, count=SEEDS):
    """Draw the matrices of `count` networks of `depth` layers, as tensors (count, inputs, outputs).

    Their standard deviation is the one of `SCALES` that is called `scale`, divided by √64.
    """
    rng = torch.Generator().manual_seed(0)
    sizes = [64] * depth + [10]
    return [SCALES[scale] / 8 * torch.randn(count, 64, n, generator=rng) for n in sizes]


def run(matrices, norm, x):
    """Return the scores, (count, n, 10), that each network gives to its images, (count, n, 64)."""
    for matrix in matrices[:-1]:
        x = norm(x @ matrix).relu()
    return x @ matrices[-1]


def losses(matrices, norm, images, labels):
    """Return the loss of each network, a tensor of shape (count,)."""
    scores = run(matrices, norm, images)
    return F.cross_entropy(scores.mT, labels, reduction="none").mean(1)


def on_digits(norm, depth, scale, optimizer, lr, steps=150):
    """Train five networks on images of digits, which share nothing, each on a split of its own.

    Parameters
    ----------
    norm, scale, optimizer : str
        Keys of `NORMS`, `SCALES` and `OPTIMIZERS`.
    depth : int
        How many layers of 64 features have a norm and a ReLU.
    lr : float
    steps : int
        Of 64 images.

    Returns
    -------
    dict
        ``validation`` and ``error``: for each network, which part of the first and of the second
        250 images that were held back is classified wrongly.
    """
    splits = zip(*(training.digits(seed) for seed in range(SEEDS)), strict=True)
    images, labels, held_back, held_back_labels = map(torch.stack, splits)
    images, held_back = images.flatten(2), held_back.flatten(2)
    network = torch.arange(SEEDS)[:, None]
    matrices = [matrix.requires_grad_() for matrix in weights(depth, scale)]
    descent = OPTIMIZERS[optimizer](matrices, lr)
    rng = torch.Generator().manual_seed(0)
    for _ in range(steps):
        batch = network, torch.randint(images.shape[1], (SEEDS, 64), generator=rng)
        descent.zero_grad()
        losses(matrices, NORMS[norm], images[batch], labels[batch]).sum().backward()
        descent.step()
    with torch.no_grad():
        wrong = (run(matrices, NORMS[norm], held_back).argmax(-1) != held_back_labels).float()
    return {
        "validation": wrong[:, :250].mean(1).tolist(),
        "error": wrong[:, 250:].mean(1).tolist(),
    }


SETTINGS = {  # depth, scale, optimizer
    "3 layers, small weights, SGD": (3, "small", "SGD"),
    "12 layers, small weights, SGD": (12, "small", "SGD"),
    "12 layers, small weights, Adam": (12, "small", "Adam"),
    "12 layers, He weights, Adam": (12, "He", "Adam"),
}
SHALLOW = (0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0)  # learning rates
DEEP = (5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2)
WITHOUT = (*DEEP, 0.1, 1.0, 10.0, 20.0, 50.0, 100.0)  # no norm: small weights, small gradients
ADAM = (2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2)


def cell(norm, title, lr, steps=150):
    """Return the arguments of `on_digits` for one of `SETTINGS`."""
    depth, scale, optimizer = SETTINGS[title]
    setting = {"depth": depth, "scale": scale, "optimizer": optimizer}
    return {"norm": norm, **setting, "lr": lr, "steps": steps}


def _rates(norm, title):
    depth, _, optimizer = SETTINGS[title]
    if optimizer == "Adam":
        return ADAM
    return SHALLOW if depth == 3 else WITHOUT if norm == "no norm" else DEEP


# Few steps: after many, what differs in the last digit has become another network.
SAMPLE = cell("only σ", "12 layers, small weights, Adam", 1e-3, steps=20)
SWEEPS = (
    Sweep(
        "detached",
        on_digits,
        (
            SAMPLE,
            *(
                cell(norm, title, lr)
                for title in SETTINGS
                for norm in NORMS
                if norm != "AdaNorm" or title == "12 layers, small weights, Adam"
                for lr in _rates(norm, title)
            ),
            *(
                cell(norm, "3 layers, small weights, SGD", lr, steps=400)
                for norm in ("no norm", "neither", "both")
                for lr in SHALLOW
            ),
        ),
        sample=SAMPLE,
        modules=(normalize, ada_norm, weights, run, losses, training),
    ),
)
