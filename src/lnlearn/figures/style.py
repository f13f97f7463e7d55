"""How the book's plots look, and how a notebook shows them.

Every figure uses the colours below and no others: on the site, each becomes a CSS variable, so
that a figure follows the light or the dark theme. They are told apart by readers with any colour
vision, and shapes and labels repeat what they say.
"""

import matplotlib
from matplotlib.figure import Figure

INK = "#1f2328"  # text, axes
PAPER = "#ffffff"  # background
MUTED = "#6e7781"  # what is there for comparison
BAND = "#d9e6f2"  # areas
BLUE = "#0072b2"
ORANGE = "#c25200"
GREEN = "#00795a"
PURPLE = "#a3478c"
COLOURS = {
    "ink": INK,
    "paper": PAPER,
    "muted": MUTED,
    "band": BAND,
    "blue": BLUE,
    "orange": ORANGE,
    "green": GREEN,
    "purple": PURPLE,
}

SERIES = (BLUE, ORANGE, GREEN, PURPLE, INK, MUTED)
SHAPES = "os^Dv*"
WIDTH = 3.9  # inches, of most figures: 10 points are then 11 pixels or more on a phone

STYLE = {
    "svg.fonttype": "none",  # text stays text: legible in a diff, and in the page's own font
    "svg.hashsalt": "lnlearn",  # the same figure gives the same bytes
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def show_as_svg():
    """In a notebook: show figures as SVG that depends on nothing but what is drawn."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    matplotlib.rcParams.update(STYLE)
    set_matplotlib_formats("svg", metadata={"Date": None})


def new_figure(width, height, rows=1, columns=1, **options):
    """Return a figure of the given size in inches, in the book's style, and its axes in a list."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, list(figure.subplots(rows, columns, squeeze=False, **options).flat)
