"""What the site knows of each page: its number, its reading time, its sections, its words."""

import json
import re
from dataclasses import dataclass, field
from html import escape
from xml.sax.saxutils import escape as xml

from docutils import nodes

import formulas

UNNUMBERED = "Around the book"  # the part whose pages are no chapters
WORDS_PER_MINUTE = 180  # prose, with code and formulas among it
FOLDED = {"tag_hide-input", "tag_hide-cell"}  # classes of cells whose code is folded away


@dataclass
class Page:
    """A page that has a source."""

    name: str  # such as book/by_hand
    title: str
    part: str = ""
    number: int | None = None
    minutes: int = 0
    description: str = ""
    sections: list = field(default_factory=list)  # (id, title as HTML, level)
    texts: list = field(default_factory=list)  # (id, title, text) of each section, for the search


def read_pages(site_map, doctrees, mathml):
    """Every page of the table of contents, in its order, the first page first."""
    root = site_map.root
    found = [read_page(root.docname, doctrees[root.docname], mathml)]
    number = 0
    for part in root.subtrees:
        for item in part.items:
            page = read_page(str(item), doctrees[str(item)], mathml)
            page.part = part.caption
            if part.caption != UNNUMBERED:
                number += 1
                page.number = number
            found.append(page)
    return {page.name: page for page in found}


def in_parts(pages):
    """The pages of each part, by its caption, in the book's order; without the first page."""
    parts = {}
    for page in pages.values():
        if page.part:
            parts.setdefault(page.part, []).append(page)
    return parts


def read_page(name, doctree, mathml):
    top = next(doctree.findall(nodes.section))
    page = Page(name, plain(top[0]))
    page.minutes = reading_time(top)
    page.description = description(top)
    for section in doctree.findall(nodes.section):
        level = len([a for a in formulas.ancestors(section) if isinstance(a, nodes.section)])
        text = " ".join(
            plain(child) for child in section[1:] if not isinstance(child, nodes.section)
        )
        page.texts.append((section["ids"][0] if level else "", plain(section[0]), text))
        if level:
            page.sections.append((section["ids"][0], title_html(section[0], mathml), level))
    return page


def reading_time(top):
    """In minutes, of what is not folded away."""
    cells = top.findall(
        lambda node: FOLDED & set(getattr(node, "attributes", {}).get("classes", []))
    )
    words = len(plain(top).split()) - sum(len(plain(cell).split()) for cell in cells)
    return max(1, round(words / WORDS_PER_MINUTE))


def plain(node):
    """The words and the code of a node, without formulas, outputs and HTML."""
    if isinstance(node, nodes.Text):
        return node.astext()
    skipped = (nodes.math, nodes.math_block, nodes.raw, nodes.image)
    if isinstance(node, skipped) or "cell_output" in node.get("classes", []):
        return ""
    between = "" if isinstance(node, (nodes.TextElement, nodes.Inline)) else " "
    return re.sub(r"\s+", " ", between.join(map(plain, node.children))).strip(
        " " if between else ""
    )


def title_html(title, mathml):
    return "".join(
        mathml[formulas.formula_of(child)]
        if isinstance(child, nodes.math)
        else escape(child.astext())
        for child in title
    )


def description(top):
    """The page's first sentences, about as many as a search engine shows."""
    paragraph = next(child for child in top if isinstance(child, nodes.paragraph))
    sentences = re.split(r"(?<=[.?!])\s+", paragraph.astext())
    text = sentences.pop(0)
    while sentences and (len(text) < 80 or len(text) + len(sentences[0]) < 160):
        text += " " + sentences.pop(0)
    return text


def make_cards(doctree, pages, folder):
    """On the landing page: make a card of each list entry that begins with a chapter's link."""
    for bullets in doctree.findall(nodes.bullet_list):
        cards = 0
        for item in bullets:
            link = item[0][0] if len(item) and len(item[0]) else None
            target = link.get("refuri", "") if isinstance(link, nodes.reference) else ""
            page = pages.get(f"{folder}/{target.removesuffix('.html')}")
            if page and item[0].astext() != link.astext():
                cards += 1
                item["classes"].append("card")
                number = f'<span class="number">{page.number or ""}</span>'
                item.insert(0, nodes.raw("", number, format="html"))
                time = f'<p class="minutes">{page.minutes} minutes</p>'
                item.append(nodes.raw("", time, format="html"))
        if cards:
            bullets["classes"].append("cards")


def search_index(pages):
    """A script, not JSON: it loads from a disk as well as from a server."""
    entries = [
        {
            "page": page.title,
            "url": f"{page.name}.html" + (f"#{name}" if name else ""),
            "section": title if name else "",
            "text": text,
            "weight": 1 if page.number else 0.25,
        }  # chapters come first
        for page in pages.values()
        for name, title, text in page.texts
    ]
    return f"window.searchIndex = {json.dumps(entries, ensure_ascii=False)};\n"


def sitemap(pages, base):
    urls = "".join(f"<url><loc>{xml(base)}{xml(name)}.html</loc></url>\n" for name in pages)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    )
