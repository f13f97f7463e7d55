"""The browser of the tests in this folder."""

import pytest

import whole


@pytest.fixture(scope="module")
def browser():
    with whole.open_browser() as browser:
        yield browser


@pytest.fixture
def show(browser):
    """Show a piece of HTML on a page of its own; an error of a script fails the test."""
    pages, errors = [], []

    def show(html, **options):
        page = browser.new_page(**{"viewport": {"width": 390, "height": 1200}} | options)
        page.on("pageerror", lambda error: errors.append(error))
        page.on("console", lambda message: errors.append(message.text))
        page.set_content(f"<!doctype html>{html}")
        pages.append(page)
        return page

    yield show
    for page in pages:
        page.close()
    assert errors == []
