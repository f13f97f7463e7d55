"""Write the whole book as an EPUB 3, from the site that `make book` built.

    python tools/epub.py           into _build/layer-normalization.epub

A file for each page, with its formulas in MathML and its figures in SVG. The colours of figures are
those of the light page, on white, because not every reader knows CSS variables.
"""

import re
import zipfile
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import yaml

import whole
from lnlearn import figures

OUT = whole.ROOT / "_build" / "layer-normalization.epub"
STYLE = Path(__file__).with_suffix(".css")
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>
"""


def write(browser, out=OUT, site=whole.SITE):
    """Write the site's pages into the file `out`."""
    config = yaml.safe_load((whole.ROOT / "_config.yml").read_text(encoding="utf-8"))
    pages = whole.read(browser, site, one_file=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)  # has to be first
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("book/package.opf", package(pages, config))
        book.writestr("book/contents.xhtml", contents(pages))
        book.writestr("book/book.css", STYLE.read_text(encoding="utf-8"))
        for page in pages:
            book.writestr(f"book/{page.name}.xhtml", document(page.title, text(page)))
    print(f"The EPUB is {out}: {len(pages)} pages, {out.stat().st_size / 1e6:.1f} MB.")


def document(title, body):
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'lang="en" xml:lang="en"><head><title>{escape(title)}</title>'
        f'<link rel="stylesheet" href="book.css"/></head><body>{body}</body></html>\n'
    )


def text(page):
    """The page as every reader can show it."""
    body = page.xhtml
    for name, colour in figures.COLOURS.items():
        body = body.replace(f"var(--figure-{name})", colour)
    # An EPUB's SVG may be an image, a document or an application; there are links in a group.
    body = body.replace('class="figure" role="group"', 'class="figure" role="document"')
    number = f'<p class="chapter-number">Chapter {page.number}</p>' if page.number else ""
    opened, rest = body.split(">", 1)
    return f"{opened}>{number}{rest}"


def package(pages, config):
    """What the EPUB consists of, in which order, by whom."""
    language = f"<dc:language>en</dc:language><dc:title>{escape(config['title'])}</dc:title>"
    items = "".join(
        f'<item id="{page.name}" href="{page.name}.xhtml" media-type="application/xhtml+xml"'
        f"{properties(page)}/>\n"
        for page in pages
    )
    order = "".join(f'<itemref idref="{page.name}"/>' for page in pages)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:lnlearn:layer-normalization</dc:identifier>{language}
<dc:creator>{escape(config["author"])}</dc:creator>
<dc:rights>Text and figures CC BY 4.0, code MIT</dc:rights>
<meta property="dcterms:modified">{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}</meta>
<meta property="schema:accessMode">textual</meta><meta property="schema:accessMode">visual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
</metadata>
<manifest>
<item id="contents" href="contents.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="style" href="book.css" media-type="text/css"/>
{items}</manifest>
<spine>{order}</spine>
</package>
"""


def properties(page):
    used = [
        name
        for name in ("svg", "mathml")
        if re.search(rf"<{name.removesuffix('ml')}\b", page.xhtml)
    ]
    return f' properties="{" ".join(used)}"' if used else ""


def contents(pages):
    entries, part = "", None
    for page in pages:
        if page.part != part:
            entries += "" if part is None or not part else "</ol></li>"
            part = page.part
            entries += f"<li><span>{escape(part)}</span><ol>" if part else ""
        title = f"{page.number} {page.title}" if page.number else page.title
        entries += f'<li><a href="{page.name}.xhtml">{escape(title)}</a></li>'
    nav = f'<nav epub:type="toc"><h1>Contents</h1><ol>{entries}</ol></li></ol></nav>'
    return document("Contents", nav)


if __name__ == "__main__":
    with whole.open_browser() as browser:
        write(browser)
