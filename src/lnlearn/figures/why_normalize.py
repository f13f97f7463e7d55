"""The figure of the chapter that asks why one normalizes."""

from lnlearn.figures.style import SERIES, new_figure

QUANTITIES = ("size of the signal", "size of the gradient")


def sizes_through_depth(networks):
    """Draw the size of the signal and of the gradient against depth, one curve a network.

    Parameters
    ----------
    networks : mapping of str to mapping of str to (sequence of float, sequence of float)
        For each network, named in the legend (at most 6): by the title of the column, the size of
        the signal and the size of the gradient at depth 0, 1, 2 and so on. Every network has the
        same columns.

    Returns
    -------
    matplotlib.figure.Figure
        Signals above gradients, on logarithmic axes. Curves become thinner from the first network
        to the last, so that those which coincide stay visible.
    """
    columns = list(next(iter(networks.values())))
    figure, axes = new_figure(4.8, 4.8, 2, len(columns), sharex=True, sharey="row")
    for i, (name, by_column) in enumerate(networks.items()):
        for j, column in enumerate(columns):
            for row, sizes in enumerate(by_column[column]):
                ax = axes[row * len(columns) + j]
                width = 1.2 + 1.5 * (len(networks) - 1 - i)
                ax.plot(sizes, color=SERIES[i], lw=width, label=name if ax is axes[0] else None)
    for ax, column in zip(axes, columns, strict=False):
        ax.set_title(column, loc="left", fontsize=10)
    for ax, quantity in zip(axes[:: len(columns)], QUANTITIES, strict=True):
        ax.set(yscale="log", ylabel=quantity)
    for ax in axes[len(columns) :]:
        ax.set_xlabel("depth, in layers")
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure
