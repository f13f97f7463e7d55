"""Wrong and right answers to the questions without an array to normalize."""

import math

import numpy as np
import torch

from check.planting import Planted

plant = Planted()

# largest_feature(D) ------------------------------------------------------------------------------

LARGEST = "largest_feature"


@plant(LARGEST)
def root_of_the_others(D):
    return (D - 1) ** 0.5


@plant(LARGEST)
def normalizes_one_hot(D):
    x = np.zeros(D)
    x[-1] = 1
    return ((x - x.mean()) / x.std()).max()


@plant(LARGEST, "others-forgotten")
def root_of_all(D):
    return math.sqrt(D)


@plant(LARGEST, "others-forgotten")
def as_an_rms_norm(D):
    return torch.nn.functional.rms_norm(torch.eye(D, dtype=torch.float64), (D,), eps=0).max().item()


@plant(LARGEST, "unbiased-variance")
def with_bessel(D):
    return (D - 1) / D**0.5


@plant(LARGEST, "unbiased-variance")
def one_hot_by_torchs_std(D):
    x = torch.eye(D, dtype=torch.float64)[0]
    return float(((x - x.mean()) / x.std()).max())


@plant(LARGEST, "of-three-alone")
def root_two(D):
    return 2**0.5


@plant(LARGEST, "of-three-alone")
def the_token_of_the_chapter(D):
    token = np.array([0.5, 0.1, 0.1])
    return (token[0] - token.mean()) / token.std()


@plant(LARGEST, "root-missing")
def number_of_the_others(D):
    return D - 1


@plant(LARGEST, "root-missing")
def square_of_the_largest(D):
    x = np.eye(D)[0]
    return (x - x.mean()).max() ** 2 / x.var()


# token_on_paper() --------------------------------------------------------------------------------

PAPER = "token_on_paper"
TOKEN = np.array([1.0, 2.0, 3.0, 6.0])


@plant(PAPER)
def by_numpy():
    return TOKEN.mean(), TOKEN.var(), (TOKEN - TOKEN.mean()) / TOKEN.std()


@plant(PAPER)
def by_hand():
    root = math.sqrt(14)
    return 3, 3.5, [-4 / root, -2 / root, 0, 6 / root]


@plant(PAPER, "unbiased-variance")
def calculator_with_n_minus_1():
    return 3, 14 / 3, [(v - 3) / math.sqrt(14 / 3) for v in (1, 2, 3, 6)]


@plant(PAPER, "unbiased-variance")
def torch_defaults():
    x = torch.from_numpy(TOKEN)
    return x.mean().item(), x.var().item(), ((x - x.mean()) / x.std()).tolist()


@plant(PAPER, "not-scaled")
def distances_from_the_mean():
    return 3, 3.5, [-2, -1, 0, 3]


@plant(PAPER, "not-scaled")
def centred_array():
    return float(np.mean(TOKEN)), float(np.var(TOKEN)), TOKEN - np.mean(TOKEN)


@plant(PAPER, "deviation-for-variance")
def root_in_the_wrong_place():
    root = math.sqrt(3.5)
    return 3, root, [-2 / root, -1 / root, 0, 3 / root]


@plant(PAPER, "deviation-for-variance")
def std_and_outputs_by_numpy():
    x = np.array([1, 2, 3, 6])
    return x.mean(), x.std(), (x - x.mean()) / x.std()


@plant(PAPER, "root-missing")
def over_the_variance():
    return 3, 3.5, [-4 / 7, -2 / 7, 0, 6 / 7]


@plant(PAPER, "root-missing")
def array_over_the_variance():
    return [TOKEN.mean(), TOKEN.var(), list((TOKEN - TOKEN.mean()) / TOKEN.var())]


# what_becomes_of_the_output() --------------------------------------------------------------------

OUTPUT = "what_becomes_of_the_output"
SAID = {
    "x + 100": "same",
    "2 * x": "same",
    "-x": "negated",
    "x[::-1]": "reversed",
    "5 - 3 * x": "negated",
}


@plant(OUTPUT)
def as_said():
    return dict(SAID)


@plant(OUTPUT)
def in_another_order():
    return dict(reversed(SAID.items()))


@plant(OUTPUT, "scale-kept")
def doubled():
    return SAID | {"2 * x": "doubled"}


@plant(OUTPUT, "sign-lost")
def never_negated():
    return {k: "same" if said == "negated" else said for k, said in SAID.items()}


@plant(OUTPUT, "order-lost")
def never_reversed():
    return SAID | {"x[::-1]": "same"}


@plant(OUTPUT, "scale-kept")
def tried_without_dividing():
    said = {}
    for key, of in {"x + 100": 1, "2 * x": 2, "-x": -1, "5 - 3 * x": -3}.items():
        said[key] = "negated" if of < 0 else {1: "same", 2: "doubled"}[of]
    said["x[::-1]"] = "reversed"
    return said


@plant(OUTPUT, "sign-lost")
def takes_squares_for_sizes():
    same = dict.fromkeys(("x + 100", "2 * x", "-x", "5 - 3 * x"), "same")
    return {**same, "x[::-1]": "reversed"}


@plant(OUTPUT, "order-lost")
def looks_at_the_set():
    said = ["same", "same", "negated", "same", "negated"]
    return dict(zip(("x + 100", "2 * x", "-x", "x[::-1]", "5 - 3 * x"), said, strict=True))


@plant(OUTPUT, "reversal-negated")
def reversal_negates():
    return SAID | {"x[::-1]": "negated"}


@plant(OUTPUT, "reversal-negated")
def tried_on_one_two_three_four():
    said, x = {}, np.array([1.0, 2.0, 3.0, 4.0])
    y = (x - x.mean()) / x.std()
    for key in SAID:
        changed = eval(key, {"x": x})
        changed = (changed - changed.mean()) / changed.std()
        said[key] = "same" if np.allclose(changed, y) else "negated"
    return said
