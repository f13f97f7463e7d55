"""The exercises of the chapter *The backward pass* that ask for an answer, or for a proof."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.exercises.catalogue import named
from lnlearn.check.exercises.layer_norm_backward import layer_norm_backward

TOKEN = np.array([[2.0, 2.0, 6.0, 6.0]])
WEIGHT = np.array([2.0, 1.0, 1.0, -1.0])
DY = np.array([[2.0, 1.0, 0.0, 1.0]])


def _on_paper(wrong):
    dx, dweight, dbias = layer_norm_backward.formula(wrong, DY, TOKEN, WEIGHT, 0.0)
    if "rstd-missing" in wrong:
        dx = dx * TOKEN.std()
    if "deviations-for-xhat" in wrong:
        dweight = dweight * TOKEN.std()
    return list(dx[0]), list(dweight), list(dbias)


gradients_on_paper = Checker(
    name="gradients_on_paper",
    arguments=(),
    results=("dx", "dweight", "dbias"),
    formula=_on_paper,
    probes=(Probe("the token 2, 2, 6, 6", (), tolerance=1e-3),),
    mistakes=(
        *named(
            "detached-statistics",
            "backward-missing-mean",
            "backward-missing-projection",
            "backward-forgets-weight",
        ),
        Mistake(
            "rstd-missing",
            "It does not divide dx by the standard deviation.",
            "Make the token ten times larger. Its output stays. What becomes of the gradient?",
        ),
        Mistake(
            "deviations-for-xhat",
            "It multiplies dy by x - mean where x_hat belongs.",
            "What does the weight multiply in the forward pass?",
        ),
        *named("backward-of-xhat-with-y"),
    ),
    reveal=False,
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


def _direction(wrong, x):
    if "along-the-token" in wrong:
        return _unit(x - x.mean())
    if "along-the-token, not centred" in wrong:
        return _unit(x)
    shift = (
        1 if "differences-shifted" in wrong else 2 if "differences-shifted twice" in wrong else 0
    )
    return _unit(np.roll(np.cross(np.ones(3), x), shift))


direction_of_dx = Checker(
    name="direction_of_dx",
    arguments=("x",),
    results=("direction",),
    formula=_direction,
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
        ),
    ),
    reveal=False,
)
