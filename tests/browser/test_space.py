"""Layer norm in space, in a real browser: it turns, and the token goes its way."""

import numpy as np
import pytest

from lnlearn import explorables
from lnlearn.explorables.space import STEPS, project, ways_of_the_token

pytestmark = pytest.mark.browser

DOT = "circle[data-way]"


@pytest.fixture
def page(show):
    return show(explorables.space()._repr_html_())


def set_to(page, name, value):
    page.locator(f"[name={name}]").evaluate(
        "(field, value) => { field.value = value;"
        " field.dispatchEvent(new Event('input', {bubbles: true})); }",
        value,
    )


def places(page):
    """Where the two dots are drawn."""
    dots = page.locator(DOT).all()
    return np.array([[dot.get_attribute(name) for name in ("cx", "cy")] for dot in dots], float)


def settings(page):
    return {name: float(page.locator(f"[name={name}]").input_value()) for name in ("turn", "tilt")}


def test_what_stands_still_without_a_script_is_what_the_script_draws(page, show):
    html = explorables.space()._repr_html_().split("<script>")[0]
    still = show(html)
    set_to(page, "step", 3)  # it starts at 0; without a script, the whole way is shown
    names = ["d", "x", "y", "cx", "cy"]
    read = "(svg, names) => [...svg.children].map(e => [e.textContent, "
    read += "e.getAttribute('opacity') ?? '1', ...names.map(name => e.getAttribute(name) ?? '0')])"
    drawn = [p.locator("svg").evaluate(read, names) for p in (still, page)]
    for (text, _, *one), (other_text, opacity, *other) in zip(*drawn, strict=True):
        assert text == other_text
        assert opacity == "1"
        for a, b in zip(one, other, strict=True):
            a, b = (np.array(v.strip("M").replace("L", " ").split(), float) for v in (a, b))
            assert np.allclose(a, b, atol=0.11)  # places are written to three decimals
    assert still.locator("input").count() == 0


@pytest.mark.parametrize(("turn", "tilt"), [(-30, 22), (100, -50), (-180, 90)])
@pytest.mark.parametrize("step", range(4))
def test_at_each_step_the_dots_are_where_the_norms_send_the_token(page, step, turn, tilt):
    for name, value in {"step": step, "turn": turn, "tilt": tilt}.items():
        set_to(page, name, value)
    expected = [project(way[step], turn, tilt).split() for way in ways_of_the_token().values()]
    assert np.allclose(places(page), np.array(expected, float), atol=0.11)
    assert page.locator('[aria-current="step"] th').inner_text() == STEPS[step]
    assert page.locator("[name=step]").get_attribute("aria-valuetext") == STEPS[step]


def test_between_two_steps_the_token_is_on_the_line_between_them(page):
    ends = []
    for step in (1, 2, 1.5):
        set_to(page, "step", step)
        ends.append(places(page))
    assert np.allclose((ends[0] + ends[1]) / 2, ends[2], atol=0.11)
    assert not np.allclose(ends[0], ends[1], atol=1)


def test_what_a_step_has_not_reached_is_faint(page):
    faint = []
    for step in range(4):
        set_to(page, "step", step)
        faint.append(page.locator('[opacity="0.15"]').count())
    assert faint == [6, 6, 4, 0]  # sphere and circle; four ellipses


def test_the_mouse_turns_it_and_tilts_it(page):
    box, before = page.locator("svg").bounding_box(), settings(page)
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 80, steps=6)
    page.mouse.up()
    after = settings(page)
    assert after["turn"] == pytest.approx(before["turn"] - 60, abs=1.5)
    assert after["tilt"] == pytest.approx(before["tilt"] - 20, abs=1.5)
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    assert settings(page) == after
    expected = [project(way[0], **after).split() for way in ways_of_the_token().values()]
    assert np.allclose(places(page), np.array(expected, float), atol=0.11)


def test_a_finger_turns_it(show):
    page = show(explorables.space()._repr_html_(), has_touch=True)
    before, screen = settings(page), page.context.new_cdp_session(page)
    for kind, x in [("touchStart", 100), ("touchMove", 130), ("touchMove", 160)]:
        touch = {"type": kind, "touchPoints": [{"x": x, "y": 150}]}
        screen.send("Input.dispatchTouchEvent", touch)
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    after = settings(page)
    assert after["turn"] < before["turn"] - 10
    assert after["tilt"] == before["tilt"]


def test_the_keyboard_turns_it_tilts_it_and_moves_the_token(page):
    before = places(page)
    for name in ("step", "turn", "tilt"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == name
        page.keyboard.press("ArrowRight")
        assert not np.allclose(places(page), before)
        before = places(page)
