"""The figures of the chapter *The backward pass*."""

import numpy as np

from lnlearn.figures.style import (
    BAND,
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

SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"


def three_paths(D, i, sums=None):
    """Draw the ways on which feature `i` of a token reaches the loss through layer norm.

    Parameters
    ----------
    D : int
        The number of features, 2 to 9.
    i : int
        The feature that is changed, counted from 1.
    sums : (float, float, float), optional
        What the direct path, the paths through the mean and those through the variance contribute
        to the derivative. They are written below the paths, with their sum.

    Returns
    -------
    matplotlib.figure.Figure
        On an arrow stands the derivative of what it leads to with respect to what it comes from,
        with s for the root of the variance plus eps. Arrows of one colour that leave the same
        node share their label; j is the number of the output that they lead to.
    """
    figure, [ax] = new_figure(3.9, 3.2 if sums is None else 3.7)
    x, mean, variance, loss = (0, 0), (1.5, 3), (1.6, 1.0), (4.75, 1.5)
    others = [j for j in range(1, D + 1) if j != i]
    outputs = dict(zip(others, np.linspace(3, 1.5, D - 1), strict=True)) | {i: 0}
    outputs = {j: (3.6, height) for j, height in outputs.items()}

    _arrow(ax, x, outputs[i], BLUE, "1/s")
    _arrow(ax, x, mean, ORANGE, f"1/{D}")
    _arrow(ax, x, variance, GREEN, f"2({_indexed('x', i)} − μ)/{D}")
    _arrow(ax, mean, variance, MUTED, "0", linestyle="dashed")
    for j, output in outputs.items():
        _arrow(ax, mean, output, ORANGE, "−1/s" if j == others[0] else "")
        _arrow(ax, variance, output, GREEN, "−x̂ⱼ/(2s²)" if j == i else "")
        _arrow(ax, output, loss, INK, _indexed("g", j))

    names = {_indexed("x", i): x, "μ": mean, "σ²": variance, "L": loss}
    names |= {_indexed("x̂", j): output for j, output in outputs.items()}
    for name, place in names.items():
        ax.text(*place, name, ha="center", va="center", fontsize=12)
    ax.set(xlim=(-0.2, 4.95), ylim=(-0.3 if sums is None else -1.1, 3.3))
    ax.axis("off")
    if sums is not None:
        _written_below(ax, sums, f"dx{SUBSCRIPTS[i]}")
    return figure


def _written_below(ax, sums, total):
    """What each kind of path contributes, in its colour, and their sum."""
    entries = [("directly", BLUE), ("through μ", ORANGE), ("through σ²", GREEN), (total, INK)]
    numbers = [*sums, sum(sums)]
    for n, ((name, colour), number) in enumerate(zip(entries, numbers, strict=True)):
        sign = "−" if round(number, 3) < 0 else ""
        for height, text in ((-0.65, name), (-1.0, f"{sign}{abs(number):.3f}")):
            ax.text(0.3 + 1.33 * n, height, text, color=colour, ha="center", va="center")


def projection(g, x_hat):
    """Draw how layer norm's backward pass takes two parts away from a gradient of three features.

    Parameters
    ----------
    g : array-like of shape (3,)
        The gradient of the loss with respect to x_hat.
    x_hat : array-like of shape (3,)
        The normalized token, whose entries sum to zero and are not all zero.

    Returns
    -------
    matplotlib.figure.Figure
        Space, seen with the direction (1, 1, 1) upright and that of x_hat to the lower left. The
        arrow g becomes the arrow s dx by way of two dashed steps, along these two directions.
    """
    up = np.ones(3) / np.sqrt(3)
    along = np.asarray(x_hat) / np.linalg.norm(x_hat)
    across = np.cross(up, along)
    across = across if across @ g >= 0 else -across
    # where a step of length 1 in each of the three directions leads on paper
    view = np.array([[0.0, 1.0], [-0.62, -0.45], [1.0, -0.22]])
    frame = np.array([up, along, across])

    def on_paper(vector):
        return tuple(frame @ vector @ view)

    g = np.asarray(g, float)
    level = g - up * (up @ g)  # g - mean(g)
    rest = level - along * (along @ g)  # ... - x_hat mean(g x_hat), where mean(x_hat**2) is 1
    size = 1.1 * np.linalg.norm(g)
    figure, [ax] = new_figure(3.9, 3.2)
    corners = [(1, 1), (1, -0.4), (-0.4, -0.4), (-0.4, 1)]
    plane = [on_paper(0.7 * size * (a * along + b * across)) for a, b in corners]
    ax.fill(*zip(*plane, strict=True), color=BAND, lw=0)
    for direction, name, down in ((up, "all features alike", -2), (along, "along x̂", 9)):
        end = on_paper(0.95 * size * direction)
        ax.plot(*zip((0, 0), end, strict=True), color=MUTED, lw=1)
        ax.annotate(name, end, (6, -down), textcoords="offset points", color=MUTED)
    for start, end, colour, label, down in [
        (g, level, ORANGE, "− mean(g)", 0),
        (level, rest, GREEN, "− x̂ mean(g x̂)", 12),
    ]:
        start, end = on_paper(start), on_paper(end)
        ax.plot(*zip(start, end, strict=True), color=colour, ls="--", lw=1.5)
        middle = np.mean([start, end], axis=0)
        ax.annotate(label, middle, (7, -down), textcoords="offset points", color=colour)
    for end, colour, label in [(g, INK, "g"), (rest, BLUE, "s · dx")]:
        style = {"arrowstyle": "-|>", "color": colour, "lw": 2, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", on_paper(end), (0, 0), arrowprops=style)
        ax.annotate(label, on_paper(end), (6, 4), textcoords="offset points", color=colour)
    ax.set_aspect("equal")
    ax.margins(0.12)
    ax.axis("off")
    return figure


def _indexed(name, i):
    return name + SUBSCRIPTS[i]


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
        For a curve, by its name, the step to recommend: a vertical line of the curve's colour.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes are logarithmic; an error of 0 is left out.
    """
    figure, [ax] = new_figure(3.9, 3.7)
    for n, (name, (h, error)) in enumerate(errors.items()):
        h, error = np.asarray(h), np.asarray(error)
        style = {"color": SERIES[n], "ms": 4.5, "mec": PAPER, "mew": 0.4, "lw": 1}
        ax.plot(h[error > 0], error[error > 0], f"{SHAPES[n]}-", label=name, **style)
        if name in steps:
            ax.axvline(steps[name], color=SERIES[n], lw=1, ls="--")
    ax.plot([], [], color=MUTED, lw=1, ls="--", label="recommended step, in the curve's colour")
    ax.set(xscale="log", yscale="log")
    ax.set_xlabel("step h")
    ax.set_ylabel("relative error")
    figure.legend(loc="outside lower center", ncols=1, frameon=False)
    return figure
