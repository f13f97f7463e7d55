"""The pages in a real browser: what a reader does with them, on phones and wide, light and dark.

`make test-browser` runs this with the system's Chromium or Chrome.
"""

import functools
import http.server
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import website

pytestmark = [
    pytest.mark.browser,
]

WIDTHS = [320, 390, 768, 1280]
SCHEMES = ["light", "dark"]
NAMES = [
    path.stem
    for path in sorted((website.ROOT / "book").glob("*.*"))
    if path.suffix in (".ipynb", ".md")
]
PAGES = [*(f"book/{name}.html" for name in NAMES), "404.html"]
CHAPTER = "book/by_hand.html"


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves the site and says nothing."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = website.build(tmp_path_factory.mktemp("site"))
    handler = functools.partial(Server, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def visit(browser, address):
    """Open a page of the site, as wide and in the scheme that is asked for."""
    contexts = []

    def open_page(name, width=1280, scheme="light", **options):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                page.complaints.append(request.url)
                if not request.url.startswith((address, "data:"))
                else None
            ),
        )
        page.goto(address + name, wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()


# Every page ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_is_accessible_complains_of_nothing_and_asks_no_other_host(
    visit, name, width, scheme
):
    page = visit(name, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_with_everything_unfolded_a_page_still_fits_a_phone(visit, name):
    page = visit(name, 320)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = Axe().run(page, options={"runOnly": ["scrollable-region-focusable"]})
    assert found.violations_count == 0, found.generate_report()


# Drawers ------------------------------------------------------------------------------------------


DRAWERS = [("Chapters", "#menu", width) for width in WIDTHS]
DRAWERS += [("On this page", "#contents", width) for width in WIDTHS if width < 1184]


@pytest.mark.parametrize("script", [True, False], ids=["", "without-javascript"])
@pytest.mark.parametrize(("button", "drawer", "width"), DRAWERS)
def test_a_drawer_opens_and_closes_by_touch_and_by_keyboard(visit, button, drawer, width, script):
    page = visit(CHAPTER, width, java_script_enabled=script)
    button, drawer = page.get_by_role("button", name=button, exact=True), page.locator(drawer)
    expect(drawer).not_to_be_visible()

    button.click()
    expect(drawer).to_be_visible()
    corner = 5 if drawer.bounding_box()["x"] > 5 else width - 5
    page.mouse.click(corner, 700)  # outside
    expect(drawer).not_to_be_visible()

    button.focus()
    page.keyboard.press("Enter")
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()
    expect(button).to_be_focused()


def test_the_list_of_chapters_leads_to_another_chapter(visit):
    page = visit(CHAPTER, 320)
    page.get_by_role("button", name="Chapters", exact=True).click()
    page.locator("#menu").get_by_role("link", name="Axes").click()
    expect(page.locator("h1")).to_contain_text("Axes")


def test_what_has_the_focus_is_seen_to_have_it(visit):
    page = visit(CHAPTER, 390)
    for _ in range(12):
        page.keyboard.press("Tab")
        style = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(style) == "solid", page.evaluate("document.activeElement.outerHTML")


# Contents -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["book/by_hand.html", "book/axes.html", "book/backward.html"])
def test_the_contents_mark_the_section_on_screen(visit, name):
    page = visit(name)
    headings = page.evaluate(
        "[...document.querySelectorAll('main section section')].map(s => s.id)"
    )
    height = page.evaluate("document.documentElement.scrollHeight")
    for stop in range(30):
        page.evaluate(f"scrollTo({{top: {height} * {stop} / 30, behavior: 'instant'}})")
        page.wait_for_timeout(60)
        tops = page.evaluate(
            "ids => ids.map(id => document.getElementById(id).getBoundingClientRect().top)",
            headings,
        )
        passed = [heading for heading, top in zip(headings, tops, strict=True) if top <= 800 / 3]
        marked = page.evaluate(
            "[...document.querySelectorAll('#contents [aria-current]')].map(a => a.hash)"
        )
        assert marked == [f"#{heading}" for heading in passed[-1:]]


# Colours, with a script and without ---------------------------------------------------------------


def luminance(page, selector, kind):
    colour = page.locator(selector).first.evaluate(f"e => getComputedStyle(e)['{kind}']")
    red, green, blue = [int(part) for part in colour.strip("rgb()").split(",")[:3]]
    return 0.21 * red + 0.72 * green + 0.07 * blue


@pytest.mark.parametrize("script", [True, False], ids=["", "without-javascript"])
def test_figures_and_code_are_legible_in_both_schemes(visit, script):
    for scheme, sign in [("light", 1), ("dark", -1)]:
        page = visit(CHAPTER, scheme=scheme, java_script_enabled=script)
        paper = luminance(page, "body", "backgroundColor")
        assert sign * (paper - luminance(page, "svg.figure text", "fill")) > 150
        assert sign * (paper - luminance(page, ".cell_input pre", "color")) > 150
        assert abs(paper - luminance(page, ".cell_input pre", "backgroundColor")) < 30


def test_the_reader_s_choice_of_a_theme_wins_and_stays(visit):
    page = visit(CHAPTER, scheme="light")
    button = page.get_by_role("button", name="Light or dark")
    button.click()
    expect(button).to_be_focused()
    assert luminance(page, "body", "backgroundColor") < 50
    page.reload()
    assert luminance(page, "body", "backgroundColor") < 50


def test_nothing_moves_for_those_who_ask_for_it(visit):
    page = visit(CHAPTER, reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0


# Folds --------------------------------------------------------------------------------------------


def test_a_solution_is_folded_and_opens(visit):
    page = visit(CHAPTER)
    solution = page.locator(".tag_solution").first
    expect(solution.locator(".cell_input")).not_to_be_visible()
    solution.get_by_text("Show the solution").click()
    expect(solution.locator(".cell_input")).to_be_visible()
    expect(solution.get_by_text("Hide the solution")).to_be_visible()
    expect(solution.get_by_text("Show the solution")).not_to_be_visible()


def test_folds_look_as_the_style_sheet_says(visit):
    summary = visit(CHAPTER).locator("details.hide > summary").first
    family, background, border = summary.evaluate(
        "e => ['fontFamily', 'backgroundColor', 'borderStyle'].map(k => getComputedStyle(e)[k])"
    )
    assert "Book Sans" in family
    assert (background, border) == ("rgba(0, 0, 0, 0)", "none")


# Search -------------------------------------------------------------------------------------------


@pytest.fixture
def search(visit):
    """What the search finds: pages, and for each the titles of its sections."""
    page = visit("book/index.html", 390)
    page.keyboard.press("/")

    def find(words):
        page.get_by_role("searchbox").fill(words)
        expect(page.locator("#found")).to_contain_text("Found")
        titles = page.locator("#results a").evaluate_all(
            "links => links.map(a => [a.parentNode.className, a.firstChild.textContent, a.href])"
        )
        return titles

    return find


def pages_of(results):
    return [url.split("/")[-1] for kind, _, url in results if kind == "of-page"]


@pytest.mark.parametrize(
    ("word", "chapter"),
    [
        ("Bessel", "by_hand.html"),
        ("backward", "backward.html"),
        ("variance", "by_hand.html"),
        ("chain rule", "backward.html"),
        ("group norm", "axes.html"),
    ],
)
def test_a_chapter_that_is_about_a_word_comes_before_those_that_mention_it(search, word, chapter):
    assert pages_of(search(word))[0] == chapter


def test_the_search_finds_sections_and_leads_to_them(search):
    sections = [
        url for kind, title, url in search("puzzle") if kind == "in-page" and title == "A puzzle"
    ]
    assert sections[0].endswith("book/by_hand.html#a-puzzle")


def test_one_word_is_found_however_it_is_written(search):
    found = [pages_of(search(words)) for words in ("RMSNorm", "RMS norm", "rmsnorm", "rms-norm")]
    assert found[0]
    assert all(pages == found[0] for pages in found)


def test_what_stands_nowhere_is_not_found(search):
    assert search("xylophone") == []


def test_the_search_closes_by_escape_and_enter_opens_the_first_result(visit):
    page = visit(CHAPTER)
    button = page.get_by_role("button", name="Search", exact=True)
    button.click()
    page.keyboard.press("Escape")
    expect(page.locator("#search")).not_to_be_visible()
    expect(button).to_be_focused()
    button.click()
    page.get_by_role("searchbox").fill("backward pass")
    expect(page.locator("#results a").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("The backward pass")


# Previews and copies ------------------------------------------------------------------------------


@pytest.mark.parametrize(("selector", "shown"), [("a.eqref", "math"), ("a[data-source]", None)])
def test_a_reference_shows_what_it_leads_to_when_hovered_or_focused(visit, selector, shown):
    page = visit("book/backward.html")
    link, preview = page.locator(selector).first, page.locator("#preview")
    for show, hide in [(link.hover, lambda: page.mouse.move(0, 0)), (link.focus, link.blur)]:
        show()
        expect(preview).to_be_visible()
        expect(link).to_have_attribute("aria-describedby", "preview")
        if shown:
            expect(preview.locator(shown)).to_be_visible()
        else:
            expect(preview).to_have_text(link.get_attribute("data-source"))
        box = preview.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280
        hide()
        expect(preview).not_to_be_visible()


def test_code_is_copied_as_it_is_written(visit):
    page = visit(CHAPTER, permissions=["clipboard-read", "clipboard-write"])
    cell = page.locator(".cell_input:visible").first
    button = cell.locator("button.copy")
    button.click()
    expect(button).to_be_focused()
    expect(button).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == cell.locator("pre").text_content()


def test_the_root_leads_to_the_book(visit):
    expect(visit("index.html").locator("h1")).to_contain_text("Layer Normalization")
