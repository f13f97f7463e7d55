"""Train a small Transformer on the Zen of Python, and store one of its tokens for the book.

    python tools/real_token.py      writes src/lnlearn/records/real_token.json

The Zen of Python (PEP 20) is in the public domain and comes with every Python. The model reads it a
character at a time and learns to predict the next one. What is stored is the row of numbers that
stands for one character of the text when it reaches the model's last layer norm, with that layer
norm's own weight and bias. Another processor may round differently, and its row will then differ.
"""

import codecs
import contextlib
import io
import json
from pathlib import Path

import torch

WIDTH, LENGTH, STEPS = 64, 48, 600
TARGET = Path(__file__).resolve().parents[1] / "src/lnlearn/records/real_token.json"


def zen():
    """The text, without its title."""
    with contextlib.redirect_stdout(io.StringIO()):  # the module prints the text when imported
        import this
    return codecs.decode(this.s, "rot13").split("\n\n", 1)[1]


class Model(torch.nn.Module):
    """Two pre-norm Transformer layers, then a layer norm, then a score for each character."""

    def __init__(self, letters):
        super().__init__()
        self.embedding = torch.nn.Embedding(letters, WIDTH)
        self.position = torch.nn.Parameter(0.1 * torch.randn(LENGTH, WIDTH))
        layer = torch.nn.TransformerEncoderLayer(
            WIDTH, nhead=4, dim_feedforward=4 * WIDTH, dropout=0.0, batch_first=True,
            norm_first=True,
        )  # fmt: skip
        self.layers = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = torch.nn.LayerNorm(WIDTH)
        self.scores = torch.nn.Linear(WIDTH, letters)

    def before_the_norm(self, text):
        """Return the rows (B, T, WIDTH) that the last layer norm is given for text (B, T)."""
        T = text.shape[1]
        mask = torch.nn.Transformer.generate_square_subsequent_mask(T)
        return self.layers(self.embedding(text) + self.position[:T], mask, is_causal=True)

    def forward(self, text):
        return self.scores(self.norm(self.before_the_norm(text)))


def train(steps=STEPS):
    """Return the trained model, the text, its characters, and the loss at the end."""
    torch.manual_seed(0)
    text = zen()
    letters = sorted(set(text))
    data = torch.tensor([letters.index(letter) for letter in text])
    model = Model(len(letters))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(steps):
        starts = torch.randint(len(data) - LENGTH, (16,)).tolist()
        batch = torch.stack([data[i : i + LENGTH + 1] for i in starts])
        scores = model(batch[:, :-1])
        loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model, text, letters, loss.item()


def token(model, text, letters, read):
    """Return the record of the last character of `read`, a piece of `text`."""
    with torch.no_grad():
        row = model.before_the_norm(torch.tensor([[letters.index(c) for c in read]]))[0, -1]
        chances = model.scores(model.norm(row)).softmax(-1)
    return {
        "text": "The Zen of Python, PEP 20, public domain",
        "read": read,
        "next": letters[int(chances.argmax())],
        "chance": round(float(chances.max()), 4),
        "x": [round(v, 4) for v in row.tolist()],
        "weight": [round(v, 4) for v in model.norm.weight.tolist()],
        "bias": [round(v, 4) for v in model.norm.bias.tolist()],
    }


def main():
    torch.set_num_threads(1)
    model, text, letters, loss = train()
    record = token(model, text, letters, "Simple is better than comple")
    print(f"loss {loss:.3f}; after {record['read']!r} comes {record['next']!r}")
    TARGET.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
