"""Give a chapter's exercises the numbers of a cohort: their text, stub, check and solution.

``make student COHORT=2027`` does so with all that have a `Variation` in `lnlearn.check`.
"""

import argparse
import re

import nbformat

from lnlearn import check

CHECK = re.compile(r"^check\.(\w+)\((\w+)\)$", re.MULTILINE)


def integer(text):
    """The cohort of a command line."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no cohort: write an integer, such as 2027"
        ) from None


def exercises(notebook):
    """Each exercise with other numbers for each cohort: its checker, and its cells."""
    cells = notebook.cells
    for i, cell in enumerate(cells):
        found = CHECK.search(cell.source) if cell.cell_type == "code" else None
        checker = getattr(check, found[1], None) if found else None
        if not getattr(checker, "variation", None) or "solution" in cell.metadata.get("tags", []):
            continue
        first = next(j for j in range(i, -1, -1) if cells[j].cell_type == "markdown")
        texts = (j for j in range(i, len(cells)) if cells[j].cell_type == "markdown")
        yield checker, cells[first : next(texts, len(cells))]


def rewrite(notebook, cohort):
    """Change the exercises of a notebook."""
    for checker, (text, *code) in exercises(notebook):
        variation = checker.variation
        numbers = variation.drawn(cohort)
        above, heading, asked = text.source.rpartition("### ")
        text.source = above + heading + variation.reword(asked, numbers)
        for cell in code:
            reworded = variation.reword(cell.source, numbers)
            cell.source = CHECK.sub(rf"check.\1(\2, cohort={cohort})", reworded)


def varied(paths):
    """The names of the exercises of these chapters that have other numbers, as a list in words."""
    notebooks = [nbformat.read(path, as_version=4) for path in paths]
    return ", ".join(checker.name for notebook in notebooks for checker, _ in exercises(notebook))
