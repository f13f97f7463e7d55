"""The modules take the place of those of torch.nn."""

import pytest
import torch

from computing import DEVICE, EXACT, TRITON
from lnlearn import nn

DOUBLE = [] if TRITON else [{"dtype": torch.float64, "device": "cpu"}]
PAIRS = {"LayerNorm": torch.nn.LayerNorm, "RMSNorm": torch.nn.RMSNorm}
OPTIONS = {
    "LayerNorm": [
        {},
        {"eps": 0.1},
        {"bias": False},
        {"elementwise_affine": False},
        *DOUBLE,
    ],
    "RMSNorm": [{}, {"eps": 0.1}, {"elementwise_affine": False}, *DOUBLE],
}
CASES = [(name, options) for name in PAIRS for options in OPTIONS[name]]


def draw(*shape, dtype=torch.float32, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(DEVICE, dtype)


def same(a, b):
    """Equal bit for bit where the same kernel computes, and nearly where it is another."""
    return torch.allclose(a, b, rtol=EXACT, atol=EXACT) if TRITON else torch.equal(a, b)


@pytest.mark.parametrize("shape", [5, (5,), [4, 5], torch.Size([4, 5])])
@pytest.mark.parametrize(("name", "options"), CASES)
def test_a_module_is_built_printed_and_computed_like_that_of_torch(name, options, shape):
    options = {"device": DEVICE} | options
    ours, theirs = getattr(nn, name)(shape, **options), PAIRS[name](shape, **options)
    assert repr(ours) == repr(theirs)
    assert isinstance(ours, PAIRS[name])
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)
        torch.nn.init.normal_(b)
    ours.load_state_dict(theirs.state_dict())
    x = draw(3, 4, 5, dtype=options.get("dtype", torch.float32)).requires_grad_()
    assert same(ours(x), theirs(x))
    dy = draw(3, 4, 5, dtype=x.dtype, seed=1)
    expected = torch.autograd.grad(theirs(x), [x, *theirs.parameters()], dy)
    got = torch.autograd.grad(ours(x), [x, *ours.parameters()], dy)
    assert all(map(same, got, expected))


@pytest.mark.parametrize(
    ("cls", "plain"), [(nn.AddLayerNorm, nn.LayerNorm), (nn.AddRMSNorm, nn.RMSNorm)]
)
def test_add_and_norm_is_the_sum_and_its_norm(cls, plain):
    module, norm = cls(5, eps=0.1, device=DEVICE), plain(5, eps=0.1, device=DEVICE)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter)
    norm.load_state_dict(module.state_dict())
    x, residual = draw(3, 5), draw(3, 5, seed=1)
    y, total = module(x, residual)
    assert torch.equal(total, x + residual)
    assert torch.equal(y, norm(total))
    assert repr(module) == repr(norm).replace(plain.__name__, cls.__name__)


def test_training_and_evaluation_are_the_same():
    for cls in (nn.LayerNorm, nn.RMSNorm):
        module, x = cls(5, device=DEVICE), draw(3, 5)
        assert torch.equal(module.train()(x), module.eval()(x))
        assert not list(module.buffers())


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_a_transformer_encoder_with_its_norms_replaced_gives_the_same(norm_first, training):
    torch.manual_seed(0)
    layer = torch.nn.TransformerEncoderLayer(
        8, 2, 16, dropout=0.0, batch_first=True, norm_first=norm_first
    )
    final = torch.nn.LayerNorm(8)
    encoder = torch.nn.TransformerEncoder(layer, 3, final, enable_nested_tensor=False)
    encoder.to(DEVICE).train(training)
    x = draw(2, 5, 8)
    expected = encoder(x)
    replaced = 0
    for module in list(encoder.modules()):
        for name, child in list(module.named_children()):
            if type(child) is torch.nn.LayerNorm:
                ours = nn.LayerNorm(child.normalized_shape, child.eps, device=DEVICE)
                ours.train(training).load_state_dict(child.state_dict())
                setattr(module, name, ours)
                replaced += 1
    assert replaced == 7
    assert torch.allclose(encoder(x), expected, rtol=0, atol=5e-6 if TRITON else 1e-6)


def test_a_wrong_input_is_named():
    with pytest.raises(ValueError, match="normalized_shape needs to be the last dimensions of x"):
        nn.LayerNorm(5, device=DEVICE)(draw(3, 4))
    with pytest.raises(TypeError, match="weight needs the dtype of x"):
        nn.RMSNorm(5, device=DEVICE)(draw(3, 5, dtype=torch.float64))
    with pytest.raises(ValueError, match="residual needs the shape of x"):
        nn.AddLayerNorm(5, device=DEVICE)(draw(3, 5), draw(5))
