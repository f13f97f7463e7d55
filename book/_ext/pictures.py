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
    svg = powers_of_ten(svg[svg.index("<svg") :])
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


def powers_of_ten(svg):
    """Set the numbers of logarithmic axes in one piece, for the face of the book.

    Matplotlib places each digit for its own face, which is wider.
    """
    tick = re.compile(
        r'(<g id="([xy])tick_\d+">(?:(?!</?g id="[xy]tick).)*?)<g ([^>]*)transform="translate\('
        r'([\d.]+) ([\d.]+)\)">\s*<text>\s*((?:<tspan[^>]*>[^<]</tspan>\s*)+)</text>\s*</g>',
        re.DOTALL,
    )

    def in_one_piece(found):
        before, axis, style, x, y, spans = found.groups()
        places, heights, sizes, signs = zip(
            *re.findall(r'x="([\d.]+)" y="(-?[\d.]+)" style="font-size: (\d+)px[^>]*>(.)<', spans),
            strict=True,
        )
        width = float(places[-1]) + 0.64 * float(sizes[-1])  # of a digit in Matplotlib's face
        end, anchor = (width / 2, "middle") if axis == "x" else (width, "end")
        left, base = float(x) + end, float(y) + float(heights[0])
        rise = float(heights[-1]) - float(heights[0])
        return (
            f'{before}<text {style}x="{left:.2f}" y="{base:.2f}" text-anchor="{anchor}" '
            f'font-size="{sizes[0]}px">{"".join(signs[:2])}<tspan font-size="{sizes[-1]}px" '
            f'dy="{rise:.2f}">{"".join(signs[2:])}</tspan></text>'
        )

    return tick.sub(in_one_piece, svg)


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
