"""The projection in a real browser: its numbers, and that it can be moved."""

import numpy as np
import pytest

from lnlearn import explorables, scratch

pytestmark = pytest.mark.browser

READ = """() => Object.fromEntries([...document.querySelectorAll("tr")].slice(1).map((row) => [
  row.querySelector("th").textContent,
  [...row.querySelectorAll("td")].map((cell) =>
    Number(cell.firstElementChild?.value ?? cell.textContent.replace("−", "-"))),
]))"""


@pytest.fixture
def page(show):
    return show(explorables.projection()._repr_html_())


def expected_dx(x, g):
    _, mean, rstd = scratch.layer_norm_forward(np.array(x), 3)
    return scratch.layer_norm_backward(np.array(g), np.array(x), 3, mean, rstd)[0]


def typed(page, name, values):
    for i, value in enumerate(values):
        page.get_by_label(f"{name}, feature {i + 1}", exact=True).fill(f"{value}")


def test_what_stands_still_without_a_script_is_what_the_script_draws(page, show):
    still = show(explorables.projection()._repr_html_().split("<script>")[0])
    for part in ("svg", ".summary"):
        assert still.locator(part).inner_html() == page.locator(part).inner_html()
    assert still.evaluate(READ) == page.evaluate(READ)
    assert still.locator("button, input").count() == 0


def test_random_tokens_and_gradients_give_the_numbers_of_scratch(page):
    rng = np.random.default_rng(0)
    for _ in range(20):
        x, g = rng.normal(size=(2, 3)).round(3)
        typed(page, "x, the token", x)
        typed(page, "g", g)
        assert page.evaluate(READ)["dx"] == pytest.approx(expected_dx(x, g), abs=6e-5)


@pytest.mark.parametrize(
    ("name", "left"), [("g = 1, 1, 1", 0), ("g = 2x̂", 0), ("right angles", 100)]
)
def test_a_button_shows_how_much_of_g_is_left(page, name, left):
    page.get_by_role("button", name=name).click()
    assert f"{left} % of the length" in page.locator(".summary").inner_text()


def test_dragging_g_keeps_its_part_along_x_hat(page):
    before = page.evaluate(READ)
    box = page.locator("circle").nth(1).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=4)
    page.mouse.up()
    after = page.evaluate(READ)
    assert not np.allclose(after["g"], before["g"], atol=0.1)
    assert np.dot(after["g"], before["x̂"]) == pytest.approx(
        np.dot(before["g"], before["x̂"]), abs=1e-3
    )
    assert after["dx"] == pytest.approx(expected_dx(after["x, the token"], after["g"]), abs=2e-3)
    moved = page.locator("circle").nth(1).bounding_box()
    assert [moved["x"] - box["x"], moved["y"] - box["y"]] == pytest.approx([40, 30], abs=1)


def test_a_constant_token_gives_no_dx_across_and_no_error(page):
    typed(page, "x, the token", [0.5, 0.5, 0.5])
    assert page.evaluate(READ)["x̂"] == [0, 0, 0]
    assert "NaN" not in page.locator(".scroll").inner_text()
