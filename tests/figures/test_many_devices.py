"""The figures of the chapter draw the numbers that they are given, each where it belongs."""

import numpy as np
from matplotlib.colors import to_hex

from lnlearn import figures
from lnlearn.figures.many_devices import DEVICES

CURVES = {"sums": ([1, 10, 100], [7, 5, 3]), "merge": ([1, 10, 100], [7, 7, 6])}
PATHS = {"apart": [[1, 2], [1, 3], [1, 4]], "together": [[1, 2], [1, 2], [1, 2]]}
SECONDS = {"ring": [1e-4, 1e-3, 1e-2], "tree": [1e-4, 2e-4, 3e-4]}
EXAMPLES = {
    "two_cuts": lambda: figures.two_cuts(6, 12, (1, 2, 3)),
    "merge_digits": lambda: figures.merge_digits(CURVES),
    "drift": lambda: figures.drift(PATHS, [1, 2]),
    "costs": lambda: figures.costs([8, 64, 512], SECONDS, ("alone", [1e-2, 1e-3, 1e-4])),
}


def test_a_cell_has_the_colour_of_the_device_that_holds_it():
    for ax, axis in zip(EXAMPLES["two_cuts"]().axes, (0, 1), strict=True):
        counts = dict.fromkeys(DEVICES, 0)
        ends = {}
        for cell in ax.patches:
            colour = to_hex(cell.get_facecolor())
            counts[colour] += 1
            ends[colour] = max(ends.get(colour, 0), cell.get_xy()[axis] + 1)
        assert list(counts.values()) == [12, 24, 36]
        assert list(ends.values()) == ([2, 6, 12], [1, 3, 6])[axis]


def test_curves_are_drawn_and_named_at_their_ends():
    [ax] = EXAMPLES["merge_digits"]().axes
    drawn = [line for line in ax.lines if line.get_marker() != "None"]
    assert [line.get_ydata().tolist() for line in drawn] == [y for _, y in CURVES.values()]
    assert [(text.get_text(), text.xy) for text in ax.texts] == [
        ("sums", (100, 3)), ("merge", (100, 6))
    ]  # fmt: skip


def test_devices_are_named_one_by_one_only_where_they_differ():
    apart, together = EXAMPLES["drift"]().axes
    assert [text.get_text() for text in apart.texts] == ["device 0", "device 1", "device 2"]
    assert [text.get_text() for text in together.texts] == ["all three"]
    for ax, values in zip((apart, together), PATHS.values(), strict=True):
        one, *devices = [line.get_ydata().tolist() for line in ax.lines]
        assert (one, devices) == ([1, 2], values)


def test_costs_are_drawn_on_logarithmic_axes_beside_the_norm_alone():
    [ax] = EXAMPLES["costs"]().axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    values = [line.get_ydata() for line in ax.lines]
    assert np.allclose(values, [*SECONDS.values(), [1e-2, 1e-3, 1e-4]])
    assert ax.lines[-1].get_linestyle() == "--"
