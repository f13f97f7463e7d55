"""Refuse a release that does not agree with itself.

    python tools/release.py v1.2.0

The tag, the package's version, CITATION.cff and the newest entry of the changelog are the same.
Needs nothing but Python.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = {  # a file, and where the version stands in it
    "src/lnlearn/__init__.py": r'^__version__ = "(.+)"',
    "CITATION.cff": r"^version: (\S+)",
    "CHANGELOG.md": r"^## \[?(?!Unreleased)([^\s\]]+)",
}


def problems(tag, root=ROOT):
    """What does not agree with the tag, a sentence for each file."""
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        yield f"A tag needs the form v1.2.0, and this is {tag}."
        return
    for name, pattern in PLACES.items():
        found = re.search(pattern, (root / name).read_text(encoding="utf-8"), re.MULTILINE)
        if found is None or f"v{found[1]}" != tag:
            yield f"The tag is {tag}, and {name} has {found[1] if found else 'no version'}."


if __name__ == "__main__":
    found = list(problems(*sys.argv[1:2]))
    print("\n".join(found) or "The release agrees with itself.")
    sys.exit(bool(found))
