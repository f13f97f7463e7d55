"""Write the student edition: the chapters without solutions and outputs, ready to be handed out.

    python tools/student.py                       all chapters, into _build/student
    python tools/student.py by_hand axes          two of them
    python tools/student.py --cohort 2027         with other numbers than those of the book
    python tools/student.py --out ps1 --install "pip install -r requirements.txt"

Beside it, in _build/solutions, lies the edition with solutions. Stubs and check cells stay as they
are, so a notebook that comes back can be graded with ``python -m lnlearn.check SUBMISSION --like
_build/student/CHAPTER.ipynb``. The first cell of a notebook says what is not installed and how to
get it; without PyTorch, the exercises that need NumPy alone can be done.

With --cohort, exercises whose answer is a few numbers ask for others, in both editions. The cohort
is an integer, such as a year, and always draws the same numbers. Other exercises stay as they are.
"""

import argparse
import ast
import sys
from pathlib import Path

import nbformat

import address
import cohort as cohorts

ROOT = Path(__file__).resolve().parent.parent
FOR_TEACHERS = (
    "teaching.ipynb",
    "exercises.ipynb",
    "write_exercise.ipynb",
)  # which have answers of all kinds
UNSET = "pip install lnlearn[book], as your teacher says"

NEEDS = """
from importlib.util import find_spec

missing = [name for name in {names} if find_spec(name) is None]
if missing:
    print("Not installed:", ", ".join(missing))
    print("Install what is missing, then restart the kernel:")
    print({install!r})
if missing == ["torch"]:
    print("Without PyTorch some cells fail. Exercises in NumPy work.")
if "numpy" not in missing and "lnlearn" not in missing:
    import numpy as np

    from lnlearn import check
"""


def chapters(names=()):
    """The paths of the chapters with these names; of all that students get where none is given."""
    paths = [p for p in sorted((ROOT / "book").glob("*.ipynb")) if p.name not in FOR_TEACHERS]
    known = {path.stem: path for path in paths}
    if unknown := set(names) - set(known):
        raise ValueError(
            f"there is no chapter called {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    return [known[name] for name in names] if names else paths


def install_line():
    """The line that installs what the chapters need."""
    url = address.current()
    return UNSET if url == address.UNSET else f'pip install "lnlearn[book] @ git+{url}"'


def needed(notebook):
    """What the notebook's cells import beyond Python's own library, and what draws its figures."""
    names = {"matplotlib", "numpy"}
    for cell in notebook.cells:
        if cell.cell_type != "code" or address.COLAB_TAG in cell.metadata.get("tags", []):
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                names |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module.partition(".")[0])
    return tuple(sorted(names - set(sys.stdlib_module_names)))


def edition(path, install, solutions=False, cohort=None):
    """A chapter as it is handed out."""
    notebook = nbformat.read(path, as_version=4)
    names = needed(notebook)
    if cohort is not None:
        cohorts.rewrite(notebook, cohort)
    if not solutions:
        notebook.cells = [
            cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])
        ]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if address.COLAB_TAG in cell.metadata.get("tags", []):
            cell.source += "\n" + NEEDS.format(names=names, install=install).rstrip("\n")
    return notebook


def write(folder, paths, install, solutions=False, cohort=None):
    """Write these chapters into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        text = nbformat.writes(edition(path, install, solutions, cohort)) + "\n"
        (folder / path.name).write_text(text, encoding="utf-8")


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chapters", nargs="*", help="such as by_hand (default: all)")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "student")
    parser.add_argument("--solutions", type=Path, help="default: solutions, beside --out")
    parser.add_argument("--install", default=install_line(), help="what the first cell advises")
    parser.add_argument("--cohort", type=cohorts.integer, help="whose numbers, such as 2027")
    options = parser.parse_args(arguments)
    try:
        paths = chapters(options.chapters)
    except ValueError as error:
        parser.error(str(error))
    solutions = options.solutions or options.out.parent / "solutions"
    write(options.out, paths, options.install, cohort=options.cohort)
    write(solutions, paths, options.install, solutions=True, cohort=options.cohort)
    print(f"The student edition is in {options.out}, the solutions are in {solutions}.")
    if options.cohort is not None:
        print(f"With numbers of cohort {options.cohort}: {cohorts.varied(paths) or 'nothing'}.")
    if options.install == UNSET:
        print("Students need to know where to install it from: pass --install, or make address.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
