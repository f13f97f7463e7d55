"""The figures of the benchmarks draw the numbers that they are given."""

from pathlib import Path

import numpy as np
import pytest

from figure_examples import svg
from lnlearn import figures

RESULTS = [
    {"dtype": dtype, "shape": shape, "seconds": {"copy": 2.0, "other copy": 4.0, "a": a, "b": 6.0}}
    for dtype in ("float32", "bfloat16")
    for shape, a in [([32, 768], 3.0), ([512, 768], 5.0)]
]
ON_GPU = [
    {"task": task, "shape": shape, "copy / time": {"a": a - off, "copy": 1.0} | others}
    for task, off in [("forward", 0), ("backward", 0.1), ("add forward", 0.2)]
    for shape, a, others in [([4096, 768], 0.9, {"b": 0.5}), ([1, 4096], 0.7, {})]
]
EXAMPLES = {
    "bench": lambda: figures.bench(RESULTS),
    "bench_gpu": lambda: figures.bench_gpu(ON_GPU),
}


@pytest.mark.parametrize("name", ["bench", "bench_gpu"])
def test_a_drawing_is_the_one_that_was_looked_at(name, tmp_path):
    # No chapter stores these two. If a change is wanted, look at the new drawing and keep it.
    new, kept = tmp_path / f"{name}.svg", Path(__file__).with_name(f"{name}.svg")
    new.write_text(svg(EXAMPLES[name]()), encoding="utf-8")
    same = new.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")
    assert same, f"{new} is not {kept}"


def test_bench_draws_times_as_multiples_of_the_fastest_copy():
    figure = EXAMPLES["bench"]()
    assert [axes.get_title("left") for axes in figure.axes] == ["float32", "bfloat16"]
    for axes in figure.axes:
        a, b = (line.get_ydata() for line in axes.lines[:2])
        assert np.allclose(a, [1.5, 2.5])
        assert np.allclose(b, [3.0, 3.0])
        assert [label.get_text() for label in axes.get_xticklabels()] == ["32×768", "512×768"]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
        assert np.array_equal(axes.lines[2].get_ydata(), [1, 1])  # the copy
        assert axes.get_yscale() == "log"
        assert axes.get_ylabel() == "time / time of a copy"
        figure.draw_without_rendering()
        ticks = {label.get_text() for label in axes.get_yticklabels(which="both")}
        assert ticks >= {"1", "2", "5"}
        assert not any("10^" in tick for tick in ticks)
    assert figure.axes[-1].get_xlabel() == "rows × width"


def test_bench_has_a_panel_of_the_same_height_for_each_dtype():
    alone = figures.bench([result for result in RESULTS if result["dtype"] == "float32"])
    assert [axes.get_xlabel() for axes in alone.axes] == ["rows × width"]
    for figure in (alone, EXAMPLES["bench"]()):
        assert 2 <= figure.get_size_inches()[1] / len(figure.axes) <= 4


def test_bench_gpu_draws_shares_of_the_speed_of_a_copy():
    figure = EXAMPLES["bench_gpu"]()
    assert [axes.get_title("left") for axes in figure.axes] == [
        "forward",
        "backward",
        "add forward",
    ]
    for axes, off in zip(figure.axes, [0, 0.1, 0.2], strict=True):
        a, b, copy = (line.get_ydata() for line in axes.lines)
        assert np.allclose(a, [0.9 - off, 0.7 - off])
        assert b[0] == 0.5
        assert np.isnan(b[1])  # what was left out leaves a gap
        assert np.array_equal(copy, [1, 1])
        assert [label.get_text() for label in axes.get_xticklabels()] == ["4096×768", "1×4096"]
        assert axes.get_ylim()[0] == 0
        assert axes.get_ylabel() == "time of a copy / time"
    names = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert names == ["a", "b"]
    assert figure.axes[-1].get_xlabel() == "rows × width"


def test_bench_gpu_has_room_for_every_rung_of_the_ladder():
    row = {"task": "forward", "shape": [4, 8], "copy / time": {f"m{i}": 0.5 for i in range(11)}}
    lines = figures.bench_gpu([row]).axes[0].lines[:11]
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 11
