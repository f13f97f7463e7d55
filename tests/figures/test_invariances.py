"""The figures of the chapter on invariances."""

import numpy as np
import pytest

from lnlearn import figures

ROWS = {"batch norm": ["same", "eps", "differs"], "layer norm": ["sign", "same", "differs"]}
PATH = [[1.0, 0.0], [1.0, 0.5], [0.75, 1.0]]

EXAMPLES = {
    "before_and_after": lambda: figures.before_and_after(
        {"W": ([2, 1, 3], [0, -1, 1]), "2W": ([4, 2, 6], [0, -1, 1])}
    ),
    "invariance_grid": lambda: figures.invariance_grid("abc", ROWS),
    "change_when_doubled": lambda: figures.change_when_doubled(
        [1e-5, 1e-12], {1e-5: ([1e-3, 1.0], [0.77, 3.75e-6])}
    ),
    "right_angles": lambda: figures.right_angles(lambda angle: (angle - 1) ** 2, PATH),
    "curves_by_step": lambda: figures.curves_by_step(
        {"loss": {"a": [3, 2, 1], "b": [3, 1, 0.5]}, "length": {"a": [1, 2, 3]}}, {"loss": "log"}
    ),
}


def test_bars_are_as_high_as_the_numbers_and_share_a_scale():
    axes = EXAMPLES["before_and_after"]().axes
    heights = [[bar.get_height() for bar in ax.patches] for ax in axes]
    assert heights == [[2, 1, 3], [0, -1, 1], [4, 2, 6], [0, -1, 1]]
    assert axes[0].get_ylim() == axes[2].get_ylim()
    assert [ax.get_ylabel() for ax in axes[::2]] == ["W", "2W"]


def test_a_cell_of_the_grid_has_the_colour_and_the_sign_of_its_word():
    [axes] = EXAMPLES["invariance_grid"]().axes
    looks = {"same": ("green", "✓"), "eps": ("purple", "✓\nε = 0"), "sign": ("blue", "±")}
    looks["differs"] = ("orange", "✗")
    words = [word for row in ROWS.values() for word in row]
    for area, word in zip(axes.collections, words, strict=True):
        colour, sign = looks[word]
        inside = area.get_paths()[0].get_extents()
        texts = [text for text in axes.texts if inside.contains(*text.get_position())]
        assert "\n".join(text.get_text() for text in texts) == sign
        assert figures.COLOURS[colour] == _hex(area.get_facecolor())
        middle = np.mean([text.get_position() for text in texts], axis=0)
        assert middle == pytest.approx(inside.get_points().mean(0))
    assert [tick.get_text() for tick in axes.get_yticklabels()] == list(ROWS)
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first row is on top


def _hex(colours):
    return "#" + bytes((colours[0, :3] * 255).round().astype(int).tolist()).hex()


def test_growth_is_drawn_as_the_formula_says_even_where_it_is_tiny():
    [axes] = EXAMPLES["change_when_doubled"]().axes
    first, points, second = axes.lines
    for eps, curve in ((1e-5, first), (1e-12, second)):
        s, growth = (np.asarray(data, np.longdouble) for data in curve.get_data())
        assert np.allclose(growth, np.sqrt((s**2 + eps) / (s**2 + eps / 4)) - 1, rtol=1e-4)
    assert np.allclose(points.get_xydata(), [[1e-3, 0.77], [1, 3.75e-6]])
    assert points.get_color() == first.get_color()


def test_each_step_is_an_arrow_from_where_the_last_one_ended():
    [axes] = EXAMPLES["right_angles"]().axes
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None)]
    assert np.allclose([arrow.xyann for arrow in arrows], PATH[:-1])
    assert np.allclose([arrow.xy for arrow in arrows], PATH[1:])
    radii = [np.hypot(*line.get_data()).max() for line in axes.lines if line.get_ls() == ":"]
    assert np.allclose(radii, np.hypot(*np.transpose(PATH)))
    corner = axes.lines[len(PATH)].get_xydata()
    sides = np.diff([PATH[0], *corner[:2]], axis=0)
    assert np.isclose(np.dot(*sides), 0)
    assert axes.get_aspect() == 1


def test_the_ray_with_the_lowest_loss_is_the_darkest():
    [axes] = EXAMPLES["right_angles"]().axes
    darkest = max(axes.patches, key=lambda ray: ray.get_alpha())
    angle = np.arctan2(*darkest.get_xy()[1:3].mean(0)[::-1])
    assert abs(angle - 1) < 0.03


def test_each_curve_has_its_name_at_its_end_and_in_its_colour():
    figure = EXAMPLES["curves_by_step"]()
    for axes, names in zip(figure.axes, (["a", "b"], ["a"]), strict=True):
        assert [text.get_text() for text in axes.texts] == names
        for text, line in zip(axes.texts, axes.lines, strict=True):
            assert text.xy == (2, line.get_ydata()[-1])
            assert text.get_color() == line.get_color()
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear"]
    assert np.array_equal(figure.axes[0].lines[1].get_ydata(), [3, 1, 0.5])
