"""The built site: no warning, nothing from another host, every link and formula in place."""

import gzip
import importlib
import inspect
import pkgutil
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from fontTools.ttLib import TTFont

import sources
import website

ROOT = Path(__file__).resolve().parents[2]
VOID = {"link", "img", "meta", "br", "hr", "input", "path", "use", "source"}


class Page(HTMLParser):
    """What a page loads, links to, and shows as formulas and figures."""

    def __init__(self, path):
        super().__init__()
        self.loads, self.links, self.ids, self.math = [], [], set(), ""
        self.images, self.metas, self.inside_math = [], {}, False
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed"):
            self.loads.append(attributes.get("src"))
        if tag == "link" and attributes["rel"] in ("stylesheet", "preload", "icon"):
            self.loads.append(attributes["href"])
        if tag == "a":
            self.links.append(attributes.get("href"))
        if tag == "meta":
            self.metas[attributes.get("name")] = attributes.get("content")
        if tag == "img" or (tag == "svg" and attributes.get("role") == "img"):
            self.images.append(attributes.get("alt") or attributes.get("aria-label"))
        self.inside_math |= tag == "math"

    def handle_endtag(self, tag):
        self.inside_math &= tag != "math"

    def handle_data(self, data):
        if self.inside_math:
            self.math += data


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    return website.build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def pages(site):
    redirect = site / "index.html"  # one line, which Jupyter Book writes
    paths = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    return {path: Page(path) for path in paths if path != redirect}


@pytest.fixture(scope="session")
def chapters(pages):
    notebooks = {path.stem for path in (ROOT / "book").glob("*.ipynb")}
    return {path: page for path, page in pages.items() if path.stem in notebooks}


def source_of(path):
    """The text of the notebook, or of the Markdown, that a page shows."""
    [source] = [p for p in (ROOT / "book").glob(f"{path.stem}.*") if p.suffix in (".ipynb", ".md")]
    return source.read_text(encoding="utf-8")


def files_of(path, page):
    """The local files that a browser loads for a page."""
    for target in filter(None, page.loads):
        yield (path.parent / unquote(urlsplit(target).path)).resolve()


def test_every_notebook_has_a_page(site, chapters):
    names = {path.stem for path in (ROOT / "book").glob("*.ipynb")}
    assert names <= {path.stem for path in chapters}


def test_the_page_for_teachers_has_the_reading_times_of_the_chapters(chapters):
    table = next(page.text for path, page in chapters.items() if path.stem == "teaching")
    for path, page in chapters.items():
        if found := re.search(r"<span>(\d+) minutes</span>", page.text):
            row = re.search(rf'<td><p><a[^>]*href="{path.stem}.html">.*?</tr>', table, re.DOTALL)
            said = re.findall(r"<p>(\d+)</p>", row[0])[-2]
            assert abs(int(said) - int(found[1])) <= 1, f"{path.stem}: {said} minutes"


def test_no_page_loads_anything_from_another_host(pages):
    for path, page in pages.items():
        for target in filter(None, page.loads):
            assert not urlsplit(target).netloc, f"{path.name} loads {target}"


def test_no_style_loads_anything_from_another_host(site):
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        for target in re.findall(r"(?:url\(|@import)\s*['\"]?([^'\")\s;]+)", text):
            assert target.startswith(("data:", "#")) or not urlsplit(target).netloc, sheet.name


def test_no_script_on_a_page_names_another_host(pages):
    for path, page in pages.items():
        for body in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page.text, re.DOTALL):
            assert "://" not in body, f"{path.name}: {body[:200]}"


def test_every_file_that_a_page_loads_exists(pages):
    for path, page in pages.items():
        for file in files_of(path, page):
            assert file.exists(), f"{path.name} loads {file.name}"


def test_every_link_within_the_site_resolves(pages):
    for path, page in pages.items():
        for target in filter(None, page.links):
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert file.exists(), f"{path.name} links to {target}"
            if parts.fragment and file in pages:
                assert unquote(parts.fragment) in pages[file].ids, f"{path.name}: {target}"


def test_every_formula_became_mathml_that_the_shipped_font_can_show(chapters):
    font = TTFont(ROOT / "book/_static/fonts/stix-two-math-subset.woff2").getBestCmap()
    for path, page in chapters.items():
        missing = {character for character in page.math if ord(character) not in font}
        assert not missing - {"\n"}, path.name
        assert not re.search(r"\\[a-zA-Z]|[&{}]", page.math), f"{path.name}: LaTeX is left over"


def test_formulas_are_on_the_page_of_the_chapter_that_has_them(chapters):
    for path, page in chapters.items():
        notebook = source_of(path)
        assert page.text.count('<div class="formula"') == notebook.count("$$") // 2


def test_every_figure_stands_in_the_page_with_words_and_in_the_colours_of_the_theme(chapters):
    for path, page in chapters.items():
        notebook = source_of(path)
        figures = re.findall(r'<svg class="figure".*?</svg>', page.text, re.DOTALL)
        assert len(figures) == notebook.count('"image/svg+xml"')
        assert "in words</summary>" not in page.text  # which is for other places
        for figure in figures:
            assert not re.search(r"#[0-9a-fA-F]{6}\b", figure), "a colour outside the palette"
        assert all(len(words.split()) >= 2 for words in page.images if words), path.name
        assert None not in page.images


def test_colours_of_figures_are_defined_for_both_themes(site):
    from lnlearn import figures

    css = (site / "_static/book.css").read_text(encoding="utf-8")
    for name in figures.COLOURS:
        assert re.search(rf"--figure-{name}: (light-dark\(#\w+, #\w+\)|var\(--\w+\));", css), name


def test_no_id_stands_twice_on_a_page(pages):
    for path, page in pages.items():
        ids = re.findall(r'\sid="([^"]+)"', page.text)
        assert len(ids) == len(set(ids)), path.name


def test_captions_are_numbered_in_the_order_of_the_page(chapters):
    for path, page in chapters.items():
        for kind in ("Figure", "Table"):
            numbers = re.findall(rf'<strong class="number">{kind} (\d+)</strong>', page.text)
            assert numbers == [str(i + 1) for i in range(len(numbers))], path.name
        assert "caption-number" not in page.text  # a second number, by Sphinx
        assert len(re.findall(r'class="number">(?:Figure|Table)', page.text)) == source_of(
            path
        ).count('"caption":')


def test_a_reference_to_a_formula_leads_to_it(chapters):
    for path, page in chapters.items():
        cited = set(re.findall(r'class="eqref" href="#(eq-\d+)"', page.text))
        assert cited <= page.ids, path.name
    by_hand = next(page for path, page in chapters.items() if path.stem == "by_hand")
    assert "#eq-3" in by_hand.links


def test_every_source_of_a_chapter_stands_once_in_the_bibliography(site, chapters):
    entries = Page(site / "book/bibliography.html").links
    listed = [link for link in entries if link and link.startswith("https://")]
    assert len(listed) == len(set(listed))
    assert len(listed) > 10
    for path, page in chapters.items():
        if '<span class="number">Chapter' in page.text:
            main = page.text[page.text.index("<main") : page.text.index("</main>")]
            for link in re.findall(r'href="(https://[^"]+)"', main):
                assert sources.address_of(link) in listed, f"{path.name}: {link}"


def test_the_root_leads_to_the_first_page_and_a_lost_reader_to_all(site):
    assert 'content="0; url=book/index.html"' in (site / "index.html").read_text(encoding="utf-8")
    assert "book/by_hand.html" in Page(site / "404.html").links


def test_a_chapter_weighs_at_most_300_kilobytes_on_the_way_to_a_phone(site, chapters):
    fonts = list((site / "_static/fonts").glob("*.woff2"))
    for path, page in chapters.items():
        files = {*files_of(path, page), path}
        weight = sum(len(gzip.compress(file.read_bytes())) for file in files if file.is_file())
        weight += sum(font.stat().st_size for font in fonts)
        assert weight <= 300_000, f"{path.name}: {weight} bytes"


def test_every_page_has_a_title_and_a_chapter_a_description(pages, chapters):
    for page in pages.values():
        assert re.search(r"<title>[^<]{5,}", page.text)
        assert page.text.count("<html") == 1
        assert re.search(r'<html[^>]* lang="en"', page.text)
    for page in chapters.values():
        assert len(page.metas["description"]) > 40


def test_a_description_is_whole_sentences(chapters):
    for path, page in chapters.items():
        assert re.search(r"[.?!]$", page.metas["description"]), path.name


def test_while_the_address_is_not_set_no_page_points_at_it(pages):
    for path, page in pages.items():
        assert "OWNER_NOT_SET" not in "".join(filter(None, page.links)), path.name


def public_names():
    """Every public function and class of the package, with the module that offers it."""
    import lnlearn
    from lnlearn import scratch

    found = [module.name for module in pkgutil.iter_modules(lnlearn.__path__, "lnlearn.")]
    modules = [importlib.import_module(name) for name in found if "._" not in name]
    parts = [scratch.moments, scratch.channels, scratch.pointwise, scratch.variants]
    for module in [lnlearn, *modules, *parts]:
        own = [n for n, v in vars(module).items() if getattr(v, "__module__", 0) == module.__name__]
        for name in getattr(module, "__all__", own):
            if not (name.startswith("_") or inspect.ismodule(getattr(module, name))):
                yield module, name


def test_the_page_of_the_package_has_every_public_object_and_links_to_chapters(site, pages):
    from lnlearn import check

    page = pages[site / "book" / "api.html"]
    names = list(public_names())
    assert len(names) > 60
    for module, name in names:
        if isinstance(getattr(module, name), check.Checker):
            assert f">check.{name}<" in re.sub(r"</?span[^>]*>", "", page.text), name
        else:
            assert f"{module.__name__}.{name}" in page.ids
    linked = {target.split("#")[0] for target in filter(None, page.links)}
    assert {"by_hand.html", "axes.html", "backward.html", "module.html"} <= linked
