"""The table of released models, and models of other people with our norms in the place of theirs.

Small and random, so that nothing is downloaded. In the training, which `make test-models` runs in
an environment that has timm, Flax and Keras too, outputs, gradients and losses have to agree.
"""

import copy
import dataclasses
import functools
import importlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from lnlearn import models, nn
from lnlearn.scratch import moments

pytestmark = pytest.mark.filterwarnings("ignore")
ROWS = {row.name: row for row in models.table()}
MISSING = dataclasses.replace(ROWS["BERT"], model="NoSuchModel")
LIBRARIES = models.libraries()
CHAPTER = Path(__file__).parents[1] / "book/real_models.ipynb"
every_model = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


@every_model
def test_a_model_has_the_placement_and_the_eps_that_are_recorded(row):
    model = models.build(row)
    assert models.placement(model, row) == row.placement
    if row.eps_key:
        assert getattr(model.config, row.eps_key) == row.eps
    kinds = {type(m).__name__ for m in model.modules() if "Norm" in type(m).__name__}
    assert row.norm in kinds  # the other kind of Qwen3-Next is multiplied by a gate
    assert kinds <= {row.norm, "Qwen3NextRMSNormGated"}


@pytest.mark.parametrize("name", ["BERT", "Llama", "Gemma", "Nemotron", "OLMo"])
def test_a_counterpart_computes_the_same_and_a_wrong_one_would_not(name):
    row = ROWS[name]
    norm = models.token_norm(models.build(row), row)
    x = row.eps**0.5 * torch.randn(8, 32, generator=torch.Generator().manual_seed(0))
    mine = models.counterpart(norm, row)
    torch.testing.assert_close(mine(x), norm(x), rtol=1e-5, atol=1e-6)
    for fault in ({"centred": not row.centred}, {"gain": {"w": "1 + w"}.get(row.gain, "w")}):
        if "centred" in fault or row.gain != "none":
            wrong = models.counterpart(norm, dataclasses.replace(row, **fault))
            assert (wrong(x) - norm(x)).abs().max() > 0.1
    mine.eps *= 2
    assert (mine(x) - norm(x)).abs().max() > 0.1


def test_the_1_of_a_gain_is_added_in_float32():
    row = ROWS["Gemma"]
    norm = models.token_norm(models.build(row), row).bfloat16()
    torch.nn.init.constant_(norm.weight, 2**-12)
    assert (models.counterpart(norm, row).weight == 1 + 2**-12).all()


def test_a_model_depends_on_its_seed_and_on_nothing_else_that_is_random():
    first, again, other = (models.build(ROWS["Gemma"], seed).norm.weight for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_model_that_the_library_lacks_is_an_error_that_says_what_to_do():
    with pytest.raises(ImportError, match=r"needs the classes NoSuchModel .* --upgrade"):
        models.build(MISSING)


def test_a_model_that_the_library_lacks_has_a_row_that_says_so(monkeypatch):
    rows = ROWS["Llama"], ROWS["Gemma"], MISSING
    monkeypatch.setattr(models, "table", lambda: rows)
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    [table] = [i for i, source in enumerate(code) if "def entries(" in source]
    chapter = {}
    for source in code[: table + 1]:
        exec(source, chapter)
    found = [row[1] for row in chapter["rows"]]
    assert found == ["RMS", "RMS", "not in the installed transformers"]


def test_a_name_that_is_not_in_the_table_is_answered_with_those_that_are():
    with pytest.raises(KeyError, match=r"no model is called 'GPT-5'.*BERT, DeBERTa"):
        models.row("GPT-5")


def replaced(model, row):
    """A copy of `model` with our norms."""
    model = copy.deepcopy(model)
    theirs = set(models.norms(model, row))
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if child in theirs:
                setattr(module, name, models.counterpart(child, row))
    assert theirs
    assert not theirs & set(model.modules())
    return model


def assert_the_same_training(model, row, loss_of):
    """Three steps of gradient descent, with the model's norms and with ours."""
    other = replaced(model, row)
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


@pytest.mark.models
@every_model
def test_a_model_of_transformers_trains_the_same(row):
    model = models.build(row)
    shape = model(**models.example(row))[0].shape
    target = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    assert_the_same_training(
        model, row, lambda m: (m(**models.example(row))[0] - target).square().mean()
    )


@pytest.mark.models
def test_a_vision_transformer_of_timm_is_built_with_our_layer_norm():
    import timm

    torch.manual_seed(0)
    settings = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 4}
    model = timm.models.VisionTransformer(num_classes=10, **settings).eval()
    norm = functools.partial(nn.LayerNorm, eps=LIBRARIES["timm.layers.LayerNorm"])
    built = timm.models.VisionTransformer(num_classes=10, norm_layer=norm, **settings)
    built.load_state_dict(model.state_dict())
    images = torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(built.eval()(images), model(images), rtol=1e-5, atol=1e-5)
    assert any(isinstance(m, nn.LayerNorm) for m in built.modules())
    target = torch.tensor([3, 7])
    assert_the_same_training(
        model, ROWS["ViT"], lambda m: torch.nn.functional.cross_entropy(m(images), target)
    )


@pytest.mark.models
@pytest.mark.parametrize("name", [name for name in LIBRARIES if "torch" not in name])
def test_the_default_eps_of_another_library_is_the_one_recorded(name, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    package, _, attribute = name.rpartition(".")
    norm = getattr(importlib.import_module(package), attribute)
    x = LIBRARIES[name] ** 0.5 * np.random.default_rng(0).standard_normal((4, 32)).astype("f4")
    if name.startswith("flax"):
        norm = norm(32, rngs=importlib.import_module("flax.nnx").Rngs(0))
    elif name.startswith("timm"):
        norm = norm(32)
    elif name.startswith("keras.layers"):
        norm = norm()
    y = norm(torch.from_numpy(x) if name.startswith(("timm", "keras")) else x)
    y = y.detach().numpy() if isinstance(y, torch.Tensor) else np.asarray(y)
    ours = nn.RMSNorm if "rms" in name.lower() else nn.LayerNorm
    for factor, agrees in ((1, True), (1.5, False)):
        mine = ours(32, factor * LIBRARIES[name])(torch.from_numpy(x)).detach().numpy()
        assert np.allclose(y, mine, rtol=1e-4, atol=1e-4) is agrees


@pytest.mark.models
@pytest.mark.parametrize("mean", [10, 100, 1000])
@pytest.mark.parametrize(("fast", "formula"), [(True, moments.one_pass), (False, moments.two_pass)])
def test_flax_computes_the_variance_in_one_pass_unless_it_is_asked_not_to(fast, formula, mean):
    from flax import nnx

    assert nnx.LayerNorm(8, rngs=nnx.Rngs(0)).use_fast_variance  # the default
    x = mean + np.random.default_rng(0).standard_normal((64, 768)).astype("f4")
    exact = nn.LayerNorm(768, eps=1e-6).double()(torch.from_numpy(x).double()).detach().numpy()
    flax = np.asarray(nnx.LayerNorm(768, use_fast_variance=fast, rngs=nnx.Rngs(0))(x))
    mu, variance = (statistic[:, None] for statistic in formula(x))
    chapter = (x - mu) / np.sqrt(np.maximum(variance, 0) + np.float32(1e-6))
    errors = [abs(y - exact).max() for y in (flax, chapter)]
    assert 1 / 3 < errors[0] / errors[1] < 3  # one pass and two differ by a factor of 30 or more
    assert bool(errors[0] < 0.05) is (mean < 1000 or not fast)
