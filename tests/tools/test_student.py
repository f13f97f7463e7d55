"""The student edition: no solution in it, and it runs from the first cell to the last."""

import ast
import subprocess
import sys

import nbformat
import pytest

import execute
import student

PAGES = sorted((student.ROOT / "book").glob("*.ipynb"))
FOR_TEACHERS = {"teaching.ipynb", "exercises.ipynb", "write_exercise.ipynb"}
ABOUT_TORCH = ("module", "gpu_kernel")  # whose exercises are, too
CHAPTERS = [page for page in PAGES if page.name not in FOR_TEACHERS]


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    out = tmp_path_factory.mktemp("edition")
    assert student.main(["--out", str(out / "student")]) == 0
    return out / "student"


def read(path):
    return nbformat.read(path, as_version=4)


def code(path):
    cells = read(path).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def test_every_page_of_the_book_but_the_teachers_is_there(edition):
    assert len(CHAPTERS) == len(PAGES) - 3
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
def test_the_solutions_lie_beside_it(path, edition):
    solutions = [cell.source for cell in code(edition.parent / "solutions" / path.name)]
    assert solutions[1:] == [cell.source for cell in code(path)][1:]


def test_chapters_are_chosen_by_name(tmp_path, capsys):
    assert student.main(["axes", "--out", str(tmp_path / "ps1"), "--install", "conda lnlearn"]) == 0
    assert [path.name for path in (tmp_path / "ps1").iterdir()] == ["axes.ipynb"]
    assert [path.name for path in (tmp_path / "solutions").iterdir()] == ["axes.ipynb"]
    assert "print('conda lnlearn')" in code(tmp_path / "ps1" / "axes.ipynb")[0].source
    with pytest.raises(SystemExit):
        student.main(["no_chapter"])
    assert "there is no chapter called no_chapter" in capsys.readouterr().err


WITHOUT = """
import ast, contextlib, importlib.util, json, sys
missing, found, names = set(sys.argv[2:]), importlib.util.find_spec, {}
sys.modules |= dict.fromkeys(missing)
importlib.util.find_spec = lambda name: None if name in missing else found(name)
cells = [c for c in json.load(open(sys.argv[1]))["cells"] if c["cell_type"] == "code"]
for cell in cells[:2]:  # what is missing, and the imports
    with contextlib.suppress(ImportError):
        exec("".join(cell["source"]), names)
for cell in cells:
    if "exercise" in cell["metadata"].get("tags", []):  # it may define what the answer uses
        exec("".join(cell["source"]), names)
    if "solution" in cell["metadata"].get("tags", []):
        for node in ast.parse("".join(cell["source"])).body:
            if isinstance(node, ast.FunctionDef):
                exec(ast.unparse(node), names)
            elif ast.unparse(node).startswith("check."):
                assert eval(ast.unparse(node), names).passed, ast.unparse(node)
                print("right")
"""


def alone(path, *missing):
    command = [sys.executable, "-c", WITHOUT, path, *missing]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_without_torch_the_exercises_in_numpy_can_be_done(path, edition):
    exercises = sum("solution" in cell.metadata.get("tags", []) for cell in code(path))
    if path.stem in ABOUT_TORCH:
        pytest.skip("its exercises are about PyTorch")
    run = alone(edition.parent / "solutions" / path.name, "torch")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines().count("right") == exercises
    assert ("Not installed: torch" in run.stdout) == ("torch" in student.needed(read(path)))


def test_the_first_cell_says_what_is_missing_and_how_to_get_it(edition):
    run = alone(edition / "by_hand.ipynb", "lnlearn", "numpy", "torch", "matplotlib")
    assert "Not installed: lnlearn, matplotlib, numpy, torch" in run.stdout
    assert student.install_line() in run.stdout
    assert alone(edition / "by_hand.ipynb").stdout == ""


def left_behind(path):
    """What other cells could notice of a chapter's solutions.

    Nothing, where the solutions define names that no other cell uses, assert, print and check.
    """
    bound, used, noticed = set(), set(), set()
    for cell in code(path)[1:]:
        tree = ast.parse(cell.source)
        if "solution" not in cell.metadata.get("tags", []):
            used |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            continue
        for node in tree.body:
            match node:
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    bound.add(name)
                case ast.Assign(targets=[ast.Name(id=name)]):
                    bound.add(name)
                case ast.Assert():
                    pass
                case _ if not ast.unparse(node).startswith(("print(", "check.")):
                    noticed.add(ast.unparse(node))
    return noticed | (bound & used)


# Where nothing is left behind, it shows what the chapter shows, which is run as a test itself.
RUN = [path for path in CHAPTERS if path.stem == "by_hand" or left_behind(path)]


@pytest.mark.parametrize("path", RUN, ids=lambda path: path.stem)
def test_it_runs_and_shows_what_the_chapter_shows(path, edition, tmp_path):
    notebook = nbformat.read(edition / path.name, as_version=4)
    ran = execute.execute(notebook, tmp_path)
    shown = [cell for cell in ran.cells if cell.cell_type == "code"]
    stored = [cell for cell in code(path) if "solution" not in cell.metadata.get("tags", [])]
    assert [compared(cell) for cell in shown] == [compared(cell) for cell in stored]


def test_what_a_solution_leaves_behind_is_found(tmp_path):
    def chapter(*solution):
        cells = [nbformat.v4.new_code_cell("import sys")]
        cells += [nbformat.v4.new_code_cell(s, metadata={"tags": ["solution"]}) for s in solution]
        notebook = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell("print(x)")])
        nbformat.write(notebook, tmp_path / "chapter.ipynb")
        return left_behind(tmp_path / "chapter.ipynb")

    assert chapter("def f():\n    x = 1", "y = f()", "assert y", "check.f(f)", "print(y)") == set()
    assert chapter("x = 1") == chapter("def x():\n    pass") == {"x"}
    assert chapter("x += 1", "y[0] = 1", "a, b = 1, 2") == {"x += 1", "y[0] = 1", "a, b = (1, 2)"}


def compared(cell):
    """What nbval compares: outputs without the number of the cell, which here is another one."""
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        return []
    return [{k: v for k, v in output.items() if k != "execution_count"} for output in cell.outputs]
