"""Released models: which norm each has, a small random instance of it, and the norm in ours.

The table is data, ``data/models.toml``; the chapter *Real models* measures each of its entries on
the code of `transformers`, and the tests train each model with our norms in the place of its own.
Nothing is downloaded.
"""

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files

import torch

from lnlearn import nn


@dataclass(frozen=True)
class Model:
    """A row of the table: what a model's norm does, by the code of `transformers`."""

    name: str  # of the model, as people say it
    model: str  # the class in transformers, and the next two as well
    config: str
    norm: str  # "LayerNorm" is that of torch.nn
    eps_key: str  # where the configuration keeps eps; "" where the code fixes it
    eps: float  # by default
    centred: bool  # a layer norm; if not, an RMS norm
    gain: str  # "w", "1 + w" or "none"
    bias: bool
    rounding: str  # to 16 bits: "at the end", or before it "before the gain" or of "1 + w first"
    placement: str  # of the norms in a layer
    settings: dict  # of a small instance, for the configuration


@functools.cache
def table():
    """Return the rows: a tuple of `Model`.

    >>> [row.name for row in table() if row.gain == "1 + w"]
    ['Nemotron', 'Gemma', 'Gemma 3', 'Qwen3-Next']
    """
    data = _data()
    return tuple(
        Model(**entry, settings=data["sizes"][sizes] | extra)
        for entry in data["model"]
        for sizes, extra in [(entry.pop("sizes"), entry.pop("extra"))]
    )


@functools.cache
def libraries():
    """Return what other libraries call a norm and their default eps, as a dict.

    >>> libraries()["keras.layers.LayerNormalization"]
    0.001
    """
    return _data()["libraries"]


def row(name):
    """Return the row of one model. KeyError lists the names.

    >>> row("GLM-4").eps
    1.5625e-07
    """
    found = {entry.name: entry for entry in table()}
    if name not in found:
        raise KeyError(f"no model is called {name!r}. Those in the table are: {', '.join(found)}.")
    return found[name]


def installed(row):
    """Return whether the installed `transformers` has the classes of the model.

    >>> installed(row("BERT"))
    True
    """
    import transformers

    return hasattr(transformers, row.model) and hasattr(transformers, row.config)


def build(row, seed=0, **settings):
    """Return a small random instance of the model in float32, for inference.

    The parameters of its norms are drawn at random, since gains of 0 or 1 hide which formula uses
    them: gains from 0.5 to 1.5 (stored as such, or less 1) and biases of size 0.5. Embeddings have
    a standard deviation of 0.02, matrices keep the size of what they multiply.

    Parameters
    ----------
    row : Model
    seed : int
        Of the random parameters.
    settings : optional
        For the configuration, before those of `row.settings`.

    Returns
    -------
    model : torch.nn.Module

    Raises
    ------
    ImportError
        The installed `transformers` does not have the classes; `installed` asks for them.
    """
    import transformers

    transformers.logging.set_verbosity_error()  # it warns of what a small model lacks
    if not installed(row):
        raise ImportError(
            f"{row.name} needs the classes {row.model} and {row.config}, and the installed "
            f"transformers {transformers.__version__} does not have them. Try a newer one: "
            "pip install --upgrade transformers"
        )
    config = getattr(transformers, row.config)(**row.settings | settings)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = getattr(transformers, row.model)(config).eval()
        torch.manual_seed(seed)  # whatever the library has drawn
        with torch.no_grad():
            for module in model.modules():
                for matrix in module.parameters(recurse=False):
                    if matrix.ndim > 1:
                        embedding = isinstance(module, torch.nn.Embedding)
                        matrix.normal_(std=0.02 if embedding else matrix.shape[-1] ** -0.5)
            for norm in norms(model, row):
                if getattr(norm, "weight", None) is not None:
                    norm.weight.uniform_(0.5, 1.5).sub_(1 if row.gain == "1 + w" else 0)
                if getattr(norm, "bias", None) is not None:
                    norm.bias.normal_(std=0.5)
    return model


def example(row):
    """Return an input that the model takes, as keywords: two images, or two texts of 12 tokens."""
    generator = torch.Generator().manual_seed(1)
    if "image_size" in row.settings:
        return {"pixel_values": torch.randn(2, 3, 16, 16, generator=generator)}
    return {"input_ids": torch.randint(3, row.settings["vocab_size"], (2, 12), generator=generator)}


def norms(model, row):
    """Return the norms of a model, in the order in which it lists them.

    Norms without parameters that take tokens of any width, as in Gemma 3n, are left out.
    """
    found = (module for module in model.modules() if type(module).__name__ == row.norm)
    return [norm for norm in found if _shape(norm)]


def token_norm(model, row):
    """Return the last of `norms(model, row)` that normalizes whole tokens.

    A model can have narrower ones, of the queries and keys of a head, say.
    """
    return max(reversed(norms(model, row)), key=lambda norm: _shape(norm)[-1])


def counterpart(norm, row):
    """Return the norm of `lnlearn.nn` that computes what a model's own norm does.

    Parameters
    ----------
    norm : torch.nn.Module
        One of `norms(model, row)`.
    row : Model

    Returns
    -------
    torch.nn.Module
        Of the width, dtype, parameters and eps of `norm`. Its gain is the factor itself: where
        `norm` multiplies by ``1 + w``, the 1 is added here, in float32 at least. In 16 bits ours
        round once, at the end.

    Examples
    --------
    >>> mine = counterpart(torch.nn.LayerNorm(4, eps=1e-6), row("ViT"))
    >>> mine.eps, type(mine).__module__
    (1e-06, 'lnlearn.nn')
    """
    weight, bias = getattr(norm, "weight", None), getattr(norm, "bias", None)
    eps = getattr(norm, "eps", getattr(norm, "variance_epsilon", row.eps))
    shape = _shape(norm)
    if row.centred:
        made = nn.LayerNorm(shape, eps, weight is not None, bias is not None)
    else:
        made = nn.RMSNorm(shape, eps, weight is not None)
    if weight is not None:
        gain = weight.detach()
        if row.gain == "1 + w":
            gain = 1 + gain.to(torch.promote_types(gain.dtype, torch.float32))
        made.weight = torch.nn.Parameter(gain.clone())
    if bias is not None:
        made.bias = torch.nn.Parameter(bias.detach().clone())
    return made.train(norm.training)


def placement(model, row):
    """Return where the norms stand in a layer of the model, found by running it on `example(row)`.

    The stream is what goes from layer to layer. The answer is one of

    - "post": what the layer returns is what its last norm returned;
    - "pre": its first norm reads the stream; "pre, parallel" if all do; "pre, one norm" if it has
      no other;
    - "on the output": none of its norms reads the stream;
    - "sandwich": its first norm reads the stream, and it has more than two;
    - "several streams": it returns more numbers than its norms take.
    """
    layers = next(m for m in model.modules() if isinstance(m, torch.nn.ModuleList) and len(m) == 2)
    seen = {}

    def remember(module, arguments, keywords, output):
        first = arguments[0] if arguments else next(iter(keywords.values()))
        seen[module] = [_tensor(first), _tensor(output)]

    last = layers[1]
    watched = [last, *norms(last, row)]
    hooks = [m.register_forward_hook(remember, with_kwargs=True) for m in watched]
    with torch.no_grad():
        model(**example(row))
    for hook in hooks:
        hook.remove()
    stream, result = seen.pop(last)
    # In the order of use. Those of narrower tokens are norms of queries and keys.
    wide = [both for both in seen.values() if both[0].shape[-1] == stream.shape[-1]]
    if wide[0][0].numel() != stream.numel():
        return "several streams"
    wide = [[tensor.reshape(stream.shape) for tensor in both] for both in wide]
    return _placed(stream, result, wide)


def _shape(norm):
    weight = getattr(norm, "weight", None)
    return getattr(norm, "normalized_shape", None) if weight is None else weight.shape


def _data():
    return tomllib.loads(files("lnlearn").joinpath("data/models.toml").read_text(encoding="utf-8"))


def _placed(stream, result, wide):
    """The placement, from the input and output of a layer and of each of its norms."""
    if torch.equal(wide[-1][1], result):
        return "post"
    reading = [torch.equal(x, stream) for x, _ in wide]
    if sum(reading) == len(wide):
        return "pre, parallel" if len(wide) > 1 else "pre, one norm"
    if not any(reading):
        return "on the output"
    return "sandwich" if len(wide) > 2 else "pre"


def _tensor(value):
    return value[0] if isinstance(value, tuple) else value
