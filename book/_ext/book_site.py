"""The site: Jupyter Book reads the notebooks, this extension makes the pages.

The page's template is `_templates/book.html`, its style sheet `_static/book.css`, its script
`_static/book.js`; nothing of the theme's is loaded. The modules beside this file:

- `formulas`: LaTeX to MathML;
- `pictures`: figures in the page, with numbered captions;
- `pages`: chapter numbers, reading times, contents, cards, the search's index;
- `sources`: the bibliography.

While the repository's address is not set, no button and no link points at it.
"""

import json
import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes

import formulas
import pages
import pictures
import sources

NOT_SET = "OWNER_NOT_SET"


def setup(app):
    app.connect("config-inited", use_the_address)
    app.connect("builder-inited", leave_to_the_book)
    app.connect("source-read", leave_out_words)
    app.connect("env-updated", read_book)
    app.connect("doctree-resolved", finish_page)
    app.connect("html-collect-pages", more_pages)
    app.connect("html-page-context", choose_template, priority=900)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True}


# The repository's address -----------------------------------------------------


def use_the_address(app, config):
    options = config.html_theme_options
    address = options["repository_url"]
    if NOT_SET in address:
        options["repository_url"] = ""
    else:
        owner, repository = urlsplit(address).path.strip("/").split("/")
        config.html_baseurl = f"https://{owner.lower()}.github.io/{repository}/"


def links_of(config, name):
    """Where a page's notebook can be run, read, changed and discussed."""
    repository = config.html_theme_options["repository_url"]
    if not repository:
        return {}
    branch = config.html_theme_options["repository_branch"]
    file = f"{name}.ipynb"
    colab = repository.replace("https://github.com", "https://colab.research.google.com/github")
    return {
        "Colab": f"{colab}/blob/{branch}/{file}",
        "GitHub": f"{repository}/blob/{branch}/{file}",
        "Report a mistake": f"{repository}/issues/new",
    }


# Reading ----------------------------------------------------------------------


def leave_to_the_book(app):
    """Switch off what the book does itself: the search, and numbers of figures."""
    app.builder.search = False
    app.config.numfig = False


def leave_out_words(app, name, source):
    """Leave out the cells with captions and descriptions for places other than the site."""
    if app.env.doc2path(name).endswith(".ipynb"):
        notebook = json.loads(source[0])
        notebook["cells"] = [
            cell for cell in notebook["cells"] if "words" not in cell["metadata"].get("tags", [])
        ]
        source[0] = json.dumps(notebook)


def read_book(app, env):
    """Everything that one page has to know of the others, before any is written."""
    doctrees = {name: env.get_doctree(name) for name in env.found_docs}
    found = set().union(*map(formulas.formulas_in, doctrees.values()))
    app.mathml = formulas.converted(found)
    app.pages = pages.read_pages(env.external_site_map, doctrees, app.mathml)
    app.sources = sources.collect(doctrees, app.pages)


# Writing ----------------------------------------------------------------------


def finish_page(app, doctree, name):
    if app.builder.format != "html":
        return
    for cell in list(doctree.findall(nodes.container)):
        if "tag_colab" in cell["classes"]:  # for Colab, not for a reader of the site
            cell.parent.remove(cell)
    keep_numbers_whole(doctree)
    formulas.to_mathml(doctree, app.mathml)
    pictures.inline_figures(doctree, app.srcdir)
    pictures.number_captions(doctree)
    sources.show(doctree, app.sources)
    if name == app.config.root_doc:
        pages.make_cards(doctree, app.pages, name.rsplit("/", 1)[0])


def keep_numbers_whole(doctree):
    """Let no line end within 131 072 or between 90 and its %."""
    for text in list(doctree.findall(nodes.Text)):
        whole = re.sub(r"(?<=\d) (?=%|\d{3}\b)", "\N{NO-BREAK SPACE}", text)
        code = isinstance(text.parent, (nodes.literal, nodes.literal_block, nodes.raw))
        if whole != text and not code:
            text.parent.replace(text, nodes.Text(whole))


def more_pages(app):
    lost = "<h1>This page does not exist</h1><p>The chapters of the book:</p>"
    yield "404", {"title": "Not found", "body": lost}, "book.html"
    yield (
        "index",
        {"title": app.config.html_title, "first": app.config.root_doc},
        "start.html",
    )


def choose_template(app, name, template, context, doctree):
    if app.builder.name != "html":
        return None
    context["base"] = app.config.html_baseurl or ""
    if template == "start.html":
        return None
    context["repository"] = app.config.html_theme_options["repository_url"]
    context["page"] = app.pages.get(name)
    context["parts"] = pages.in_parts(app.pages)
    notebook = context.get("sourcename", "").endswith(".ipynb")
    context["actions"] = links_of(app.config, name) if notebook else {}
    # What can be taken away lies beside the site that `make site` builds, and nowhere else.
    context["downloads"] = bool(os.environ.get("OFFER_DOWNLOADS"))
    context["body"] = lighter(context["body"])
    return "book.html"


def lighter(body):
    """Leave out what carries nothing: code pieces without a colour, empty labels."""
    body = re.sub(r'<span class="(?:n|p|w|o|x|bp|si)">([^<]*)</span>', r"\1", body)
    body = re.sub(r'<span class="pre">([^<]*)</span>', r"\1", body)
    # What a cell prints as HTML links to notebooks; here they are pages.
    body = re.sub(r'(<a href="[a-z_]+)\.ipynb(?=["#])', r"\1.html", body)
    body = re.sub(r"(<t[dh]\b[^>]*>[^<]*\d) (?=%)", r"\1&nbsp;", body)
    short = r'(<t[dh]\b[^>]*style="text-align: left)([^>]*>[^\s<]{1,10}<)'  # such as 1e-05
    body = re.sub(short, r"\1; white-space: nowrap\2", body)
    body = re.sub(r"<th\b[^>]*></th>", "<td></td>", body)  # an empty heading is none
    # A record may be called as a heading of its page is.
    record = r'(<div class="lnlearn-record[^"]*" id=")'
    body = re.sub(record, r"\1record-", body)
    return body.replace(' aria-label="Toggle hidden content"', "")


KEPT = {"book.css", "book.js", "favicon.svg", "share.png", "fonts"}


def write_files(app, error):
    """Write what is not a page, and take away the theme's files, which no page loads."""
    if error or app.builder.name != "html":
        return
    out = Path(app.outdir)
    for path in (out / "_static").iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    index = pages.search_index(app.pages)
    (out / "_static/search-index.js").write_text(index, encoding="utf-8")
    if base := app.config.html_baseurl:
        (out / "sitemap.xml").write_text(pages.sitemap(app.pages, base), encoding="utf-8")
        (out / "robots.txt").write_text(f"Sitemap: {base}sitemap.xml\n", encoding="utf-8")
