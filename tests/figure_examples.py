"""One example of every figure, by the name of the function that draws it."""

import io

import matplotlib
import numpy as np

from lnlearn import figures

TOKENS = np.array([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])

ONE_MOVES = np.zeros((2, 3, 2, 2), dtype=bool)
ONE_MOVES[1, 2, 0, 1] = True

RESULTS = [
    {"dtype": dtype, "shape": shape, "seconds": {"copy": 2.0, "other copy": 4.0, "a": a, "b": 6.0}}
    for dtype in ("float32", "bfloat16")
    for shape, a in [([32, 768], 3.0), ([512, 768], 5.0)]
]

SIZES = {
    "falls": {"without": ([1, 0.1, 0.01], [0.04, 0.2, 1]), "with": ([1, 2, 2], [3, 3, 1])},
    "rises": {"without": ([1, 10, 100], [25, 5, 1]), "with": ([1, 2, 2], [3, 3, 1])},
}

ON_GPU = [
    {"task": task, "shape": shape, "copy / time": {"a": a - off, "copy": 1.0} | others}
    for task, off in [("forward", 0), ("backward", 0.1), ("add forward", 0.2)]
    for shape, a, others in [([4096, 768], 0.9, {"b": 0.5}), ([1, 4096], 0.7, {})]
]

DRAWN = {
    "bench": lambda: figures.bench(RESULTS),
    "bench_gpu": lambda: figures.bench_gpu(ON_GPU),
    "mistakes_by_input": lambda: figures.mistakes_by_input("ab", "uvw", [[1, 0, 0], [0, 1, 1]]),
    "blocks": lambda: figures.blocks({"one": ONE_MOVES}, (1, 2, 0, 1), ("image", "channel")),
    "number_lines": lambda: figures.number_lines([("before", TOKENS), ("after", TOKENS * 3)]),
    "std_after_norm": lambda: figures.std_after_norm([1e-5, 1e-12], {"a token": (0.1, 0.9)}),
    "sizes_through_depth": lambda: figures.sizes_through_depth(SIZES),
    "bessel_gap": lambda: figures.bessel_gap([3, 8, 768]),
    "three_paths": lambda: figures.three_paths(D=3, i=3),
    "step_size": lambda: figures.step_size(
        {"coarse": ([0.1, 0.2], [0.3, 0.1]), "fine": ([1e-3, 1e-2, 0.1], [0.0, 1e-6, 1e-4])},
        {"fine": 0.02},
    ),
}


def points(axes):
    """Everything that is drawn on `axes` as a single point."""
    return [tuple(line.get_xydata()[0]) for line in axes.lines if len(line.get_xydata()) == 1]


def svg(figure):
    """The figure as the notebooks store it."""
    buffer = io.StringIO()
    with matplotlib.rc_context(figures.STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return buffer.getvalue()
