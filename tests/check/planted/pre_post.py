"""Wrong and right answers to the exercises on norms before and after the sublayers."""

from fractions import Fraction

import numpy as np

from check.planting import Planted

plant = Planted()


@plant("first_share")
def simulated(sublayers, norm_first):
    parts = np.zeros(sublayers + 1)
    parts[0] = 1
    for i in range(1, sublayers + 1):
        parts[i] = 1
        if not norm_first:
            parts /= parts.sum()
    return float(parts[0] / parts.sum())


@plant("first_share")
def by_fractions(sublayers, norm_first):
    return float(Fraction(1, sublayers + 1 if norm_first else 2**sublayers))


plant("first_share", "length-not-square")(
    lambda n, norm_first: (1 / (n + 1)) ** 0.5 if norm_first else 2 ** (-n / 2)
)
plant("first_share", "length-not-square")(lambda n, first: float(np.sqrt(by_fractions(n, first))))
plant("first_share", "input-forgotten")(
    lambda n, norm_first: 1 / n if norm_first else 1 / 2 ** (n - 1)
)
plant("first_share", "input-forgotten")(
    lambda n, first: by_fractions(n - 1, True) if first else 2 * by_fractions(n, False)
)
plant("first_share", "length-not-square")(
    lambda n, norm_first: (n + 1) ** -0.5 if norm_first else 0.5**n
)
plant("first_share", "input-forgotten")(lambda n, norm_first: 1 / n if norm_first else 0.5**n)
plant("first_share", "norm-first-ignored")(lambda n, norm_first: 1 / (n + 1))
plant("first_share", "norm-first-ignored")(lambda n, norm_first: 0.5**n)
plant("first_share", "the-other-way-round")(
    lambda n, norm_first: 0.5**n if norm_first else 1 / (n + 1)
)
plant("first_share", "the-other-way-round")(lambda n, first: by_fractions(n, not first))

plant("warmed_up")(lambda step, lr, warmup: lr * min(step, warmup) / warmup)
plant("warmed_up")(lambda step, lr, warmup: lr if step >= warmup else lr * step / warmup)
plant("warmed_up", "starts-at-zero")(lambda step, lr, warmup: lr * min(1, (step - 1) / warmup))
plant("warmed_up", "starts-at-zero")(
    lambda step, lr, warmup: float(np.interp(step - 1, [0, warmup], [0, lr]))
)
plant("warmed_up", "starts-at-zero")(
    lambda step, lr, warmup: lr * min(1, (step - 1) / max(warmup - 1, 1e-9))
)
plant("warmed_up", "lr-not-multiplied")(lambda step, lr, warmup: min(1, step / warmup))
plant("warmed_up", "lr-not-multiplied")(lambda step, lr, warmup: min(lr, step / warmup))
plant("warmed_up", "never-levels")(lambda step, lr, warmup: lr * step / warmup)
plant("warmed_up", "never-levels")(lambda step, lr, warmup: lr / (warmup / step))
plant("warmed_up", "jumps")(lambda step, lr, warmup: lr * (step >= warmup))
plant("warmed_up", "jumps")(lambda step, lr, warmup: 0.0 if step < warmup else lr)
plant("warmed_up", "from-the-top")(
    lambda step, lr, warmup: lr * (1 - step / warmup) if step < warmup else lr
)
plant("warmed_up", "from-the-top")(
    lambda step, lr, warmup: lr if step >= warmup else lr - lr * step / warmup
)
