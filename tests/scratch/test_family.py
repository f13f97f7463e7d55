"""The family of norms: that traits are measured rightly, and that every backward is right."""

from dataclasses import astuple, replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lnlearn.scratch.family import FAMILY, ancestors, count, traits

KNOWN = {  # derived from the formulas on paper
    "layer norm": (True, True, True, "all", "2D"),
    "RMS norm": (False, True, True, "all", "D"),
    "RMS norm, 1 + w": (False, True, True, "all", "D"),
    "scale norm": (False, True, True, "all", "1"),
    "no gain": (False, True, True, "all", "0"),
    "QK norm per head": (False, True, True, "4 of 8", "D/2"),
    "gated RMS norm": (False, True, True, "all", "D"),
    "SeeDNorm": (False, False, False, "all", "3D"),
    "dynamic tanh": (False, False, True, "one", "2D + 1"),
}


@pytest.mark.parametrize("name", FAMILY)
def test_what_is_measured_is_what_the_formulas_say(name):
    assert astuple(traits(FAMILY[name])) == KNOWN[name]


@pytest.mark.parametrize(
    ("forward", "differs"),
    [
        (lambda x: x - x.mean(-1, keepdims=True), {"scale": False}),
        (lambda x: x / np.abs(x).max(-1, keepdims=True), {"shift": False}),
        (lambda x: x**2 / (x**2).mean(-1, keepdims=True), {"shift": False, "sign": False}),
        (lambda x: np.sign(x - x.mean(-1, keepdims=True)), {"moved": "1 of 8"}),
    ],
)
def test_a_trait_that_a_norm_lacks_is_missed(forward, differs):
    base = replace(FAMILY["layer norm"], forward=lambda x, weight, bias: forward(x))
    measured = traits(base)
    for trait, value in differs.items():
        if trait != "moved":
            assert getattr(measured, trait) is value


def test_an_output_that_changes_a_little_is_no_answer():
    nearly = replace(FAMILY["no gain"], forward=lambda x: x / np.linalg.norm(x) + 1e-6 * x)
    with pytest.raises(AssertionError, match="neither rounding nor a difference"):
        traits(nearly)


def by_pytorch(name, x, parameters):
    """The norm by PyTorch, where it has one."""
    D = x.shape[-1:]
    if name == "layer norm":
        return F.layer_norm(x, D, *parameters, eps=0)
    if name == "QK norm per head":
        return F.rms_norm(x.unflatten(-1, (2, -1)), parameters[0].shape, *parameters, 0).flatten(-2)
    if name == "RMS norm, 1 + w":
        return F.rms_norm(x, D, 1 + parameters[0], 0)
    return F.rms_norm(x, D, *parameters, eps=0)


@pytest.mark.parametrize(
    "name", ["layer norm", "RMS norm", "RMS norm, 1 + w", "no gain", "QK norm per head"]
)
def test_forward_and_backward_are_those_of_pytorch(name):
    rng = np.random.default_rng(1)
    x, dy = rng.standard_normal((2, 5, 8))
    parameters = FAMILY[name].draw(rng, 8)
    given = [torch.tensor(a, requires_grad=True) for a in (x, *parameters)]
    y = by_pytorch(name, given[0], given[1:])
    found = torch.autograd.grad(y, given, torch.tensor(dy))
    assert np.allclose(FAMILY[name].forward(x, *parameters), y.detach(), atol=1e-13)
    for ours, theirs in zip(FAMILY[name].backward(dy, x, *parameters), found, strict=True):
        assert np.allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("name", FAMILY)
def test_every_parameter_has_a_gradient_of_its_shape(name):
    rng = np.random.default_rng(1)
    x, dy = rng.standard_normal((2, 5, 8))
    parameters = FAMILY[name].draw(rng, 8)
    gradients = FAMILY[name].backward(dy, x, *parameters)
    assert [np.shape(g) for g in gradients] == [x.shape, *map(np.shape, parameters)]
    assert count(FAMILY[name], 8) == sum(np.size(p) for p in parameters)


def test_each_norm_descends_from_layer_norm():
    assert ancestors(FAMILY["no gain"]) == ("layer norm", "RMS norm", "scale norm", "no gain")
    for member in FAMILY.values():
        assert ancestors(member)[0] == "layer norm"
