"""The figures of the chapter on Transformers without layer norm."""

import numpy as np
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator, StrMethodFormatter

from lnlearn.figures.style import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SHAPES, WIDTH, new_figure

COLOURS = {
    "layer norm": BLUE,
    "RMS norm": PURPLE,
    "DyT": ORANGE,
    "Derf": GREEN,
    "nothing": MUTED,
    "frozen": ORANGE,
}
MARKERS = dict(zip(COLOURS, SHAPES, strict=True))


def lines_of_tokens(tokens, alpha):
    """Draw layer norm's output against its input for some tokens, and tanh(alpha * x).

    Parameters
    ----------
    tokens : mapping of str to array-like of shape (D,)
        Centred tokens, by a name to stand beside each.
    alpha : float
    """
    figure, [ax] = new_figure(WIDTH, 3.2)
    largest = max(np.abs(x).max() for x in tokens.values())
    grid = np.linspace(-1.15 * largest, 1.15 * largest, 101)
    for i, (name, x) in enumerate(tokens.items()):
        x = np.sort(x)
        look = {"color": (BLUE, GREEN, INK)[i], "ms": 5, "lw": 1, "label": name}
        ax.plot(x, x / np.sqrt(np.mean(x**2)), SHAPES[i] + "-", **look)
    curve = 1.4 * np.tanh(alpha * grid)
    ax.plot(grid, curve, color=ORANGE, lw=1.6, ls="--", label=f"1.4 tanh({alpha:g} · x)")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    ax.axhline(0, color=MUTED, lw=0.6)
    ax.axvline(0, color=MUTED, lw=0.6)
    ax.set(xlabel="feature of the centred token", ylabel="output of layer norm", ylim=(-1.8, 1.8))
    return figure


def inputs_and_outputs(norms, curve=None):
    """Draw what norms of a trained network make of their inputs, a mark for each feature.

    Parameters
    ----------
    norms : mapping of str to mapping of str to (array-like, array-like)
        For each panel, by its title: for each kind of token, by its name, features that go in and
        what comes out.
    curve : tuple of two floats, optional
        Height and alpha of a curve height · tanh(alpha · x) for the last panel.
    """
    figure, axes = new_figure(WIDTH, 1.0 + 2.1 * len(norms), len(norms), sharey=True)
    for ax, (title, kinds) in zip(axes, norms.items(), strict=True):
        for (name, (x, y)), colour, shape in zip(kinds.items(), (BLUE, ORANGE), "o^", strict=False):
            ax.plot(x, y, shape, ms=2.5, mfc="none", mew=0.6, color=colour, label=name)
        ax.axhline(0, color=MUTED, lw=0.6)
        ax.axvline(0, color=MUTED, lw=0.6)
        ax.set_title(title, loc="left", fontsize=10)
        ax.set(ylabel="output", ylim=(-4, 4))
    if curve is not None:
        height, alpha = curve
        largest = max(np.abs(x).max() for x, _ in list(norms.values())[-1].values())
        grid = np.linspace(-largest, largest, 101)
        label = f"{height:.1f} tanh({alpha:.2f} x)"
        axes[-1].plot(grid, height * np.tanh(alpha * grid), color=INK, lw=1.6, label=label)
    axes[-1].set_xlabel("input: feature of the centred token")
    handles, labels = axes[-1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def by_rate(curves, ylabel, chance=None):
    """Draw results against the learning rate: a mark a seed, and a line through their means.

    Parameters
    ----------
    curves : mapping of str to mapping of float to sequence of float
        By the name of the norm, one of `COLOURS`: for each learning rate the result of each seed.
    ylabel : str
    chance : float, optional
        What guessing gives, drawn as a dotted line.
    """
    figure, [ax] = new_figure(WIDTH, 3.7)
    for i, (name, by_lr) in enumerate(curves.items()):
        rates = np.array(list(by_lr)) * 1.05 ** (i - (len(curves) - 1) / 2)
        look = {"color": COLOURS[name], "marker": MARKERS[name], "ms": 4.5}
        ax.plot(rates, [np.mean(seeds) for seeds in by_lr.values()], lw=1.4, label=name, **look)
        for rate, seeds in zip(rates, by_lr.values(), strict=True):
            ax.plot([rate] * len(seeds), seeds, lw=0, mfc="none", **look)
    if chance is not None:
        ax.axhline(chance, color=INK, ls=":", lw=1)
        ax.text(min(by_lr), chance - 2, "guessing", va="top", color=INK)
    ax.set(xscale="log", xlabel="learning rate", ylabel=ylabel)
    ticks = sorted({rate for by_lr in curves.values() for rate in by_lr})
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    figure.legend(loc="outside lower center", ncols=3, columnspacing=1, frameon=False)
    return figure


def when_longer(factors, curves, ylabel, titles=None, log=False):
    """Draw what becomes of a loss when tokens are multiplied by a number.

    Parameters
    ----------
    factors : sequence of float
        What they are multiplied by; equal factors are equal steps.
    curves : mapping of str to sequence of float, or mapping of those
        By the name of what stands in the norm's place, one of `COLOURS`. With `titles`, a mapping
        for each panel.
    ylabel : str
    titles : sequence of str, optional
    log : bool, default False
        Whether equal factors are equal steps upwards, too.
    """
    panels = [curves] if titles is None else curves
    figure, axes = new_figure(WIDTH, 0.9 + 2.0 * len(panels), len(panels), sharex=True, sharey=True)
    for ax, panel in zip(axes, panels, strict=True):
        for name, values in panel.items():
            look = {"color": COLOURS[name], "marker": MARKERS[name], "ms": 4.5}
            ax.plot(factors, values, **look)
            at, up = (-2, 9) if name == "frozen" else (-1, 7)
            ax.annotate(
                name, (factors[at], values[at]), (-4, up), textcoords="offset points",
                ha="right", color=COLOURS[name],
            )  # fmt: skip
        ax.set(xscale="log", ylabel=ylabel)
        if log:
            ax.set_yscale("log")
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            ax.yaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_locator(FixedLocator(list(factors)))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    for ax, title in zip(axes, titles or [], strict=False):
        ax.set_title(title, loc="left", fontsize=10)
    axes[-1].set_xlabel("factor")
    return figure


def stages_of_removal(stages):
    """Draw the loss at each stage, a mark a seed, the stages from top to bottom.

    Parameters
    ----------
    stages : mapping of str to sequence of float
        By the name of the stage, the loss of each seed.
    """
    figure, [ax] = new_figure(WIDTH, 0.9 + 0.42 * len(stages))
    for row, (name, losses) in enumerate(stages.items()):
        without = "without" in name
        look = {"color": ORANGE if without else BLUE, "marker": "^" if without else "o"}
        ax.plot(losses, [row] * len(losses), ms=6, lw=0, **look)
    ax.set_yticks(range(len(stages)), stages)
    ax.set(xlabel="loss on held-back text", ylim=(len(stages) - 0.5, -0.5))
    return figure


def cost_of_each_norm(kinds, costs, ylabel):
    """Draw what it costs to take out one norm, a bar for each, from input to output.

    Parameters
    ----------
    kinds : sequence of str
        What each norm stands before; a colour for each of up to three kinds.
    costs : sequence of float
    ylabel : str
    """
    figure, [ax] = new_figure(WIDTH, 2.9)
    numbers = np.arange(1, len(costs) + 1)
    for kind, colour in zip(dict.fromkeys(kinds), (BLUE, MUTED, ORANGE), strict=False):
        chosen = [k == kind for k in kinds]
        ax.bar(numbers[chosen], np.asarray(costs)[chosen], color=colour, label=kind)
    ax.set(xlabel="norm", ylabel=ylabel, xticks=numbers)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure
