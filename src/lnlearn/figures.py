"""The book's plots: functions that take numbers and return a Matplotlib figure.

Every figure uses the colours below and no others: on the site, each becomes a CSS variable, so
that a figure follows the light or the dark theme. They are told apart by readers with any colour
vision, and shapes and labels repeat what they say.
"""

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

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


def number_lines(panels):
    """Draw rows of numbers as points on number lines that share one scale, one line a panel.

    Parameters
    ----------
    panels : sequence of (str, array-like of shape (N, D))
        A title and N rows of D numbers. Row n stands at the same height in every panel, feature i
        has the same shape and colour everywhere (at most 6 features).

    Returns
    -------
    matplotlib.figure.Figure
        Beside each row, a grey tick marks its mean and a bar reaches one standard deviation to
        either side.
    """
    panels = [(title, np.atleast_2d(np.asarray(rows, dtype=float))) for title, rows in panels]
    height = 0.5 + sum(0.55 + 0.34 * len(rows) for _, rows in panels)
    figure, axes = _figure(4.8, height, len(panels), sharex=True)
    for ax, (title, rows) in zip(axes, panels, strict=True):
        for n, row in enumerate(rows):
            mean, std = row.mean(), row.std()
            ax.plot([mean - std, mean + std], [-n, -n], color=BAND, lw=11, solid_capstyle="butt")
            ax.plot([mean, mean], [-n - 0.28, -n + 0.28], color=MUTED, lw=1.5)
            for i, value in enumerate(row):
                lift = 0.16 * ((len(row) - 1) / 2 - i)  # equal numbers stay visible
                ax.plot(value, -n + lift, SHAPES[i], color=SERIES[i], ms=6.5, mec=PAPER, mew=0.7)
        ax.set_title(title, loc="left", fontsize=10)
        ax.set_ylim(0.6 - len(rows), 0.6)
        ax.set_yticks([-n for n in range(len(rows))])
        ax.set_yticklabels([f"token {n + 1}" for n in range(len(rows))])
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
    for i in range(panels[0][1].shape[1]):
        axes[0].plot([], [], SHAPES[i], color=SERIES[i], label=f"feature {i + 1}")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, handletextpad=0.1)
    return figure


def std_after_norm(eps, tokens):
    """Draw the standard deviation that is left after layer norm, against the one before it.

    Parameters
    ----------
    eps : sequence of float
        One curve, sigma / sqrt(sigma**2 + eps), for each; at most two.
    tokens : mapping of str to (float, float)
        For each marked token its name and its standard deviation before and after.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, [ax] = _figure(4.8, 3.2)
    sigma = np.logspace(-8, 1, 181)
    for value, line in zip(eps, ("-", "--"), strict=False):
        ax.plot(sigma, sigma / np.sqrt(sigma**2 + value), line, color=BLUE, label=f"ε = {value:g}")
    for i, (name, (before, after)) in enumerate(tokens.items()):
        ax.plot(
            before, after, SHAPES[i], color=SERIES[i + 1], ms=8, mec=PAPER, ls="none", label=name
        )
    ax.set(xscale="log", ylim=(0, 1.08))
    ax.set_xlabel("σ, standard deviation of the token before")
    ax.set_ylabel("standard deviation after")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def bessel_gap(widths):
    """Draw by how many percent dividing by D - 1 changes the standard deviation, against D.

    Parameters
    ----------
    widths : sequence of int
        The widths to mark, each at least 2.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, [ax] = _figure(4.8, 3.0)
    D = np.unique(np.logspace(np.log10(2), 4, 200).round())
    ax.plot(D, 100 * (np.sqrt(D / (D - 1)) - 1), color=BLUE)
    for i, width in enumerate(widths):
        gap = 100 * (np.sqrt(width / (width - 1)) - 1)
        ax.plot(width, gap, SHAPES[i], color=SERIES[i + 1], ms=8, mec=PAPER)
        ax.annotate(f"D = {width}: {gap:.2g} %", (width, gap), (8, 4), textcoords="offset points")
    ax.set(xscale="log", yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:g}")
    ax.set_xlabel("D, number of features that share a variance")
    ax.set_ylabel("difference in σ, %")
    return figure


def bench(results):
    """Draw the times of `lnlearn.bench` as multiples of a copy of the same array.

    Parameters
    ----------
    results : sequence of dict
        As ``lnlearn.bench.cpu.run`` reports them: "dtype", "shape" and "seconds" by method.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each dtype; a method stands lower the faster it is, and 1 is a copy.
    """
    dtypes = list(dict.fromkeys(result["dtype"] for result in results))
    figure, axes = _figure(4.8, 0.7 + 2.6 * len(dtypes), len(dtypes))
    for ax, dtype in zip(axes, dtypes, strict=True):
        rows = [result for result in results if result["dtype"] == dtype]
        copies = [min(t for name, t in r["seconds"].items() if "copy" in name) for r in rows]
        names = [name for name in rows[0]["seconds"] if "copy" not in name]
        for i, name in enumerate(names):
            ratios = [r["seconds"][name] / copy for r, copy in zip(rows, copies, strict=True)]
            ax.plot(ratios, f"{SHAPES[i]}-", color=SERIES[i], ms=6, mec=PAPER, label=name)
        ax.axhline(1, color=MUTED, lw=1)
        labels = ["×".join(map(str, row["shape"])) for row in rows]
        ax.set_xticks(range(len(rows)), labels, rotation=20)
        ax.set(yscale="log", ylabel="time / time of a copy")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.set_title(dtype, loc="left", fontsize=10)
        ax.legend(frameon=False, fontsize=9)
    axes[-1].set_xlabel("rows × width")
    return figure


def _figure(width, height, rows=1, **options):
    """A figure of the given size in inches, in the book's style, and its axes in a list."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, list(figure.subplots(rows, 1, squeeze=False, **options).flat)
