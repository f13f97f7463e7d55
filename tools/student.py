"""Write the student edition: the chapters without solutions and outputs, ready to be handed out.

    python tools/student.py            into _build/student

Stubs and check cells stay as they are, so a notebook that comes back can be graded with
``python -m lnlearn.check NOTEBOOK --like _build/student/NOTEBOOK``.
"""

from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
FOR_TEACHERS = ("teaching.ipynb", "exercises.ipynb")  # which have answers of all kinds


def without_solutions(notebook):
    """The notebook as a student gets it."""
    notebook.cells = [
        cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])
    ]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def main(out=ROOT / "_build" / "student"):
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        if path.name in FOR_TEACHERS:
            continue
        notebook = without_solutions(nbformat.read(path, as_version=4))
        (out / path.name).write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    print(f"The student edition is in {out}.")


if __name__ == "__main__":
    main()
