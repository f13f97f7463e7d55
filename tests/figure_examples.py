"""One example of every figure, by the name of the function that draws it."""

import numpy as np

from lnlearn import figures

TOKENS = np.array([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])

RESULTS = [
    {"dtype": dtype, "shape": shape, "seconds": {"copy": 2.0, "other copy": 4.0, "a": a, "b": 6.0}}
    for dtype in ("float32", "bfloat16")
    for shape, a in [([32, 768], 3.0), ([512, 768], 5.0)]
]

ON_GPU = [
    {"task": task, "shape": shape, "copy / time": {"a": a, "copy": 1.0} | others}
    for task in ("forward", "backward")
    for shape, a, others in [([4096, 768], 0.9, {"b": 0.5}), ([1, 4096], 0.7, {})]
]

DRAWN = {
    "bench": lambda: figures.bench(RESULTS),
    "bench_gpu": lambda: figures.bench_gpu(ON_GPU),
    "number_lines": lambda: figures.number_lines([("before", TOKENS), ("after", TOKENS * 3)]),
    "std_after_norm": lambda: figures.std_after_norm([1e-5, 1e-12], {"a token": (0.1, 0.9)}),
    "bessel_gap": lambda: figures.bessel_gap([3, 8, 768]),
}


def points(axes):
    """Everything that is drawn on `axes` as a single point."""
    return [tuple(line.get_xydata()[0]) for line in axes.lines if len(line.get_xydata()) == 1]
