"""The exercises of the chapter *The GPU kernel*.

What is checked takes and returns arrays, so that nothing here needs Triton: the reader's function
launches a kernel, and the formula does with lanes and programs what that kernel may do.
"""

import numpy as np

from lnlearn.check.checker import Checker, Mistake, Probe


def _variances(wrong, x):
    width = x.shape[-1]
    lanes = 1 << (width - 1).bit_length()
    padded = np.pad(x, ((0, 0), (0, lanes - width)))
    over = lanes if "mean-over-lanes" in wrong else width
    centred = padded - padded.sum(-1, keepdims=True) / over
    if "padded-lanes" not in wrong:
        centred[:, width:] = 0
    count = lanes if "divided-by-lanes" in wrong else width
    if "unbiased-variance" in wrong:
        count = count - 1
    with np.errstate(all="ignore"):
        variance = np.divide((centred**2).sum(-1), count)
    return np.sqrt(variance) if "root" in wrong else variance


variance_of_any_width = Checker(
    name="variance_of_any_width",
    arguments=("x",),
    results=("variance",),
    formula=_variances,
    probes=(
        Probe("four features", (np.array([[1, 2, 3, 6]], float),)),
        Probe("two features, with a variance of 1", (np.array([[-1, 1], [5, 3]], float),)),
        Probe("three equal features", (np.array([[8, 8, 8]], float),)),
        Probe("three features around 0", (np.array([[-3, 0, 3], [2, -1, -1]], float),)),
        Probe("as many rows as features", (np.array([[1, 2, 6], [9, 5, 4], [0, 3, 3]], float),)),
        Probe("five features", (np.array([[4, 4, 4, 4, 9]], float),)),
    ),
    mistakes=(
        Mistake(
            "padded-lanes",
            "It adds the squares of the lanes beyond the row.",
            "What does a lane beyond the row hold after the mean was subtracted? Try a row of "
            "three equal numbers.",
            twin="mean-over-lanes",
        ),
        Mistake(
            "mean-over-lanes",
            "It divides the sum for the mean by the number of lanes.",
            "What is the mean of 8, 8 and 8, and what does your kernel subtract?",
        ),
        Mistake(
            "divided-by-lanes",
            "It divides the sum of squares by the number of lanes.",
            "How many lanes of four does a row of three features fill?",
        ),
        Mistake(
            "unbiased-variance",
            "It divides the sum of the squares by D - 1.",
            "Which variance does layer norm take, and what does it divide by?",
        ),
        Mistake(
            "root",
            "It returns the standard deviation.",
            "What is the variance of -3, 0 and 3: 6, or its root?",
        ),
    ),
)


def _column_sums(wrong, dy, programs):
    rows = len(dy)
    share = rows // programs
    by_turns = [dy[p::programs] for p in range(programs)]
    in_a_row = [dy[p * share : (p + 1) * share] for p in range(programs)]
    up = -(-rows // programs)
    in_a_row_to_the_end = [dy[p * up : (p + 1) * up] for p in range(programs)]
    if "rows-left-over" in wrong:
        parts = in_a_row
    elif wrong & {"overwritten, shares", "first-program-only, shares"}:
        parts = in_a_row_to_the_end
    else:
        parts = by_turns
    if wrong & {"overwritten", "overwritten, shares"}:
        parts = [part[-1:] for part in parts]
    if wrong & {"first-program-only", "first-program-only, shares"}:
        parts = parts[:1]
    total = sum((part.sum(0) for part in parts), np.zeros(dy.shape[1]))
    return total / rows if "mean" in wrong else total


def _rows(count, width):
    return np.arange(count * width).reshape(count, width) * 7 % 11 + 1.0


sums_over_programs = Checker(
    name="sums_over_programs",
    arguments=("dy", "programs"),
    results=("dbias",),
    formula=_column_sums,
    probes=(
        Probe("one row, one program", (_rows(1, 2), 1)),
        Probe("two rows, two programs", (_rows(2, 2), 2)),
        Probe("four rows, one program", (_rows(4, 3), 1)),
        Probe("four rows, two programs", (_rows(4, 3), 2)),
        Probe("three rows, two programs", (_rows(3, 3), 2)),
        Probe("seven rows, three programs", (_rows(7, 3), 3)),
    ),
    mistakes=(
        Mistake(
            "rows-left-over",
            "It leaves out the rows that are left when each program has as many as all others.",
            "Give 7 rows to 3 programs. How many does each go through, and how many is that "
            "together?",
        ),
        Mistake(
            "overwritten",
            "It keeps only the last row of each program.",
            "What does your total hold before the second row of a program, and what after?",
            ("overwritten", "overwritten, shares"),
        ),
        Mistake(
            "first-program-only",
            "It returns what a single program has added up.",
            "How many rows of partial sums are there? What becomes of the others?",
            ("first-program-only", "first-program-only, shares"),
        ),
        Mistake(
            "mean",
            "It returns the mean over the rows.",
            "The loss depends on a bias through every row. Are its gradients added or averaged?",
        ),
    ),
)


def _in_32_bits(wrong, row, stride):
    product = int(row) * int(stride)
    if "not-wrapped" in wrong:
        return product
    if "clipped" in wrong:
        return min(product, 2**31 - 1)
    if "unsigned" in wrong:
        return product % 2**32
    if "one-wrap" in wrong:
        return product - 2**32 if product >= 2**31 else product
    return (product + 2**31) % 2**32 - 2**31


offset_in_32_bits = Checker(
    name="offset_in_32_bits",
    arguments=("row", "stride"),
    results=("offset",),
    formula=_in_32_bits,
    probes=(
        Probe("a row near the start", (10, 768), tolerance=1e-12),
        Probe("a product of 2**31", (2**23, 256), tolerance=1e-12),
        Probe("a product of 2**32", (2**20, 4096), tolerance=1e-12),
        Probe("a product of 5 * 2**30", (5 * 2**18, 4096), tolerance=1e-12),
        Probe("a product of 7 * 2**30", (7 * 2**18, 4096), tolerance=1e-12),
    ),
    mistakes=(
        Mistake(
            "not-wrapped",
            "It returns the offset that 64 bits hold.",
            "The largest number that 32 bits with a sign hold is 2**31 - 1. What comes after it?",
        ),
        Mistake(
            "clipped",
            "It stops at the largest number that 32 bits hold.",
            "Run np.array([2**31 - 1], np.int32) + np.int32(1) in a cell.",
            twin="not-wrapped",
        ),
        Mistake(
            "unsigned",
            "It never returns a negative offset.",
            "int32 has a sign. Which half of its 2**32 values is below zero?",
        ),
        Mistake(
            "one-wrap",
            "It goes around once, however large the product is.",
            "Try a product of 7 * 2**30. Is your result one that 32 bits hold?",
        ),
    ),
)
