"""The token that the book ships is one that its script can make."""

import json

import numpy as np
import torch

import real_token

SHIPPED = json.loads(real_token.TARGET.read_text(encoding="utf-8"))


def test_the_model_reads_only_what_comes_before():
    torch.manual_seed(0)
    model = real_token.Model(letters=5)
    text = torch.tensor([[0, 1, 2, 3]])
    longer = model.before_the_norm(text)[0, :2]
    assert torch.allclose(longer, model.before_the_norm(text[:, :2])[0], atol=1e-5)


def test_training_lowers_the_loss():
    assert real_token.train(steps=30)[-1] < real_token.train(steps=1)[-1] - 0.5


def test_the_shipped_token_is_a_row_of_the_text_that_is_named():
    assert SHIPPED["read"] + SHIPPED["next"] in real_token.zen()
    row, weight, bias = (np.array(SHIPPED[name]) for name in ("x", "weight", "bias"))
    assert row.shape == weight.shape == bias.shape == (real_token.WIDTH,)
    assert row.std() > 0.1


def test_a_record_is_made_of_what_reaches_the_last_layer_norm():
    model, text, letters, _ = real_token.train(steps=1)
    made = real_token.token(model, text, letters, SHIPPED["read"])
    with torch.no_grad():
        row = torch.tensor(made["x"], dtype=torch.float32)
        scores = model.scores(model.norm(row))
    assert made.keys() == SHIPPED.keys()
    assert letters[int(scores.argmax())] == made["next"]
