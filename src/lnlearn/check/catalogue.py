"""What several exercises share: inputs, and mistakes with a stable name, a sentence and a hint.

The hints ask a question or propose an experiment; they do not give the answer.
"""

from dataclasses import replace

import numpy as np

from lnlearn.check.checker import Mistake, Probe
from lnlearn.check.formula import KEEPDIMS_FORGOTTEN, Over, OwnEps, PaddedTo

_ALL = [
    Mistake(
        "unbiased-variance",
        "It divides the sum of the squared deviations by D - 1, which is Bessel's correction.",
        "How many features share the variance, and is anything beyond them being estimated? "
        "Compare with PyTorch on two features.",
    ),
    Mistake(
        "eps-outside-sqrt",
        "It adds eps to the standard deviation, after the square root.",
        "Try a large eps, such as 0.5, on a token whose variance is 1. What is under the root?",
        ("eps-outside-sqrt", "eps-outside-sqrt, by std", "eps-outside-sqrt, of the variance"),
    ),
    Mistake(
        "eps-missing",
        "It uses no eps at all.",
        "What becomes of a token whose features are all equal?",
    ),
    Mistake(
        "eps-ignored",
        "It has an eps of its own and ignores the one that it is given.",
        "Call it twice with different values of eps. Where does the argument enter?",
        tuple(map(OwnEps, (1e-5, 1e-6, 1e-8, 1e-12, 1e-3))),
    ),
    Mistake(
        "eps-as-floor",
        "It takes the larger of the variance and eps, or of the deviation and eps, not their sum.",
        "Give it a token whose variance is 1 and an eps of 0.5. What should it be divided by?",
        ("eps-as-floor", "eps-as-floor, of the deviation"),
        twin="eps-ignored",
    ),
    Mistake(
        "eps-squared",
        "It adds the square of eps.",
        "Give it a token whose variance is 1 and an eps of 0.5. What should it be divided by?",
    ),
    Mistake(
        "squares-not-averaged",
        "It divides by the root of the sum of the squared deviations, not of their mean.",
        "Give it a token and the same token written twice. Should the outputs have another size?",
        twin="unbiased-variance",
    ),
    Mistake(
        "uncentred-variance",
        "Its variance is the mean of the squares of x itself, not of the deviations.",
        "Add 100 to every feature of a token. What should the standard deviation do?",
    ),
    Mistake(
        "wrong-axis",
        "It takes the mean over other axes than those of the features.",
        "Change one number and look at which outputs move. Which should?",
        (
            "wrong-axis 0",
            "wrong-axis 1",
            "wrong-axis before",
            "wrong-axis first",
            "wrong-axis by its length",
        ),
    ),
    Mistake(
        "batch-mixed",
        "Several tokens share one mean: it averages over more axes than the features.",
        "Make one token much larger and look at the output of the others. Should they move?",
        ("batch-mixed", "batch-mixed all"),
    ),
    Mistake(
        "mean-not-subtracted",
        "It does not subtract the mean.",
        "Add 100 to every feature of a token. What should the output do?",
        ("mean-not-subtracted", "mean-not-subtracted from the numerator"),
    ),
    Mistake(
        "not-scaled",
        "It subtracts the mean and does not divide by the standard deviation.",
        "Multiply a token by 10. What should the output do?",
    ),
    Mistake(
        "root-missing",
        "It divides by the variance, not by the standard deviation.",
        "Multiply a token by 10. What should the output do? In which units is the variance?",
        twin="not-scaled",  # both are right just where variance + eps is 1
    ),
    Mistake(
        "weight-skipped",
        "It ignores the weight.",
        "Try a weight that is not 1 everywhere.",
    ),
    Mistake(
        "bias-skipped",
        "It ignores the bias.",
        "Try a bias that is not 0 everywhere.",
    ),
    Mistake(
        "weight-and-bias-swapped",
        "It has weight and bias exchanged.",
        "Which of the two multiplies? Try a weight of 1 and a bias of 0, then the reverse.",
    ),
    Mistake(
        "bias-before-weight",
        "It adds the bias before it multiplies by the weight: the bias is scaled as well.",
        "With a weight of 2 and a bias of 1, what should a normalized feature of 0 become?",
    ),
    Mistake(
        "one-plus-weight",
        "It multiplies by 1 + weight.",
        "With a weight of 1 everywhere and no bias, what is the standard deviation of the output?",
    ),
    Mistake(
        "weight-twice",
        "It multiplies by the weight twice.",
        "Try a weight of -1. Which sign should the output have?",
    ),
    Mistake(
        "affine-before-norm",
        "It applies weight and bias to the input and normalizes afterwards.",
        "Try a bias of 100 in every feature. Does it reach the output?",
    ),
    Mistake(
        "scalar-affine",
        "It uses one weight, or one bias, for all features.",
        "Try a weight whose entries differ. Does each feature get its own?",
        ("scalar-affine", "scalar-affine bias", "scalar-affine both", "scalar-affine mean"),
    ),
    Mistake(
        "one-pass-variance",
        "It computes the variance as the mean of the squares minus the square of the mean.",
        "Try float32 features near 10000 that differ by 1. How many digits do their squares need?",
    ),
    Mistake(
        "low-precision-statistics",
        "It squares and sums in float16, where everything above 65504 is infinite.",
        "In which dtype is the square of 300 computed, if the input is float16?",
    ),
    Mistake(
        "padded-lanes",
        "It pads the row with zeros, and they enter the variance as (0 - mean) squared.",
        "Try a width of 3 and one of 4, both with a mean of 5. Only one of them is wrong. Why?",
        ("padded-lanes", PaddedTo(8), PaddedTo(1024)),
    ),
    Mistake(
        "input-modified",
        "It works in place, on the array that the caller still needs.",
        "Print the input before and after the call.",
    ),
    Mistake(
        "wrong-dtype",
        "Its result does not have the dtype of its input.",
        "Print the dtype of the result for float32 and float16 input. Which operand changed it?",
        ("wrong-dtype", "wrong-dtype float32", "wrong-dtype float32 for float16"),
    ),
    Mistake(
        "detached-statistics",
        "It treats mean and variance as constants: their own dependence on x is missing from dx.",
        "Should the gradient with respect to x sum to zero over each token? Does yours?",
    ),
    Mistake(
        "detached-mean",
        "It treats the mean as a constant.",
        "Should the gradient with respect to x sum to zero over each token? Does yours?",
    ),
    Mistake(
        "detached-variance",
        "It treats the variance as a constant.",
        "Scale the input a little. The output hardly moves; what does your gradient say?",
    ),
    Mistake(
        "backward-missing-mean",
        "dx lacks the term that comes from the mean.",
        "Adding a number to all features changes nothing. What does that say of the sum of dx?",
    ),
    Mistake(
        "backward-missing-projection",
        "dx lacks the term that comes from the variance.",
        "Scaling a token changes next to nothing. What does that say of the sum of dx * x_hat?",
    ),
    Mistake(
        "backward-sum-for-mean",
        "dx takes a sum over the features where a mean belongs.",
        "If every entry of dy is 1, so is the mean of dy. What should be left of dx, and what is?",
        (
            "backward-sum-for-mean",
            "backward-sum-for-mean, of the gradient",
            "backward-sum-for-mean, along the token",
        ),
        twin="detached-statistics",
    ),
    Mistake(
        "backward-projection-added",
        "dx adds the part along x_hat where it has to be subtracted.",
        "Without eps, scaling a token changes nothing. So what is the sum of dx * x_hat?",
        twin="backward-missing-projection",
    ),
    Mistake(
        "backward-centred-for-xhat",
        "It has x - mean where x_hat belongs, in dx or in the gradient of the weight.",
        "Make the token ten times larger. Which of the two grows? Should a part of the gradients?",
        (
            "backward-centred-for-xhat",  # in front of the mean, which is the same as in it
            "backward-centred-for-xhat, twice",  # in front of the mean and in it
            "backward-centred-for-xhat, for the weight",
            "backward-centred-for-xhat everywhere",
        ),
    ),
    Mistake(
        "backward-weight-outside",
        "It multiplies dx by the weight at the end, not dy at the start: the means are of dy.",
        "Give the features different weights. Does your dx sum to zero over a token?",
    ),
    Mistake(
        "backward-forgets-weight",
        "dx starts from dy where dy times weight belongs.",
        "Try a weight of 2 everywhere. What should happen to dx?",
    ),
    Mistake(
        "parameter-gradient-not-summed",
        "The gradient of weight or bias is summed over the wrong axes, or over none: it does not "
        "have the shape of the weight.",
        "The weight has D numbers. How many has its gradient? Every token used the same weight.",
        (
            "parameter-gradient-not-summed",
            "parameter-gradient-not-summed, all axes but the first and last",
            "parameter-gradient-not-summed, all axes but the first",
            "parameter-gradient-not-summed weight",
            "parameter-gradient-not-summed bias",
        ),
    ),
    Mistake(
        "parameter-gradient-averaged",
        "The gradients of weight and bias are divided by the number of rows.",
        "Give it the same row twice. Should the gradient of the weight double, or stay?",
    ),
    Mistake(
        "backward-of-xhat-with-y",
        "Where x_hat belongs it has weight * x_hat: the output y, or weight * dy in place of dy.",
        "What multiplies the weight in the forward pass, before weight and bias are applied?",
        ("backward-of-xhat-with-y", "backward-of-xhat-with-y everywhere"),
    ),
    Mistake(
        "rstd-missing",
        "It does not divide dx by the standard deviation.",
        "Make the token ten times larger. Its output stays. What becomes of the gradient?",
    ),
    Mistake(
        "bias-gradient-weighted",
        "The gradient of the bias is summed from weight * dy where dy belongs.",
        "In y = weight * x_hat + bias, by how much does y grow when the bias grows by 1?",
    ),
    Mistake(
        "keepdims-forgotten",
        "Its means have lost the axis that was averaged, and line up with other axes of x.",
        "Print the shapes of x and of its mean. NumPy lines them up from the right. "
        "Which axes meet?",
        KEEPDIMS_FORGOTTEN,
    ),
    Mistake(
        "reshape-not-permute",
        "It reshapes where axes have to change places, and so puts together what does not belong.",
        "Give it numbers that say where they are, as the chapter does, and print them reshaped.",
    ),
    Mistake(
        "group-size-for-number",
        "It takes the number of groups for the number of channels in a group.",
        "With num_groups=1, which numbers share a mean: those of one channel, or all of an image?",
    ),
]

CATALOGUE = {mistake.name: mistake for mistake in _ALL}


def named(*names):
    """The entries of the catalogue with these names, in order."""
    return tuple(CATALOGUE[name] for name in names)


def over(mistake, *axes, also=()):
    """`mistake`, made by taking the mean over other axes, or in the ways of `also`."""
    return replace(mistake, ways=(*(Over(mistake.name, several) for several in axes), *also))


LAYER_NORM_MISTAKES = named(
    "unbiased-variance", "eps-outside-sqrt", "eps-missing", "eps-ignored", "wrong-axis",
    "batch-mixed", "mean-not-subtracted", "not-scaled", "root-missing", "weight-skipped",
    "bias-skipped", "weight-and-bias-swapped", "affine-before-norm", "scalar-affine",
    "one-pass-variance", "padded-lanes", "low-precision-statistics", "input-modified",
    "wrong-dtype",
)  # fmt: skip
NOT_SCALED = replace(
    CATALOGUE["not-scaled"],
    sentence="It does not divide by the standard deviation: it stops, or multiplies by it.",
    ways=("not-scaled", "not-scaled, but multiplied"),
)
NORM_MISTAKES = (
    *named(
        *("unbiased-variance", "eps-outside-sqrt", "eps-missing", "eps-ignored", "eps-as-floor"),
        *("eps-squared", "squares-not-averaged", "uncentred-variance", "mean-not-subtracted"),
    ),
    NOT_SCALED,
    *named("root-missing", "input-modified"),
    # The third way to a wrong dtype shows in float16 alone, which their inputs do not have.
    replace(CATALOGUE["wrong-dtype"], ways=CATALOGUE["wrong-dtype"].ways[:2]),
)


# Inputs ------------------------------------------------------------------------------------------

# Most mistakes do not show in tokens with mean 0 and variance 1: each input changes one thing.
THREE = np.sqrt(1.5) * np.array([[-1.0, 0.0, 1.0]])
FOUR = np.array([[1.0, -1.0, -1.0, 1.0]])
SIGNS = np.array([[1.0, -1.0, 1.0]])  # its mean square is 1
ONE, ZERO = np.ones(3), np.zeros(3)
TINY = 1e-8  # an eps that changes nothing that is compared
_rng = np.random.default_rng(0)

LAYER_NORM_PROBES = (
    Probe("one token", (THREE, ONE, ZERO, TINY)),
    Probe("a token far from zero", (THREE + 3, ONE, ZERO, TINY)),
    Probe("a token with a large standard deviation", (5 * THREE, ONE, ZERO, TINY)),
    Probe("two tokens", (np.concatenate([THREE, 4 * THREE + 2]), ONE, ZERO, TINY)),
    # With an eps of 0.5, the unbiased variance 1.5 would be right without any eps.
    Probe("a large eps", (THREE, ONE, ZERO, 0.3)),
    Probe("a faint token, with a small eps", (THREE / 100, ONE, ZERO, 1e-4)),
    # The root of 0.25 ** 2 + 0.5 is 0.25 + 0.5, so that eps may stand outside of it.
    Probe("an eps for which its place does not matter", (THREE / 4, ONE, ZERO, 0.5)),
    Probe("a constant token", (np.full((1, 3), 0.5), ONE, ZERO, 1e-5)),
    Probe("a weight", (THREE, np.array([2.0, -1.0, 0.5]), ZERO, TINY)),
    Probe("a bias", (THREE, ONE, np.array([1.0, -2.0, 0.5]), TINY)),
    Probe("weight and bias both 2", (THREE, 2 * ONE, 2 * ONE, TINY)),
    Probe("three axes", (_rng.normal(1, 2, (3, 2, 3)), *_rng.normal(size=(2, 3)), 0.1)),
    Probe("one axis", (_rng.normal(1, 2, 3), *_rng.normal(size=(2, 3)), 0.1)),
    Probe(
        "float32 with a mean of 10000",
        (
            (FOUR * [[1.0], [1.1], [1.2]] + 10000.3).astype(np.float32),
            np.ones(4, np.float32),
            np.zeros(4, np.float32),
            1e-5,
        ),
        tolerance=0.02,
        stable=False,
    ),
    Probe(
        "float32",
        (
            (THREE + 1).astype(np.float32),
            np.array([2, -1, 0.5], np.float32),
            np.ones(3, np.float32),
            1e-5,
        ),
    ),
    Probe(
        "float16",
        (
            np.array([[300, -300, 200, -200]], np.float16),
            np.ones(4, np.float16),
            np.zeros(4, np.float16),
            1e-5,
        ),
        tolerance=5e-3,
        stable=False,
    ),
)
