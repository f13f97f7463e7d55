"""The exercise: layer norm as a PyTorch module, its values and its gradients."""

from dataclasses import replace

import numpy as np

from lnlearn.check import formula
from lnlearn.check.catalogue import (
    CATALOGUE,
    FOUR,
    LAYER_NORM_MISTAKES,
    LAYER_NORM_PROBES,
    ONE,
    THREE,
    TINY,
    ZERO,
    named,
)
from lnlearn.check.checker import Checker, Probe

WRONG_AXIS, LOW = CATALOGUE["wrong-axis"], CATALOGUE["low-precision-statistics"]
_rng = np.random.default_rng(0)


def _quiet(x):
    """A gradient without mean and without a part along the tokens of LAYER_NORM_PROBES."""
    if (x == x[..., :1]).all():
        return np.zeros_like(x)  # for a constant token, all of dx depends on eps
    pattern = {3: [1.0, -2.0, 1.0], 4: [1.0, 1.0, -1.0, -1.0]}[x.shape[-1]]
    return (np.zeros_like(x) + pattern).astype(x.dtype)


PROBES = (
    *(
        Probe(p.name, (*p.arguments, _quiet(p.arguments[0])), p.tolerance, p.stable)
        for p in LAYER_NORM_PROBES
    ),
    Probe("one token, its value alone", (THREE, ONE, ZERO, TINY, 0 * THREE)),
    Probe("a weight of 2, its value alone", (THREE, 2 * ONE, ZERO, TINY, 0 * THREE)),
    Probe("weight and bias both 2, the value alone", (THREE, 2 * ONE, 2 * ONE, TINY, 0 * THREE)),
    Probe("a gradient that is 1 everywhere", (THREE, ONE, ZERO, TINY, ONE[None])),
    Probe("a gradient along the token", (THREE, ONE, ZERO, TINY, THREE)),
    Probe(
        "float64 with a mean of 100000",
        # Float32 numbers are 0.008 apart there.
        (FOUR + [0.003, 0, 0, -0.003] + 1e5, np.ones(4), np.zeros(4), 1e-5, 0 * FOUR),
        tolerance=1e-4,
    ),
    Probe(
        "a normalized_shape of two axes",
        (
            _rng.normal(1, 2, (2, 2, 3)),
            *_rng.normal(size=(2, 2, 3)),
            0.1,
            _rng.normal(size=(2, 2, 3)),
        ),
    ),
)
RESULTS = (
    *("y", "y in evaluation", "dx", "dweight", "dbias"),
    *("weight before training", "bias before training"),
)


def _adapt(cls):
    """Make the function that is checked: it builds a module, runs it and differentiates it."""
    import torch

    def run(x, weight, bias, eps, dy):
        leaf, dy = torch.tensor(x, requires_grad=True), torch.tensor(dy)
        with torch.enable_grad():
            module = cls(weight.shape, eps=eps)
            found = _parameters(module)
            before = [parameter.detach().double().numpy().copy() for parameter in found]
            module.to(leaf.dtype)
            found = _parameters(module)
            with torch.no_grad():
                for parameter, value in zip(found, (weight, bias), strict=True):
                    parameter.copy_(torch.tensor(value))
            given = leaf.clone()
            y = module.train()(given)
            if not isinstance(y, torch.Tensor):
                raise TypeError(
                    f"forward returns a {type(y).__name__}, and needs to return a tensor"
                )
            np.copyto(x, given.detach().numpy())  # so that a change is seen
            gradients = _gradients(y, (leaf, *found), dy)
        with torch.no_grad():
            evaluated = module.eval()(leaf.detach().clone())
        return tuple(t.detach().numpy() for t in (y, evaluated, *gradients)) + tuple(before)

    return run


def _parameters(module):
    import torch

    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"a {type(module).__name__} is not a torch.nn.Module")
    found = dict(module.named_parameters())
    for name in ("weight", "bias"):
        if name not in found:
            raise AttributeError(f"the module has no torch.nn.Parameter called {name}")
    return found["weight"], found["bias"]


def _gradients(y, inputs, dy):
    """The gradients of sum(dy * y); zeros for what y does not depend on."""
    import torch

    if not y.requires_grad:
        return [torch.zeros_like(t) for t in inputs]
    dy = dy.to(y.dtype).expand_as(y)
    found = torch.autograd.grad(y, inputs, dy, allow_unused=True)
    return [torch.zeros_like(t) if g is None else g for t, g in zip(inputs, found, strict=True)]


def _module(ways, x, weight, bias, eps, dy):
    """What a module with these mistakes gives: the formula, differentiated by autograd."""
    import torch

    leaves = [torch.tensor(a, requires_grad=True) for a in (x, weight, bias)]
    half = leaves[0].dtype == torch.float16 and "low-precision-statistics" not in ways
    with torch.enable_grad():
        narrow = half or "low-precision-statistics float32" in ways
        wide = [t.float() if narrow else t for t in leaves]
        y = formula.layer_norm(ways, *wide, eps, constant=torch.Tensor.detach)
        y = y.double() if "wrong-dtype" in ways else y.to(leaves[0].dtype)
        y = y.float() if "wrong-dtype float32" in ways else y
        if "wrong-dtype float32 for float16" in ways and leaves[0].dtype == torch.float16:
            y = y.float()
        gradients = _gradients(y, leaves, torch.tensor(dy))
    y = y.detach().numpy()
    if "input-modified" in ways:
        x[...] = y
    before = np.ones(weight.shape), np.zeros(bias.shape)
    return (y, y, *(g.numpy() for g in gradients), *before)


module = Checker(
    name="module",
    arguments=("x", "weight", "bias", "eps", "dy"),
    results=RESULTS,
    formula=_module,
    adapt=_adapt,
    probes=PROBES,
    mistakes=(
        *(m for m in LAYER_NORM_MISTAKES if m not in (WRONG_AXIS, LOW)),
        replace(
            LOW,
            sentence="It computes in a narrower dtype than it may: float16 in float16, where all "
            "above 65504 is infinite, or float64 in float32.",
            hint="In which dtype is the square of 300 computed, if the input is float16? And what "
            "is left of float64 numbers near 100000?",
            ways=("low-precision-statistics", "low-precision-statistics float32"),
        ),
        replace(WRONG_AXIS, ways=("wrong-axis last", *WRONG_AXIS.ways)),
        *named("detached-statistics", "detached-mean", "detached-variance"),
    ),
)
