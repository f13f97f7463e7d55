"""The index lists the chapters of `_toc.yml`."""

import shutil

import nbformat
import pytest
import yaml

import contents

TEXT = """## The chapters

**One**

- [By hand](by_hand.ipynb). What is it?
- *Real models.* Which norm has which model?

**Two**

- *Without.* Can it be left out?

## More"""


def listed(*chapters, cell="# A demo\n\nIt begins. Does it end? Yes."):
    parts = [
        {"caption": "One", "chapters": [{"file": f"book/{name}"} for name in chapters]},
        {"caption": "Around the book", "chapters": [{"file": "book/teaching"}]},
    ]
    return contents.listed(TEXT, {"parts": parts}, lambda name: cell)


def test_a_chapter_that_is_listed_stays_as_it_is():
    assert listed("by_hand") == TEXT


def test_a_planned_chapter_becomes_a_link_and_keeps_its_question():
    line = "- [Real models](real_models.ipynb). Which norm has which model?"
    assert listed("by_hand", "real_models") == TEXT.replace(
        "- *Real models.* Which norm has which model?", line
    )


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("# A demo\n\nIt begins. Does it end? Yes.", "- [A demo](demo.ipynb). Does it end?"),
        ("# A demo\n\nDoes it end?", "- [A demo](demo.ipynb). Does it end?"),
        ("# A demo\n\nNo question.", "- [A demo](demo.ipynb)."),
    ],
)
def test_a_chapter_that_was_not_planned_is_added_to_its_part(cell, line):
    assert listed("demo", cell=cell) == TEXT.replace("model?\n", f"model?\n{line}\n")


def test_the_index_of_this_book_lists_its_chapters_in_order(tmp_path):
    (tmp_path / "book").mkdir()
    for path in [contents.ROOT / "_toc.yml", *contents.ROOT.glob("book/*.ipynb")]:
        shutil.copy(path, tmp_path / path.relative_to(contents.ROOT))
    assert contents.refresh(tmp_path), "run: python tools/contents.py"
    index = nbformat.read(tmp_path / "book/index.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in index.cells)
    toc = yaml.safe_load((tmp_path / "_toc.yml").read_text(encoding="utf-8"))
    for part in toc["parts"]:
        if (heading := f"**{part['caption']}**") in text:
            section = text.split(heading)[1].split("\n\n")[1]
            names = [chapter["file"].removeprefix("book/") for chapter in part["chapters"]]
            places = [section.index(f"]({name}.ipynb)") for name in names]
            assert places == sorted(places)


def test_what_is_missing_is_written_into_the_index_once(tmp_path):
    (tmp_path / "book").mkdir()
    cells = [nbformat.v4.new_markdown_cell(f"Text.\n\n{TEXT}")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "book/index.ipynb")
    toc = "parts: [{caption: Two, chapters: [{file: book/without}]}]"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    assert not contents.refresh(tmp_path)
    assert contents.refresh(tmp_path)
    assert "(without.ipynb)" in (tmp_path / "book/index.ipynb").read_text(encoding="utf-8")
