"""The repository's address: kept in `_config.yml`, repeated wherever a file cannot look it up.

    python tools/address.py                                     print the address
    python tools/address.py https://github.com/OWNER/REPOSITORY set it everywhere
    python tools/address.py https://github.com/OWNER/REPOSITORY v1.0.0
                                                                the same, for the pages of a release

The links of a release's pages lead to its tag, and its Colab cells install the package of that tag.
The placeholder's owner holds an underscore, which GitHub does not allow in a name, so until the
address is set nothing here can lead to somebody else's repository.
"""

import re
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
UNSET = "https://github.com/OWNER_NOT_SET/lnlearn"
FILES = ["_config.yml", "README.md", "CONTRIBUTING.md", "CITATION.cff", "pyproject.toml"]
COLAB_TAG = "colab"

INSTALL = """\
import sys

if "google.colab" in sys.modules:
    %pip install -q --no-deps "lnlearn @ git+{address}{at}"
"""

REFUSE = """\
import sys

if "google.colab" in sys.modules:
    raise RuntimeError(
        "This copy of the book does not know where its package is published. "
        "If it is yours, run "
        "make address URL=https://github.com/OWNER/REPOSITORY and push. "
        "If not, open the book from its own site or repository."
    )
"""


def current(root=ROOT):
    """The address in `_config.yml`."""
    config = (root / "_config.yml").read_text(encoding="utf-8")
    return re.search(r"^  url: (\S+)", config, re.MULTILINE)[1]


def colab_cell(address, tag=""):
    """The first code cell of every chapter."""
    at = f"@{tag}" if tag else ""
    return (REFUSE if address == UNSET else INSTALL.format(address=address, at=at)).rstrip("\n")


def set_everywhere(address, root=ROOT, tag=""):
    """Replace the current address by `address` in every file that holds it; all files or none."""
    if not re.fullmatch(r"https://github\.com/[A-Za-z0-9-]+/[A-Za-z0-9._-]+(?<!\.git)", address):
        raise ValueError(
            f"the address needs the form https://github.com/OWNER/REPOSITORY, got {address!r}"
        )
    if tag and not re.fullmatch(r"v\d+\.\d+\.\d+\S*", tag):
        raise ValueError(f"the tag needs the form v1.0.0, got {tag!r}")
    old, texts = current(root), {}
    for path in [root / name for name in FILES]:
        texts[path] = path.read_text(encoding="utf-8").replace(old, address)
    for path in sorted((root / "book").rglob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = cell.source.replace(old, address)
            if COLAB_TAG in cell.metadata.get("tags", []):
                cell.source = colab_cell(address, tag)
        texts[path] = nbformat.writes(notebook) + "\n"
    config = root / "_config.yml"
    texts[config] = re.sub(r"(?m)^  branch: \S+", f"  branch: {tag or 'main'}", texts[config])
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        try:
            set_everywhere(sys.argv[1], tag="".join(sys.argv[2:3]))
        except ValueError as error:
            sys.exit(f"{error}. Nothing was changed.")
    print(current())
