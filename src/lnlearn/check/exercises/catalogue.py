"""The mistakes that people make in a layer norm, each with a stable name, a sentence and a hint.

The hints ask a question or propose an experiment; they do not give the answer.
"""

from lnlearn.check.checker import Mistake

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
        tuple(f"eps-ignored {eps:g}" for eps in (1e-5, 1e-6, 1e-8, 1e-12, 1e-3)),
    ),
    Mistake(
        "wrong-axis",
        "It takes the mean over other axes than those of the features.",
        "Change one number and look at which outputs move. Which should?",
        (
            "wrong-axis 0",
            "wrong-axis 1",
            "wrong-axis last",
            "wrong-axis before",
            "wrong-axis first",
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
        ("padded-lanes", "padded-lanes 8", "padded-lanes 1024"),
    ),
    Mistake(
        "input-modified",
        "It works in place, on the array that the caller still needs.",
        "Print the input before and after the call.",
    ),
    Mistake(
        "wrong-dtype",
        "Its result has not the dtype of the input.",
        "Print the dtype of the result for float32 input. Which operand made it change?",
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
        "backward-forgets-weight",
        "dx starts from dy where dy times weight belongs.",
        "Try a weight of 2 everywhere. What should happen to dx?",
    ),
    Mistake(
        "parameter-gradient-not-summed",
        "The gradient of weight or bias still has an axis of the input that should be gone.",
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
]

CATALOGUE = {mistake.name: mistake for mistake in _ALL}


def named(*names):
    """The entries of the catalogue with these names, in order."""
    return tuple(CATALOGUE[name] for name in names)
