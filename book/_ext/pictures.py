"""Figures stand in the page itself, numbered, and in colours that follow the theme.

Their colours become CSS variables, to which `book.css` gives values.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes

from lnlearn import figures


def inline_figure(svg, alt, prefix):
    """An SVG file's text as an <svg> element; `prefix` keeps its ids apart from others."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
    svg = re.sub(
        r' id="([^"]+)"',
        lambda found: f' id="{prefix}{found[1]}"' if found[1] in used else "",
        svg,
    )
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{prefix}", svg).replace("xlink:href", "href")
    for name, colour in figures.COLOURS.items():
        svg = svg.replace(colour, f"var(--figure-{name})")
    svg = svg.replace(' target="_blank"', "")  # within the book
    svg = re.sub(r"\n\s+", "\n", without_bare_groups(svg))
    role = "group" if "<a " in svg else "img"  # what is in an image cannot be reached
    return svg.replace(
        "<svg ",
        f'<svg class="figure" role="{role}" aria-label="{escape(alt)}" ',
        1,
    )


def without_bare_groups(svg):
    """Take away groups without attributes, and keep what is in them."""
    kept, groups = [], []
    for piece in re.split(r"(<g\b[^>]*>|</g>)", svg):
        keep = piece != "<g>" and piece != "<g/>"
        if piece.startswith("<g") and not piece.endswith("/>"):
            groups.append(keep)
        elif piece == "</g>":
            keep = groups.pop()
        kept.append(piece if keep else "")
    return "".join(kept)


def inline_figures(doctree, folder):
    for i, image in enumerate(list(doctree.findall(nodes.image))):
        path = Path(folder, image["uri"])
        if path.suffix == ".svg" and path.exists():
            svg = inline_figure(path.read_text(encoding="utf-8"), image.get("alt", ""), f"f{i}-")
            image.replace_self(nodes.raw("", svg, format="html"))


def number_captions(doctree):
    """Begin each caption with "Figure 1" or "Table 1", counted on its page."""
    counts = {"Figure": 0, "Table": 0}
    for figure in doctree.findall(nodes.figure):
        html = "".join(raw.astext() for raw in figure.findall(nodes.raw))
        table = "<table" in html and "<svg" not in html  # a figure may hold its numbers as well
        kind = "Table" if table else "Figure"
        for caption in figure.findall(nodes.caption):
            counts[kind] += 1
            number = nodes.strong("", f"{kind} {counts[kind]}", classes=["number"])
            caption.insert(0, [number, nodes.Text(" ")])
