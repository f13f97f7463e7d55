"""Right and wrong answers to what is kept for a backward pass, and to an input that tells."""

import numpy as np

from check.planting import Planted

plant = Planted()

# kept_by_derived ---------------------------------------------------------------------------------


@plant("kept_by_derived")
def tensor_by_tensor(B, T, D):
    return sum(np.zeros(shape).size for shape in [(B * T, 1)] * 2 + [(D,)]) + B * T * D


@plant("kept_by_derived")
def factored(B, T, D):
    return (B * T + 1) * (D + 2) - 2


WRONG = {
    "statistics-forgotten": [lambda B, T, D: (B * T + 1) * D, lambda B, T, D: D + D * T * B],
    "one-statistic": [
        lambda B, T, D: B * T * (D + 1) + D,
        lambda B, T, D: (B * T + 1) * (D + 1) - 1,
    ],
    "statistics-of-the-batch": [
        lambda B, T, D: B * T * D + D + 2,
        lambda B, T, D: D * (B * T + 1) + 2,
    ],
    "weight-forgotten": [
        lambda B, T, D: B * T * (D + 2),
        lambda B, T, D: B * T * D + B * T + B * T,
    ],
    "bias-counted": [
        lambda B, T, D: B * T * (D + 2) + 2 * D,
        lambda B, T, D: (B * T + 2) * (D + 2) - 4,
    ],
}
for mistake, functions in WRONG.items():
    for function in functions:
        plant("kept_by_derived", mistake)(function)

# telling_input -----------------------------------------------------------------------------------


def returning(x, eps):
    return lambda: (np.array(x, np.float32), eps)


plant("telling_input")(returning([4999, 5000, 5001], 0.5))
plant("telling_input")(returning([[1e4, 10002], [0, 0]], 1.0))
plant("telling_input", "unbiased-variance-passes")(returning([70000, 70003] * 4, 100.0))
plant("telling_input", "unbiased-variance-passes")(returning([[70000, 70003] * 2] * 2, 120.0))
plant("telling_input", "eps-outside-sqrt-passes")(returning([4999, 5000, 5001], 1e-5))
plant("telling_input", "eps-outside-sqrt-passes")(returning([1e4, 10002], 0.0))
plant("telling_input", "one-pass-variance-passes")(returning([1, 2, 3], 0.5))
plant("telling_input", "one-pass-variance-passes")(returning([[0, 4], [1, -1]], 1.0))
