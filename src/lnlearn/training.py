"""What the chapters train their models on, and how: data, training loop, seeds.

Nothing is downloaded. The digits come with scikit-learn; the text, Lewis Carroll's *Alice's
Adventures in Wonderland*, comes with this package. It is Project Gutenberg's number 11 in its
edition 2.9, https://www.gutenberg.org/ebooks/11, with its lines ended as on Unix, and it is in the
public domain: the book appeared in 1865, and its author died in 1898.
"""

import math
import re
from importlib.resources import files

import torch
import torch.nn.functional as F

from lnlearn.progress import progress

ALPHABET = " abcdefghijklmnopqrstuvwxyz"


def alice():
    """Return the text with nothing but the 27 characters of `ALPHABET`.

    Capitals become small, and whatever stands between two words becomes one space.

    >>> alice()[:60]
    'alice s adventures in wonderland lewis carroll the millenniu'
    """
    text = files("lnlearn").joinpath("data/alice.txt").read_text(encoding="ascii")
    return re.sub("[^a-z]+", " ", text.lower()).strip()


def encode(text):
    """Return the place in `ALPHABET` of each character, an int64 tensor of shape (len(text),).

    >>> encode("a cab")
    tensor([1, 0, 3, 1, 2])
    """
    if unknown := set(text) - set(ALPHABET):
        raise ValueError(
            f"text has characters that are not in ALPHABET, for example {min(unknown)!r}; "
            "lower() makes capitals small, and alice() has no others"
        )
    return torch.tensor([ALPHABET.index(character) for character in text], dtype=torch.int64)


def decode(places):
    """Return the text for a one-dimensional tensor of places in `ALPHABET`.

    >>> decode(torch.tensor([3, 1, 2]))
    'cab'
    """
    return "".join(ALPHABET[place] for place in places.tolist())


def excerpts(characters, count, length, generator):
    """Cut `count` excerpts of `length` characters out of an encoded text, at random places.

    Returns an int64 tensor of shape (count, length).
    """
    starts = torch.randint(len(characters) - length + 1, (count, 1), generator=generator)
    return characters[starts + torch.arange(length)]


def digits(seed=0):
    """Split scikit-learn's 1797 images of digits, of 8 × 8 pixels, into two parts at random.

    Returns
    -------
    images, labels, test_images, test_labels : torch.Tensor
        Float32 of shape (1297, 8, 8) between 0 and 1, int64 of shape (1297,), and the same for
        the 500 that are held back.
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(seed))
    images = torch.tensor(data.images, dtype=torch.float32)[order] / 16
    labels = torch.tensor(data.target, dtype=torch.int64)[order]
    return images[:1297], labels[:1297], images[1297:], labels[1297:]


def train(model, loss, steps, lr, *, warmup=0, seed=0, label="training"):
    """Train `model` with Adam, and return the loss of every step, a list of float.

    Parameters
    ----------
    model : torch.nn.Module
    loss : callable
        ``loss(model, generator)`` draws a batch with the `torch.Generator` and returns a scalar.
    steps : int
    lr : float
        The learning rate.
    warmup : int, default 0
        During the first `warmup` steps the learning rate rises in a straight line to `lr`.
    seed : int, default 0
        Of the generator. That of the initial weights is set where the model is made.
    label : str
        What is being trained, for the display of progress.

    Training ends early when a loss is not finite, with that loss the last of the list.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr, betas=(0.9, 0.98))
    losses = []
    for step in progress(range(1, steps + 1), label):
        for group in optimizer.param_groups:
            group["lr"] = lr * min(1.0, step / max(1, warmup))
        value = loss(model, generator)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
        if not math.isfinite(losses[-1]):
            break
    return losses


def classification_loss(images, labels, batch_size=64):
    """Return the loss of a model that classifies: for `train`, the mean cross-entropy of a batch.

    The model returns (B, T, classes) scores, one for each token, which are averaged over tokens.
    """

    def loss(model, generator):
        chosen = torch.randint(len(images), (batch_size,), generator=generator)
        return F.cross_entropy(model(images[chosen]).mean(1), labels[chosen])

    return loss
