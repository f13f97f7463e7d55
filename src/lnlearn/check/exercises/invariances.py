"""The exercises of the chapter *Invariances*."""

from lnlearn.check.checker import Checker, Mistake, Probe
from lnlearn.check.cohort import Variation, in_words

# A fifth row of the grid ------------------------------------------------------------------------

CHANGES = {  # of what, and a question to whoever gives the wrong answer
    "matrix-scaled": "By what is a weight vector divided? What if it is doubled?",
    "matrix-shifted": "Has cosine norm a mean that it subtracts?",
    "neuron-scaled": "Is a neuron divided by its own length, or by something they share?",
    "data-scaled": "By what is a case divided? What if it is doubled?",
    "data-shifted": "Does the angle between w and x stay when x is moved?",
    "case-scaled": "Is a case divided by its own length, or by something they share?",
}
# By which length the weights, and the data, are divided: each vector by its own, all by that of all
# together, or none. A vector's own and none is weight norm, which has a row already.
COSINE_NORM = ("own", "own")
OTHER_NORMS = (
    *(("own", "all"), ("all", "own"), ("none", "all")),
    *(("all", "all"), ("all", "none")),
)


def _fifth_row(wrong, weights="own", data="own"):
    hidden = (weights != "none", False, weights == "own", data != "none", False, data == "own")
    return [same != (change in wrong) for same, change in zip(hidden, CHANGES, strict=True)]


def _fifth_row_told(weights, data):
    row = f"return {_fifth_row((), weights, data)}"
    if (weights, data) == COSINE_NORM:
        return (
            r"*Cosine norm* divides the sum $w_i\cdot x$ by the lengths of both, "
            r"$\lVert w_i\rVert\,\lVert x\rVert$.",
            *("cosine norm", CHANGES["data-shifted"]),
            "# A positive factor on w or on x divides out, of one row or of all.\n"
            "    # A shift turns the vector: the angle between w and x is another one.",
            row,
        )
    lengths = (
        {"own": r"$\lVert w_i\rVert$", "all": r"$\lVert W\rVert$", "none": ""}[weights],
        {"own": r"$\lVert x\rVert$", "all": r"$\lVert X\rVert$", "none": ""}[data],
    )
    divisors = " and by ".join(filter(None, lengths))
    of_each = {
        "own": "# A positive factor on {} divides out, of one row or of all.",
        "all": "# A positive factor on {} divides out, but on one row it does not.",
        "none": "# A factor on {} stays, because nothing is divided by its length.",
    }
    return (
        rf"A norm of our own divides the sum $w_i\cdot x$ by {divisors}, and by nothing else. "
        "The length of a matrix is the root of the sum of the squares of all its entries.",
        *("this norm", "Does the sum stay when x is moved?"),
        f"{of_each[weights].format('W')}\n    {of_each[data].format('X')}\n"
        "    # A shift changes the sum, and no length makes up for it.",
        row,
    )


fifth_row = Checker(
    name="fifth_row",
    arguments=(),
    results=("row",),
    formula=_fifth_row,
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
        for change, hint in CHANGES.items()
    ),
    reveal=False,
    variation=Variation(COSINE_NORM, OTHER_NORMS, _fifth_row_told),
)

# Five times the weights --------------------------------------------------------------------------


def _rates(wrong, times=5):
    plain = 1 / times**2 if "upside-down" in wrong else times**2
    adam = 1 / times if "upside-down" in wrong else times
    if "gradient-alone" in wrong:
        plain = times
    momentum = times if wrong & {"gradient-alone", "momentum-not-squared"} else plain
    if "adam-like-the-others" in wrong:
        adam = plain
    if "adam-unchanged" in wrong:
        adam = 1
    return plain, momentum, adam


matching_rates = Checker(
    name="matching_rates",
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
    variation=Variation(
        numbers=(5,),
        others=tuple((times,) for times in (3, 4, 6, 7, 8, 9, 10, 11, 12)),
        phrases=lambda times: (
            *(in_words(times), in_words(times).capitalize()),
            *(str(times), str(times**2)),
        ),
    ),
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
