"""The exercises of the chapter on the norms of released models."""

from dataclasses import replace

import numpy as np

from lnlearn.check import formula
from lnlearn.check.catalogue import CATALOGUE
from lnlearn.check.checker import Checker, Mistake, Probe

_rng = np.random.default_rng(0)

# Fold the gain and the bias ----------------------------------------------------------------------


@formula.where_shapes_meet
def _fold_affine(ways, weight, bias, W, b):
    gain = weight[:, None] if "gain-on-outputs" in ways else weight
    folded = W if "gain-skipped" in ways else W * gain
    through = folded if "bias-scaled-too" in ways else W
    shift = (through.T if "bias-transposed" in ways else through) @ bias
    if "bias-left-out" in ways:
        shift = 0 * b
    shift = shift if "old-bias-lost" in ways else shift + b
    if "input-modified" in ways:
        W[...] = folded
    return folded.T if "matrix-transposed" in ways else folded, shift


ROW = np.array([[1.0, 2.0, 4.0], [-1.0, 0.0, 3.0]])
fold_affine = Checker(
    name="fold_affine",
    arguments=("weight", "bias", "W", "b"),
    results=("new_W", "new_b"),
    formula=_fold_affine,
    probes=(
        Probe("a gain of 2", (np.full(3, 2.0), np.zeros(3), ROW, np.zeros(2))),
        Probe("β alone", (np.ones(3), np.array([1.0, 0.0, -1.0]), ROW, np.zeros(2))),
        Probe("a bias of the layer alone", (np.ones(3), np.zeros(3), ROW, np.array([1.0, 5.0]))),
        Probe(
            "a gain and β",
            (np.array([2.0, 0.5, 1.0]), np.array([1.0, 4.0, -1.0]), ROW, np.zeros(2)),
        ),
        Probe(
            "a square layer with a gain",
            (np.array([2.0, 0.5]), np.zeros(2), np.array([[1.0, 3.0], [5.0, 7.0]]), np.zeros(2)),
        ),
        Probe(
            "a square layer with β",
            (np.ones(2), np.array([1.0, -2.0]), np.array([[1.0, 3.0], [5.0, 7.0]]), np.zeros(2)),
        ),
        Probe(
            "a wide layer",
            (_rng.normal(size=4), _rng.normal(size=4), _rng.normal(size=(7, 4)), np.ones(7)),
        ),
    ),
    mistakes=(
        Mistake(
            "gain-skipped",
            "It returns W as it was.",
            "Set β to 0. What does the layer receive for a gain of 2, and for a gain of 1?",
        ),
        Mistake(
            "gain-on-outputs",
            "It multiplies the rows of W by the gain, which are the outputs.",
            "Which index of W runs over the features that the norm returns?",
        ),
        Mistake(
            "matrix-transposed",
            "It returns the new W with a row for each input.",
            "Of what shape is W for 3 features and 2 outputs? And what you return?",
        ),
        Mistake(
            "bias-left-out",
            "It leaves β out.",
            "What does the layer return for a token whose x_hat is 0?",
        ),
        Mistake(
            "bias-scaled-too",
            "It sends β through the new W, so that the gain multiplies β as well.",
            "In γ x_hat + β, is β multiplied by γ?",
        ),
        Mistake(
            "bias-transposed",
            "It multiplies β by the transpose of W.",
            "new_b has an entry for each output. Which row or column of W makes the first output?",
        ),
        Mistake(
            "old-bias-lost",
            "It drops the bias that the layer had.",
            "Set γ to 1 and β to 0. What should be returned?",
        ),
        replace(CATALOGUE["input-modified"], twin="gain-skipped"),
    ),
)

# Which convention is it? -------------------------------------------------------------------------


def _made(x, weight, centred, one_added):
    x = x - x.mean(-1, keepdims=True) if centred else x
    return x / np.sqrt((x * x).mean(-1, keepdims=True)) * (weight + one_added)


def _which_convention(ways, x, weight, y):
    fits = {
        (centred, one): float(np.abs(_made(x, weight, centred, one) - y).max())
        for centred in (False, True)
        for one in (False, True)
    }
    centred, one_added = min(fits, key=fits.get)
    if "one-from-the-weights" in ways:
        one_added = bool(weight.mean() < 0.5)
    if "one-from-the-weights, by their median" in ways:
        one_added = bool(np.median(weight) < 0.5)
    if "one-from-a-negative-weight" in ways:
        one_added = bool(weight.min() < 0)
    if "centred-from-the-mean" in ways:
        centred = bool(np.allclose(y.mean(-1), 0, atol=1e-3))
    if ways & {"always-centred", "never-centred"}:
        centred = "always-centred" in ways
    if ways & {"always-one", "never-one"}:
        one_added = "always-one" in ways
    if "norm-confused" in ways:
        centred = not centred
    if "one-confused" in ways:
        one_added = not one_added
    return centred, one_added


_tokens = _rng.normal(0.7, 1, (6, 5))
_near_one = np.array([0.9, 1.1, 1.3, 0.7, 1.2])
_small = np.array([0.3, 0.1, 0.25, 0.15, 0.2])


def _with_plain_truths(answer):
    """The answer with NumPy's truth values as Python's."""
    if not isinstance(answer, (tuple, list)):
        return answer
    return tuple(bool(one) if isinstance(one, np.bool_) else one for one in answer)


def _probe(name, x, weight, centred, one_added):
    weight = np.asarray(weight)
    return Probe(name, (x, weight, _made(x, weight, centred, one_added)))


which_convention = Checker(
    name="which_convention",
    arguments=("x", "weight", "y"),
    results=("centred", "one_added"),
    formula=_which_convention,
    adapt=lambda function: lambda *arguments: _with_plain_truths(function(*arguments)),
    probes=(
        _probe("gains near 1", _tokens, _near_one, False, False),
        _probe("gains near 1, with the mean subtracted", _tokens, _near_one, True, False),
        _probe("equal gains, with the mean subtracted", _tokens, np.ones(5), True, False),
        _probe("small numbers that a 1 is added to", _tokens, _near_one - 1, False, True),
        _probe("small gains, as they are", _tokens, _small, False, False),
        _probe("large numbers that a 1 is added to", _tokens, _near_one, True, True),
        _probe("gains of both signs", _tokens, _near_one * [1, -1, 1, 1, -1], True, False),
        _probe("as many tokens as features", _tokens[:5], _small, True, True),
    ),
    mistakes=(
        Mistake(
            "one-from-the-weights",
            "It tells from the size of the stored numbers whether a 1 is added.",
            "Can training make a gain of 0.2? What would be stored for it in each convention?",
            ("one-from-the-weights", "one-from-the-weights, by their median"),
        ),
        Mistake(
            "one-from-a-negative-weight",
            "It takes a negative stored number for a sign that a 1 is added.",
            "Can a gain be negative? What would it do to the feature?",
        ),
        Mistake(
            "centred-from-the-mean",
            "It tells from the mean of y whether the mean was subtracted.",
            "What does the gain do to the mean of a token that was centred?",
        ),
        Mistake(
            "norm-assumed",
            "It gives the same answer to the first question for every norm.",
            "Does y change if you add 1 to every feature of x? You can compute what it would be.",
            ("always-centred", "never-centred"),
        ),
        Mistake(
            "one-assumed",
            "It gives the same answer to the second question for every norm.",
            "Divide y by the normalized token. Is that the weight?",
            ("always-one", "never-one"),
        ),
        Mistake(
            "norm-confused",
            "It takes a layer norm for an RMS norm, and an RMS norm for a layer norm.",
            "Compute both for one token. Which of them is y?",
            twin="one-confused",
        ),
        Mistake(
            "one-confused",
            "It says that a 1 is added where the numbers are the gain, and the other way round.",
            "Divide y by the normalized token. What should come out?",
            twin="norm-confused",
        ),
    ),
)

# Convert a checkpoint ----------------------------------------------------------------------------


def _convert(ways, name, value):
    is_norm = "norm" in name and name.endswith(".weight")
    if "some-norms-missed" in ways:
        is_norm = "layernorm" in name and name.endswith(".weight")
    if "every-weight" in ways:
        is_norm = name.endswith(".weight")
    if "chosen-by-shape" in ways:
        is_norm = value.ndim == 1 and name.endswith(".weight")
    if "bias-too" in ways:
        is_norm = "norm" in name
    by_name = not ways & {"every-weight", "chosen-by-shape", "gated-too"}
    if not is_norm or (by_name and "linear_attn.norm" in name):
        return value.astype(np.float32) if "all-in-float32" in ways else value
    if "rounded, in float16" in ways:
        return value + np.float16(1)
    if "rounded" in ways:
        return (value + np.float16(1)).astype(np.float32)
    if "one-subtracted" in ways:
        return value.astype(np.float32) - 1
    return value.astype(np.float32) + 1


def _stored(*numbers):
    return np.array(numbers, np.float16)


convert_entry = Checker(
    name="convert_entry",
    arguments=("name", "value"),
    results=("converted",),
    formula=_convert,
    probes=(
        Probe(
            "the norm before the attention",
            ("layers.0.input_layernorm.weight", _stored(0.5, -0.25, 0.0)),
        ),
        Probe("the norm at the end", ("norm.weight", _stored(1.5, 0.25))),
        Probe(
            "the norm of the queries", ("layers.0.self_attn.q_norm.weight", _stored(0.125, -0.5))
        ),
        Probe(
            "a matrix", ("layers.0.mlp.up_proj.weight", _stored(1.0, 2.0, 3.0, 4.0).reshape(2, 2))
        ),
        Probe(
            "one number for each head", ("layers.0.self_attn.head_scale.weight", _stored(0.5, 0.75))
        ),
        Probe("the gated norm", ("layers.0.linear_attn.norm.weight", _stored(0.75, 1.25))),
        Probe("the bias of a norm", ("layers.0.input_layernorm.bias", _stored(0.5, 0.25))),
        Probe(
            "numbers close to 0",
            ("layers.0.input_layernorm.weight", _stored(3e-4, -1e-4, 2e-4)),
            tolerance=1e-6,
        ),
    ),
    mistakes=(
        Mistake(
            "some-norms-missed",
            'It leaves out norms whose name does not contain "layernorm".',
            "Print all names of a Gemma 3 model, and count its norms.",
        ),
        Mistake(
            "gated-too",
            "It adds 1 to the weight of the gated norm as well.",
            "Look for linear_attn.norm among the norms of Qwen3-Next above. What is its gain?",
        ),
        Mistake(
            "every-weight",
            "It adds 1 to weights that belong to no norm.",
            "Whose weight is layers.0.mlp.up_proj.weight?",
        ),
        Mistake(
            "chosen-by-shape",
            "It takes every weight of one axis for that of a norm.",
            "What else has one number for each head or feature?",
        ),
        Mistake(
            "bias-too",
            "It adds 1 to the bias of a norm as well.",
            "Which of the two parameters of a norm is 1 where it does nothing?",
        ),
        Mistake(
            "rounded",
            "It adds 1 in float16, which has no number between 1 and 1.00098.",
            "Print 1 + value for a value of 0.0003, and its dtype.",
            ("rounded", "rounded, in float16"),
        ),
        Mistake(
            "one-subtracted",
            "It subtracts 1.",
            "The factor is 1 + w. What is it where 0 is stored?",
        ),
        Mistake(
            "all-in-float32",
            "It returns arrays that belong to no norm as float32.",
            "How large does the file become?",
        ),
    ),
)
