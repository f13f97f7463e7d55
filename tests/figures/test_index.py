"""The map of the book: every chapter is on it, after the one that it says it needs."""

from pathlib import Path

import nbformat
import yaml

from lnlearn import figures
from lnlearn.figures.index import ALSO, NEEDS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {"book_map": figures.book_map}


def chapters():
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    files = [
        c["file"]
        for part in parts
        if part["caption"] != "Around the book"
        for c in part["chapters"]
    ]
    return [Path(file).name for file in files]


def test_every_chapter_is_on_the_map_once():
    assert sorted(NEEDS) == sorted(chapters())


def test_a_chapter_links_to_what_it_needs_before_its_first_section():
    for name, needed in [*NEEDS.items(), *ALSO.items()]:
        cells = nbformat.read(ROOT / f"book/{name}.ipynb", as_version=4).cells
        opening = "\n".join(c.source for c in cells if c.cell_type == "markdown").split("\n## ")[0]
        assert needed is None or f"({needed}.ipynb" in opening, name


def test_each_name_is_a_link_to_its_chapter():
    [axes] = figures.book_map().axes
    linked = [text.get_url() for text in axes.texts if text.get_url()]
    assert linked == [f"{name}.ipynb" for name in NEEDS]
