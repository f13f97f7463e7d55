"""The figures of the chapter on layer norm in the Transformer."""

import numpy as np

from lnlearn.figures.style import BAND, BLUE, INK, MUTED, ORANGE, PAPER, SERIES, SHAPES, new_figure

STEPS = (
    ("characters", "(B, T)", PAPER),
    ("token embedding + position", "(B, T, D)", PAPER),
    ("attention", "(B, T, D)", PAPER),
    ("Add & Norm", "(B, T, D)", BAND),
    ("feed-forward", "(B, T, D)", PAPER),
    ("Add & Norm", "(B, T, D)", BAND),
    ("one linear layer", "(B, T, classes)", PAPER),
)


def encoder_map(shapes=None):
    """Draw an encoder from its characters, at the top, to its scores.

    Parameters
    ----------
    shapes : sequence of str, optional
        What stands at the right of each of the seven steps. Left out: shapes in letters.
    """
    shapes = [shape for _, shape, _ in STEPS] if shapes is None else list(shapes)
    if len(shapes) != len(STEPS):
        raise ValueError(f"shapes has {len(shapes)} entries, but there are {len(STEPS)} steps")
    figure, [ax] = new_figure(3.9, 4.4)
    ax.set(xlim=(-0.5, 3.6), ylim=(-6.4, 0.4))
    ax.set_axis_off()
    arrow = {"arrowstyle": "->", "color": INK, "lw": 1.3}
    for row, ((name, _, colour), shape) in enumerate(zip(STEPS, shapes, strict=True)):
        box = {"boxstyle": "round,pad=0.35", "fc": colour, "ec": INK}
        ax.text(1, -row, name, ha="center", va="center", bbox=box)
        ax.text(2.7, -row, shape, va="center", family="DejaVu Sans Mono")
        if row:
            ax.annotate("", (1, -row + 0.25), (1, -row + 0.75), arrowprops=arrow)
    for start, end in ((1.5, 3), (3.5, 5)):  # around attention and around the feed-forward network
        ax.plot([1, -0.4, -0.4], [-start, -start, -end], color=ORANGE, lw=1.6)
        ax.annotate("", (0.47, -end), (-0.4, -end), arrowprops=arrow | {"color": ORANGE, "lw": 1.6})
    ax.plot([2.55, 2.6, 2.6, 2.55], [-1.6, -1.6, -5.4, -5.4], color=MUTED, lw=1)
    ax.text(2.7, -3.5, "one block", color=MUTED, va="center")
    return figure


def token_path(stages, tokens):
    """Draw the mean, σ and the turns of one token's vector at each stage on its way.

    Parameters
    ----------
    stages : sequence of str
        The name of each stage. Those that end in "norm" are drawn as the results of a norm.
    tokens : array of shape (stages, D)
        The vector of the token at each stage.

    Returns
    -------
    matplotlib.figure.Figure
        Above, each vector's mean, with a bar that reaches one standard deviation to both sides.
        Below, the angle in degrees between each vector and the one before it.
    """
    tokens = np.asarray(tokens, dtype=float)
    mean, sigma = tokens.mean(1).round(6), tokens.std(1).round(6)
    turned = _angles(tokens).round(4)
    figure, [above, below] = new_figure(3.9, 5.2, 2, 1, sharex=True)
    at = np.arange(len(stages))
    for i, stage in enumerate(stages):
        normed = stage.endswith("norm")
        colour, shape = (BLUE, SHAPES[1]) if normed else (ORANGE, SHAPES[0])
        ends = [mean[i] - sigma[i], mean[i] + sigma[i]]
        above.plot([i, i], ends, color=colour, lw=5, solid_capstyle="butt", alpha=0.35)
        above.plot([i], [mean[i]], shape, color=colour)
        if i:
            below.bar([i], [turned[i - 1]], color=colour, width=0.6)
            below.annotate(f"{turned[i - 1]:.0f}°", (i, turned[i - 1]), ha="center", va="bottom")
    for one in (-1, 1):
        above.axhline(one, color=MUTED, lw=1, ls=":", zorder=0)
    above.set_ylabel("mean ± σ")
    below.set_ylabel("turned by, in degrees")
    below.set_ylim(0, 1.18 * max(turned))
    below.set_xticks(at, stages, rotation=40, ha="right", rotation_mode="anchor")
    return figure


def _angles(vectors):
    """Return the angle in degrees between each vector, a row, and the one before it."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.degrees(np.arccos(np.clip((unit[1:] * unit[:-1]).sum(1), -1, 1)))


def who_moves(text, rows):
    """Draw which tokens change when one is changed: a row of cells for each experiment.

    Parameters
    ----------
    text : str
        The characters, one for each column.
    rows : mapping of str to (int, sequence of bool)
        By the name of the experiment: the token that is changed, and which outputs differ.
    """
    figure, [ax] = new_figure(3.9, 0.4 + 0.62 * len(rows))
    for y, (name, (changed, moved)) in enumerate(rows.items()):
        ax.text(-0.5, y - 0.22, name, va="center")
        for x, (character, one) in enumerate(zip(text, moved, strict=True)):
            fill = ORANGE if one else PAPER
            ax.fill([x - 0.45, x + 0.45, x + 0.45, x - 0.45], [y, y, y + 0.42, y + 0.42], fc=fill)
            edge = [x - 0.45, x + 0.45, x + 0.45, x - 0.45, x - 0.45]
            wide = 2.5 if x == changed else 0.8
            ax.plot(edge, [y, y, y + 0.42, y + 0.42, y], color=INK, lw=wide)
            said = {"color": PAPER if one else INK, "ha": "center", "va": "center"}
            ax.text(x, y + 0.21, _visible(character), **said)
    ax.set(xlim=(-0.6, len(text) - 0.4), ylim=(len(rows) - 0.5, -0.45))
    ax.set_axis_off()
    return figure


def _visible(character):
    """A space as a sign that can be seen."""
    return "␣" if character == " " else character


def learning_curves(runs, every=10):
    """Draw the loss of training runs, one colour for each kind and one line for each seed.

    Parameters
    ----------
    runs : mapping of str to sequence of sequence of float
        By the name of the kind, for each seed, the loss of every step.
    every : int, default 10
        How many steps are averaged into one point.
    """
    figure, [ax] = new_figure(3.9, 3.2)
    for i, (name, losses) in enumerate(runs.items()):
        for seed, run in enumerate(losses):
            parts = np.asarray(run)[: len(run) // every * every].reshape(-1, every)
            steps = np.arange(len(parts)) * every + every / 2
            label = name if seed == 0 else None
            ax.plot(steps, parts.mean(1), color=SERIES[i], lw=1.6, label=label)
    ax.set(xlabel="step", ylabel="loss", ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=1, frameon=False)
    return figure


def attention_map(weights, text):
    """Draw how much of each token, a column, each token takes, a row: areas of squares.

    Parameters
    ----------
    weights : array of shape (T, T)
        Each row sums to 1. A weight of 1 fills its place.
    text : str
        The T characters.
    """
    weights = np.asarray(weights, dtype=float).round(4)
    figure, [ax] = new_figure(3.9, 3.9)
    for (row, column), weight in np.ndenumerate(weights):
        half = 0.48 * weight**0.5
        left, right, top, bottom = column - half, column + half, row - half, row + half
        ax.fill([left, right, right, left], [top, top, bottom, bottom], fc=BLUE)
    places, characters = range(len(text)), [_visible(character) for character in text]
    ax.set_xticks(places, characters)
    ax.set_yticks(places, characters)
    ax.set(xlim=(-0.5, len(text) - 0.5), ylim=(len(text) - 0.5, -0.5), aspect="equal")
    ax.set(xlabel="takes from this token", ylabel="this token")
    ax.spines[["top", "right"]].set_visible(True)
    return figure
