"""The browser of the tests in this folder."""

import shutil

import pytest
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="module")
def browser():
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("No browser: on Debian and Ubuntu, run: sudo apt-get install -y chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


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
