"""Write the whole book as one PDF, from the site that `make book` built.

    python tools/pdf.py            into _build/layer-normalization.pdf

Chromium prints the pages twice. It cannot say on which page a chapter begins, so the contents get
their page numbers from the bookmarks of the first printing.
"""

import tempfile
from html import escape
from pathlib import Path

import pypdf
import yaml
from pypdf.generic import NameObject, TextStringObject

import whole

OUT = whole.ROOT / "_build" / "layer-normalization.pdf"
STYLE = Path(__file__).with_suffix(".css")
SCRIPT = Path(__file__).with_suffix(".js")
FOOT = 54  # points: below this, a page has no text (the margin in pdf.css)


def document(pages, book, numbers, site):
    """The whole book as one HTML text; `numbers` has the page number of each id.

    Until they are known, numbers as wide as most keep their places.
    """
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            f"<title>{escape(book['title'])}</title>",
            f'<style>@import url("{(site / "_static" / "book.css").as_uri()}") layer(site);',
            f"{STYLE.read_text(encoding='utf-8')}{running_titles(pages)}</style>",
            '</head><body class="inner">',
            cover(book),
            contents(pages, numbers),
            "<main>",
            *map(body, pages, [None, *pages]),
            "</main></body></html>",
        ]
    )


def running_titles(pages):
    """A page style for each chapter, which carries its title at the head."""
    return "".join(
        f"#{page.name} {{ page: {page.name.replace('_', '-')}; }}\n"
        f'@page {page.name.replace("_", "-")} {{ @top-left {{ content: "{page.title}"; }} }}\n'
        for page in pages
    )


def cover(book):
    return (
        f'<section class="cover"><p class="title">{escape(book["title"])}</p>'
        '<p class="subtitle">From three numbers on paper to a GPU kernel at the speed of memory</p>'
        f"<p>{escape(book['author'])}</p>"
        f"<p>{escape(book['copyright'])}. Text and figures CC BY 4.0, code MIT.</p>"
        "<p>This is the book as printed from its notebooks. Answers and solutions are open. Code "
        "that only imports, prints or draws is left out, and so are the table of the exercises' "
        "inputs and most of what the package says of its functions: all of it is in the notebooks "
        "and on the site.</p></section>"
    )


def contents(pages, numbers):
    lines, part = [], ""
    for page in pages[1:]:
        if page.part != part:
            part = page.part
            lines.append(f'<p class="part">{escape(part)}</p>')
        title = f"{page.number}  {page.title}" if page.number else page.title
        lines.append(line(page.name, title, 1, numbers))
        if page.number:
            lines += [line(*section, numbers) for section in page.sections if section[2] == 2]
    return f'<nav class="printed-contents"><p class="heading">Contents</p>{"".join(lines)}</nav>'


def line(name, heading, level, numbers):
    return (
        f'<a class="level-{level}" href="#{name}"><span>{escape(heading)}</span>'
        f'<span class="at">{numbers.get(name, 888)}</span></a>'
    )


def page_numbers(path, pages):
    """On which page each id stands: the bookmarks are the headings, in the same order.

    The mark of a heading that moved on to the next page may be left below the text of the last.
    """
    reader = pypdf.PdfReader(path)
    marks = list(bookmarks(reader.outline))
    ids = [name for page in pages for name in [page.name, *(id for id, _, _ in page.sections)]]
    return {
        name: reader.get_destination_page_number(mark) + 1 + (mark.top < FOOT)
        for name, mark in zip(ids, marks, strict=True)
    }


def bookmarks(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from bookmarks(entry)
        else:
            yield entry


def name_bookmarks(path, pages):
    """Give the bookmarks the words of the headings, where Chromium lost a blank or doubled them."""
    book = pypdf.PdfWriter(clone_from=path)
    words = [words for page in pages for words in [page.title, *(s[1] for s in page.sections)]]
    for mark, heading in zip(bookmarks(book.outline), words, strict=True):
        mark.node[NameObject("/Title")] = TextStringObject(heading)
    book.write(path)


def body(page, before):
    """A page; the first of a part says so."""
    opening = ""
    if page.number and (before is None or before.part != page.part):
        opening = f'<p class="part-title">{escape(page.part)}</p>'
    number = f'<p class="chapter-number">Chapter {page.number}</p>' if page.number else ""
    opened, rest = page.xhtml.split(">", 1)
    return f"{opened}>{opening}{number}{rest}"


def printed(browser, html, path):
    """Print an HTML text to `path`, with bookmarks and tags; return the path."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.html")
        source.write_text(html, encoding="utf-8")
        tab = browser.new_page(java_script_enabled=False)
        tab.goto(source.as_uri())
        tab.evaluate(SCRIPT.read_text(encoding="utf-8"))
        tab.evaluate("document.fonts.ready.then(() => null)")  # lines break as they will
        tab.pdf(
            path=path, prefer_css_page_size=True, outline=True, tagged=True, print_background=True
        )
        tab.close()
    return path


def write(browser, out=OUT, site=whole.SITE):
    """Print the site's pages into the file `out`."""
    config = yaml.safe_load((whole.ROOT / "_config.yml").read_text(encoding="utf-8"))
    out.parent.mkdir(parents=True, exist_ok=True)
    pages = whole.read(browser, site, one_file=True)
    printed(browser, document(pages, config, {}, site), out)
    numbers = page_numbers(out, pages)
    printed(browser, document(pages, config, numbers, site), out)
    name_bookmarks(out, pages)
    print(f"The PDF is {out}: {len(pypdf.PdfReader(out).pages)} pages.")


if __name__ == "__main__":
    with whole.open_browser() as browser:
        write(browser)
