"""The figures of the chapter on the norms of released models."""

import numpy as np
from matplotlib.patches import FancyBboxPatch

from lnlearn.figures.style import BLUE, INK, MUTED, ORANGE, PAPER, SERIES, SHAPES, WIDTH, new_figure

KINDS = {True: ("o", BLUE, "layer norm"), False: ("s", ORANGE, "RMS norm")}


def readings(outputs):
    """Draw what one token becomes under several readings of the same stored numbers.

    Parameters
    ----------
    outputs : mapping of str to array-like of shape (D,)
        For each reading, what its norm returns.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each reading, with a bar for each feature; all have the same axes.
    """
    figure, axes = new_figure(WIDTH, 3.6, rows=2, columns=2, sharex=True, sharey=True)
    for ax, (name, values), colour in zip(axes, outputs.items(), SERIES, strict=False):
        features = np.arange(1, len(values) + 1)
        ax.bar(features, values, color=colour, width=0.7)
        ax.axhline(0, color=INK, lw=1)
        ax.set_title(name, fontsize=10)
        ax.set_xticks(features)
    figure.supxlabel("feature", fontsize=10)
    figure.supylabel("output of the norm", fontsize=10)
    return figure


def eps_of_models(eps, centred):
    """Draw the eps of each model on a logarithmic axis.

    Parameters
    ----------
    eps : mapping of str to float
        By the name of the model; drawn from the largest down.
    centred : mapping of str to bool
        Whether the model has a layer norm, a blue circle, or an RMS norm, an orange square.
    """
    names = sorted(eps, key=lambda name: (-eps[name], not centred[name]))
    figure, [ax] = new_figure(WIDTH, 0.6 + 0.2 * len(names))
    for place, name in enumerate(names):
        shape, colour, kind = KINDS[bool(centred[name])]
        ax.plot(eps[name], -place, shape, color=colour, ms=7, mec=PAPER, label=kind)
    ax.set_yticks(-np.arange(len(names)), names)
    ax.set(xscale="log", xlabel="ε", xticks=[1e-12, 1e-10, 1e-8, 1e-6, 1e-4])
    ax.minorticks_off()
    ax.grid(axis="x", color=MUTED, alpha=0.3)
    ax.set_xlim(2e-13, 1e-4)
    handles, labels = ax.get_legend_handles_labels()
    kinds = dict(zip(labels, handles, strict=True))  # one of each
    ax.legend(kinds.values(), kinds, loc="upper left", frameon=False)
    return figure


def sizes_after(sizes, eps):
    """Draw how large a normalized token is, for tokens of each size and several eps.

    Parameters
    ----------
    sizes : array-like of shape (N,)
        The size of the token: its standard deviation, or for an RMS norm its root mean square.
    eps : mapping of str to float
        By the label of the curve. At most six.
    """
    sizes = np.asarray(sizes, float)
    figure, [ax] = new_figure(WIDTH, 3.4)
    for (name, value), colour in zip(eps.items(), SERIES, strict=False):
        ax.plot(sizes, sizes / np.sqrt(sizes**2 + value), color=colour, lw=2)
        half = (value / 3) ** 0.5  # where the token comes out at half its size
        ax.annotate(name, (half, 0.5), rotation=62, ha="right", va="center", color=colour)
    ax.set(xscale="log", ylim=(0, 1.05))
    ax.set_xlabel("size of the token")
    ax.set_ylabel("size after the norm, γ = 1")
    return figure


def mistakes_by_depth(depths, cosines):
    """Draw how far a mistake in every norm turns the output, by the number of layers.

    Parameters
    ----------
    depths : sequence of int, of length N
    cosines : mapping of str to mapping of str to array-like of shape (seeds, N)
        For each kind of model, and in it for each mistake, the cosines between the wrong output
        and the right one. At most six mistakes.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each kind of model, with a thin line for each seed and marks at their mean.
    """
    figure, axes = new_figure(WIDTH, 3.6, columns=len(cosines), sharey=True)
    for ax, (kind, mistakes) in zip(axes, cosines.items(), strict=True):
        for (name, seeds), colour, shape in zip(mistakes.items(), SERIES, SHAPES, strict=False):
            ax.plot(depths, np.transpose(seeds), color=colour, lw=0.8, alpha=0.6)
            mean = np.mean(seeds, axis=0)
            ax.plot(depths, mean, shape, color=colour, ms=7, mec=PAPER, label=name)
        ax.set_xscale("log", base=2)
        ax.set_xticks(depths, [str(depth) for depth in depths])
        ax.set(ylim=(-0.35, 1.1), xlabel="layers")
        ax.set_title(kind, fontsize=10)
    axes[0].set_ylabel("cosine with the right output")
    names = axes[0].get_legend_handles_labels()
    figure.legend(*names, loc="outside lower center", ncols=2, frameon=False)
    return figure


def folding(steps):
    """Draw what a writer, a norm and a reader hold, after each step of a conversion.

    Parameters
    ----------
    steps : mapping of str to sequence of three str
        For each step, what stands in the box of the layer that writes to the stream, of the norm
        and of the layer that reads it. An empty text is a box that is gone.

    Returns
    -------
    matplotlib.figure.Figure
        A row of boxes for each step. What differs from the row above is orange.
    """
    figure, [ax] = new_figure(WIDTH, 1.05 * len(steps))
    ax.set(xlim=(-0.5, 2.5), ylim=(-len(steps) + 0.3, 0.7))
    ax.set_axis_off()
    above = None
    for place, (step, boxes) in enumerate(steps.items()):
        ax.text(-0.5, 0.52 - place, step, ha="left", va="center", weight="bold")
        ax.plot([0, 2], [-place, -place], color=INK, lw=1.3, zorder=0)
        for x, text in enumerate(boxes):
            if text:
                changed = above is not None and text != above[x]
                colour = ORANGE if changed else INK
                lines = text.split("\n")
                width = 0.06 + 0.052 * max(map(len, lines))
                height = 0.1 + 0.18 * len(lines)
                corner = (x - width / 2, -place - height / 2)
                style = {"boxstyle": "round,pad=0.04,rounding_size=0.05", "fc": PAPER, "ec": colour}
                ax.add_patch(FancyBboxPatch(corner, width, height, **style))
                for line, text_of_line in enumerate(lines):
                    y = -place + 0.19 * ((len(lines) - 1) / 2 - line)
                    ax.text(x, y, text_of_line, ha="center", va="center", color=colour)
        above = boxes
    return figure
