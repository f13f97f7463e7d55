"""The explorer: layer norm of one token, every number of it, while the reader moves a feature."""

import math

import numpy as np

from lnlearn.explorables.page import Explorable
from lnlearn.scratch import layer_norm_backward, layer_norm_forward, moments

COLOURS = ("blue", "orange", "green", "purple")


def explorer():
    """Layer norm of one token, to be moved by the reader, with no kernel behind it.

    It begins with the token 0.2, 0.1, 0.3. The reader drags its features or types them, 2 to 8 of
    them, with eps, gamma, beta and the gradient of the loss with respect to y, and sees mean,
    standard deviation, x_hat, y and the gradient with respect to x, as numbers and on number
    lines. In float32 every result is rounded, and sums run from the first feature to the last.
    Beside the variance, taken in two passes, stands that of `scratch.moments.one_pass`.

    Returns
    -------
    Explorable
        A notebook shows it when it is the last expression of a cell.

    Examples
    --------
    >>> explorer()
    x = 0.2, 0.1, 0.3: μ = 0.200000, σ = 0.0816497, y = 0.0000, −1.2238, 1.2238
    """
    x, dy, eps = np.array([0.2, 0.1, 0.3]), np.array([1.0, 0.0, 0.0]), 1e-5
    y, mean, rstd = layer_norm_forward(x, 3, eps=eps)  # weight 1 and bias 0: x_hat is y
    dx, _, _ = layer_norm_backward(dy, x, 3, mean, rstd)
    variance, one_pass = moments.two_pass(x - mean)[1], moments.one_pass(x)[1]
    std = math.sqrt(variance)

    summary = (
        f"μ = {_short(mean[0])} · σ = {_short(std)} · σ² in two passes = {_short(variance)}"
        f" · in one pass = {_short(one_pass)} · ε = 1e-5"
    )
    shared = _ends([*y, -1.5, 1.5])
    lines = [
        ("x, the token", x, _ends([*x, mean[0] - std, mean[0] + std]), True),
        ("x̂, centred and scaled", y, shared, True),
        ("y = γx̂ + β", y, shared, True),
        ("∂L/∂x, the gradient", dx, _ends([*dx, 0]), False),
    ]
    drawing = "".join(_number_line(n, *line) for n, line in enumerate(lines))
    rows = [
        ("x", ["0.2", "0.1", "0.3"]),
        ("x̂", [_cell(v) for v in y]),
        ("γ, weight", ["1"] * 3),
        ("β, bias", ["0"] * 3),
        ("y", [_cell(v) for v in y]),
        ("∂L/∂y", ["1", "0", "0"]),
        ("∂L/∂x", [_cell(v) for v in dx]),
    ]
    still = (
        f'<svg viewBox="0 0 480 352" role="img" aria-label="Four number lines. {summary}">'
        f'{drawing}</svg>\n<p class="summary">{summary}</p>\n'
        f'<div class="scroll" tabindex="0" role="group" aria-label="Table">{_table(rows)}</div>'
    )
    numbers = ", ".join(_cell(v) for v in y)
    text = f"x = 0.2, 0.1, 0.3: μ = {_short(mean[0])}, σ = {_short(std)}, y = {numbers}"
    return Explorable("explorer", still, text)


# The same in explorer.js, from the same places: a browser compares the two.


def _number_line(n, title, values, ends, moments_too):
    low, high = ends

    def place(value):
        return f"{14 + 452 * (value - low) / (high - low):.1f}"

    parts = [f'<g transform="translate(0 {88 * n})"><text x="4" y="15">{title}</text>']
    if moments_too:
        mean, std = np.mean(values), np.std(values)
        left, right = place(mean - std), place(mean + std)
        parts.append(f'<path d="M{left} 43H{right}" stroke="var(--band)" stroke-width="44"/>')
        parts.append(f'<path d="M{place(mean)} 21v44" stroke="var(--ink)"/>')
    parts.append('<path d="M4 65H476" stroke="var(--muted)"/>')
    step = (high - low) / 4
    power = 10 ** math.floor(math.log10(step))
    step = power * next(nice for nice in (1, 2, 5, 10) if nice * power >= step)
    decimals = max(0, -math.floor(math.log10(step)))
    for tick in range(math.ceil(low / step), math.floor(high / step) + 1):
        label = _minus(f"{tick * step:.{decimals}f}")
        parts.append(f'<path d="M{place(tick * step)} 65v5" stroke="var(--muted)"/>')
        parts.append(f'<text x="{place(tick * step)}" y="84" text-anchor="middle">{label}</text>')
    for i, value in enumerate(values):
        height = 30 + 26 * i / (len(values) - 1)
        parts.append(
            f'<circle cx="{place(value)}" cy="{height:.1f}" r="10" stroke="var(--paper)" '
            f'fill="var(--{COLOURS[i % 4]})"/><text class="dot" x="{place(value)}" '
            f'y="{height + 5:.1f}" text-anchor="middle">{i + 1}</text>'
        )
    return "".join(parts) + "</g>"


def _ends(values):
    low, high = min(values), max(values)
    room = 0.08 * (high - low)
    return low - room, high + room


def _table(rows):
    heads = "".join(f'<th scope="col">feature {i + 1}</th>' for i in range(len(rows[0][1])))
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for name, cells in rows
    )
    return f"<table><tr><td></td>{heads}</tr>{body}</table>"


def _cell(value):
    return _minus(f"{value:.4f}")


def _short(value):
    return _minus(f"{value:#.6g}")


def _minus(text):
    """`text` with a minus sign in place of the hyphen, and none before a zero."""
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
