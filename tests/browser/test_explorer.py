"""The explorer in a real browser: its numbers, and that every way to move it works."""

import numpy as np
import pytest

import lnlearn
from lnlearn import scratch

pytestmark = pytest.mark.browser

PRESETS = {
    "classic token": ([0.2, 0.1, 0.3], False),
    "constant row": ([0.5, 0.5, 0.5], False),
    "an outlier": ([0.3, -0.5, 0.1, 0.4, 100, -0.2, 0.6, -0.1], False),
    "large mean, float32": ([10000.2, 10000.1, 10000.3], True),
}

TYPE = """(entries) => {
  for (const [name, value] of entries) {
    const field = document.querySelector(name);
    if (field.type === "checkbox") field.checked = value; else field.value = value;
    field.dispatchEvent(new Event("input", {bubbles: true}));
  }
}"""

READ = """() => {
  const numbers = (query) => [...document.querySelectorAll(query)].map((e) => Number(e.value));
  const [mean, std, twoPass, onePass] = numbers(".summary data");
  const row = (name) => numbers(`[data-of="${name}"]:not([type="range"])`);
  return {mean, std, two_pass: twoPass, one_pass: onePass,
          x_hat: row("xHat"), y: row("y"), dx: row("dx"), x: row("x")};
}"""


@pytest.fixture
def page(show):
    """A page with nothing but the explorer, on a touch screen."""
    return show(lnlearn.explorer()._repr_html_(), has_touch=True)


def typed(page, x, weight, bias, dy, eps, float32):
    """Type all of it into the fields, and return what the explorer shows."""
    entries = [("[name=D]", len(x)), ("[name=eps]", float(eps)), ("[name=float32]", float32)]
    for name, row in {"x": x, "weight": weight, "bias": bias, "dy": dy}.items():
        field = f'[data-of="{name}"]:not([type="range"])'
        entries += [(f'{field}[data-i="{i}"]', float(value)) for i, value in enumerate(row)]
    page.evaluate(TYPE, entries)
    return page.evaluate(READ)


def by_scratch(x, weight, bias, dy, eps, dtype):
    x, weight, bias, dy = (np.array(row, dtype) for row in (x, weight, bias, dy))
    y, mean, rstd = scratch.layer_norm_forward(x, len(x), weight, bias, eps)
    dx, _, _ = scratch.layer_norm_backward(dy, x, len(x), mean, rstd, weight, bias)
    x_hat, variance = scratch.layer_norm(x, len(x), eps=eps), scratch.moments.two_pass(x - mean)[1]
    one_pass = scratch.moments.one_pass(x)[1]
    shown = {"mean": mean[0], "std": np.sqrt(variance), "two_pass": variance, "one_pass": one_pass}
    return shown | {"x_hat": x_hat, "y": y, "dx": dx}


def in_order(x, weight, bias, dy, eps):
    """The same in float32, each sum taken from the first feature to the last."""
    x, weight, bias, dy = (np.array(row, np.float32) for row in (x, weight, bias, dy))

    def mean(row):
        return np.add.accumulate(row)[-1] / np.float32(len(row))

    rough = mean(x)
    rounding = mean(x - rough)
    mu, centred = rough + rounding, x - rough - rounding
    variance = mean(centred * centred)
    rstd = np.float32(1) / np.sqrt(variance + np.float32(eps))
    x_hat, g = centred * rstd, dy * weight
    dx = ((g - mean(g)) - x_hat * mean(g * x_hat)) * rstd
    shown = {"mean": mu, "std": np.sqrt(variance), "two_pass": variance}
    shown |= {"one_pass": mean(x * x) - rough * rough}
    return shown | {"x_hat": x_hat, "y": x_hat * weight + bias, "dx": dx}


def random_inputs(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        D, scale = rng.integers(2, 9), 10.0 ** rng.integers(-3, 4)
        x = rng.standard_normal(D) * scale + rng.choice([0, 10, 10_000])
        weight, bias, dy = rng.standard_normal((3, D))
        yield x, weight, bias, dy, rng.choice([1e-12, 1e-5, 1e-3, 1.0])


def assert_agree(shown, expected, tolerance, gradient=0.0):
    """To so many digits of the largest number; of dx, of the largest `gradient` that enters it."""
    for name, value in expected.items():
        size = max(np.abs(value).max(), gradient if name == "dx" else 0)
        assert np.allclose(shown[name], value, rtol=0, atol=tolerance * size), name


def test_two_hundred_random_tokens_give_the_numbers_of_scratch(page):
    for x, weight, bias, dy, eps in random_inputs(200, seed=0):
        shown = typed(page, x, weight, bias, dy, eps, False)
        expected = by_scratch(x, weight, bias, dy, eps, np.float64)
        # Rounding in the mean, and what the one-pass formula loses, grow with the distance from 0.
        far = np.abs(x).max() / np.std(x)
        expected.pop("one_pass")
        gradient = np.abs(dy * weight).max() / np.sqrt(np.var(x) + eps)
        assert_agree(shown, expected, 1e-14 * (1 + far), gradient)
        assert shown["one_pass"] == pytest.approx(np.var(x), abs=1e-14 * np.abs(x).max() ** 2)


def test_two_hundred_random_tokens_in_float32_agree_to_the_last_bit(page):
    for x, weight, bias, dy, eps in random_inputs(200, seed=1):
        shown = typed(page, x, weight, bias, dy, eps, True)
        for name, value in in_order(x, weight, bias, dy, eps).items():
            assert np.array_equal(np.float32(shown[name]), value), name
        if len(x) < 8:  # so few, NumPy adds in the same order
            one_pass = scratch.moments.one_pass(np.float32(x))[1]
            assert np.float32(shown["one_pass"]) == one_pass


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_gives_the_numbers_of_scratch(page, name):
    x, float32 = PRESETS[name]
    ones, zeros, first = np.ones(len(x)), np.zeros(len(x)), np.eye(len(x))[0]
    page.get_by_role("button", name=name).click()
    shown = page.evaluate(READ)
    assert shown["x"] == x
    expected = by_scratch(x, ones, zeros, first, 1e-5, np.float32 if float32 else np.float64)
    assert_agree(shown, expected, 1e-6 if float32 else 1e-14)
    words = page.locator(".summary").inner_text()
    assert f"σ² in two passes = {shown['two_pass']:#.6g}" in words
    assert f"in one pass = {shown['one_pass']:#.6g}".replace("= -", "= −") in words


def test_in_float32_the_one_pass_variance_of_a_large_mean_is_negative(page):
    page.get_by_role("button", name="large mean").click()
    shown = page.evaluate(READ)
    assert shown["one_pass"] == -8
    assert shown["two_pass"] == pytest.approx(1 / 150, rel=2e-3)
    page.get_by_label("in float32").uncheck()
    assert page.evaluate(READ)["one_pass"] == pytest.approx(1 / 150, rel=1e-4)


def test_what_stands_still_without_a_script_is_what_the_script_draws(page, show):
    still = show(lnlearn.explorer()._repr_html_().split("<script>")[0])
    live = page.locator(".summary").inner_text()
    assert still.locator(".summary").inner_text() == live
    assert still.locator("svg").inner_html() == page.locator("svg").inner_html()
    assert still.locator("button, input").count() == 0
    values = "e => [...e.querySelectorAll('td')].map(d => d.firstElementChild?.type === 'number' ? "
    values += "d.firstElementChild.value : d.textContent)"
    by_table = [p.locator("table").evaluate(values) for p in (still, page)]
    assert by_table[0] == by_table[1]


def place(page, number):
    """The middle of a dot of the first line, in the window."""
    box = page.locator("svg g").first.locator("circle").nth(number - 1).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_dot_is_dragged_with_the_mouse(page):
    (_, height), (goal, _) = place(page, 2), place(page, 3)
    page.mouse.move(*place(page, 2))
    page.mouse.down()
    page.mouse.move(goal, height, steps=5)
    page.mouse.up()
    assert page.evaluate(READ)["x"] == pytest.approx([0.2, 0.3, 0.3], abs=2e-3)
    page.mouse.move(*place(page, 1))  # let go: nothing follows
    assert page.evaluate(READ)["x"] == pytest.approx([0.2, 0.3, 0.3], abs=2e-3)


def test_a_dot_is_dragged_with_a_finger(page):
    screen = page.context.new_cdp_session(page)
    start, goal = place(page, 3), place(page, 2)
    steps = [start, ((start[0] + goal[0]) / 2, start[1]), (goal[0], start[1])]
    for kind, places in [("touchStart", steps[:1]), *(("touchMove", [p]) for p in steps[1:])]:
        touches = [{"x": x, "y": y} for x, y in places]
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert page.evaluate(READ)["x"] == pytest.approx([0.2, 0.1, 0.1], abs=2e-3)


def test_the_keyboard_reaches_every_number_and_changes_it(page):
    fields = []
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement !== document.body"):
        label = "document.activeElement.ariaLabel ?? document.activeElement.parentNode.innerText"
        fields.append(page.evaluate(label).strip())
        if fields[-1] == "x, feature 1":
            page.keyboard.press("ArrowUp")
        if fields[-1] == "γ, weight, feature 2":
            page.keyboard.type("3")
        page.keyboard.press("Tab")
    assert len(set(fields[4:])) == 4 + 4 * 3  # four presets, four settings, four rows of three
    shown = page.evaluate(READ)
    assert shown["x"] == [0.3, 0.1, 0.3]
    assert shown["y"][1] == 3 * shown["x_hat"][1] != 0


def test_a_field_that_holds_no_number_is_marked_and_changes_nothing(page):
    before = page.evaluate(READ)
    for field, text in [("ε", "-1"), ("ε", ""), ("features", "9")]:
        page.get_by_label(field, exact=True).fill(text)
        assert page.get_by_label(field, exact=True).get_attribute("aria-invalid") == "true"
    assert page.evaluate(READ) == before
    page.get_by_label("ε", exact=True).fill("1")
    assert page.get_by_label("ε", exact=True).get_attribute("aria-invalid") == "false"
    assert page.evaluate(READ)["y"] != before["y"]


def test_a_constant_row_without_eps_shows_that_it_is_not_a_number(page):
    page.get_by_role("button", name="constant row").click()
    page.get_by_label("ε", exact=True).fill("0")
    assert np.isnan(np.array(page.evaluate(READ)["y"], float)).all()
    assert page.locator("table").inner_text().count("NaN") == 9


def test_sliders_set_gamma_and_beta(page):
    for name, value in (("weight", 2), ("bias", -1)):
        page.evaluate(TYPE, [[f'[data-of="{name}"][data-i="2"][type="range"]', value]])
    shown = page.evaluate(READ)
    assert shown["y"][2] == 2 * shown["x_hat"][2] - 1
    assert page.get_by_label("γ, weight, feature 3").input_value() == "2"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_of_the_page_wins_over_that_of_the_system(show, theme):
    html = f'<html data-theme="{theme}">{lnlearn.explorer()._repr_html_()}'
    page = show(html, color_scheme="light" if theme == "dark" else "dark")
    paper = page.locator(".lnlearn-explorable").evaluate("e => getComputedStyle(e).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 30)"}[theme]


def test_two_on_one_page_are_moved_apart(show):
    page = show(2 * lnlearn.explorer()._repr_html_())
    first, second = page.locator(".lnlearn-explorable").all()
    first.get_by_role("button", name="constant row").click()
    assert "0.500000" in first.locator(".summary").inner_text()
    assert "0.200000" in second.locator(".summary").inner_text()
    assert page.get_by_role("button", name="constant row").count() == 2


def test_it_comes_to_life_when_a_notebook_inserts_it_and_runs_its_script(show):
    page = show("<div></div>")
    page.evaluate(
        """html => {
          const output = document.querySelector("div");
          output.innerHTML = html;
          const still = output.querySelector("script"), script = document.createElement("script");
          script.textContent = still.textContent;
          still.replaceWith(script);
        }""",
        lnlearn.explorer()._repr_html_(),
    )
    page.get_by_role("button", name="constant row").click()
    assert page.evaluate(READ)["mean"] == 0.5


def test_in_print_it_is_a_figure_with_numbers_and_nothing_to_press(page):
    page.emulate_media(media="print")
    for control in page.locator("button, [type=range], [name=D], .hint").all():
        assert not control.is_visible()
    assert page.locator("svg").is_visible()
    assert page.get_by_label("x, feature 1").is_visible()
