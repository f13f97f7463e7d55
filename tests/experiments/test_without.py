"""What stands in place of a norm, on tensors, and how norms are taken out of a decoder."""

import copy

import numpy as np
import torch
from torch import nn

from lnlearn import training
from lnlearn.experiments import without
from lnlearn.pointwise import DynamicErf, DynamicTanh, FrozenNorm
from lnlearn.scratch import pointwise, variants

X = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def with_random_parameters(module):
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    return module.double()


def test_dynamic_tanh_and_erf_are_those_in_numpy():
    tanh, erf = with_random_parameters(DynamicTanh(5)), with_random_parameters(DynamicErf(5))
    for module, function in ((tanh, variants.dynamic_tanh), (erf, pointwise.dynamic_erf)):
        numbers = [p.item() for name, p in module.named_parameters() if name in ("alpha", "shift")]
        arrays = [module.weight.detach().numpy(), module.bias.detach().numpy()]
        y = function(X.numpy(), *numbers, *arrays)
        np.testing.assert_allclose(module(X).detach().numpy(), y, rtol=1e-12, atol=1e-14)


def test_a_frozen_norm_is_the_norm_on_tokens_of_that_deviation_and_linear_in_the_token():
    norm = with_random_parameters(nn.LayerNorm(5, eps=0))
    frozen = FrozenNorm(norm, 2.0)
    as_large = 2 * X / X.std(-1, correction=0, keepdim=True)
    torch.testing.assert_close(frozen(as_large), norm(as_large))
    at_zero = frozen(torch.zeros_like(X))
    torch.testing.assert_close(frozen(3 * X) - at_zero, 3 * (frozen(X) - at_zero))


def test_frozen_at_its_own_deviations_every_norm_is_replaced_and_still_learned():
    model = without.decoder("layer norm", seed=0)
    tokens = torch.arange(20)[None]
    sigmas = without.mean_sigmas(model, tokens)
    one = copy.deepcopy(model)
    without.freeze(one, sigmas)
    norms = [module for module in one.modules() if isinstance(module, FrozenNorm)]
    assert [norm.sigma.item() for norm in norms] == torch.tensor(sigmas).tolist()
    assert len(sigmas) == 9
    embedded = model.stream(tokens)[0]
    assert np.isclose(sigmas[0], embedded.std(-1, correction=0).mean().item())
    assert not any(isinstance(module, nn.LayerNorm) for module in one.modules())
    one(tokens).sum().backward()
    assert all(norm.weight.grad.abs().sum() > 0 for norm in norms[:-1])


def test_the_radial_gradient_is_the_slope_when_a_token_is_made_longer():
    model = without.decoder("layer norm", seed=0).double()
    excerpts = without.held_back(count=2)
    model.final = nn.Identity()
    radial, length = without.radial_gradients(model, excerpts)
    h = model.stream(excerpts[:, :-1])[-1]
    torch.testing.assert_close(length, h.norm(dim=-1))

    def loss(t):
        scores = model.head(t * h).transpose(1, 2)
        return nn.functional.cross_entropy(scores, excerpts[:, 1:], reduction="none")

    slope = (loss(1 + 1e-5) - loss(1 - 1e-5)) / 2e-5
    torch.testing.assert_close(radial, slope.detach(), rtol=1e-6, atol=1e-8)
    model.final = nn.LayerNorm(32, eps=0).double()
    assert without.radial_gradients(model, excerpts)[0].abs().max() < 1e-13


def test_held_back_text_is_not_trained_on():
    assert len(without.text()) == without.SPLIT
    rest = training.alice()[without.SPLIT :]
    assert all(training.decode(row) in rest for row in without.held_back(count=5))
