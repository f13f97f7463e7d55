"""The figures of the chapter *The backward pass*."""

import numpy as np

from lnlearn.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    SERIES,
    SHAPES,
    new_figure,
)


def three_paths(D, i):
    """Draw the ways on which feature `i` of a token reaches the loss through layer norm.

    Parameters
    ----------
    D : int
        The number of features, 2 to 9.
    i : int
        The feature that is changed, counted from 1.

    Returns
    -------
    matplotlib.figure.Figure
        On an arrow stands the derivative of what it leads to with respect to what it comes from,
        with s for the root of the variance plus eps. Arrows of one colour that leave the same
        node share their label; j is the number of the output that they lead to.
    """
    figure, [ax] = new_figure(4.8, 3.3)
    x, mean, variance, loss = (0, 0), (1.5, 3), (1.75, 1.3), (4.6, 1.5)
    others = [j for j in range(1, D + 1) if j != i]
    outputs = dict(zip(others, np.linspace(3, 1.5, D - 1), strict=True)) | {i: 0}
    outputs = {j: (3.4, height) for j, height in outputs.items()}

    _arrow(ax, x, outputs[i], BLUE, "1/s")
    _arrow(ax, x, mean, ORANGE, f"1/{D}")
    _arrow(ax, x, variance, GREEN, f"2({_indexed('x', i)} − μ)/{D}")
    _arrow(ax, mean, variance, MUTED, "0", linestyle="dashed")
    for j, output in outputs.items():
        _arrow(ax, mean, output, ORANGE, "−1/s" if j == others[0] else "")
        _arrow(ax, variance, output, GREEN, "−x̂ⱼ/2s²" if j == i else "")
        _arrow(ax, output, loss, INK, _indexed("g", j))

    names = {_indexed("x", i): x, "μ": mean, "σ²": variance, "L": loss}
    names |= {_indexed("x̂", j): output for j, output in outputs.items()}
    for name, place in names.items():
        ax.text(*place, name, ha="center", va="center", fontsize=12)
    ax.set(xlim=(-0.2, 4.8), ylim=(-0.3, 3.3))
    ax.axis("off")
    return figure


def _indexed(name, i):
    return name + "₀₁₂₃₄₅₆₇₈₉"[i]


def _arrow(ax, start, end, colour, label, linestyle="solid"):
    """An arrow between two nodes, with its label in the middle."""
    style = {"arrowstyle": "-|>", "color": colour, "lw": 1.3, "linestyle": linestyle}
    ax.annotate("", end, start, arrowprops=style | {"shrinkA": 11, "shrinkB": 11})
    if label:
        middle = np.mean([start, end], axis=0)
        paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}
        ax.text(*middle, label, color=colour, ha="center", va="center", bbox=paper)


def step_size(errors, steps):
    """Draw the error of a finite difference against its step.

    Parameters
    ----------
    errors : mapping of str to (array-like, array-like)
        For each curve its name, steps h and errors; at most six.
    steps : mapping of str to float
        For a curve, by its name, the step to mark with a vertical line of its colour.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes are logarithmic; an error of 0 is left out.
    """
    figure, [ax] = new_figure(4.8, 3.4)
    for n, (name, (h, error)) in enumerate(errors.items()):
        h, error = np.asarray(h), np.asarray(error)
        style = {"color": SERIES[n], "ms": 4.5, "mec": PAPER, "mew": 0.4, "lw": 1}
        ax.plot(h[error > 0], error[error > 0], f"{SHAPES[n]}-", label=name, **style)
        if name in steps:
            ax.axvline(steps[name], color=SERIES[n], lw=1, ls="--")
    ax.set(xscale="log", yscale="log")
    ax.set_xlabel("step h")
    ax.set_ylabel("relative error of the derivative")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure
