"""The gradients of each block before training, for norms and a depth that the reader chooses."""

import json
import math
from html import escape
from importlib.resources import files

import numpy as np

from lnlearn.explorables.page import Explorable

FIRST = ("post", 12)  # the placement and the depth with which the figure begins
BESIDE = "pre"  # the placement that stays, for comparison
# The drawing of 480 by 300: the decades it shows, and the corners of its axes.
DECADES, LEFT, RIGHT, TOP, BOTTOM = (-3, 3), 56, 470, 14, 258


def placements():
    """Gradients of the blocks of an untrained Transformer, for nine placements and seven depths.

    They are those of the recorded sweep ``at_start``, means over its seeds.

    Returns
    -------
    Explorable
        A notebook shows it when it is the last expression of a cell.

    Examples
    --------
    >>> placements()
    post, 12 blocks: gradient of the first block 0.322, of the last block 0.294
    """
    gradients = _recorded()
    placement, depth = FIRST
    chosen, beside = (gradients[name][str(depth)] for name in (placement, BESIDE))
    summary = _summary(placement, depth, chosen)
    still = (
        f'<svg viewBox="0 0 480 300" role="img" aria-label="{summary}">'
        f"{_drawing(placement, chosen, beside)}</svg>\n"
        f'<p class="summary">{summary}</p>\n'
        f'<div class="data" data-gradients="{escape(json.dumps(gradients))}"></div>'
    )
    return Explorable("placements", still, summary)


def _recorded():
    """By placement and depth, as a text, the mean gradient of each block, with three digits."""
    path = files("lnlearn").joinpath("records/sweeps/at_start.json")
    runs = {}
    for cell, result in json.loads(path.read_text(encoding="utf-8"))["results"].items():
        values = dict(part.split("=") for part in cell.split())
        seeds = runs.setdefault(values["placement"], {}).setdefault(values["depth"], [])
        seeds.append(result["gradient"])
    return {
        name: {depth: [float(f"{g:.3g}") for g in np.mean(seeds, 0)] for depth, seeds in by.items()}
        for name, by in runs.items()
    }


# The same in placements.js: a browser compares the two.


def _summary(placement, depth, gradients):
    return (
        f"{placement}, {depth} blocks: gradient of the first block {_number(gradients[0])}, "
        f"of the last block {_number(gradients[-1])}"
    )


def _number(value):
    return f"{value:.1e}" if value >= 1000 else f"{value:.3g}"


def _place(block, gradient):
    low, high = DECADES
    power = min(max(math.log10(gradient), low), high)
    left = LEFT + (RIGHT - LEFT) * (block - 1) / 23
    return left, BOTTOM - (BOTTOM - TOP) * (power - low) / (high - low)


def _drawing(placement, chosen, beside):
    low, high = DECADES
    parts = []
    for power in range(low, high + 1):
        _, height = _place(1, 10.0**power)
        parts.append(
            f'<path d="M{LEFT},{height:.1f}H{RIGHT}" stroke="var(--band)"></path>'
            f'<text x="{LEFT - 8}" y="{height + 5:.1f}" text-anchor="end">{10.0**power:g}</text>'
        )
    for block in (1, 6, 12, 18, 24):
        left, _ = _place(block, 1)
        parts.append(f'<text x="{left:.1f}" y="{BOTTOM + 22}" text-anchor="middle">{block}</text>')
    parts.append(
        f'<text x="{(LEFT + RIGHT) // 2}" y="{BOTTOM + 40}" text-anchor="middle">block</text>'
    )
    for values, name, colour in ((beside, BESIDE, "muted"), (chosen, placement, "blue")):
        points = [_place(block, g) for block, g in enumerate(values, start=1)]
        line = "L".join(f"{left:.1f},{height:.1f}" for left, height in points)
        parts.append(
            f'<path d="M{line}" fill="none" stroke="var(--{colour})" stroke-width="2"></path>'
        )
        parts += [
            f'<circle cx="{left:.1f}" cy="{height:.1f}" r="4" fill="var(--{colour})"></circle>'
            for left, height in points
        ]
        left, height = points[0]
        down = height + 20 if name == BESIDE else height - 10
        parts.append(f'<text x="{left:.1f}" y="{down:.1f}">{name}</text>')
    return "".join(parts)
