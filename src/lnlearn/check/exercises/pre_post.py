"""The exercises of the chapter on norms before and after the sublayers."""

from lnlearn.check.checker import Checker, Mistake, Probe


def _in_one_order_or_both(mistake):
    return (mistake, f"{mistake}, before", f"{mistake}, after")


def _first_share(wrong, sublayers, norm_first):
    n = sublayers
    if wrong & {"norm-first-ignored", "norm-first-ignored, always before"}:
        norm_first = "norm-first-ignored" not in wrong
    if "the-other-way-round" in wrong:
        norm_first = not norm_first
    order = "before" if norm_first else "after"
    if wrong & {"input-forgotten", f"input-forgotten, {order}"}:  # counts only what was added
        share = 1 / n if norm_first else 0.5 ** (n - 1)
    else:
        share = 1 / (n + 1) if norm_first else 0.5**n
    length = wrong & {"length-not-square", f"length-not-square, {order}"}
    return share**0.5 if length else share


first_share = Checker(
    name="first_share",
    arguments=("sublayers", "norm_first"),
    results=("share",),
    formula=_first_share,
    probes=(
        Probe("no sublayer at all", (0, False), tolerance=1e-7),
        Probe("one sublayer, norm after", (1, False), tolerance=1e-7),
        Probe("three sublayers, norm after", (3, False), tolerance=1e-7),
        Probe("three sublayers, norm before", (3, True), tolerance=1e-7),
        Probe("twenty-four sublayers, norm before", (24, True), tolerance=1e-7),
    ),
    mistakes=(
        Mistake(
            "length-not-square",
            "It returns the share of the length, not of its square.",
            "By Pythagoras, what is added up: lengths or their squares?",
            _in_one_order_or_both("length-not-square"),
        ),
        Mistake(
            "input-forgotten",
            "It counts what the sublayers add, but not the token that came in.",
            "After one sublayer, of how many vectors is the stream the sum?",
            _in_one_order_or_both("input-forgotten"),
        ),
        Mistake(
            "norm-first-ignored",
            "It returns the same for both values of norm_first.",
            "With Post-LN, what does the second norm do to all that was there before?",
            ("norm-first-ignored", "norm-first-ignored, always before"),
        ),
        Mistake(
            "the-other-way-round",
            "It returns for Pre-LN what holds for Post-LN, and the reverse.",
            "In which of the two does each norm shrink what came in?",
        ),
    ),
    reveal=False,
)


def _warmed_up(wrong, step, lr, warmup):
    if "starts-at-zero" in wrong:
        step = step - 1
    if "starts-at-zero, over one step less" in wrong:
        step, warmup = step - 1, max(1, warmup - 1)
    if "from-the-top" in wrong:
        return max(0.0, lr * (1 - step / warmup)) if step < warmup else lr
    if "jumps" in wrong:
        return 0.0 if step < warmup else lr
    fraction = step / warmup
    if "lr-not-multiplied" in wrong:
        return min(1.0, fraction)
    if "lr-not-multiplied, but as the limit" in wrong:
        return min(lr, fraction)
    return lr * (fraction if "never-levels" in wrong else min(1.0, fraction))


warmed_up = Checker(
    name="warmed_up",
    arguments=("step", "lr", "warmup"),
    results=("rate",),
    formula=_warmed_up,
    probes=(
        Probe("the first of 4 steps", (1, 1.0, 4), tolerance=1e-7),
        Probe("half of the warm-up", (2, 1.0, 4), tolerance=1e-7),
        Probe("the last step of the warm-up", (4, 1.0, 4), tolerance=1e-7),
        Probe("long after it", (9, 1.0, 4), tolerance=1e-7),
        Probe("half of the warm-up to a rate of 0.25", (2, 0.25, 4), tolerance=1e-7),
        Probe("a warm-up of one step", (1, 0.5, 1), tolerance=1e-7),
    ),
    mistakes=(
        Mistake(
            "starts-at-zero",
            "It is one step late, so that the first step has the rate 0.",
            "Steps are counted from 1. What does a step with the rate 0 teach?",
            ("starts-at-zero", "starts-at-zero, over one step less"),
        ),
        Mistake(
            "never-levels",
            "It goes on rising after the warm-up.",
            "What is the rate in step 9 of a warm-up of 4?",
        ),
        Mistake(
            "jumps",
            "It waits at 0 and then jumps to the full rate.",
            "In which direction does the rate go between the first and the last step?",
        ),
        Mistake(
            "lr-not-multiplied",
            "It returns the part of the warm-up that is over, not that part of lr.",
            "Half way to lr = 0.25, what should the rate be?",
            ("lr-not-multiplied", "lr-not-multiplied, but as the limit"),
        ),
        Mistake(
            "from-the-top",
            "It falls during the warm-up.",
            "Should the first steps be the largest or the smallest?",
        ),
    ),
    reveal=False,
)
