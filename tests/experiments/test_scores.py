"""QK norm, QK-clip and the largest score of attention."""

import math

import pytest
import torch
from torch import nn

from lnlearn.experiments import scores
from lnlearn.transformer import Attention, Encoder


@pytest.fixture
def tokens():
    torch.manual_seed(0)
    return 3 * torch.randn(5, 8, 32)


def test_scores_are_what_the_softmax_is_given(tokens):
    attention = Attention(32, 4)
    found = scores.scores(attention, tokens)
    assert torch.allclose(found.softmax(-1), attention.weights(tokens), atol=1e-6)


def test_qk_norm_without_gain_bounds_the_scores_and_leaves_the_values(tokens):
    attention = scores.NormedAttention(32, 4, gain=False)
    with torch.no_grad():
        attention.project.weight *= 50
        assert scores.scores(attention, tokens).abs().max() <= math.sqrt(8) + 1e-5
        queries, _, values = attention.split(tokens)
        assert torch.allclose(queries.square().mean(-1), torch.ones(5, 4, 8), atol=1e-5)
        assert torch.equal(values, Attention.split(attention, tokens)[2])


def test_qk_norm_has_a_gain_for_each_feature_of_a_head_unless_told_otherwise():
    assert scores.NormedAttention(32, 4).query_norm.weight.shape == (8,)
    assert scores.NormedAttention(32, 4, gain=False).query_norm.weight is None


def test_qk_clip_shrinks_only_the_heads_above_the_threshold(tokens):
    attention = Attention(32, 4)
    nn.init.normal_(attention.project.bias)
    values = attention.split(tokens)[2]
    before = scores.scores(attention, tokens).abs().amax((0, 2, 3))
    threshold = before.median().item()
    factor = scores.qk_clip(attention, tokens, threshold)
    after = scores.scores(attention, tokens).abs().amax((0, 2, 3))
    assert torch.allclose(after, before.clamp(max=threshold), rtol=1e-4)
    assert ((factor < 1) == (before > threshold)).all()
    assert torch.equal(attention.split(tokens)[2], values)


def test_attentions_are_given_what_their_block_gives_them(tokens):
    model = Encoder(nn.Identity(), 8, 3, depth=2, placement="pre")
    seen = []
    for block in model.blocks:
        block.attention.sublayer.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    pairs = scores.attentions(model, tokens)
    seen.clear()
    model(tokens)
    assert len(pairs) == 2
    assert all(torch.equal(a, b) for (_, a), b in zip(pairs, seen, strict=True))
