"""The figures of the chapter *Layer normalization by hand*."""

import numpy as np

from lnlearn.figures.style import BAND, BLUE, INK, MUTED, PAPER, SERIES, SHAPES, WIDTH, new_figure


def number_lines(panels):
    """Draw rows of numbers as points on number lines that share one scale, one line a panel.

    Parameters
    ----------
    panels : sequence of (str, array-like of shape (N, D))
        A title and N rows of D numbers. Row n stands at the same height in every panel, feature i
        has the same shape and colour everywhere (at most 6 features).

    Returns
    -------
    matplotlib.figure.Figure
        Beside each row, a grey tick marks its mean and a bar reaches one standard deviation to
        either side.
    """
    panels = [(title, np.atleast_2d(rows)) for title, rows in panels]
    height = 0.5 + sum(0.55 + 0.34 * len(rows) for _, rows in panels)
    figure, axes = new_figure(WIDTH, height, len(panels), sharex=True)
    for ax, (title, rows) in zip(axes, panels, strict=True):
        for n, row in enumerate(rows):
            mean, std = row.mean(), row.std()
            ax.plot([mean - std, mean + std], [-n, -n], color=BAND, lw=11, solid_capstyle="butt")
            ax.plot([mean, mean], [-n - 0.28, -n + 0.28], color=MUTED)
            for i, value in enumerate(row):
                lift = 0.16 * ((len(row) - 1) / 2 - i)  # equal numbers stay visible
                ax.plot(value, -n + lift, SHAPES[i], color=SERIES[i], ms=6.5, mec=PAPER, mew=0.7)
        ax.set_title(title, loc="left", fontsize=10)
        ax.set_ylim(0.6 - len(rows), 0.6)
        ax.set_yticks([-n for n in range(len(rows))])
        ax.set_yticklabels([f"token {n + 1}" for n in range(len(rows))])
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
    axes[-1].locator_params(axis="x", nbins=6)
    for i in range(panels[0][1].shape[1]):
        axes[0].plot([], [], SHAPES[i], color=SERIES[i], label=f"feature {i + 1}")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, handletextpad=0.1)
    return figure


def feature_bars(panels):
    """Draw the features of a token as bars, one panel above the other on one scale.

    Parameters
    ----------
    panels : sequence of (str, array-like of shape (D,))
        A title and the features.

    Returns
    -------
    matplotlib.figure.Figure
        A line marks the mean, and a band reaches one standard deviation to either side.
    """
    height = 0.5 + 1.4 * len(panels)
    figure, axes = new_figure(WIDTH, height, len(panels), sharex=True, sharey=True)
    for ax, (title, features) in zip(axes, panels, strict=True):
        features = np.asarray(features)
        mean, std = features.mean(), features.std()
        ax.axhspan(mean - std, mean + std, color=BAND)
        ax.bar(np.arange(1, len(features) + 1), features, color=BLUE)
        ax.axhline(mean, color=INK, lw=1)
        ax.set_title(title, loc="left", fontsize=10)
    axes[-1].set_xlabel("feature")
    return figure


def std_after_norm(eps, tokens):
    """Draw the standard deviation that is left after layer norm, against the one before it.

    Parameters
    ----------
    eps : sequence of float
        One curve, sigma / sqrt(sigma**2 + eps), for each; at most two.
    tokens : mapping of str to (float, float)
        For each marked token its name and its standard deviation before and after.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, [ax] = new_figure(WIDTH, 3.3)
    sigma = np.logspace(-8, 1, 181)
    for value, line in zip(eps, ("-", "--"), strict=False):
        ax.plot(sigma, sigma / np.sqrt(sigma**2 + value), line, color=BLUE, label=f"ε = {value:g}")
    for i, (name, (before, after)) in enumerate(tokens.items()):
        ax.plot(before, after, SHAPES[i], color=SERIES[i + 1], ms=8, mec=PAPER, label=name)
    ax.set(xscale="log", ylim=(0, 1.08))
    ax.set_xlabel("σ, standard deviation of the token before")
    ax.set_ylabel("standard deviation after")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def bessel_gap(widths):
    """Draw by how many percent dividing by D - 1 changes the standard deviation, against D.

    Parameters
    ----------
    widths : sequence of int
        The widths to mark, each at least 2.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, [ax] = new_figure(WIDTH, 3.0)
    D = np.unique(np.logspace(np.log10(2), 4, 200).round())
    ax.plot(D, 100 * (np.sqrt(D / (D - 1)) - 1), color=BLUE)
    for i, width in enumerate(widths):
        gap = 100 * (np.sqrt(width / (width - 1)) - 1)
        ax.plot(width, gap, SHAPES[i], color=SERIES[i + 1], ms=8, mec=PAPER)
        ax.annotate(f"D = {width}: {gap:.2g} %", (width, gap), (8, 4), textcoords="offset points")
    ax.set(xscale="log", yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:g}")
    ax.set_xlabel("D, number of features that share a variance")
    ax.set_ylabel("difference in σ, %")
    return figure
