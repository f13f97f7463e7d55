"""The gradients by placement and depth, in a real browser: what is chosen is what is drawn."""

import shutil

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from lnlearn import explorables
from lnlearn.experiments.placements import SWEEPS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium():
    programs = filter(None, map(shutil.which, ("chromium", "google-chrome")))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=next(programs), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(chromium):
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.set_content(f"<!doctype html>{explorables.placements()._repr_html_()}")
    yield page
    page.close()
    assert errors == []


def test_what_stands_still_without_a_script_is_what_the_script_draws(page, chromium):
    still = chromium.new_page()
    still.set_content(explorables.placements()._repr_html_().split("<script>")[0])
    for part in ("svg", ".summary"):
        assert still.locator(part).inner_html() == page.locator(part).inner_html()
    assert still.locator("button").count() == 0
    still.close()


def test_the_chosen_placement_and_depth_are_drawn_and_said(page):
    page.get_by_role("button", name="olmo2").click()
    page.get_by_role("button", name="24").click()
    runs = SWEEPS[0].results(placement="olmo2", depth=24)
    expected = np.mean([run["gradient"] for run in runs], axis=0)
    circles = page.locator("svg circle[fill='var(--blue)']").all()
    heights = np.array([float(circle.get_attribute("cy")) for circle in circles])
    assert 10 ** ((258 - heights) / 244 * 6 - 3) == pytest.approx(expected, rel=0.02)
    assert f"first block {expected[0]:.3g}" in page.locator(".summary").inner_text()
    pressed = page.locator("button[aria-pressed=true]").all_inner_texts()
    assert pressed == ["olmo2", "24"]


def test_what_lies_beyond_the_axis_stays_inside_the_drawing(page):
    page.get_by_role("button", name="none").click()
    page.get_by_role("button", name="24").click()
    heights = [float(circle.get_attribute("cy")) for circle in page.locator("svg circle").all()]
    assert min(heights) == 14
    assert "1.5e+11" in page.locator(".summary").inner_text()
