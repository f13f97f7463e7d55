"""Read the pages of the built site as pieces of XHTML, for the PDF and the EPUB.

The pages are opened in Chromium or Chrome, with their scripts switched off, because a browser can
read any page and write it as XML. `whole.js` takes away what paper has no use for, opens what is
folded, and tells links within the book from others.
"""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
SCRIPT = Path(__file__).with_suffix(".js")
LEFT_OUT = {"exercises"}  # a hundred pages of inputs, for those who grade
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Page:
    """A page of the book: `sections` are (id, heading, level) of its second and third level."""

    name: str
    part: str
    title: str
    number: str
    sections: list
    xhtml: str


@contextlib.contextmanager
def open_browser():
    """Chromium or Chrome as the system has it; where there is none, say how to get it."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise FileNotFoundError(
            f"a browser is needed, and none of {', '.join(BROWSERS)} is here: on Debian and "
            "Ubuntu, run: sudo apt-get install -y chromium"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def names(root=ROOT):
    """The name of each page and the part it belongs to, in the book's order."""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    yield Path(contents["root"]).name, ""
    for part in contents["parts"]:
        for chapter in part["chapters"]:
            yield Path(chapter["file"]).name, part["caption"]


def read(browser, site=SITE, *, one_file):
    """Every page of the site that `make book` built, in the book's order, as `Page` objects.

    With ``one_file=True``, the pages can stand in one document: each id begins with the name of
    its page, and so do the links. With ``one_file=False`` a link leads to ``name.xhtml#id``.
    """
    if not (site / "book" / "index.html").exists():
        raise FileNotFoundError(f"there is no site in {site}: run `make book` first")
    known = [page for page in names() if page[0] not in LEFT_OUT]
    context = browser.new_context(java_script_enabled=False, color_scheme="light")
    tab = context.new_page()
    pages = []
    for name, part in known:
        tab.goto((site / "book" / f"{name}.html").as_uri())
        options = {"name": name, "names": [n for n, _ in known], "oneFile": one_file}
        found = tab.evaluate(SCRIPT.read_text(encoding="utf-8"), options)
        pages.append(Page(name, part, **found))
    context.close()
    return pages
