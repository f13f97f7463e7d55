"""The bibliography: every address that a chapter links to, once.

Chapters cite with plain Markdown links, and nothing else is written down. Where several links lead
to one address, the longest text becomes its entry.
"""

import re
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlsplit

from docutils import nodes

PLACE = '<div id="sources"></div>'  # on the page that shows the bibliography


@dataclass
class Source:
    """An entry of the bibliography."""

    address: str
    text: str = ""
    html: str = ""
    chapters: list = field(default_factory=list)


def address_of(uri):
    """One address for what is one source: of an arXiv paper the abstract, without its version."""
    parts = urlsplit(uri)
    paper = re.fullmatch(r"/(?:abs|pdf|html)/(\d+\.\d+)(?:v\d+)?(?:\.pdf)?", parts.path)
    if parts.netloc.removeprefix("www.") == "arxiv.org" and paper:
        return f"https://arxiv.org/abs/{paper[1]}"
    return f"https://{parts.netloc}{parts.path.rstrip('/')}" + (
        f"?{parts.query}" if parts.query else ""
    )


def collect(doctrees, pages):
    """The sources of all chapters, by address."""
    found = {}
    for page in pages.values():
        if page.number is None:
            continue
        for link in doctrees[page.name].findall(nodes.reference):
            uri = link.get("refuri", "")
            if not uri.startswith("https://"):
                continue
            source = found.setdefault(address_of(uri), Source(address_of(uri)))
            if len(link.astext()) > len(source.text):
                source.text, source.html = (
                    link.astext(),
                    "".join(map(inline, link)),
                )
            if page not in source.chapters:
                source.chapters.append(page)
    return found


def inline(node):
    """A piece of a link's text as HTML."""
    tag = {nodes.emphasis: "em", nodes.literal: "code"}.get(type(node))
    text = escape(node.astext())
    return f"<{tag}>{text}</{tag}>" if tag else text


def bibliography(sources):
    """Works, whose entries end in a year, by author; then all other pages, by address."""
    works = [source for source in sources.values() if is_work(source)]
    others = [source for source in sources.values() if not is_work(source)]
    works.sort(key=lambda source: source.text.casefold())
    others.sort(key=lambda source: source.address)
    return (
        f'<ul class="sources">{"".join(map(entry, works))}</ul>'
        "<h2>Code, documentation and discussions</h2>"
        f'<ul class="sources">{"".join(map(entry, others))}</ul>'
    )


def is_work(source):
    return re.search(r"\b(19|20)\d\d$", source.text)


def entry(source):
    chapters = ", ".join(
        f'<a href="{page.name.split("/")[-1]}.html">{escape(page.title)}</a>'
        for page in source.chapters
    )
    title = source.html if is_work(source) else escape(shown(source))
    return (
        f'<li><a href="{escape(source.address)}">{title}</a>'
        f'<span class="cited">In {chapters}</span></li>'
    )


def shown(source):
    """What stands for a source where a link to it is hovered or focused."""
    return source.text if is_work(source) else source.address.removeprefix("https://")


def show(doctree, sources):
    """Put the list where the page wants it, and an entry at each link that says less than it."""
    for raw in list(doctree.findall(nodes.raw)):
        if raw.astext().strip() == PLACE:
            raw.replace_self(nodes.raw("", bibliography(sources), format="html"))
    for link in list(doctree.findall(nodes.reference)):
        source = sources.get(address_of(link.get("refuri", "")))
        if source and shown(source) != link.astext():
            text = "".join(map(inline, link))
            told = f'data-source="{escape(shown(source))}"'
            html = f'<a href="{escape(link["refuri"])}" {told}>{text}</a>'
            link.replace_self(nodes.raw("", html, format="html"))
