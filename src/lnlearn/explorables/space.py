"""Layer norm of three features as a scene in space, to be turned by the reader."""

import numpy as np

from lnlearn.explorables.page import Explorable
from lnlearn.scratch import layer_norm, rms_norm

TURN, TILT = -30, 22  # degrees
TOKEN, WEIGHT, BIAS = np.array([[2.6, 0.5, 1.4], [1.4, 0.8, 1.0], [0.0, 0.0, 0.5]])
STEPS = ("the token", "projected", "scaled", "stretched and shifted")

# How each kind of line is drawn, in the colours of page.css, and from which step on.
STYLES = {
    "plane": ('fill="var(--band)" fill-opacity="0.7"', 0),
    "axis": ('fill="none" stroke="var(--muted)"', 0),
    "ones": ('fill="none" stroke="var(--ink)" stroke-dasharray="5 4"', 0),
    "circle": ('fill="none" stroke="var(--blue)" stroke-width="2.5"', 2),
    "ellipsoid": ('fill="none" stroke="var(--green)" stroke-width="0.8"', 3),
    "ellipse": ('fill="none" stroke="var(--green)" stroke-width="2.5"', 3),
    "way blue": ('fill="none" stroke="var(--blue)" stroke-width="1.5" stroke-dasharray="2 3"', 0),
    "way orange": (
        'fill="none" stroke="var(--orange)" stroke-width="1.5" stroke-dasharray="2 3"',
        0,
    ),
}


def space():
    """Layer norm and RMS norm of a token with three features, drawn in space.

    The reader turns the scene, and moves the token along its way: onto the plane at right angles
    to (1, 1, 1), on it to the circle of radius sqrt(3), and on to the ellipsoid that weight and
    bias make of the sphere. RMS norm takes the same token straight to the sphere.

    Returns
    -------
    Explorable
        A notebook shows it when it is the last expression of a cell.

    Examples
    --------
    >>> space()
                           layer norm             RMS norm
    the token              2.60, 0.50, 1.40       2.60, 0.50, 1.40
    projected              1.10, −1.00, −0.10     2.60, 0.50, 1.40
    scaled                 1.28, −1.16, −0.12     1.50, 0.29, 0.81
    stretched and shifted  1.79, −0.93, 0.38      2.11, 0.23, 1.31
    """
    ways = ways_of_the_token()
    label = (
        "The three axes of the features, and the direction (1, 1, 1) at right angles to a plane. "
        "On the plane, the circle where it meets a sphere of radius 1.73. Layer norm moves the "
        "token along (1, 1, 1) onto the plane, away from the origin to the circle, and from there "
        "to the ellipsoid into which the sphere is stretched and shifted. RMS norm moves the same "
        "token straight to the sphere, away from the plane, and then to the ellipsoid as well."
    )
    still = (
        f'<svg viewBox="0 0 480 400" role="img" data-turn="{TURN}" data-tilt="{TILT}" '
        f'aria-label="{label}">{"".join(_scene(ways))}</svg>\n{_table(ways)}'
    )
    lines = [("", *ways), *zip(STEPS, *(map(_shown, way) for way in ways.values()), strict=True)]
    text = "\n".join(f"{a:<23}{b:<23}{c}".rstrip() for a, b, c in lines)
    return Explorable("space", still, text)


def ways_of_the_token():
    """Where the token is at each of the steps, for both norms, as arrays of shape (4, 3)."""
    x = TOKEN
    x_hat, x_rms = layer_norm(x, 3, eps=0), rms_norm(x, 3, eps=0)
    return {
        "layer norm": np.array([x, x - x.mean(), x_hat, x_hat * WEIGHT + BIAS]),
        "RMS norm": np.array([x, x, x_rms, x_rms * WEIGHT + BIAS]),
    }


def _scene(ways):
    """The elements of the drawing. Each keeps its places in space, for the script to turn."""
    angles = np.linspace(0, 2 * np.pi, 61)
    across = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])  # a basis of the plane
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * np.sqrt(3)
    yield _line(circle @ across * 1.35, "plane")
    # The sphere, of radius sqrt(3), looks the same from everywhere.
    yield '<circle cx="240" cy="200" r="121.2" fill="none" stroke="var(--muted)" data-from="2"/>'
    for i, axis in enumerate(np.eye(3)):
        yield _line([0 * axis, 2.5 * axis], "axis")
        yield _text(2.65 * axis, f"x{'₁₂₃'[i]}")
        wire = np.insert(circle, i, 0, axis=-1) * WEIGHT + BIAS
        yield _line(wire, "ellipsoid")
    yield _line([[-1.2] * 3, [1.9] * 3], "ones")
    yield _text([2.05] * 3, "(1, 1, 1)")
    yield _line(circle @ across, "circle")
    yield _line(circle @ across * WEIGHT + BIAS, "ellipse")
    for (name, way), colour, below in zip(ways.items(), ("blue", "orange"), (24, -12), strict=True):
        moving = f' data-way="{_places(way)}"'
        x, y = project(way[-1], TURN, TILT).split()
        yield _line(way, f"way {colour}")
        yield f'<circle cx="{x}" cy="{y}" r="7"{moving} fill="var(--{colour})"/>'
        yield _text(way[-1], name, more=f'{moving} dy="{below}"')


def project(place, turn, tilt):
    """Where a place in space is drawn: x to the right, y down. In space.js as well."""
    (x, y, z), (a, b) = place, np.radians([turn, tilt])
    near = x * np.cos(a) + y * np.sin(a)
    right, up = y * np.cos(a) - x * np.sin(a), z * np.cos(b) - near * np.sin(b)
    return f"{240 + 70 * right:.1f} {200 - 70 * up:.1f}"


def _places(places):
    return " ".join(",".join(f"{v + 0.0:.3f}" for v in place) for place in places)


def _line(places, kind):
    drawn = "L".join(project(place, TURN, TILT) for place in places)
    style, first = STYLES[kind]
    style += f' data-from="{first}"' if first else ""
    return f'<path data-at="{_places(places)}" {style} d="M{drawn}"/>'


def _text(place, text, more=""):
    x, y = project(place, TURN, TILT).split()
    at = _places([place])
    return f'<text x="{x}" y="{y}" data-at="{at}"{more} text-anchor="middle">{text}</text>'


def _table(ways):
    rows = "".join(
        f'<tr><th scope="row">{step}</th><td>{_shown(a)}</td><td>{_shown(b)}</td></tr>'
        for step, a, b in zip(STEPS, *ways.values(), strict=True)
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("step", *ways))
    table = f"<table><tr>{heads}</tr>{rows}</table>"
    return f'<div class="scroll" tabindex="0" role="group" aria-label="Table">{table}</div>'


def _shown(place):
    return ", ".join(f"{v + 0.0:.2f}" for v in place.round(2)).replace("-", "−")
