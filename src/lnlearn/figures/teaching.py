"""The figure of the page for teachers."""

import numpy as np
from matplotlib.transforms import blended_transform_factory

from lnlearn.figures.style import BAND, BLUE, MUTED, WIDTH, new_figure


def mistakes_by_input(mistakes, inputs, fails):
    """Draw which mistakes show on which inputs, as a table of dots.

    Parameters
    ----------
    mistakes : sequence of str
        The rows.
    inputs : sequence of str
        The columns.
    fails : array-like of bool, of shape (len(mistakes), len(inputs))
        A large dot where the input shows the mistake, a small one where it does not.
        The columns have numbers, and the inputs stand below, with theirs.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fails = np.asarray(fails, bool)
    rows = [len(mistakes) + 1, len(inputs)]
    figure, [ax, key] = new_figure(WIDTH, 0.3 + 0.175 * sum(rows), 2, height_ratios=rows)
    for shown, colour, size in [(True, BLUE, 5), (False, MUTED, 1.2)]:
        row, column = np.nonzero(fails == shown)
        ax.plot(column, row, "o", color=colour, ms=size)
    numbers = [1, *range(5, len(inputs) + 1, 5)]
    for number in numbers:
        ax.axvline(number - 1, color=BAND, zorder=0)
    ax.set_xticks([number - 1 for number in numbers], numbers)
    ax.set_yticks(range(len(mistakes)), mistakes)
    ax.tick_params(length=0, labelsize=9)
    ax.xaxis.tick_top()
    ax.set(xlim=(-0.7, len(inputs) - 0.3), ylim=(len(mistakes) - 0.3, -0.7))
    ax.spines[:].set_visible(False)
    beside = blended_transform_factory(figure.transFigure, key.transData)
    for number, name in enumerate(inputs, 1):
        key.text(0.09, 1 - number, f"{number}", ha="right")
        key.text(0.11, 1 - number, name)
    for text in key.texts:  # which may reach below the names of the mistakes
        text.set(fontsize=9, va="center", transform=beside, in_layout=False)
    key.set(ylim=(0.5 - len(inputs), 0.5))
    key.axis("off")
    return figure
