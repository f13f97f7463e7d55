"""The exercises of the chapter *Many devices*."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe


def _merge_all(wrong, counts, means, m2s):
    total = counts.sum()
    share = counts if "counts-along-tokens" in wrong else counts[:, None]
    mean = means.mean(axis=0) if "mean-of-means" in wrong else (share * means).sum(axis=0) / total
    between = (means - mean) ** 2
    if "between-not-weighted" not in wrong:
        between = share * between
    m2 = m2s.sum(axis=0)
    if "between-forgotten" not in wrong:
        m2 = m2 + between.sum(axis=0)
    return total, mean, m2 / total if "variance-returned" in wrong else m2


def _said(counts, means, m2s):
    return np.array(counts), np.array(means, float), np.array(m2s, float)


merge_all = Checker(
    name="merge_all",
    arguments=("counts", "means", "m2s"),
    results=("count", "mean", "m2"),
    formula=_merge_all,
    probes=(
        Probe("one device, one token", _said([4], [[2]], [[3]])),
        Probe("the numbers -1 and 1 on two devices", _said([1, 1], [[-1], [1]], [[0], [0]])),
        Probe("equal parts of one token", _said([2, 2], [[1], [5]], [[0.5], [2]])),
        Probe("uneven parts of equal mean", _said([1, 3], [[2], [2]], [[0], [4]])),
        Probe("uneven parts", _said([1, 2, 5], [[3], [-2], [4]], [[0], [0.5], [6]])),
        Probe("two devices, two tokens", _said([1, 3], [[0, 8], [4, 2]], [[0, 0], [2, 6]])),
        Probe(
            "three devices, two tokens, a mean of 1e6",
            _said([2, 6, 1], [[1e6, 1], [1e6 + 4, 1], [1e6, 1]], [[1, 2], [3, 4], [0, 0]]),
        ),
    ),
    mistakes=(
        Mistake(
            "mean-of-means",
            "It gives every part the same say in the mean, however many numbers are in it.",
            "What is the mean of 0, 0, 0 and 4, cut into three numbers and one?",
        ),
        Mistake(
            "between-forgotten",
            "It adds up the M2 and leaves it at that.",
            "What is the M2 of -1 and 1? And of each alone?",
        ),
        Mistake(
            "between-not-weighted",
            "It counts the distance of each part from the common mean once, however many numbers "
            "are in the part.",
            "If a part has five numbers, how many of them are that far away?",
        ),
        Mistake(
            "counts-along-tokens",
            "It multiplies the columns by the counts, not the rows.",
            "Which shape has counts * means for two devices and two tokens, and which count met "
            "which mean?",
        ),
        Mistake(
            "variance-returned",
            "Its third result is the variance, not the sum M2.",
            "Could the next device merge your result with its own?",
        ),
    ),
)


def _dx_here(wrong, g, x_hat, rstd, sums, D):
    if "own-count" in wrong:
        D = len(g)
    if "device-count" in wrong:
        D = len(sums)
    if "own-sums" in wrong:
        sums = np.array([[g.sum(), (g * x_hat).sum()]])
    if "device-mean" in wrong:
        sums = sums / len(sums)
    sum_g, sum_gx = sums.sum(axis=0)
    if "swapped" in wrong:
        sum_g, sum_gx = sum_gx, sum_g
    along = 1 if "x-hat-missing" in wrong else x_hat
    dx = g - sum_g / D - along * (sum_gx / D)
    return dx if "rstd-missing" in wrong else dx * rstd


_ROW = np.array([1.0, -2.0, 0.5, 4.0, -1.0, 2.0])
_UNIT = np.array([0.3, -1.2, 1.7, -0.4, 0.8, -1.2])

_TWO, _ONES = np.array([1.0, 3.0]), np.array([1.0, 1.0])


def _device(here, cuts, rstd):
    """Arguments for the device that holds the features `here` of the token above."""
    parts = [np.split(a, cuts) for a in (_ROW, _UNIT)]
    sums = np.array([[g.sum(), (g * x).sum()] for g, x in zip(*parts, strict=True)])
    return _ROW[here].copy(), _UNIT[here].copy(), rstd, sums, len(_ROW)


dx_here = Checker(
    name="dx_here",
    arguments=("g", "x_hat", "rstd", "sums", "D"),
    results=("dx",),
    formula=_dx_here,
    probes=(
        Probe("one device with all", _device(slice(0, 6), [], 1.0)),
        Probe("the first of two devices", _device(slice(0, 2), [2], 1.0)),
        Probe("the second of two devices", _device(slice(2, 6), [2], 0.5)),
        Probe("the last of three devices", _device(slice(3, 6), [1, 3], 2.0)),
        Probe(
            "beside a device that holds no feature",
            (_ROW.copy(), _UNIT.copy(), 0.5, np.array([[4.5, -1.25], [0.0, 0.0]]), 6),
        ),
        Probe(
            "one of two features",
            (np.array([2.0]), np.array([0.5]), 1.0, np.array([[2.0, 1.0], [1.0, -1.5]]), 2),
        ),
        Probe(
            "two devices whose sums cancel",
            (_TWO, _ONES, 1.0, np.array([[4.0, 4.0], [-4.0, -4.0]]), 4),
        ),
        Probe(
            "g and x_hat at a right angle",
            (_ONES, np.array([1.0, -1.0]), 1.0, np.array([[2.0, 0.0], [2.0, 0.0]]), 4),
        ),
    ),
    mistakes=(
        Mistake(
            "own-count",
            "It divides the sums by the number of features that this device holds.",
            "Over how many features were the sums of all devices taken?",
        ),
        Mistake(
            "own-sums",
            "It uses the sums of this device alone.",
            "Which numbers does the mean of a token depend on?",
        ),
        Mistake(
            "device-count",
            "It divides the sums by the number of devices, not by the number of features.",
            "Six features lie on two devices. How many numbers were added up?",
        ),
        Mistake(
            "device-mean",
            "It divides the sums by the number of devices as well.",
            "What do you get if every device holds the same?",
        ),
        Mistake(
            "swapped",
            "It takes each of the two sums for the other.",
            "Which of the two is multiplied by x_hat in the formula of dx?",
        ),
        Mistake(
            "x-hat-missing",
            "It subtracts the second mean as it is.",
            "In which direction does the second part of the formula point?",
        ),
        Mistake(
            "rstd-missing",
            "It does not divide by the standard deviation.",
            "If x were measured in other units, would your dx change with them?",
        ),
    ),
)  # fmt: skip


def _to_reduce(wrong):
    return {
        "γ of a layer norm": not wrong & {"norm-forgotten", "norm-forgotten, γ"},
        "β of a layer norm": not wrong & {"norm-forgotten", "bias-forgotten"},
        "bias added to tokens of this device": not wrong & {"bias-forgotten", "added-forgotten"},
        "columns of W on this device": "cut-weight-reduced" in wrong,
        "γ of a QK norm": "heads-forgotten" not in wrong,
    }


to_reduce = Checker(
    name="to_reduce",
    arguments=(),
    results=("answers",),
    formula=_to_reduce,
    probes=(Probe("five parameters", ()),),
    mistakes=(
        Mistake(
            "norm-forgotten",
            "It leaves out the layer norm.",
            "Which tokens are in the sum that this device has, and which are not?",
            ("norm-forgotten", "norm-forgotten, γ"),
        ),
        Mistake(
            "bias-forgotten",
            "It leaves out all biases.",
            "The gradient of a bias is a sum over tokens. Over all of them?",
        ),
        Mistake(
            "added-forgotten",
            "It leaves out the bias that stands outside a norm.",
            "Does it matter for a sum over tokens whether the bias belongs to a norm?",
        ),
        Mistake(
            "cut-weight-reduced",
            "It adds up the gradients of different columns.",
            "Does another device have the same columns? Which tokens did they see?",
        ),
        Mistake(
            "heads-forgotten",
            "It leaves out the QK norm.",
            "All heads share this γ. Has this device seen all heads?",
        ),
    ),
    reveal=False,
)
