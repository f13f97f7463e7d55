"""Models that other people have written, with our norms in the place of theirs.

Small and random, so that nothing is downloaded. Each takes a few steps of training with its own
norms and with ours; outputs, gradients and losses have to agree all along.
"""

import copy
import functools

import pytest
import torch

from lnlearn import nn

pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]
TEXT = {"vocab_size": 50}
LLAMA = TEXT | {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 32,
}  # fmt: skip
BERT = LLAMA | {"num_key_value_heads": None}
# The configuration of each, and how many norms it has.
MODELS = {
    "GPT2LMHeadModel": ("GPT2Config", TEXT | {"n_embd": 32, "n_layer": 2, "n_head": 4}, 5),
    "BertForMaskedLM": ("BertConfig", BERT, 6),
    "LlamaForCausalLM": ("LlamaConfig", LLAMA, 5),
    "Qwen3ForCausalLM": ("Qwen3Config", LLAMA, 9),
    "Gemma3ForCausalLM": ("Gemma3TextConfig", LLAMA, 13),
    "T5ForConditionalGeneration": (
        "T5Config", TEXT | {
            "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4,
            "decoder_start_token_id": 0,
        }, 12,
    ),
    "ViTForImageClassification": (
        "ViTConfig", BERT | {"image_size": 16, "patch_size": 4, "num_labels": 50}, 5
    ),
}  # fmt: skip


def ours(norm):
    """A norm of ours that computes what `norm`, of any library, does; None if it is not a norm."""
    kind = type(norm).__name__
    if isinstance(norm, torch.nn.LayerNorm):
        new = nn.LayerNorm(norm.normalized_shape, norm.eps, bias=norm.bias is not None)
        new.load_state_dict(norm.state_dict())
        return new
    if not (kind.endswith("RMSNorm") or kind == "T5LayerNorm"):
        return None
    eps = norm.eps if hasattr(norm, "eps") else norm.variance_epsilon
    new = nn.RMSNorm(norm.weight.shape, eps)
    new.weight.data.copy_(norm.weight.data + (1 if kind.startswith("Gemma") else 0))  # 0 is 1 there
    return new


def replaced(model):
    """A copy of `model` with our norms, and how many those are."""
    model, count = copy.deepcopy(model), 0
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            new = ours(child)
            if new is not None:
                setattr(module, name, new.train(model.training))
                count += 1
    return model, count


def assert_the_same_training(model, count, loss_of):
    """Three steps of gradient descent, with the model's norms and with ours."""
    other, found = replaced(model)
    assert found == count
    for _ in range(3):
        losses = [loss_of(m) for m in (model, other)]
        torch.testing.assert_close(*losses, rtol=1e-5, atol=1e-5)
        for m, loss in zip((model, other), losses, strict=True):
            m.zero_grad()
            loss.backward()
        for a, b in zip(model.parameters(), other.parameters(), strict=True):
            if a.grad is not None:
                torch.testing.assert_close(b.grad, a.grad, rtol=1e-3, atol=1e-5)
        with torch.no_grad():
            for m in (model, other):
                for p in m.parameters():
                    p -= 0 if p.grad is None else 0.1 * p.grad
    assert losses[0].isfinite()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_transformers_trains_the_same(name):
    import transformers

    config, settings, count = MODELS[name]
    torch.manual_seed(0)
    settings = {key: value for key, value in settings.items() if value is not None}
    model = getattr(transformers, name)(getattr(transformers, config)(**settings)).eval()
    if name.startswith("ViT"):
        inputs = {"pixel_values": torch.randn(2, 3, 16, 16), "labels": torch.tensor([3, 7])}
    else:
        tokens = torch.randint(0, 50, (2, 12))
        inputs = {"input_ids": tokens, "labels": tokens}
    assert_the_same_training(model, count, lambda model: model(**inputs).loss)


def test_a_vision_transformer_of_timm_is_built_with_our_layer_norm():
    import timm

    torch.manual_seed(0)
    settings = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 4}
    model = timm.models.VisionTransformer(num_classes=10, **settings).eval()
    norm = functools.partial(nn.LayerNorm, eps=1e-6)  # timm's eps
    built = timm.models.VisionTransformer(num_classes=10, norm_layer=norm, **settings)
    built.load_state_dict(model.state_dict())
    images = torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(built.eval()(images), model(images), rtol=1e-5, atol=1e-5)
    assert any(isinstance(m, nn.LayerNorm) for m in built.modules())
    target = torch.tensor([3, 7])
    assert_the_same_training(
        model, 5, lambda model: torch.nn.functional.cross_entropy(model(images), target)
    )
