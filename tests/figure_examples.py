"""What the tests of figures share: an example of each figure, and ways to look at a drawing."""

import importlib
import io
from pathlib import Path

import matplotlib

from lnlearn import figures


def examples():
    """The examples of all tests of figures, as a dict: figure's name -> function that draws it.

    Each ``tests/figures/test_CHAPTER.py`` has a dict EXAMPLES with one for each figure of the
    chapter.
    """
    found = {}
    for file in sorted(Path(__file__).parent.glob("figures/test_*.py")):
        test = importlib.import_module(f"figures.{file.stem}")
        found |= getattr(test, "EXAMPLES", {})
    return found


def points(axes):
    """Everything that is drawn on `axes` as a single point."""
    return [tuple(line.get_xydata()[0]) for line in axes.lines if len(line.get_xydata()) == 1]


def svg(figure):
    """The figure as the notebooks store it."""
    buffer = io.StringIO()
    with matplotlib.rc_context(figures.STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return buffer.getvalue()
