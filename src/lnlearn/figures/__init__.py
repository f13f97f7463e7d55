"""The book's plots: functions that take numbers and return a Matplotlib figure.

`style` has the palette and the settings that all of them share, `tables` the tables of results.
Each other file has the figures of one chapter, by the chapter's name, and one those of the
benchmarks.
"""

from lnlearn.figures.axes import blocks
from lnlearn.figures.backward import step_size, three_paths
from lnlearn.figures.benchmark import bench, bench_gpu
from lnlearn.figures.by_hand import bessel_gap, number_lines, std_after_norm
from lnlearn.figures.style import COLOURS, PAPER, STYLE, show_as_svg
from lnlearn.figures.tables import table
from lnlearn.figures.teaching import mistakes_by_input
from lnlearn.figures.why_normalize import sizes_through_depth

__all__ = [
    "COLOURS",
    "PAPER",
    "STYLE",
    "bench",
    "bench_gpu",
    "bessel_gap",
    "blocks",
    "mistakes_by_input",
    "number_lines",
    "show_as_svg",
    "sizes_through_depth",
    "std_after_norm",
    "step_size",
    "table",
    "three_paths",
]
