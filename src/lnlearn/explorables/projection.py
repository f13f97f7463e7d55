"""The projection: the two parts that layer norm's backward pass takes away from a gradient."""

import numpy as np

from lnlearn.explorables.page import Explorable
from lnlearn.scratch import layer_norm_backward, layer_norm_forward

# Where a step of length 1 in each of the three directions leads in a drawing of 480 by 345.
VIEW = np.array([[0.0, -32.0], [-19.84, 14.4], [32.0, 7.04]])
CENTRE = np.array([225.0, 172.0])


def projection():
    """What is left of a gradient of three features, to be moved by the reader.

    It begins with the token 0.2, 0.1, 0.3 and g = 3, 1, 2, the gradient of the loss with respect
    to x_hat. Two dashed steps lead from g to s dx: one along (1, 1, 1), which points up, one along
    x_hat. The reader drags g or types it and the token, and sees each step in numbers.

    Returns
    -------
    Explorable
        A notebook shows it when it is the last expression of a cell.

    Examples
    --------
    >>> projection()
    g = 3, 1, 2: dx = 12.2383, −6.1283, −6.1100
    """
    x, g = np.array([0.2, 0.1, 0.3]), np.array([3.0, 1.0, 2.0])
    x_hat, mean, rstd = layer_norm_forward(x, 3)
    dx, _, _ = layer_norm_backward(g, x, 3, mean, rstd)
    steps = np.full(3, -g.mean()), -x_hat * (g * x_hat).mean()
    rest = g + steps[0] + steps[1]

    left = round(100 * np.linalg.norm(rest) / np.linalg.norm(g))
    summary = (
        f"Σ dx = {_cell(dx.sum())} · Σ dx x̂ = {_cell(dx @ x_hat)}"
        f" · {left} % of the length of g is left"
    )
    rows = [
        ("x, the token", "", ["0.2", "0.1", "0.3"]),
        ("x̂", "", map(_cell, x_hat)),
        ("g", "", ["3", "1", "2"]),
        ("− mean(g)", "orange", map(_cell, steps[0])),
        ("− x̂ mean(g x̂)", "green", map(_cell, steps[1])),
        ("s · dx", "blue", map(_cell, rest)),
        ("dx", "", map(_cell, dx)),
    ]
    still = (
        f'<svg viewBox="0 0 480 345" role="img" aria-label="Three directions in space. {summary}">'
        f'{_drawing(g, g + steps[0], rest, x_hat)}</svg>\n<p class="summary">{summary}</p>\n'
        f'<div class="scroll">{_table(rows)}</div>'
    )
    return Explorable("projection", still, f"g = 3, 1, 2: dx = {', '.join(map(_cell, dx))}")


# The same in projection.js, from the same places: a browser compares the two.


def _drawing(g, level, rest, x_hat):
    up, along = np.ones(3) / np.sqrt(3), x_hat / np.linalg.norm(x_hat)
    across = np.cross(up, along)
    frame = np.array([up, along, across])

    def place(vector):
        return CENTRE + frame @ vector @ VIEW

    def at(vector):
        return ",".join(f"{number:.1f}" for number in place(vector))

    def line(start, end, look):
        return f'<path d="M{at(start)}L{at(end)}" fill="none" {look}></path>'

    def name(vector, text):
        left, top = place(vector)
        return f'<text x="{left + 8:.1f}" y="{top + 4:.1f}">{text}</text>'

    def tip(vector, colour, text):
        left, top = at(vector).split(",")
        return (
            f'<circle cx="{left}" cy="{top}" r="13" fill="var(--{colour})" '
            f'stroke="var(--paper)"></circle><text class="dot" x="{left}" '
            f'y="{float(top) + 5:.1f}" text-anchor="middle">{text}</text>'
        )

    corners = [a * along + b * across for a, b in ((3, 3), (3, -3), (-3, -3), (-3, 3))]
    axis, dashed = 'stroke="var(--muted)"', 'stroke-width="2.5" stroke-dasharray="7 5"'
    return "".join(
        [
            f'<path d="M{"L".join(map(at, corners))}Z" fill="var(--band)"></path>',
            line(0 * g, 5 * up, axis) + name(5 * up, "all features alike"),
            line(0 * g, 4 * along, axis) + name(4 * along, "along x̂"),
            line(g, level, f'stroke="var(--orange)" {dashed}'),
            line(level, rest, f'stroke="var(--green)" {dashed}'),
            line(0 * g, g, 'stroke="var(--ink)" stroke-width="2.5"'),
            line(0 * g, rest, 'stroke="var(--blue)" stroke-width="2.5"'),
            tip(rest, "blue", "dx") + tip(g, "ink", "g"),
        ]
    )


def _table(rows):
    heads = "".join(f'<th scope="col">feature {i}</th>' for i in (1, 2, 3))
    body = "".join(
        f'<tr><th scope="row"{_coloured(colour)}>{name}</th>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for name, colour, cells in rows
    )
    return f"<table><tr><th></th>{heads}</tr>{body}</table>"


def _coloured(colour):
    return f' style="color: var(--{colour})"' if colour else ""


def _cell(value):
    text = f"{value:.4f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
