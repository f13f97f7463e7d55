"""The PDF and the EPUB: all of the book is in them, and what they point at is there."""

import re
import shutil
import subprocess
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


def squeezed(text):
    return re.sub(r"\s", "", text)


def test_every_link_within_the_pdf_leads_somewhere(printed):
    names = set(printed.named_destinations)
    links = [
        str(annotation.get_object()["/Dest"])
        for page in printed.pages
        for annotation in page.get("/Annots") or []
        if "/Dest" in annotation.get_object()
    ]
    assert links
    assert {link for link in links if link.startswith("/")} <= names


def test_the_pdf_is_tagged_and_says_its_title_and_language(printed):
    assert printed.metadata.title == "Layer Normalization"
    assert printed.root_object["/Lang"] == "en"
    assert printed.root_object["/MarkInfo"]["/Marked"]


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
