"""The student edition: no solution in it, and it runs from the first cell to the last."""

import nbformat
import pytest

import execute
import student

PAGES = sorted((student.ROOT / "book").glob("*.ipynb"))
FOR_TEACHERS = {"teaching.ipynb", "exercises.ipynb"}
CHAPTERS = [page for page in PAGES if page.name not in FOR_TEACHERS]


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    out = tmp_path_factory.mktemp("edition")
    student.main(out)
    return out


def code(path):
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def test_every_page_of_the_book_but_the_teachers_is_there(edition):
    assert len(CHAPTERS) == len(PAGES) - 2
    assert sorted(p.name for p in edition.iterdir()) == [p.name for p in CHAPTERS]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_solution_and_no_output_is_handed_out(path, edition):
    text = (edition / path.name).read_text(encoding="utf-8")
    solutions = [c for c in code(path) if "solution" in c.metadata.get("tags", [])]
    for cell in solutions:
        assert cell.source.splitlines()[-1] not in text
    assert len(code(edition / path.name)) == len(code(path)) - len(solutions)
    assert not any(cell.outputs for cell in code(edition / path.name))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_it_runs_and_shows_what_the_chapter_shows(path, edition, tmp_path):
    notebook = nbformat.read(edition / path.name, as_version=4)
    ran = execute.execute(notebook, tmp_path)
    shown = [cell for cell in ran.cells if cell.cell_type == "code"]
    stored = [cell for cell in code(path) if "solution" not in cell.metadata.get("tags", [])]
    assert [compared(cell) for cell in shown] == [compared(cell) for cell in stored]


def compared(cell):
    """What nbval compares: outputs without the number of the cell, which here is another one."""
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        return []
    return [{k: v for k, v in output.items() if k != "execution_count"} for output in cell.outputs]
