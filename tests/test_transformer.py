"""The small Transformer is PyTorch's layer, and each placement has its norms where it says."""

import pytest
import torch
from torch import nn

from lnlearn.transformer import PLACEMENTS, AddNorm, Attention, Block, Decoder, Encoder

NAMES = {  # ours, then PyTorch's
    "attention.sublayer.project": "self_attn.in_proj_",
    "attention.sublayer.combine": "self_attn.out_proj.",
    "feed_forward.sublayer.up": "linear1.",
    "feed_forward.sublayer.down": "linear2.",
}


def filled(module, seed=0):
    """The module in float64, its parameters drawn at random."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.double().parameters():
        nn.init.normal_(parameter, std=0.3, generator=generator)
    return module


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_block_is_pytorchs_encoder_layer_with_the_same_weights(norm_first):
    theirs = filled(
        nn.TransformerEncoderLayer(
            12, 3, dim_feedforward=48, dropout=0, batch_first=True, norm_first=norm_first
        )
    )
    place = "before" if norm_first else "after"
    names = NAMES | {
        f"{part}.{place}": f"norm{i}." for i, part in ((1, "attention"), (2, "feed_forward"))
    }
    state = theirs.state_dict()
    ours = Block(12, 3, placement="pre" if norm_first else "post").double()
    ours.load_state_dict(
        {
            f"{ours_}.{kind}": state[their + kind]
            for ours_, their in names.items()
            for kind in ("weight", "bias")
        }
    )
    x = torch.randn(2, 5, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-12)
    single = x.float()
    torch.testing.assert_close(ours.float()(single), theirs.float()(single), rtol=0, atol=1e-5)


def normalized(x):
    return (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True, correction=0) + 1e-5).sqrt()


FORMULAS = {  # for block 3 of 8, with F(x) = tanh(x)
    "none": lambda x: x + x.tanh(),
    "post": lambda x: normalized(x + x.tanh()),
    "pre": lambda x: x + normalized(x).tanh(),
    "sandwich": lambda x: x + normalized(normalized(x).tanh()),
    "olmo2": lambda x: x + normalized(x.tanh()),
    "deepnorm": lambda x: normalized(2 * x + x.tanh()),
    "layernorm-scaling": lambda x: x + (normalized(x) / 3**0.5).tanh(),
    "keel": lambda x: normalized(16 * x + normalized(x).tanh()),
    "mix": lambda x: x + normalized(x).tanh(),
}


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_each_placement_is_its_formula(placement):
    x = torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(0)) * 3 + 1
    ours = AddNorm(nn.Tanh(), 6, placement, number=3, depth=8)(x)
    torch.testing.assert_close(ours, FORMULAS[placement](x), rtol=1e-5, atol=1e-5)


def test_mix_is_post_in_the_first_quarter():
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    for number, formula in ((2, "post"), (3, "pre")):
        ours = AddNorm(nn.Tanh(), 6, "mix", number=number, depth=8)(x)
        torch.testing.assert_close(ours, FORMULAS[formula](x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_the_stream_is_normalized_at_the_end_by_one_norm_except_without_any(placement):
    torch.manual_seed(0)
    model = Encoder(nn.Embedding(5, 8), 6, 3, width=8, heads=2, placement=placement, depth=4)
    seen = []
    model.head.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    model(torch.arange(5).repeat(2, 1))
    deviation = seen[0].std(-1, correction=0)
    assert torch.allclose(deviation, torch.ones(2, 5), atol=1e-3) == (placement != "none")
    assert isinstance(model.final, nn.Identity) == (
        placement in ("none", "post", "deepnorm", "keel")
    )


def test_the_norm_can_be_another_one():
    model = Encoder(nn.Linear(4, 8), 6, 3, width=8, norm=nn.RMSNorm, placement="sandwich")
    kinds = {type(m) for m in model.modules() if "Norm" in type(m).__name__}
    assert kinds == {nn.RMSNorm, AddNorm}


def test_a_decoder_does_not_look_ahead_and_an_encoder_does():
    tokens = torch.arange(6).repeat(2, 1)
    tokens[1, 3] = 0
    for kind, first in ((Encoder, 0), (Decoder, 3)):
        torch.manual_seed(0)
        one, other = kind(nn.Embedding(6, 8), 6, 3, width=8)(tokens)
        moved = (one != other).any(-1)
        assert moved.tolist() == [False] * first + [True] * (6 - first)


def test_attention_weights_are_shares():
    torch.manual_seed(0)
    weights = Attention(8, 2, causal=True).weights(torch.randn(3, 5, 8))
    assert weights.shape == (3, 2, 5, 5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 2, 5))
    assert (weights.triu(1) == 0).all()


def test_embedded_tokens_have_size_one_and_texts_may_be_shorter():
    torch.manual_seed(0)
    model = Encoder(nn.Embedding(50, 512), 40, 3, width=512)
    embedded = model.stream(torch.randint(50, (4, 30)))[0]
    assert embedded.shape == (4, 30, 512)
    assert embedded.square().mean().item() == pytest.approx(1, abs=0.03)


def test_initial_weights_are_xaviers_scaled_by_deepnorm_where_it_says():
    torch.manual_seed(0)
    plain, deep = Block(256, 4), Block(256, 4, placement="deepnorm", depth=2)
    for block, gain in ((plain, 1.0), (deep, 0.5)):
        queries, keys, values = block.attention.sublayer.project.weight.chunk(3)
        feed = block.feed_forward.sublayer
        for weight, factor in (
            (queries, 1), (keys, 1), (values, gain),
            (block.attention.sublayer.combine.weight, gain),
            (feed.up.weight, gain), (feed.down.weight, gain),
        ):  # fmt: skip
            xavier = (2 / sum(weight.shape)) ** 0.5
            assert weight.std().item() == pytest.approx(factor * xavier, rel=0.02)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"placement is 'pst', but must be one of none, post"):
        Block(8, 2, placement="pst")
    with pytest.raises(ValueError, match=r"width is 8, which 3 heads do not divide"):
        Attention(8, 3)
