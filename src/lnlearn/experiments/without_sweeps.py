"""Four experiments on Transformers without layer norm, for the book's last chapter.

Two train networks with other functions in its place, one changes the final norm alone, and one
takes the norms out of a network that was trained with them. All use Pre-LN. The chapter runs one
cell of each and reads the others from the sweeps that `SWEEPS` describes.
"""

import copy

import torch
from torch import nn

from lnlearn import pointwise, training, transformer
from lnlearn.experiments import without
from lnlearn.experiments.sweeps import Sweep
from lnlearn.experiments.without import (
    NORMS,
    SPLIT,
    decoder,
    freeze,
    held_back,
    losses_by_token,
    mean_sigmas,
    next_character_loss,
    radial_gradients,
    text,
)
from lnlearn.nn import LayerNorm
from lnlearn.transformer import Encoder


def norms_on_digits(norm, lr, seed, depth=6):
    """Train an encoder for 150 steps on images of digits, whose eight rows are its tokens.

    Parameters
    ----------
    norm : str
        A key of `NORMS`.
    lr : float
        The learning rate of Adam, without warm-up.
    seed, depth : int

    Returns
    -------
    dict
        ``error``: which part of 500 images that were held back is classified wrongly. ``growth``:
        the mean variance of a token after the last block, divided by that after the first, or None
        where the loss was not finite.
    """
    images, labels, test_images, test_labels = training.digits(1000 + seed)
    torch.manual_seed(seed)
    model = Encoder(nn.Linear(8, 32), 8, 10, depth=depth, placement="pre", norm=NORMS[norm])
    loss = training.classification_loss(images, labels)
    losses = torch.tensor(training.train(model, loss, 150, lr, seed=seed))
    if not losses.isfinite().all():
        return {"error": 0.9, "growth": None}
    with torch.no_grad():
        error = (model(test_images).mean(1).argmax(-1) != test_labels).float().mean().item()
        variances = [state.var(-1, correction=0).mean() for state in model.stream(test_images)]
    return {"error": error, "growth": (variances[-1] / variances[1]).item()}


def norms_on_text(norm, lr, characters, seed):
    """Train a decoder for 200 steps to predict the next character of *Alice*.

    Parameters
    ----------
    norm : str
        A key of `NORMS`.
    lr : float
    characters : int
        How much of the text there is to train on.
    seed : int

    Returns
    -------
    dict
        ``loss``: on text that was held back. ``training_loss``: the mean over the last 20 steps.
        Both are None where the loss was not finite.
    """
    model = decoder(norm, seed)
    steps = training.train(model, next_character_loss(text(characters)), 200, lr, seed=seed)
    loss = losses_by_token(model, held_back()).mean()
    if not loss.isfinite():
        return {"loss": None, "training_loss": None}
    return {"loss": loss.item(), "training_loss": sum(steps[-20:]) / 20}


def final_norm(norm, characters, steps, seed):
    """Train a decoder whose blocks have layer norms and whose final norm is chosen.

    Parameters
    ----------
    norm : str
        A key of `NORMS`, for the final norm.
    characters : int
        How much of the text there is to train on.
    steps, seed : int

    Returns
    -------
    dict
        ``loss``: on text that was held back. ``length``: the mean length of the tokens that leave
        the last block. ``radial``: the mean size of their `radial_gradients`. ``scores``: the mean
        deviation of a token's scores.
    """
    model = decoder("layer norm", seed)
    model.final = NORMS[norm](model.position.shape[-1])
    training.train(model, next_character_loss(text(characters)), steps, 3e-3, seed=seed)
    excerpts = held_back()
    radial, length = radial_gradients(model, excerpts)
    with torch.no_grad():
        scores = model(excerpts[:, :-1])
    return {
        "loss": losses_by_token(model, excerpts).mean().item(),
        "length": length.mean().item(),
        "radial": radial.abs().mean().item(),
        "scores": scores.std(-1).mean().item(),
    }


def removal(seed):
    """Train a decoder, take all its norms out at once, and train on.

    Returns
    -------
    dict
        Losses on text that was held back: ``trained`` with norms for 300 steps, ``frozen`` with
        all norms out, ``tuned`` after 150 more steps without them, and ``control`` after 150 more
        steps with them. ``tuned_largest`` and ``control_largest``: the largest loss of a token.
    """
    loss, excerpts = next_character_loss(text()), held_back()
    control = decoder("layer norm", seed)
    training.train(control, loss, 300, 3e-3, seed=seed)
    tuned = copy.deepcopy(control)
    freeze(tuned, mean_sigmas(tuned, excerpts[:, :-1]))
    before = {
        "trained": losses_by_token(control, excerpts).mean().item(),
        "frozen": losses_by_token(tuned, excerpts).mean().item(),
    }
    for model in (tuned, control):
        training.train(model, loss, 150, 1e-3, seed=100 + seed)
    after = {
        "tuned": losses_by_token(tuned, excerpts),
        "control": losses_by_token(control, excerpts),
    }
    return (
        before
        | {name: losses.mean().item() for name, losses in after.items()}
        | {f"{name}_largest": losses.max().item() for name, losses in after.items()}
    )


RATES = (1e-3, 3e-3, 1e-2, 3e-2)
SEEDS = range(3)
MODULES = (LayerNorm, transformer, training, pointwise, without)
SWEEPS = (
    Sweep(
        "norms_on_digits",
        norms_on_digits,
        tuple(
            {"norm": norm, "lr": lr, "seed": seed}
            for norms, rates in (
                (("layer norm", "DyT", "Derf"), RATES),
                (("RMS norm", "nothing"), RATES[:3]),
            )
            for norm in norms
            for lr in rates
            for seed in SEEDS
        ),
        sample={"norm": "DyT", "lr": 1e-2, "seed": 0},
        modules=MODULES,
    ),
    Sweep(
        "norms_on_text",
        norms_on_text,
        tuple(
            {"norm": norm, "lr": lr, "characters": characters, "seed": seed}
            for characters, norms, rates in (
                (SPLIT, NORMS, RATES[1:]),
                (2000, ("layer norm", "DyT"), RATES[:3]),
            )
            for norm in norms
            for lr in rates
            for seed in SEEDS
        ),
        sample={"norm": "DyT", "lr": 3e-3, "characters": SPLIT, "seed": 0},
        modules=MODULES,
    ),
    Sweep(
        "final_norm",
        final_norm,
        tuple(
            {"norm": norm, "characters": characters, "steps": steps, "seed": seed}
            for characters in (SPLIT, 2000)
            for norm in ("layer norm", "DyT", "nothing")
            for steps in (50, 300)
            for seed in SEEDS
        ),
        sample={"norm": "nothing", "characters": SPLIT, "steps": 50, "seed": 0},
        modules=MODULES,
    ),
    Sweep(
        "removal",
        removal,
        tuple({"seed": seed} for seed in SEEDS),
        sample={"seed": 0},
        modules=MODULES,
    ),
)
