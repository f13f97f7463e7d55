"""The exercises of the chapter *Floating point*."""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe


def _digits(wrong, u, ratio):
    ratio = ratio if "small-ratio-gains" in wrong else max(ratio, 1.0)
    times = 1 if "lost-once" in wrong else 2
    digits = -np.log10(u) - times * np.log10(ratio)
    if "in-bits" in wrong:
        digits = digits / np.log10(2)
    return float(digits if "below-zero" in wrong else max(digits, 0.0))


digits_left = Checker(
    name="digits_left",
    arguments=("u", "ratio"),
    results=("digits",),
    formula=_digits,
    probes=(
        Probe("float32, mean and standard deviation alike", (2.0**-24, 1.0)),
        Probe("float32, a mean of 1000 standard deviations", (2.0**-24, 1000.0)),
        Probe("float16, a mean of 10 standard deviations", (2.0**-11, 10.0)),
        Probe("float32, a mean of 10000 standard deviations", (2.0**-24, 10_000.0)),
        Probe("float32, a mean near 0", (2.0**-24, 0.01)),
    ),
    mistakes=(
        Mistake(
            "lost-once",
            "It takes away the digits of the ratio once.",
            "How large are the two numbers that one_pass subtracts: like the mean, or like its "
            "square?",
        ),
        Mistake(
            "below-zero",
            "It returns a negative number of digits.",
            "What is the least that you can know of a number?",
        ),
        Mistake(
            "small-ratio-gains",
            "It gives more digits than the dtype has where the mean is near 0.",
            "How many digits does the variance have if the mean is exactly 0?",
        ),
        Mistake(
            "in-bits",
            "It counts binary digits.",
            "How many decimal digits are 24 bits?",
        ),
    ),
)


def _centred(wrong, x):
    mean = x.mean(dtype=np.float64)
    if "mean-rounded" in wrong or "correction-added" in wrong:
        mean = np.float64(x.dtype.type(mean))
    centred = x.astype(np.float64) - mean
    if "correction-added" in wrong:
        centred = centred + centred.mean()
    if "first-subtracted" in wrong:
        centred = x.astype(np.float64) - x[0]
    if "mean-not-subtracted" in wrong:
        centred = x.astype(np.float64)
    return centred if "wrong-dtype" in wrong else centred.astype(x.dtype)


centred_exactly = Checker(
    name="centred_exactly",
    arguments=("x",),
    results=("centred",),
    formula=_centred,
    probes=(
        Probe("three small numbers", (np.array([1.0, 2.0, 6.0], np.float32),)),
        Probe("two neighbours", (np.array([16777215.0, 16777216.0], np.float32),)),
        Probe("two neighbours, turned around", (np.array([16777216.0, 16777215.0], np.float32),)),
        Probe("a constant row", (np.array([8.0, 8.0], np.float32),)),
        Probe("a row with mean 0", (np.array([-1.0, 1.0], np.float32),)),
    ),
    mistakes=(
        Mistake(
            "mean-rounded",
            "It subtracts a mean that is rounded to float32, and leaves it at that.",
            "Take the mean of your result. On paper it is 0.",
            twin="correction-added",
        ),
        Mistake(
            "correction-added",
            "It adds the mean of the centred row where it should subtract it.",
            "Does the mean of your result come closer to 0 by the second step, or move away?",
        ),
        Mistake(
            "first-subtracted",
            "It subtracts the first number and not the mean.",
            "Take the mean of your result for 1, 2 and 6.",
        ),
        Mistake(
            "mean-not-subtracted",
            "It returns the numbers as they are.",
            "What is the mean of your result for 8 and 8?",
        ),
        Mistake(
            "wrong-dtype",
            "It returns another dtype than it was given.",
            "Print the dtype of your result. What would the next layer have to store?",
        ),
    ),
)


def _any_size(wrong, x, eps):
    largest = x.max() if "signed-maximum" in wrong else np.abs(x).max()
    if "zero-row-divided" not in wrong and largest == 0:
        largest = 1.0
    if "not-scaled" in wrong:
        largest = 1.0
    z = x / largest
    z = z - z.mean()
    if "eps-not-scaled" in wrong:
        scaled = eps
    elif "eps-scaled-once" in wrong:
        scaled = eps / largest
    else:
        scaled = eps / largest / largest
    return z / np.sqrt((z * z).mean() + scaled)


layer_norm_of_any_size = Checker(
    name="layer_norm_of_any_size",
    arguments=("x", "eps"),
    results=("y",),
    formula=_any_size,
    probes=(
        Probe("small numbers", (np.array([1.0, 2.0, 4.0]), 0.1)),
        Probe("negative numbers", (np.array([-2.0, -4.0, -3.0]), 0.1)),
        Probe("huge numbers", (np.array([1e200, -1e200, 2e200, 0.0]), 1e-5)),
        Probe("a row of zeros", (np.zeros(3), 1e-5)),
    ),
    mistakes=(
        Mistake(
            "not-scaled",
            "It squares the numbers as they are, and huge ones overflow.",
            "What is (1e200) ** 2 in float64? What could you divide by first?",
        ),
        Mistake(
            "eps-not-scaled",
            "It adds eps to the variance of the scaled numbers as it is.",
            "If every number is divided by 4, what is the variance divided by?",
            twin="eps-scaled-once",
        ),
        Mistake(
            "eps-scaled-once",
            "It divides eps by the largest number once.",
            "In which units is eps, if x is in metres?",
        ),
        Mistake(
            "signed-maximum",
            "It divides by the largest number, which may be negative or 0, and not by the largest "
            "in size.",
            "What happens to the order of -2, -4 and -3 if you divide them by -2?",
        ),
        Mistake(
            "zero-row-divided",
            "It divides a row of zeros by 0.",
            "What is the largest number in a row of zeros?",
        ),
    ),
)
