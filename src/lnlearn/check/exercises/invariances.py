"""The exercises of the chapter *Invariances*."""

from lnlearn.check.checker import Checker, Mistake, Probe

# A fifth row of the grid ------------------------------------------------------------------------

CHANGES = {  # of what: whether cosine norm hides it, and a question to whoever thinks otherwise
    "matrix-scaled": (True, "By what is a weight vector divided? What if it is doubled?"),
    "matrix-shifted": (False, "Has cosine norm a mean that it subtracts?"),
    "neuron-scaled": (True, "Is a neuron divided by its own length, or by something they share?"),
    "data-scaled": (True, "By what is a case divided? What if it is doubled?"),
    "data-shifted": (False, "Does the angle between w and x stay when x is moved?"),
    "case-scaled": (True, "Is a case divided by its own length, or by something they share?"),
}


def _cosine_row(wrong):
    return [hidden != (change in wrong) for change, (hidden, _) in CHANGES.items()]


cosine_row = Checker(
    name="cosine_row",
    arguments=(),
    results=("row",),
    formula=_cosine_row,
    adapt=lambda function: (
        lambda: [
            bool(answer) if type(answer).__name__ in ("bool", "bool_", "int") else answer
            for answer in function()
        ]
    ),
    probes=(Probe("cosine norm", ()),),
    mistakes=tuple(
        Mistake(
            change,
            f"Its answer for the {change.replace('-', ' being ')} is not right.",
            hint,
        )
        for change, (_, hint) in CHANGES.items()
    ),
    reveal=False,
)

# Five times the weights --------------------------------------------------------------------------


def _rates(wrong):
    plain = 1 / 25 if "upside-down" in wrong else 25
    adam = 1 / 5 if "upside-down" in wrong else 5
    if "gradient-alone" in wrong:
        plain = 5
    momentum = 5 if wrong & {"gradient-alone", "momentum-not-squared"} else plain
    if "adam-like-the-others" in wrong:
        adam = plain
    if "adam-unchanged" in wrong:
        adam = 1
    return plain, momentum, adam


rates_for_five = Checker(
    name="rates_for_five",
    arguments=(),
    results=("plain", "with momentum", "Adam"),
    formula=_rates,
    probes=(Probe("five times the weights", (), tolerance=1e-3),),
    mistakes=(
        Mistake(
            "gradient-alone",
            "It makes up for the smaller gradient, or for the larger weights, but not for both.",
            "How long must a step be to turn weights that are five times as long by as much?",
        ),
        Mistake(
            "upside-down",
            "It divides where it has to multiply.",
            "Are the gradients of larger weights larger or smaller?",
        ),
        Mistake(
            "momentum-not-squared",
            "It treats momentum differently from plain gradient descent.",
            "What is added up in momentum, and by what has each part become smaller?",
        ),
        Mistake(
            "adam-like-the-others",
            "It treats Adam like gradient descent.",
            "What does Adam's step become if all gradients are five times smaller?",
        ),
        Mistake(
            "adam-unchanged",
            "It leaves Adam's rate as it is.",
            "Adam's step keeps its length. By how much does it turn longer weights?",
        ),
    ),
    reveal=False,
)

# Where growth and decay balance ------------------------------------------------------------------


def _resting_length(wrong, rate, decay, c):
    shrink = rate * decay
    if "rate-not-in-decay" in wrong:
        shrink = decay
    if "lengths-added" in wrong:
        return (rate * c / shrink) ** 0.5
    lost = 2 * shrink if "small-decay" in wrong else 1 - (1 - shrink) ** 2
    fourth = (rate * c) ** 2 / lost
    return fourth**0.5 if "constant-gradient" in wrong else fourth**0.25


resting_length = Checker(
    name="resting_length",
    arguments=("rate", "decay", "c"),
    results=("length",),
    formula=_resting_length,
    probes=(
        Probe("a rate of 0.5, a decay of 0.4", (0.5, 0.4, 3.0)),
        Probe("a resting length of 1", (0.5, 0.4, 1.2)),
        Probe("a decay that is very small", (0.5, 1e-9, 1e-3)),
        Probe("a decay that leaves nothing of the weights", (2.0, 0.5, 3.0)),
        Probe("a rate of 1", (1.0, 0.3, 5.0)),
    ),
    mistakes=(
        Mistake(
            "constant-gradient",
            "It takes the gradient to be as long for long weights as for short ones.",
            "By (4), how long is the gradient at 2w? At which length do you insert it?",
        ),
        Mistake(
            "small-decay",
            "It holds only where rate times decay is small.",
            "What is left of the weights in one step if rate times decay is 1?",
        ),
        Mistake(
            "lengths-added",
            "It adds the length of the step to the length of the weights.",
            "At which angle do the two stand?",
        ),
        Mistake(
            "rate-not-in-decay",
            "It shortens the weights by the decay, not by rate times decay.",
            "Multiply out the step: by what factor is w multiplied?",
        ),
    ),
    reveal=False,
)
