"""The figures of the chapter *Module*."""

import numpy as np

from lnlearn.figures.style import BLUE, GREEN, INK, MUTED, ORANGE, PAPER, WIDTH, new_figure


def kept_for_backward(rows):
    """Draw how much each implementation keeps for its backward pass.

    Parameters
    ----------
    rows : mapping of str to float
        For each implementation the bytes kept, for each byte of the input.

    Returns
    -------
    matplotlib.figure.Figure
        A bar for each, with its length written beside it.
    """
    figure, [ax] = new_figure(WIDTH, 0.7 + 0.42 * len(rows))
    for place, kept in enumerate(rows.values()):
        ax.barh(place, kept, color=BLUE, height=0.6)
        ax.text(kept, place, f" {kept:.2f}", va="center")
    ax.set_yticks(range(len(rows)), rows)
    ax.axvline(1, color=MUTED, lw=1, ls=":")
    ax.set(ylim=(len(rows) - 0.4, -0.6), xlim=(0, 1.15 * max(rows.values())))
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("bytes kept, for each byte of x")
    return figure


def symptoms(panels):
    """Draw what wrong functions return beside what they should, a panel for each.

    Parameters
    ----------
    panels : mapping of str to (str, array-like, array-like)
        For each mistake, by its name: what is compared ("y", "dx"), the right numbers and the
        wrong ones. If there are more wrong ones than right ones, the rest stands alone.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels a row. A right number is a wide outline, a wrong one a filled bar within; "nan"
        stands where a wrong number is none, a gap where a row of numbers ends. A panel has its own
        scale, with a line at zero.
    """
    rows = -(-len(panels) // 2)
    figure, axes = new_figure(WIDTH, 0.2 + 0.98 * rows, rows, 2)
    for ax, (name, (compared, right, wrong)) in zip(axes, panels.items(), strict=False):
        right, wrong = (np.asarray(values, float) for values in (right, wrong))
        places = _with_gaps(wrong)
        ax.bar(_with_gaps(right), right.ravel(), width=0.84, fill=False, edgecolor=GREEN, lw=1.6)
        ax.bar(places, np.nan_to_num(wrong.ravel()), width=0.4, color=ORANGE)
        for place in places[np.isnan(wrong.ravel())]:
            ax.text(place, 0, "nan", color=ORANGE, ha="center", va="bottom")
        ax.axhline(0, color=INK, lw=0.8)
        ax.set_title(name, loc="left", fontsize=9.5)
        ax.set_ylabel(compared, rotation=0, ha="right", va="center")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    for ax in axes[len(panels) :]:
        ax.axis("off")
    return figure


def _with_gaps(values):
    """A place for each number: one apart, and more where a row ends."""
    places = np.arange(values.size)
    return places + 0.6 * (places // values.shape[-1])


def tests_against_mistakes(tests, rows):
    """Draw which test catches which mistake, as a coloured grid.

    Parameters
    ----------
    tests : sequence of str
        The columns.
    rows : mapping of str to sequence of bool
        For each mistake whether each test catches it.

    Returns
    -------
    matplotlib.figure.Figure
        A caught mistake is a green square with a tick. One that passes is an orange dot.
    """
    figure, [ax] = new_figure(WIDTH, 0.9 + 0.2 * len(rows))
    for row, caught in enumerate(rows.values()):
        for column, one in enumerate(caught):
            if one:
                ax.fill_between([column - 0.45, column + 0.45], row - 0.43, row + 0.43, color=GREEN)
            ax.text(
                column,
                row,
                "✓" if one else "●",
                color=PAPER if one else ORANGE,
                ha="center",
                va="center",
            )
    ax.set_xticks(range(len(tests)), tests, rotation=45, ha="left", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0, labelsize=9.5)
    ax.xaxis.tick_top()
    ax.set(xlim=(-0.5, len(tests) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    ax.spines[:].set_visible(False)
    return figure
