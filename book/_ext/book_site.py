"""What the site does beyond Jupyter Book: light pages that need no other host.

- Formulas become MathML when the book is built: no page runs a script for them.
- SVG figures stand in the page itself, with their colours as CSS variables, so
  that they follow the theme. `custom.css` gives the variables their values.
- The theme's icon fonts are cut down to the icons that the pages use.
- While the repository's address is not set, no button and no link points at it.
"""

import re
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import pydata_sphinx_theme
from docutils import nodes
from fontTools import subset
from latex2mathml.converter import convert

from lnlearn import figures

NOT_SET = "OWNER_NOT_SET"


def setup(app):
    app.add_html_math_renderer(
        "mathml", (visit_math, None), (visit_math_block, None)
    )
    app.connect("config-inited", use_the_address)
    app.connect("doctree-resolved", inline_figures)
    app.connect("doctree-resolved", number_captions)
    app.connect("html-page-context", lighten_page, priority=900)
    app.connect("build-finished", cut_icons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


# The repository's address -----------------------------------------------------


def use_the_address(app, config):
    options = config.html_theme_options
    address = options["repository_url"]
    if NOT_SET in address:
        for button in ("repository", "issues", "edit_page"):
            options[f"use_{button}_button"] = False
        options["launch_buttons"] = {}
        options["repository_url"] = ""
    else:
        owner, repository = urlsplit(address).path.strip("/").split("/")
        config.html_baseurl = f"https://{owner.lower()}.github.io/{repository}/"
        config.ogp_site_url = config.html_baseurl


# Formulas ---------------------------------------------------------------------


def mathml(latex, display):
    """A formula, written as in the notebooks, as a <math> element."""
    latex = latex.strip().replace("{aligned}", "{align*}")
    math = convert(latex, display=display)
    math = math.replace(
        "<mo>&#x0005E;</mo>", "<mo>&#x00302;</mo>"
    )  # \hat: a hat, not a wide one
    math = math.replace(
        "<mo>&#x0002F;</mo>", '<mo lspace="0" rspace="0">/</mo>'
    )
    # \operatorname: a name, close to the bracket that follows it
    math = re.sub(
        r"<mo>([a-z]{2,})</mo>",
        r'<mo lspace="0.17em" rspace="0">\1</mo>',
        math,
    )
    return math.replace(
        "<math ", f'<math alttext="{escape(latex, quote=True)}" ', 1
    )


def visit_math(self, node):
    self.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def visit_math_block(self, node):
    latex = node.astext()
    tag = re.search(r"\\tag\{(.*?)\}", latex)
    math = mathml(re.sub(r"\\tag\{.*?\}", "", latex), "block")
    number = f'<span class="eqno">({escape(tag[1])})</span>' if tag else ""
    self.body.append(f'<div class="formula">{math}{number}</div>\n')
    raise nodes.SkipNode


# Figures ----------------------------------------------------------------------


def inline_figure(svg, alt):
    """An SVG file's text as an <svg> element that can stand in a page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
    svg = re.sub(
        r' id="([^"]+)"',
        lambda found: found[0] if found[1] in used else "",
        svg,
    )
    for name, colour in figures.COLOURS.items():
        svg = svg.replace(colour, f"var(--figure-{name})")
    return svg.replace(
        "<svg ",
        f'<svg class="figure" role="img" aria-label="{escape(alt)}" ',
        1,
    )


def inline_figures(app, doctree, docname):
    for image in list(doctree.findall(nodes.image)):
        path = Path(app.srcdir, image["uri"])
        if path.suffix == ".svg" and path.exists():
            figure = inline_figure(
                path.read_text(encoding="utf-8"), image.get("alt", "")
            )
            image.replace_self(nodes.raw("", figure, format="html"))


def number_captions(app, doctree, docname):
    """Begin each caption with "Figure 1" or "Table 1", counted on its page."""
    counts = {"Figure": 0, "Table": 0}
    for figure in doctree.findall(nodes.figure):
        html = "".join(raw.astext() for raw in figure.findall(nodes.raw))
        kind = "Table" if "<table" in html else "Figure"
        for caption in figure.findall(nodes.caption):
            counts[kind] += 1
            number = nodes.strong(
                "", f"{kind} {counts[kind]}", classes=["number"]
            )
            caption.insert(0, [number, nodes.Text(" ")])


# Weight -----------------------------------------------------------------------


def lighten_page(app, pagename, templatename, context, doctree):
    """Leave out what no page uses, and run scripts after the page."""
    unused = re.compile(r"design|thebe|toggle", re.IGNORECASE)
    for kind in ("css_files", "script_files"):
        context[kind] = [
            asset
            for asset in context[kind]
            if not unused.search(
                f"{asset.filename} {asset.attributes.get('body', '')}"
            )
        ]
    for script in context["script_files"]:
        if pagename == "search":  # whose own script needs them while it loads
            script.attributes.pop("defer", None)
        elif script.filename:
            script.attributes["defer"] = "defer"
        else:  # stands in the page: a module waits for those before it
            script.attributes["type"] = "module"
    # The label hides the words that are there to be read.
    label = ' aria-label="Toggle hidden content"'
    body = context.get("body", "").replace(label, "")
    # What a cell prints as HTML links to notebooks; here they are pages.
    context["body"] = re.sub(
        r'(<a href="[a-z_]+)\.ipynb(?=["#])', r"\1.html", body
    )


def cut_icons(app, error):
    """Keep the icons that stand on a page, in the theme's fonts and styles."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    pages = "".join(
        page.read_text(encoding="utf-8") for page in out.rglob("*.html")
    )
    used = set(re.findall(r"\bfa-[a-z0-9-]+", pages))

    path = out / "_static/styles/pydata-sphinx-theme.css"
    css = path.read_text(encoding="utf-8")
    # Those that the theme's styles put before boxes and links, as characters.
    characters = set(map(ord, re.findall(r'--pst-icon-[a-z-]+:"(.)"', css)))

    def keep_if_used(rule):
        if used & set(re.findall(r"\.(fa-[a-z0-9-]+)", rule[1])):
            characters.add(int(rule[2], 16))
            return rule[0]
        return ""

    icon = r'((?:\.fa-[a-z0-9-]+::?before,?)+)\{content:"\\([0-9a-f]+)"\}'
    path.write_text(re.sub(icon, keep_if_used, css), encoding="utf-8")

    theme = (
        Path(pydata_sphinx_theme.__file__).parent
        / "theme/pydata_sphinx_theme/static"
    )
    for path in theme.glob("vendor/fontawesome/webfonts/*.woff2"):
        options = subset.Options(flavor="woff2", hinting=False)
        font = subset.load_font(path, options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=characters)
        cutter.subset(font)
        subset.save_font(
            font, out / "_static" / path.relative_to(theme), options
        )
