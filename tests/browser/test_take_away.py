"""The PDF, the EPUB and a page on paper: all is in them, and what they point at is there."""

import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pypdf
import pytest

import epub
import pdf
import website
import whole

pytestmark = pytest.mark.browser
EPUBCHECK = Path("/usr/bin/epubcheck")  # Debian's is a Java archive
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return website.build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def pages(browser, site):
    return whole.read(browser, site, one_file=True)


@pytest.fixture(scope="module")
def printed(browser, site, tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.write(browser, path, site)
    return pypdf.PdfReader(path)


@pytest.fixture(scope="module")
def book(browser, site, tmp_path_factory):
    path = tmp_path_factory.mktemp("epub") / "book.epub"
    epub.write(browser, path, site)
    return path


def test_every_page_is_read_in_the_books_order(pages):
    expected = [name for name, _ in whole.names() if name not in whole.LEFT_OUT]
    assert [page.name for page in pages] == expected
    assert [page.number for page in pages if page.number] == [
        str(i + 1) for i in range(sum(bool(page.number) for page in pages))
    ]


def test_answers_and_solutions_are_open_and_plotting_code_is_left_out(pages):
    [page] = [page for page in pages if page.name == "backward"]
    assert all(shown in page.xhtml for shown in ["The answer", "A solution"])
    assert not any(gone in page.xhtml for gone in ["show_as_svg", "<button", "<script"])


def test_the_contents_name_the_pages_on_which_chapters_begin(printed, pages):
    begins = pdf.page_numbers(printed.stream, pages)
    contents = squeezed("".join(page.extract_text() for page in printed.pages[1:4]))
    chapters = [page for page in pages if page.number]
    assert chapters
    for chapter in chapters:
        title, page = squeezed(chapter.title), begins[chapter.name]
        assert f"Chapter{chapter.number}{title}" in squeezed(printed.pages[page - 1].extract_text())
        assert f"{chapter.number}{title}{page}" in contents


def test_every_heading_is_on_the_page_that_the_contents_name(printed, pages):
    begins = pdf.page_numbers(printed.stream, pages)
    words = [squeezed(page.extract_text()) for page in printed.pages]
    for page in pages:
        for name, heading, _ in [(page.name, page.title, 1), *page.sections]:
            assert squeezed(heading) in words[begins[name] - 1], name


def squeezed(text):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_every_link_within_the_pdf_leads_to_the_page_of_its_heading(printed, pages):
    begins = pdf.page_numbers(printed.stream, pages)
    leads = {
        name.removeprefix("/"): printed.get_destination_page_number(place) + 1
        for name, place in printed.named_destinations.items()
    }
    links = {
        annotation.get_object()["/Dest"].removeprefix("/")
        for page in printed.pages
        for annotation in page.get("/Annots") or []
        if "/Dest" in annotation.get_object()
    }
    assert links <= leads.keys()
    assert len(links & begins.keys()) > len(pages)
    late = [name for name in links & begins.keys() if leads[name] != begins[name]]
    assert len(late) < 5, "a heading that moved on may leave its mark at the foot of a page"
    assert all(leads[name] == begins[name] - 1 for name in late)


def test_the_bookmarks_are_the_headings(printed, pages):
    headings = [words for page in pages for words in [page.title, *(s[1] for s in page.sections)]]
    assert [mark.title for mark in pdf.bookmarks(printed.outline)] == headings


def test_the_pdf_is_tagged_and_says_its_title_and_language(printed):
    assert printed.metadata.title == "Layer Normalization"
    assert printed.root_object["/Lang"] == "en"
    assert printed.root_object["/MarkInfo"]["/Marked"]
    figures = [
        tag for tag in tags(printed.root_object["/StructTreeRoot"]) if tag["/S"] == "/Figure"
    ]
    assert len(figures) > 50
    assert all(figure.get("/Alt") for figure in figures)


def tags(node):
    """Every tag below this one."""
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        child = child.get_object()
        if isinstance(child, dict) and "/S" in child:
            yield child
            yield from tags(child)


def test_every_link_within_the_epub_leads_somewhere(book):
    with zipfile.ZipFile(book) as files:
        documents = {
            name.removeprefix("book/"): ElementTree.fromstring(files.read(name))
            for name in files.namelist()
            if name.endswith(".xhtml")
        }
    ids = {
        f"{name}#{element.get('id')}" for name, tree in documents.items() for element in tree.iter()
    }
    links = [
        (name, link.get("href"))
        for name, tree in documents.items()
        for link in tree.iter(f"{XHTML}a")
        if link.get("href") and "://" not in link.get("href")
    ]
    assert len(links) > len(documents)
    for name, address in links:
        file, _, part = address.partition("#")
        assert (file or name) in documents, address
        assert not part or f"{file or name}#{part}" in ids, (name, address)


@pytest.mark.skipif(
    not (EPUBCHECK.exists() and shutil.which("java")),
    reason="epubcheck is not installed: sudo apt-get install -y epubcheck",
)
def test_epubcheck_finds_nothing(book):
    done = subprocess.run(
        ["java", "-jar", str(EPUBCHECK), str(book)], capture_output=True, text=True
    )
    assert "0 fatals / 0 errors / 0 warnings" in done.stdout + done.stderr, done.stderr


def test_without_a_site_it_says_what_to_do(browser, tmp_path):
    with pytest.raises(FileNotFoundError, match="make book"):
        whole.read(browser, tmp_path, one_file=True)


@pytest.fixture
def chapter(browser, site):
    """A chapter whose reader has chosen the dark colours."""
    page = browser.new_page(color_scheme="dark")
    page.goto((site / "book" / "by_hand.html").as_uri())
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    yield page
    page.close()


def folded(page, tag):
    """The words of the first thing that is folded in a cell with this tag."""
    content = page.locator(f".cell.{tag} details.hide pre").first.text_content()
    return content.split()[:3]


def test_what_is_folded_is_printed_and_what_is_pressed_is_not(chapter):
    paper = pypdf.PdfReader(io.BytesIO(chapter.pdf(format="A4")))
    words = "".join(page.extract_text() for page in paper.pages)
    for tag in ["tag_hide-input", "tag_answer", "tag_solution"]:
        assert all(word in words for word in folded(chapter, tag)), tag
    assert "The answer" in words
    assert "A solution" in words
    for pressed in ["Show the answer", "Hide the answer", "Colab", "Copy", "Contents"]:
        assert pressed not in words, pressed


def test_paper_is_white_and_ink_is_dark(chapter):
    chapter.emulate_media(media="print")
    for place in ["body", ".lnlearn-explorable"]:
        paper, ink = chapter.locator(place).first.evaluate(
            "(e) => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
        )
        assert paper == "rgb(255, 255, 255)", place
        assert ink == "rgb(29, 32, 36)", place


def test_nothing_is_wider_than_the_paper(chapter):
    chapter.emulate_media(media="print")
    chapter.set_viewport_size({"width": 680, "height": 900})  # of A4, what margins leave
    wide = chapter.locator("main").evaluate(
        "(main) => [...main.querySelectorAll('pre, table, math, figure')]"
        ".filter((e) => e.getBoundingClientRect().right > main.getBoundingClientRect().right + 1)"
        ".map((e) => e.textContent.slice(0, 60))"
    )
    assert wide == []
