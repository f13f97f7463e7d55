"""Open every address that the book and its papers link to, and list those that do not answer.

    python tools/links.py

Needs nothing but Python. A page that refuses programs (403, 429) counts as there.
"""

import json
import re
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"""https?://[^\s<>"'`\\)\]}]+""")
REFUSED = {401, 403, 405, 429}  # by a server that answers browsers only
MINE = "OWNER_NOT_SET"  # the placeholder of this repository's own address


def links_of(path):
    """The addresses in a Markdown file, or in the text of a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return {link.rstrip(".,;:") for link in LINK.findall(text) if MINE not in link}


def problem(address, seconds=30):
    """Say what is wrong with an address; an empty string if it answers."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    try:
        with urllib.request.urlopen(request, timeout=seconds):
            return ""
    except urllib.error.HTTPError as error:
        with error:  # an answer, too, which has to be closed
            return "" if error.code in REFUSED else f"{error.code} {error.reason}"
    except (OSError, ValueError) as error:
        return str(error)


def main(root=ROOT):
    """Print the dead links with the files that have them; return how many there are."""
    files = [*sorted((root / "book").glob("*.ipynb")), *sorted(root.rglob("*.md"))]
    found = {}
    for path in files:
        if not any(part.startswith((".", "_")) for part in path.relative_to(root).parts):
            for link in links_of(path):
                found.setdefault(link, []).append(path.name)
    with ThreadPoolExecutor(8) as pool:
        problems = dict(zip(found, pool.map(problem, found), strict=True))
    dead = {link: said for link, said in problems.items() if said}
    for link, said in sorted(dead.items()):
        print(f"{link}\n    {said}, in {', '.join(found[link])}")
    print(f"{len(found)} addresses, {len(dead)} of them dead.")
    return len(dead)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
