"""Run chapters and store their outputs, normalized so that a second run changes nothing.

    python tools/execute.py            every chapter
    python tools/execute.py by_hand    one of them

A chapter that fails is left as it was.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_markdown_cell

import contents

BOOK = Path(__file__).resolve().parent.parent / "book"
WORDS = "words"  # the tag of cells that are written here


def execute(notebook, folder):
    """Run `notebook` in `folder`, from a new kernel, and return it normalized.

    A cell tagged `timing` shows how long something took, which is never the same twice: it keeps
    the output that it has. Clear that output to have a new one stored.
    """
    cells = notebook.cells
    kept = {
        i: cell.outputs
        for i, cell in enumerate(cells)
        if "timing" in cell.metadata.get("tags", []) and cell.outputs
    }
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=300, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    for i, outputs in kept.items():
        for output in outputs:
            if "execution_count" in output:
                output.execution_count = cells[i].execution_count
        cells[i].outputs = outputs
    return normalized(notebook)


def normalized(notebook):
    """Keep what the tests compare and a reader sees; drop what changes from run to run."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    cells = [cell for cell in notebook.cells if WORDS not in cell.metadata.get("tags", [])]
    notebook.cells = []
    for cell in cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in ("tags", "mystnb")}
        cell.metadata |= folded(cell.metadata.get("tags", []))
        notebook.cells.append(cell)
        if cell.cell_type == "code":
            cell.outputs = merged_streams(cell.outputs)
            notebook.cells += words(cell)
    return notebook


def words(cell):
    """A cell, or none, that says a figure's caption and what is to be seen in it.

    The site takes both from the metadata and leaves this cell out. Jupyter, Colab and GitHub show
    no caption and read no text in place of an SVG, so there it stands below the figure.
    """
    shown = cell.metadata.get("mystnb", {})
    caption = shown.get("figure", {}).get("caption", "")
    alt = shown.get("image", {}).get("alt", "")
    if not caption and not alt:
        return []
    html = "".join(o.get("data", {}).get("text/html", "") for o in cell.outputs)
    kind = "Table" if not alt and "<table" in html and "<svg" not in html else "Figure"
    caption = caption and f"**{kind}.** {caption}"
    tags = cell.metadata.get("tags", [])
    if {"hide-output", "hide-cell"} & set(tags):  # what it shows is an answer
        caption, alt = "", "\n\n".join(filter(None, (caption, alt)))
    fold = alt and f"<details><summary>The {kind.lower()} in words</summary>\n\n{alt}\n\n</details>"
    below = new_markdown_cell("\n\n".join(filter(None, (caption, fold))))
    below.id = f"{cell.id}-words"
    below.metadata = {"tags": [WORDS, *({"solution"} & set(tags))]}
    return [below]


def folded(tags):
    """What folds a cell in Jupyter and in Colab as its tags fold it on the site."""
    code = {"hide-input", "hide-cell"} & set(tags)
    output = {"hide-output", "hide-cell"} & set(tags)
    metadata = {}
    if code:
        metadata |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
    if output:
        metadata |= {"jupyter": {**metadata.get("jupyter", {}), "outputs_hidden": True}}
        metadata |= {"collapsed": True}
    return metadata


def merged_streams(outputs):
    """Join neighbouring prints: how the kernel cuts them is chance."""
    merged = []
    for output in outputs:
        if output.output_type == "stream" and merged and merged[-1].get("name") == output.name:
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


def main(names):
    paths = [BOOK / f"{name.removesuffix('.ipynb')}.ipynb" for name in names]
    for path in paths or sorted(BOOK.rglob("*.ipynb")):
        if not path.exists():
            sys.exit(f"there is no chapter {path.stem!r} in {BOOK}")
        before = path.read_text(encoding="utf-8")
        try:
            notebook = execute(nbformat.reads(before, as_version=4), path.parent)
        except CellExecutionError as error:
            sys.exit(f"{path.name}: a cell failed; its stored outputs are unchanged.\n{error}")
        after = nbformat.writes(notebook) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8")
        print(f"{path.name}: {'changed' if after != before else 'unchanged'}")


if __name__ == "__main__":
    main(sys.argv[1:])
    contents.refresh()
