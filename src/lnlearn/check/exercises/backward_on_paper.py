"""The exercises of the chapter *The backward pass* that are done on paper."""

from itertools import permutations

import numpy as np

from lnlearn.check.catalogue import named
from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.cohort import Variation, listed
from lnlearn.check.formula_backward import layer_norm_backward

TOKEN, WEIGHT, DY = (2, 2, 6, 6), (2, 1, 1, -1), (2, 1, 0, 1)


def _on_paper(ways, token=TOKEN, weight=WEIGHT, dy=DY):
    token, weight, dy = (np.array(numbers, float) for numbers in (token, weight, dy))
    dx, dweight, dbias = layer_norm_backward(ways, dy[None], token[None], weight, 0.0)
    if "deviations-for-xhat" in ways:
        dweight = dweight * token.std()
    return list(dx[0]), list(dweight), list(dbias)


def _others():
    """Numbers like those of the book.

    Each token has two small and two large features, so that all are 2 or 5 away from their mean.
    There is one token for each x_hat and s, because others would have the same gradients. The mean
    of g is an integer and not 0, and that of g * x_hat has one decimal.
    """
    for low, high in ((3, 7), (1, 11)):
        for token in sorted(set(permutations((low, low, high, high)))):
            x_hat = [1 if number == high else -1 for number in token]
            for weight in ((1, 2, -1, 1), (1, -1, 2, 1), (-1, 1, 1, 2), (3, 1, -1, 1)):
                for dy in ((1, 2, 0, 1), (0, 1, 2, 1), (1, 0, 1, 2), (2, 1, 1, 3)):
                    g = [a * b for a, b in zip(weight, dy, strict=True)]
                    along = sum(a * b for a, b in zip(g, x_hat, strict=True)) / 4
                    if sum(g) and sum(g) % 4 == 0 and along % 1 == 0.5:
                        yield token, weight, dy


def _on_paper_told(token, weight, dy):
    mean = sum(token) // 4
    s = max(token) - mean
    x_hat = [(number - mean) // s for number in token]
    g = [a * b for a, b in zip(weight, dy, strict=True)]
    weighted = [a * b for a, b in zip(g, x_hat, strict=True)]
    mean_g, along = sum(g) / 4, sum(weighted) / 4
    rest = [a - mean_g - along * b for a, b in zip(g, x_hat, strict=True)]
    dx, part = [number / s for number in rest], {2: "half", 5: "a fifth"}[s]
    dweight = [a * b for a, b in zip(dy, x_hat, strict=True)]
    return (
        f"token {listed(token)}",
        rf"\gamma = ({listed(weight)})",
        f"`dy` = ({listed(dy)})",
        f"# Mean {mean}, deviations {listed(number - mean for number in token)}, so s = {s} and "
        f"x_hat = {listed(x_hat)}.\n"
        f"    # g = weight * dy = {listed(g)} with mean {mean_g:g}.\n"
        f"    # g * x_hat = {listed(weighted)} with mean {along:g}.\n"
        f"    # g {_minus(mean_g)} {_minus(along)} * x_hat = {listed(rest)}, "
        f"and {part} of that is dx.",
        f"return [{listed(dx)}], [{listed(dweight)}], [{listed(dy)}]",
    )


def _minus(number):
    """What is subtracted, as one writes it: "- 3" and, for -3, "+ 3"."""
    return f"{'+' if number < 0 else '-'} {abs(number):g}"


gradients_on_paper = Checker(
    name="gradients_on_paper",
    arguments=(),
    results=("dx", "dweight", "dbias"),
    formula=_on_paper,
    chapter="backward",
    probes=(Probe("the token 2, 2, 6, 6", (), tolerance=1e-3),),
    mistakes=(
        *named(
            "detached-statistics",
            "backward-missing-mean",
            "backward-missing-projection",
            "backward-forgets-weight",
            "rstd-missing",
            "bias-gradient-weighted",
        ),
        Mistake(
            "deviations-for-xhat",
            "It multiplies dy by x - mean where x_hat belongs.",
            "What does the weight multiply in the forward pass?",
        ),
        *named("backward-of-xhat-with-y"),
    ),
    reveal=False,
    variation=Variation((TOKEN, WEIGHT, DY), tuple(_others()), _on_paper_told),
)


def _unit(direction):
    """One of the many vectors in a direction: length 1, its largest entry positive."""
    direction = np.asarray(direction, np.float64)
    if direction.shape != (3,):
        raise ValueError(f"three numbers are asked for, not an array of shape {direction.shape}")
    length = np.linalg.norm(direction)
    if not length > 0:
        raise ValueError("three zeros have no direction")
    return direction / length * np.sign(direction[np.abs(direction).argmax()])


def _direction(ways, x):
    if "along-the-token" in ways:
        return _unit(x - x.mean())
    if "along-the-token, not centred" in ways:
        return _unit(x)
    shift = 1 if "differences-shifted" in ways else 2 if "differences-shifted twice" in ways else 0
    return _unit(np.roll(np.cross(np.ones(3), x), shift))


direction_of_dx = Checker(
    name="direction_of_dx",
    arguments=("x",),
    results=("direction",),
    formula=_direction,
    chapter="backward",
    adapt=lambda function: lambda x: _unit(function(x)),
    probes=(
        Probe("the token 0.2, 0.1, 0.3", (np.array([0.2, 0.1, 0.3]),)),
        Probe("the token 1, 2, 4", (np.array([1.0, 2.0, 4.0]),)),
        Probe("the token 7, -1, 2", (np.array([7.0, -1.0, 2.0]),)),
    ),
    mistakes=(
        Mistake(
            "along-the-token",
            "It returns the direction of the token, or of x_hat.",
            "In which direction can the token be stretched without a change of the output?",
            ("along-the-token", "along-the-token, not centred"),
        ),
        Mistake(
            "differences-shifted",
            "It returns the three differences of the features, in other places. They sum to zero.",
            "Which second sum has to be zero? Compute it for your answer and the token 1, 2, 4.",
            ("differences-shifted", "differences-shifted twice"),
            twin="along-the-token",  # both are wrong for every token
        ),
    ),
    reveal=False,
)
