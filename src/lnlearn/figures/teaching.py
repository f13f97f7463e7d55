"""The figure of the page for teachers."""

import numpy as np

from lnlearn.figures.style import BLUE, MUTED, new_figure


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

    Returns
    -------
    matplotlib.figure.Figure
    """
    fails = np.asarray(fails, bool)
    figure, [ax] = new_figure(5.0, 2.9 + 0.19 * len(mistakes))
    for shown, colour, size in [(True, BLUE, 6), (False, MUTED, 1.2)]:
        row, column = np.nonzero(fails == shown)
        ax.plot(column, row, "o", color=colour, ms=size)
    ax.set_xticks(range(len(inputs)), inputs, rotation=90, fontsize=8)
    ax.set_yticks(range(len(mistakes)), mistakes, fontsize=8)
    ax.tick_params(length=0)
    ax.set(xlim=(-0.7, len(inputs) - 0.3), ylim=(len(mistakes) - 0.3, -0.7))
    ax.spines[:].set_visible(False)
    return figure
