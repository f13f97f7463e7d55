"""The exercises of the chapter on Transformers without layer norm."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe

_rng = np.random.default_rng(0)

# The backward pass of DyT ------------------------------------------------------------------------


def _dyt_backward(ways, dy, x, alpha, weight):
    t = np.tanh(alpha * x)
    g = dy if "weight-skipped" in ways else dy * weight
    if "slope-skipped" not in ways:
        g = g * (1 - t if "slope-not-squared" in ways else 1 - t**2)
    dx = g if "alpha-skipped" in ways else alpha * g
    per_feature = (g * x).sum(axis=0)
    dalpha = per_feature if "alpha-gradient-per-feature" in ways else per_feature.sum()
    dweight = dy * (x if "weight-gradient-from-x" in ways else t)
    total = np.mean if "gradients-averaged" in ways else np.sum
    return dx, dalpha, total(dweight, axis=0), total(dy, axis=0)


ONES = np.ones(3)
X = np.array([[2.0, -1.0, 0.5]])
DY = np.array([[1.0, 2.0, -1.0]])

dyt_backward = Checker(
    name="dyt_backward",
    arguments=("dy", "x", "alpha", "weight"),
    results=("dx", "dalpha", "dweight", "dbias"),
    formula=_dyt_backward,
    probes=(
        Probe("an input of 0", (np.array([[1.0]]), np.array([[0.0]]), 1.0, np.ones(1))),
        Probe("an input of 0, a weight of 3", (np.array([[1.0]]), np.zeros((1, 1)), 1.0, [3.0])),
        Probe("an input of 0, alpha = 0.5", (np.array([[1.0]]), np.zeros((1, 1)), 0.5, np.ones(1))),
        Probe("one feature", (np.array([[1.0]]), np.array([[2.0]]), 1.0, np.ones(1))),
        Probe("where tanh is flat", (np.array([[1.0]]), np.array([[50.0]]), 1.0, np.ones(1))),
        Probe("a weight of 0", (np.array([[1.0]]), np.array([[2.0]]), 1.0, np.zeros(1))),
        Probe(
            "two tokens of one feature",
            (np.array([[1.0], [1.0]]), np.zeros((2, 1)), 1.0, np.ones(1)),
        ),
        Probe("one token of three features", (DY, X, 1.0, ONES)),
        Probe(
            "three tokens of three features",
            (*_rng.normal(0, 1, (2, 3, 3)), 0.8, np.array([1.0, 2.0, 0.5])),
        ),
    ),
    mistakes=(
        Mistake(
            "alpha-skipped",
            "Its dx lacks the factor alpha.",
            "What is the derivative of tanh(2 * x) at x = 0?",
        ),
        Mistake(
            "weight-skipped",
            "It sends dy through tanh without multiplying it by the weight.",
            "A feature whose weight is 0 reaches no output. What should its dx be?",
        ),
        Mistake(
            "slope-skipped",
            "It uses 1 as the slope of tanh.",
            "Where tanh is flat, how much should a change of x matter?",
        ),
        Mistake(
            "slope-not-squared",
            "It uses 1 - tanh as the slope of tanh.",
            "tanh is as steep at -2 as at 2. Is your slope?",
        ),
        Mistake(
            "alpha-gradient-per-feature",
            "It returns a dalpha for each feature.",
            "How many alphas does the layer have?",
        ),
        Mistake(
            "weight-gradient-from-x",
            "Its dweight multiplies dy by x.",
            "What is the weight multiplied by on the way forward?",
        ),
        Mistake(
            "gradients-averaged",
            "It averages dweight and dbias over the tokens.",
            "If a batch holds every token twice, what becomes of the gradient of the sum?",
        ),
    ),
)

# What DyT shares with layer norm -----------------------------------------------------------------


def _who_keeps(ways):
    return {
        "x + 5: the output stays": "both" if "tanh-centres" in ways else "layer norm",
        "2 * x: the output stays": "both" if "tanh-scales" in ways else "layer norm",
        "-x: the output becomes -y": "layer norm" if "sign-lost" in ways else "both",
        "features swapped: so are outputs": "neither" if "order-matters" in ways else "both",
        "one feature changed: other outputs stay": (
            "both"
            if "norm-is-pointwise" in ways
            else "neither"
            if "tanh-mixes-features" in ways
            else "DyT"
        ),
        "another token changed: the output stays": "DyT" if "norm-mixes-tokens" in ways else "both",
        "x of any length: the output is bounded": ("DyT" if "norm-not-bounded" in ways else "both"),
    }


who_keeps = Checker(
    name="who_keeps",
    arguments=(),
    results=("answers",),
    formula=_who_keeps,
    words=("layer norm", "DyT", "both", "neither"),
    probes=(Probe("seven properties", ()),),
    mistakes=(
        Mistake(
            "tanh-centres",
            "It says that DyT's output does not change when all features are shifted.",
            "What is tanh(0), and what is tanh(5)?",
        ),
        Mistake(
            "tanh-scales",
            "It says that DyT's output does not change when all features are doubled.",
            "Try a token of small features, such as 0.1 and -0.1.",
        ),
        Mistake(
            "sign-lost",
            "It says that DyT loses the sign of its input.",
            "What are tanh(1) and tanh(-1)?",
        ),
        Mistake(
            "order-matters",
            "It says that swapping two features does more than swap two outputs.",
            "Does one of the formulas ask for a feature's place?",
        ),
        Mistake(
            "norm-is-pointwise",
            "It says that a feature has no influence on the other outputs of layer norm.",
            "Make one feature of a token very large. What becomes of the standard deviation?",
        ),
        Mistake(
            "tanh-mixes-features",
            "It says that in DyT one feature changes the outputs of others.",
            "Which numbers does the formula for the first output hold?",
        ),
        Mistake(
            "norm-mixes-tokens",
            "It says that layer norm lets one token change the output of another.",
            "Over which numbers does layer norm take its mean?",
        ),
        Mistake(
            "norm-not-bounded",
            "It says that layer norm's outputs can be as large as you like.",
            "One feature is 1000 and three are 0. What does layer norm make of the 1000?",
        ),
    ),
    reveal=False,
)

# Folding a frozen norm ---------------------------------------------------------------------------


def _fold(ways, gain, shift, sigma, weight, bias):
    if "centred-before-gain" in ways:
        scaled = (weight - weight.mean(axis=1, keepdims=True)) * gain / sigma
    else:
        scaled = weight * gain / (1 if "sigma-skipped" in ways else sigma)
        if "along-the-outputs" in ways:
            scaled = scaled - scaled.mean(axis=0)
        elif "mean-not-folded" not in ways:
            scaled = scaled - scaled.mean(axis=1, keepdims=True)
    through = scaled if "shift-scaled" in ways else weight
    return scaled, bias if "shift-skipped" in ways else bias + through @ shift


W = np.array([[1.0, -1.0], [2.0, -2.0]])
SHIFTS = np.array([[1.0], [-1.0]])

fold_frozen = Checker(
    name="fold_frozen",
    arguments=("gain", "shift", "sigma", "weight", "bias"),
    results=("new_weight", "new_bias"),
    formula=_fold,
    probes=(
        Probe("rows of mean 0", (np.ones(2), np.zeros(2), 1.0, W, np.zeros(2))),
        Probe("sigma = 4", (np.ones(2), np.zeros(2), 4.0, W, np.zeros(2))),
        Probe("two gains", (np.array([1.0, 3.0]), np.zeros(2), 1.0, W, np.zeros(2))),
        Probe("a shift", (np.ones(2), np.array([0.0, 1.0]), 1.0, W, np.ones(2))),
        Probe("rows of other means", (np.ones(2), np.zeros(2), 1.0, W + SHIFTS, np.ones(2))),
        Probe("columns of mean 0", (np.ones(2), np.zeros(2), 1.0, W * [[1], [-0.5]], np.ones(2))),
        Probe(
            "three features, two outputs",
            (*_rng.normal(1, 1, (2, 3)), 2.0, *_rng.normal(0, 1, (1, 2, 3)), np.array([0.1, 0.2])),
        ),
    ),
    mistakes=(
        Mistake(
            "mean-not-folded",
            "It leaves the subtraction of the mean out.",
            "Add 5 to every feature of x. Does new_weight @ x change? Should it?",
        ),
        Mistake(
            "along-the-outputs",
            "It makes each column of the new weight sum to 0.",
            "Which sums have to be 0 if new_weight @ (1, ..., 1) is to be 0?",
        ),
        Mistake(
            "centred-before-gain",
            "It centres the rows first and multiplies by the gain afterwards.",
            "In which order does the norm subtract the mean and multiply by the gain, and in which "
            "order does a row of the matrix meet the two?",
        ),
        Mistake(
            "sigma-skipped",
            "It does not divide by sigma.",
            "What becomes of the output when sigma is doubled?",
        ),
        Mistake(
            "shift-skipped",
            "Its new bias is the old one.",
            "What does the linear layer receive where x is 0 everywhere?",
        ),
        Mistake(
            "shift-scaled",
            "It sends the shift through the new weight.",
            "Is the norm's shift added before it divides by sigma, or after?",
        ),
    ),
)
