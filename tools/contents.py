"""Keep the index's list of chapters up to date with `_toc.yml`.

    python tools/contents.py

A planned chapter stands in the list as ``- *By hand.* What does it do?`` and becomes a link once
`_toc.yml` has it. One that was not planned is added at the end of its part, with the title of its
notebook and the first question that its first cell asks.
"""

import re
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent


def listed(text, contents, first_cell):
    """The index's text with each chapter of `contents`, a dict as in `_toc.yml`, as a link.

    `first_cell` takes the name of a chapter and gives the text of its first cell.
    """
    lines = text.split("\n")
    for part in contents["parts"]:
        heading = f"**{part['caption']}**"
        if heading not in lines:  # pages about the book are not in the list
            continue
        for chapter in part["chapters"]:
            name = Path(chapter["file"]).name
            if not any(line.startswith("- [") and f"({name}.ipynb)" in line for line in lines):
                _add(lines, heading, name, first_cell)
    return "\n".join(lines)


def _add(lines, heading, name, first_cell):
    for i, line in enumerate(lines):
        planned = re.fullmatch(r"- \*(.+)\.\* (.+)", line)
        if planned and planned[1].lower().replace(" ", "_") == name:
            lines[i] = f"- [{planned[1]}]({name}.ipynb). {planned[2]}"
            return
    title = re.search(r"^# (.+)", first_cell(name), re.MULTILINE)[1]
    question = re.search(r"(?:^|(?<=[.?!] ))[A-Z][^.?!\n]*\?", first_cell(name), re.MULTILINE)
    end = lines.index(heading) + 2
    while end < len(lines) and lines[end].startswith("- "):
        end += 1
    lines.insert(end, f"- [{title}]({name}.ipynb). {question[0] if question else ''}".rstrip())


def refresh(root=ROOT):
    """Bring the index of a book up to date; return whether it was."""
    path = root / "book" / "index.ipynb"
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    index = nbformat.read(path, as_version=4)
    [cell] = [cell for cell in index.cells if "\n## The chapters\n" in cell.source]
    before, cell.source = (
        cell.source,
        listed(cell.source, contents, lambda name: _first(root, name)),
    )
    if cell.source != before:
        nbformat.write(index, path)
    return cell.source == before


def _first(root, name):
    return nbformat.read(root / "book" / f"{name}.ipynb", as_version=4).cells[0].source


if __name__ == "__main__":
    print("index.ipynb:", "unchanged" if refresh() else "changed")
