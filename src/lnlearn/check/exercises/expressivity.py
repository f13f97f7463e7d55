"""The exercises of the chapter on what layer norm lets a network compute."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe

# Which keys can all be selected? -----------------------------------------------------------------


def _always_selectable(ways):
    invertible = "sphere-needed" not in ways
    scaled = "scaling-not-enough" not in ways
    return {
        "centring alone": "centring-suffices" in ways,
        "RMS norm": scaled,
        "layer norm": True,
        "layer norm, then γ": invertible,
        "layer norm, then W_K from 16 to 16 features": invertible,
        "layer norm, then W_K from 16 to 4 features": "flattening-harmless" in ways,
        "W_K from 16 to 4 features, then RMS norm": scaled,
    }


always_selectable = Checker(
    name="always_selectable",
    arguments=(),
    results=("answers",),
    formula=_always_selectable,
    adapt=lambda function: (
        lambda: {
            way: bool(answer) if type(answer).__name__ in ("bool", "bool_", "int") else answer
            for way, answer in function().items()
        }
    ),
    probes=(Probe("seven ways to make keys", ()),),
    mistakes=(
        Mistake(
            "centring-suffices",
            "It says that centring alone makes every key selectable.",
            "Draw three features, centred, as points of a plane. What keeps one from lying inside?",
        ),
        Mistake(
            "scaling-not-enough",
            "It says that scaling without centring leaves keys that cannot be selected.",
            "Where are the keys after RMS norm? Can one of them lie between others?",
        ),
        Mistake(
            "sphere-needed",
            "It says that γ, or a square W_K with an inverse, makes keys unselectable.",
            "If the query q selects a key k, which query selects k @ W?",
        ),
        Mistake(
            "flattening-harmless",
            "It says that keys stay selectable if W_K has fewer columns than rows.",
            "Look at the shadow of a globe. Where in it are the places that face the lamp?",
        ),
    ),
    reveal=False,
)

# The query that attends to all keys equally ------------------------------------------------------


def _even_query(ways, weight):
    query = np.ones_like(weight)
    if "gain-forgotten" not in ways:
        query = weight if "gain-multiplied" in ways else 1 / weight
    if "squares-inverted" in ways:
        query = 1 / weight**2
    if "centred" in ways:
        query = query - query.mean()
    return query if "not-unit" in ways else query / max(np.linalg.norm(query), 1e-300)


even_query = Checker(
    name="even_query",
    arguments=("weight",),
    results=("query",),
    formula=_even_query,
    probes=(
        Probe("every gain 1", (np.ones(4),)),
        Probe("every gain 1/2, four features", (np.full(4, 0.5),)),
        Probe("different gains", (np.array([0.5, 1.0, 2.0]),)),
        Probe("gains whose inverses have length 1", (np.array([5 / 3, 5 / 4]),)),
        Probe("gains that have length 1", (np.array([0.6, 0.8]),)),
    ),
    mistakes=(
        Mistake(
            "gain-forgotten",
            "It has equal features, whatever the gain is.",
            "The sum of the features of x_hat is 0. Is that of γ * x_hat?",
            twin="gain-multiplied",
        ),
        Mistake(
            "gain-multiplied",
            "It is parallel to the gain.",
            "Your query multiplies feature i by γ_i, and so has layer norm. What is left?",
            twin="squares-inverted",
        ),
        Mistake(
            "squares-inverted",
            "It divides by the gain twice.",
            "By which factor must feature i of the query undo γ_i?",
            twin="gain-forgotten",
        ),
        Mistake(
            "centred",
            "It subtracts the mean from the query.",
            "For γ = 1, in which direction have all keys the same coordinate?",
        ),
        Mistake(
            "not-unit",
            "It does not have length 1.",
            "By what do you divide a vector to give it length 1?",
        ),
    ),
)

# The lead of the right key -----------------------------------------------------------------------


def _hash_gap(ways, i):
    j = i - 1 if "lower-neighbour" in ways else i + 1
    lengths = 1.0 if "not-normalized" in ways else np.sqrt((i * i + 1) * (j * j + 1))
    own = float(i * i + 1) if "not-normalized" in ways else 1.0
    gap = own - (i * j + 1) / lengths
    if "angle-returned" in ways:
        return float(np.arctan2(abs(i - j), i * j + 1))
    return float(gap * 4 if "length-two" in ways else gap)


hash_gap = Checker(
    name="hash_gap",
    arguments=("i",),
    results=("gap",),
    formula=_hash_gap,
    probes=(Probe("0", (0,)), Probe("1", (1,)), Probe("5", (5,)), Probe("12", (12,))),
    mistakes=(
        Mistake(
            "lower-neighbour",
            "It takes the key of i - 1 for the second best.",
            "Keys come closer as i grows. Which neighbour of i is the closer one?",
        ),
        Mistake(
            "not-normalized",
            "It takes the keys (i, 1) as they are, without layer norm.",
            "Is your gap negative? Then the key of i does not win.",
            twin="length-two",
        ),
        Mistake(
            "length-two",
            "Its keys have length 2, as layer norm returns them.",
            "What is the score of a key of length 1 with itself?",
            twin="angle-returned",
        ),
        Mistake(
            "angle-returned",
            "It returns the angle between the two keys.",
            "The score is a cosine. How far below 1 is the second best?",
            twin="not-normalized",
        ),
    ),
)
