"""A page of the site on paper: everything folded is open, and the colours are those of day."""

import io

import pypdf
import pytest

import website

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return website.build(tmp_path_factory.mktemp("site"))


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
