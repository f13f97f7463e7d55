"""Write a course's files: both editions, and what each grading system needs.

    python tools/course.py                        all chapters, into _build/course
    python tools/course.py by_hand --out ps1
    python tools/course.py --cohort 2027          with other numbers than those of the book

A chapter's folder holds

    student.ipynb, solutions.ipynb      the two editions
    nbgrader/                           a course directory: run nbgrader in it
    otter/autograder.zip                for `otter run` and `otter grade`
    gradescope.zip                      for Gradescope's programming assignments
    classroom/                          a repository's files, for GitHub Classroom
    contained.sh                        grades in a container of bubblewrap's, without network
"""

import argparse
import json
import sys
import zipfile
from pathlib import Path

import nbformat

import cohort as cohorts
import student
from lnlearn.check.sheet import checkers
from lnlearn.check.tasks import read_tasks

TEMPLATES = Path(__file__).resolve().parent / "course"


def for_nbgrader(notebook, tasks):
    """The student edition with nbgrader's metadata, and a cell that fails behind each check."""
    by_cell = {}
    for task in tasks:
        by_cell.setdefault(task.cell, []).append(task)
    cells, number = [], 0
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type != "code":
            continue
        number += 1
        if "exercise" in cell.metadata.get("tags", []):
            stub = "    raise NotImplementedError"
            marked = f"    ### BEGIN SOLUTION\n{stub}\n    ### END SOLUTION"
            cell.source = cell.source.replace(stub, marked)
            cell.metadata["nbgrader"] = _metadata(f"answer-{number}", solution=True)
        for task in by_cell.get(number, ()):
            graded = nbformat.v4.new_code_cell(
                "# For the grade book.\nfrom lnlearn import check\n\n"
                f"report = {call(task)}\nassert report.passed, report"
            )
            graded.id = f"grade-{task.exercise.replace('_', '-')}"
            graded.metadata["nbgrader"] = _metadata(task.exercise, points=task.points)
            cells.append(graded)
    notebook.cells = cells
    return notebook


def for_otter(notebook, tasks):
    """The student edition, with what tells Otter to grade where a check cell stands."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for task in tasks:
        tests = cells[task.cell - 1].metadata.setdefault("otter", {}).setdefault("tests", [])
        tests.append(task.exercise)
    return notebook


def _metadata(grade_id, solution=False, points=None):
    """What nbgrader wants to know of a cell."""
    graded = {} if points is None else {"points": points}
    return {
        "schema_version": 3,
        "cell_type": "code",
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": points is not None,
        "solution": solution,
        "task": False,
        **graded,
    }


def call(task):
    """The check of an exercise as a cell writes it."""
    options = "".join(f", {name}={value!r}" for name, value in task.options.items())
    return f"check.{task.exercise}({task.function}{options})"


def otter_test(task):
    """A test file of Otter-Grader's, in its format of OK."""
    code = (
        ">>> from lnlearn import check\n"
        f">>> report = {call(task)}\n"
        ">>> assert report.passed, report\n"
    )
    case = {"code": code, "hidden": False, "locked": False, "points": task.points}
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    test = {"name": task.exercise, "points": task.points, "suites": [suite]}
    return f"OK_FORMAT = True\n\ntest = {test!r}\n"


def write(out, path, install, cohort=None):
    """Write the files of one chapter."""
    out.mkdir(parents=True, exist_ok=True)
    for name, solutions in (("student", False), ("solutions", True)):
        _notebook(out / f"{name}.ipynb", student.edition(path, install, solutions, cohort))
    sheet = out / "student.ipynb"
    tasks = read_tasks(sheet, checkers())
    _notebook(sheet, for_otter(student.edition(path, install, cohort=cohort), tasks))
    source = out / "nbgrader" / "source" / path.stem / path.name
    _notebook(source, for_nbgrader(student.edition(path, install, cohort=cohort), tasks))
    _text(out / "nbgrader" / "nbgrader_config.py", _template("nbgrader_config.py"))
    tests = {f"tests/{task.exercise}.py": otter_test(task) for task in tasks}
    _zip(out / "otter" / "autograder.zip", {"otter_config.json": '{"lang": "python"}', **tests})
    for name, text in tests.items():
        _text(out / "otter" / name, text)
    filled = {"install": install, "chapter": path.stem}
    files = {name: _template(name, **filled) for name in ("setup.sh", "run_autograder")}
    handed_out = sheet.read_text(encoding="utf-8")
    _zip(out / "gradescope.zip", {**files, "sheet.ipynb": handed_out})
    classroom = out / "classroom"
    _text(classroom / ".github/workflows/classroom.yml", _template("classroom.yml", **filled))
    _text(classroom / ".github/sheet.ipynb", handed_out)
    _text(classroom / path.name, handed_out)
    _text(out / "contained.sh", _template("contained.sh"))
    (out / "contained.sh").chmod(0o755)


def _template(name, **filled):
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    for key, value in filled.items():
        text = text.replace(f"@{key}@", value)
    return text


def _text(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _notebook(path, notebook):
    _text(path, nbformat.writes(notebook) + "\n")


def _zip(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16  # Gradescope runs two of them
            archive.writestr(entry, text)


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chapters", nargs="*", help="such as by_hand (default: all)")
    parser.add_argument("--out", type=Path, default=student.ROOT / "_build" / "course")
    parser.add_argument("--install", default=student.install_line(), help="run before grading")
    parser.add_argument("--cohort", type=cohorts.integer, help="whose numbers, such as 2027")
    options = parser.parse_args(arguments)
    try:
        paths = [path for path in student.chapters(options.chapters) if has_exercises(path)]
    except ValueError as error:
        parser.error(str(error))
    for path in paths:
        write(options.out / path.stem, path, options.install, options.cohort)
    print(json.dumps({"written to": str(options.out), "chapters": [p.stem for p in paths]}))
    return 0


def has_exercises(path):
    """Whether a chapter has something to grade."""
    cells = nbformat.read(path, as_version=4).cells
    return any("exercise" in cell.metadata.get("tags", []) for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
