"""The figures of the chapter *The geometry of layer norm*."""

import numpy as np

from lnlearn.figures.style import (
    BAND,
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    PURPLE,
    SERIES,
    SHAPES,
    new_figure,
)

WIDTH = 4.0  # inches: text of 10 points stays at 11 pixels on a phone


def two_features(tokens, outputs):
    """Draw tokens of two features, and an arrow from each to its output.

    Parameters
    ----------
    tokens, outputs : array-like of shape (N, 2)

    Returns
    -------
    matplotlib.figure.Figure
        With the line of the direction (1, 1), dashed, and the line at right angles to it. Tokens
        with the first feature larger are blue squares, the others orange circles.
    """
    tokens, outputs = np.asarray(tokens, float), np.asarray(outputs, float)
    figure, [ax] = new_figure(WIDTH, 3.9)
    ends = np.array([-3.0, 3.0])
    ax.plot(ends, -ends, color=BAND, lw=9, solid_capstyle="butt")
    ax.plot(ends, ends, color=INK, lw=1, ls="--")
    for token, output in zip(tokens, outputs, strict=True):
        first = token[0] > token[1]
        colour, shape = (BLUE, "s") if first else (ORANGE, "o")
        style = {"arrowstyle": "-|>", "color": colour, "lw": 1, "shrinkA": 4, "shrinkB": 7}
        ax.annotate("", output, token, arrowprops=style)
        ax.plot(*token, shape, color=colour, ms=6, mec=PAPER, mew=0.7)
    for output in np.unique(outputs.round(6), axis=0):
        ax.plot(*output, "D", color=GREEN, ms=9, mec=PAPER)
    ax.text(2.2, 2.55, "(1, 1)", ha="right")
    ax.set(xlim=ends, ylim=ends, aspect="equal")
    ax.set_xlabel("first feature")
    ax.set_ylabel("second feature")
    return figure


def singular_values(eps, measured):
    """Draw the singular values of layer norm's Jacobian against the token's standard deviation.

    Parameters
    ----------
    eps : float
    measured : mapping of float to (float, float)
        For a standard deviation, the largest singular value and the one along the token.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes are logarithmic.
    """
    figure, [ax] = new_figure(WIDTH, 3.4)
    sigma = np.logspace(-5, 1, 241)
    ax.plot(sigma, 1 / sigma, ls="--", color=MUTED, label="1/σ: ε = 0, around the sphere")
    around, along = (sigma**2 + eps) ** -0.5, eps / (sigma**2 + eps) ** 1.5
    ax.plot(sigma, around, color=BLUE, label="around the sphere")
    ax.plot(sigma, along, color=ORANGE, label="along the token")
    for std, (largest, radial) in measured.items():
        ax.plot(std, largest, "s", color=BLUE, ms=6, mec=PAPER)
        ax.plot(std, radial, "o", color=ORANGE, ms=6, mec=PAPER)
    ax.axvline(np.sqrt(eps), color=MUTED, lw=1, ls=":")
    ax.set(xscale="log", yscale="log", ylim=(1e-6, 1e4))
    ax.set_xlabel("σ, standard deviation of the token")
    ax.set_ylabel("singular value")
    figure.legend(loc="outside lower center", ncols=1, frameon=False)
    return figure


def beside_an_outlier(measured):
    """Draw what layer norm leaves of the other features when one grows.

    Parameters
    ----------
    measured : mapping of int to (array-like, array-like)
        For a number of features, the sizes of the outlier and the standard deviations of the
        other features afterwards; at most four.

    Returns
    -------
    matplotlib.figure.Figure
        Beside the measured points the curve of the formula, for others of standard deviation 1.
    """
    figure, [ax] = new_figure(WIDTH, 3.4)
    a = np.logspace(0, 4, 161)
    for n, (D, (sizes, left)) in enumerate(measured.items()):
        ax.plot(a, ((D - 1) / D * (1 + a**2 / D)) ** -0.5, color=SERIES[n], lw=1.2)
        style = {"color": SERIES[n], "ms": 6, "mec": PAPER, "ls": "none"}
        ax.plot(sizes, left, marker=SHAPES[n], label=f"D = {D}", **style)
    ax.set(xscale="log", yscale="log")
    ax.set_xlabel("outlier, in σ of the others")
    ax.set_ylabel("σ of the others, after")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, handletextpad=0.1)
    return figure


def along_ones(widths, random, positive):
    """Draw which part of a token lies along (1, ..., 1), against its number of features.

    Parameters
    ----------
    widths : sequence of int
    random, positive : array-like of shape (len(widths), N)
        Absolute cosines of the angle to (1, ..., 1), of random tokens and of positive ones.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes are logarithmic; a line stands at the root mean square of random directions.
    """
    figure, [ax] = new_figure(WIDTH, 3.4)
    widths = np.asarray(widths, float)
    ax.plot(widths, widths**-0.5, color=MUTED, ls="--", label="1/√D")
    kinds = [
        ("random", random, BLUE, "o"),
        ("negative ones set to 0", positive, PURPLE, "^"),
    ]
    for name, cosines, colour, shape in kinds:
        cosines = np.asarray(cosines)
        style = {"color": colour, "marker": shape, "ls": "none", "ms": 4, "mec": PAPER, "mew": 0.4}
        ax.plot(np.repeat(widths, cosines.shape[1]), cosines.ravel(), label=name, **style)
    ax.set(xscale="log", yscale="log")
    ax.set_xlabel("number of features D")
    ax.set_ylabel("cosine of the angle to (1, …, 1)")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, handletextpad=0.1)
    return figure
