"""The book's files, for the tests of the book."""

from pathlib import Path

import nbformat
import pytest

import execute

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "book").rglob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture
def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def prose(notebook):
    """The text of all Markdown cells that someone has written."""
    return "\n\n".join(
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "markdown" and execute.WORDS not in cell.metadata.get("tags", [])
    )
