"""Right and wrong answers to the exercises of the chapter *Invariances*."""

import math

import numpy as np

from check.planting import Planted

plant = Planted()

# fifth_row ---------------------------------------------------------------------------------------

ROW = (True, False, True, True, False, True)
CHANGES = (
    *("matrix-scaled", "matrix-shifted", "neuron-scaled"),
    *("data-scaled", "data-shifted", "case-scaled"),
)

plant("fifth_row")(lambda: list(ROW))
plant("fifth_row")(lambda: tuple(np.array(ROW)))


@plant("fifth_row")
def tried_out():
    rng = np.random.default_rng(3)
    x, w, shift = rng.standard_normal((4, 5)), rng.standard_normal((3, 5)), rng.standard_normal(5)
    one_w, one_x = np.array([[7.0], [1], [1]]), np.array([[7.0], [1], [1], [1]])

    def cosines(x, w):
        return x @ w.T / np.outer(np.linalg.norm(x, axis=1), np.linalg.norm(w, axis=1))

    of_w = [(x, 7 * w), (x, w + shift), (x, one_w * w)]
    of_x = [(7 * x, w), (x + shift, w), (one_x * x, w)]
    return [np.allclose(cosines(*both), cosines(x, w)) for both in of_w + of_x]


for place, change in enumerate(CHANGES):
    turned = [answer != (i == place) for i, answer in enumerate(ROW)]
    plant("fifth_row", change)(lambda turned=turned: turned)
    plant("fifth_row", change)(lambda turned=turned: np.array(turned))

# matching_rates ----------------------------------------------------------------------------------

plant("matching_rates")(lambda: (25, 25, 5))
plant("matching_rates")(lambda: [5.0**2, 5.0**2, 5.0])
WRONG_RATES = {
    "gradient-alone": (5, 5, 5),
    "upside-down": (1 / 25, 1 / 25, 1 / 5),
    "momentum-not-squared": (25, 5, 5),
    "adam-like-the-others": (25, 25, 25),
    "adam-unchanged": (25, 25, 1),
}
for mistake, rates in WRONG_RATES.items():
    plant("matching_rates", mistake)(lambda rates=rates: rates)
    plant("matching_rates", mistake)(lambda rates=rates: np.array(rates, float).tolist())

# resting_length ----------------------------------------------------------------------------------


@plant("resting_length")
def solved_by_hand(rate, decay, c):
    return math.sqrt(c * math.sqrt(rate / (decay * (2 - rate * decay))))


@plant("resting_length")
def bisected(rate, decay, c):
    low, high = 1e-9, 1e9
    for _ in range(200):
        middle = math.sqrt(low * high)
        after = math.hypot((1 - rate * decay) * middle, rate * c / middle)
        low, high = (middle, high) if after > middle else (low, middle)
    return low


@plant("resting_length", "constant-gradient")
def squared(rate, decay, c):
    return rate * c / math.sqrt(1 - (1 - rate * decay) ** 2)


@plant("resting_length", "constant-gradient")
def without_a_fourth_power(rate, decay, c):
    return c * math.sqrt(rate / (2 * decay - rate * decay**2))


@plant("resting_length", "small-decay")
def to_first_order(rate, decay, c):
    return (rate * c**2 / (2 * decay)) ** 0.25


@plant("resting_length", "small-decay")
def two_roots(rate, decay, c):
    return math.sqrt(c) * math.sqrt(math.sqrt(rate / decay / 2))


@plant("resting_length", "lengths-added")
def on_a_line(rate, decay, c):
    return math.sqrt(c / decay)


@plant("resting_length", "lengths-added")
def on_a_line_by_logarithms(rate, decay, c):
    return math.exp((math.log(c) - math.log(decay)) / 2)


@plant("resting_length", "rate-not-in-decay")
def decoupled(rate, decay, c):
    return math.sqrt(rate * c / math.sqrt(1 - (1 - decay) ** 2))


@plant("resting_length", "rate-not-in-decay")
def multiplied_out(rate, decay, c):
    return ((rate * c) ** 2 / (2 * decay - decay**2)) ** (1 / 4)
