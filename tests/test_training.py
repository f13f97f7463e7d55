"""The training loop, the data, and a display of progress that leaves nothing behind."""

import io
import math
import sys
from itertools import pairwise

import nbformat
import pytest
import torch
from nbclient import NotebookClient

from lnlearn import training
from lnlearn.progress import progress


def test_the_text_is_the_book_in_27_characters_and_less_than_200_kb():
    text = training.alice()
    assert set(text) == set(training.ALPHABET)
    assert len(training.ALPHABET) == 27
    assert 130_000 < len(text) < 200_000
    assert "down the rabbit hole alice was beginning to get very tired" in text
    assert "  " not in text
    assert training.decode(training.encode(text)) == text


def test_a_character_outside_the_alphabet_is_named():
    with pytest.raises(ValueError, match=r"not in ALPHABET, for example 'A'"):
        training.encode("An A")


def test_excerpts_are_pieces_of_the_text_from_its_first_to_its_last_character():
    characters = torch.arange(5)
    pieces = training.excerpts(characters, 300, 3, torch.Generator().manual_seed(0))
    assert {tuple(piece.tolist()) for piece in pieces} == {(0, 1, 2), (1, 2, 3), (2, 3, 4)}


def test_digits_are_split_without_overlap_and_by_the_seed():
    images, labels, test_images, test_labels = training.digits(0)
    assert images.shape == (1297, 8, 8)
    assert test_images.shape == (500, 8, 8)
    assert (images.min(), images.max()) == (0, 1)
    assert torch.bincount(torch.cat([labels, test_labels])).sum() == 1797
    together = torch.cat([images, test_images]).sum((1, 2)).sort().values
    again = training.digits(1)
    assert torch.equal(together, torch.cat([again[0], again[2]]).sum((1, 2)).sort().values)
    assert not torch.equal(labels, again[1])


class Point(torch.nn.Module):
    """A model with one number."""

    def __init__(self):
        super().__init__()
        self.at = torch.nn.Parameter(torch.tensor(5.0))


def test_warmup_raises_the_rate_in_a_straight_line_and_then_keeps_it():
    # With a gradient that never changes, Adam's steps are its learning rate.
    point, path = Point(), []

    def loss(model, generator):
        path.append(model.at.item())
        return model.at * 1.0

    training.train(point, loss, 5, lr=0.3, warmup=3)
    path.append(point.at.item())
    steps = [before - after for before, after in pairwise(path)]
    assert steps == pytest.approx([0.1, 0.2, 0.3, 0.3, 0.3], rel=1e-4)


def test_the_same_seed_gives_the_same_losses():
    def loss(model, generator):
        return (model.at - torch.randn((), generator=generator)) ** 2

    runs = [training.train(Point(), loss, 4, lr=0.1, seed=seed) for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def test_training_ends_where_a_loss_is_not_finite():
    losses = training.train(Point(), lambda model, _: model.at / 0, 10, lr=0.1)
    assert len(losses) == 1
    assert not math.isfinite(losses[0])


def test_progress_yields_everything_and_shows_a_line_on_a_terminal(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress("abc", "letters")) == ["a", "b", "c"]
    assert "letters: 0 of 3" in terminal.getvalue()
    assert terminal.getvalue().endswith(f"\r{'':60}\r")  # the line is empty at the end


@pytest.mark.parametrize("watched", [False, True])
def test_a_notebook_stores_no_progress_but_a_reader_sees_it(watched):
    source = "from lnlearn.progress import progress\nprint(sum(progress([1, 2], 'adding')))"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    client = NotebookClient(notebook, kernel_name="python3")
    seen = []
    process = client.process_message
    client.process_message = lambda message, *rest: (seen.append(message), process(message, *rest))[
        1
    ]
    with client.setup_kernel():
        client.kc.allow_stdin = watched
        client.execute_cell(notebook.cells[0], 0)
    [printed, *display] = sorted(
        notebook.cells[0].outputs, key=lambda out: out.output_type != "stream"
    )
    assert printed.text == "3\n"
    said = [m["content"]["data"]["text/plain"] for m in seen if "data" in m["content"]]
    if watched:
        assert "adding: 0 of 2" in said
        assert display[0].data["text/plain"] == ""
    else:
        assert not said
        assert not display
