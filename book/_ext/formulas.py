"""Formulas become MathML when the book is built, so that no page runs a script for them.

pandoc converts all formulas of the book in one call.
"""

import json
import re
import subprocess
from html import escape
from xml.etree import ElementTree

import pypandoc
from docutils import nodes

API_VERSION = [1, 23, 1]  # of the documents that pandoc reads as JSON
TAG = re.compile(r"\\tag\{(.*?)\}")


def converted(formulas):
    """For each formula, given as (latex, "inline" or "block"), its <math> element, in a dict."""
    formulas = sorted(formulas)
    kinds = {"inline": "InlineMath", "block": "DisplayMath"}
    blocks = [
        {
            "t": "Plain",
            "c": [{"t": "Math", "c": [{"t": kinds[display]}, latex]}],
        }
        for latex, display in formulas
    ]
    document = {"pandoc-api-version": API_VERSION, "meta": {}, "blocks": blocks}
    command = [
        pypandoc.get_pandoc_path(),
        "--from=json",
        "--to=html",
        "--mathml",
        "--wrap=none",
    ]
    done = subprocess.run(
        command,
        input=json.dumps(document),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    found = re.findall(r"<math.*?</math>", done.stdout, re.DOTALL)
    if done.returncode or done.stderr or len(found) != len(formulas):
        raise ValueError(f"pandoc cannot read a formula: {done.stderr or done.stdout}")
    return dict(zip(formulas, map(refined, found), strict=True))


def refined(math):
    """pandoc's MathML without the LaTeX that it carries along, spaced as TeX spaces it."""
    tree = ElementTree.fromstring(math.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', ""))
    tree[:] = [tree.find("semantics")[0]]
    space(tree, in_script=False)
    return "<wbr>".join(ElementTree.tostring(piece, encoding="unicode") for piece in pieces(tree))


def pieces(math):
    """A long formula in the text as several, so that a line can end after a relation."""
    row = math[0]
    if math.get("display") == "block" or len(list(row.iter())) < LONG:
        return [math]
    rows = [ElementTree.Element("mrow")]
    for i, child in enumerate(row):
        rows[-1].append(child)
        if child.text in RELATIONS and i + 1 < len(row):
            rows.append(ElementTree.Element("mrow"))
    found = [ElementTree.Element("math", math.attrib) for _ in rows]
    for piece, part in zip(found, rows, strict=True):
        piece.append(part)
    return found


LONG = 20  # elements
RELATIONS = {"=", "≈", "≤", "≥", "<", ">", "→"}
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
OPERATORS = {"mo", "mspace"}
ACCENTS = {"\u0302": "ˆ", "\u0303": "˜", "\u0304": "¯"}  # that stand over a letter's middle
DESCENDERS = set("gjpqyβγζημξρφχψQ)")
BARS = {"∥", "‖", "|"}


def space(element, in_script):
    """What TeX does and browsers do not, for an element and what is in it."""
    for i, child in enumerate(list(element)):
        space(child, in_script or (i > 0 and element.tag in SCRIPTS))
    if element.tag == "mi" and element.text == "∇":
        element.set("mathvariant", "normal")
    if element.tag == "mo":
        if element.text in BARS:
            element.set("stretchy", "false")
        if in_script or element.text in BARS:  # as in i=1 below a sum
            element.set("lspace", "0")
            element.set("rspace", "0")
    if element.tag == "mover" and element[1].get("accent"):
        element.set("accent", "true")  # as large as the letter's, not as its scripts'
        element[1].attrib = {"stretchy": "false"}
        element[1].text = ACCENTS.get(element[1].text, element[1].text)
    if element.tag in ("msub", "msubsup") and element[0].text in DESCENDERS:
        pad(element, depth="0")  # so that all subscripts stand at one height
    if element.tag in ("msup", "msubsup") and element[0].tag == "mo":
        pad(element, height="0.66em")  # a bracket's exponent stands where a letter's does
    if element.tag == "mrow":
        for i in range(len(element) - 1, 0, -1):
            before = element[i - 1]
            factor = before.tag not in OPERATORS or before.get("form") == "postfix"  # such as f(x)
            if is_name(element[i]) and factor:
                element.insert(i, ElementTree.Element("mspace", {"width": "0.167em"}))


def pad(element, **size):
    """Give what carries scripts another size, as far as its scripts are concerned."""
    base = ElementTree.Element("mpadded", size)
    base.append(element[0])
    element[0] = base


def is_name(element):
    """Whether it is the name of a function, such as mean: after a factor, TeX leaves a space."""
    return element.tag == "mrow" and len(element) == 2 and element[1].text == "\u2061"


def formula_of(node):
    """What `converted` takes for a docutils node."""
    if isinstance(node, nodes.math):
        return node.astext().strip(), "inline"
    return TAG.sub("", node.astext()).strip(), "block"


def formulas_in(doctree):
    return {
        formula_of(node)
        for kind in (nodes.math, nodes.math_block)
        for node in doctree.findall(kind)
    }


def to_mathml(doctree, mathml):
    """Replace the formulas of a page, and link each "(7)" in its text to formula 7."""
    for node in list(doctree.findall(nodes.math)):
        keep_together(node, mathml[formula_of(node)])
    tags = set()
    for node in list(doctree.findall(nodes.math_block)):
        tag = TAG.search(node.astext())
        number, name = "", ""
        if tag:
            tags.add(tag[1])
            number, name = (
                f'<span class="eqno">({tag[1]})</span>',
                f' id="eq-{tag[1]}"',
            )
        html = f'<div class="formula"{name}>{mathml[formula_of(node)]}{number}</div>\n'
        node.replace_self(nodes.raw("", html, format="html"))
    link_references(doctree, tags)


def keep_together(node, math):
    """Put an inline formula in the text, on one line with the punctuation around it."""
    i = node.parent.index(node)
    siblings = node.parent.children
    opening = closing = ""
    if i > 0 and isinstance(siblings[i - 1], nodes.Text):
        text = siblings[i - 1].astext()
        opening = re.search(r"[(\[“‘]*$", text)[0]
        node.parent.replace(siblings[i - 1], nodes.Text(text.removesuffix(opening)))
    if i + 1 < len(siblings) and isinstance(siblings[i + 1], nodes.Text):
        text = siblings[i + 1].astext()
        closing = re.match(r"[^\s\w(“‘]*(?:-\w+)?", text)[0]
        node.parent.replace(siblings[i + 1], nodes.Text(text.removeprefix(closing)))
    if opening or closing:
        math = f'<span class="together">{opening}{math}{escape(closing)}</span>'
    node.replace_self(nodes.raw("", math, format="html"))


def link_references(doctree, tags):
    """Make links of the numbers of formulas that the text cites, such as (7)."""
    for text in list(doctree.findall(nodes.Text)):
        if any(
            isinstance(
                node,
                (
                    nodes.literal,
                    nodes.literal_block,
                    nodes.raw,
                    nodes.reference,
                    nodes.title,
                ),
            )
            for node in ancestors(text)
        ):
            continue
        pieces = re.split(r"((?<![\w(])\(\d+\))", text)
        linked = [
            nodes.raw(
                "",
                f'<a class="eqref" href="#eq-{piece[1:-1]}">{piece}</a>',
                format="html",
            )
            if i % 2 and piece[1:-1] in tags
            else nodes.Text(piece)
            for i, piece in enumerate(pieces)
            if piece
        ]
        if len(linked) > 1 or isinstance(linked[0] if linked else None, nodes.raw):
            text.parent.replace(text, linked)


def ancestors(node):
    while node.parent is not None:
        node = node.parent
        yield node
