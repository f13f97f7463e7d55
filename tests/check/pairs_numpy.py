"""Two mistakes at once, NumPy: right functions in steps, and mistakes as overridden steps."""

from itertools import combinations

import numpy as np


class Statistics:
    """The steps that forward and backward share. h is x in the dtype of the sums."""

    def widen(self, x):
        return x.astype(np.result_type(x.dtype, np.float32))

    def axes(self, h):
        return (h.ndim - 1,)

    def average(self, a, axes):
        return a.sum(axis=axes, keepdims=True) / self.count(a, axes)

    def count(self, a, axes):
        return int(np.prod([a.shape[i] for i in axes]))

    def mean(self, h, axes):
        return self.average(h, axes)

    def variance(self, h, mean, axes):
        return self.average((h - mean) ** 2, axes)

    def epsilon(self, eps):
        return eps

    def sigma(self, variance, eps):
        return np.sqrt(variance + variance.dtype.type(eps))

    def cast(self, result, like):
        return result.astype(like.dtype)

    def leave(self, x, result):
        """What the arguments hold afterwards."""

    def statistics(self, h):
        axes = self.axes(h)
        mean = self.mean(h, axes)
        variance = self.variance(h, mean, axes)
        return axes, mean, variance


class Forward(Statistics):
    def before(self, h, weight, bias):
        return h

    def divide(self, centred, sigma):
        return centred / sigma

    def gain(self, weight, bias):
        return weight

    def shift(self, weight, bias):
        return bias

    def __call__(self, x, weight, bias, eps):
        with np.errstate(all="ignore"):
            h = self.before(self.widen(x), weight, bias)
            _, mean, variance = self.statistics(h)
            x_hat = self.divide(h - mean, self.sigma(variance, self.epsilon(eps)))
            y = self.cast(x_hat * self.gain(weight, bias) + self.shift(weight, bias), x)
        self.leave(x, y)
        return y


class Backward(Statistics):
    def upstream(self, dy, weight):
        return dy * weight

    def mean_term(self, g, axes):
        return self.average(g, axes)

    def projection(self, g, x_hat, axes):
        return x_hat * self.average(g * x_hat, axes)

    def factor(self, x_hat, weight):
        return x_hat

    def over_rows(self, a):
        return a.reshape(-1, a.shape[-1]).sum(axis=0)

    def __call__(self, dy, x, weight, eps):
        with np.errstate(all="ignore"):
            h, up = self.widen(x), self.widen(dy)
            axes, mean, variance = self.statistics(h)
            sigma = self.sigma(variance, self.epsilon(eps))
            x_hat, g = (h - mean) / sigma, self.upstream(up, weight)
            dx = (g - self.mean_term(g, axes) - self.projection(g, x_hat, axes)) / sigma
            dx = self.cast(dx, x)
            dweight = self.over_rows(up * self.factor(x_hat, weight))
            results = dx, self.cast(dweight, weight), self.cast(self.over_rows(up), weight)
        self.leave(x, dx)
        return results


# A mistake: the steps that it overrides ----------------------------------------------------------


def bessel(self, h, mean, axes):
    return np.divide(((h - mean) ** 2).sum(axes, keepdims=True), self.count(h, axes) - 1)


def difference_of_squares(self, h, mean, axes):
    return self.average(h * h, axes) - mean * mean


def padded(self, h, mean, axes):
    n = self.count(h, axes)
    lanes = 1 << (n - 1).bit_length()
    return self.average((h - mean) ** 2, axes) + mean**2 * (lanes - n) / n


STATISTICS = {
    "unbiased-variance": {"variance": bessel},
    "one-pass-variance": {"variance": difference_of_squares},
    "eps-outside-sqrt": {"sigma": lambda self, variance, eps: variance**0.5 + eps},
    "eps-missing": {"epsilon": lambda self, eps: 0.0},
    "eps-ignored": {"epsilon": lambda self, eps: 1e-6},
    "wrong-axis": {"axes": lambda self, h: (0,)},
    "batch-mixed": {"axes": lambda self, h: tuple(range(h.ndim))},
    "low-precision-statistics": {"widen": lambda self, x: x},
    "input-modified": {"leave": lambda self, x, result: np.copyto(x, result, casting="unsafe")},
    "wrong-dtype": {"cast": lambda self, result, like: result.astype(np.float64)},
}

FORWARD = STATISTICS | {
    "mean-not-subtracted": {"mean": lambda self, h, axes: np.zeros_like(self.average(h, axes))},
    "padded-lanes": {"variance": padded},
    "not-scaled": {"divide": lambda self, centred, sigma: centred},
    "weight-skipped": {"gain": lambda self, weight, bias: 1},
    "bias-skipped": {"shift": lambda self, weight, bias: 0},
    "scalar-affine": {"gain": lambda self, weight, bias: weight[0]},
    "weight-and-bias-swapped": {
        "gain": lambda self, weight, bias: bias,
        "shift": lambda self, weight, bias: weight,
    },
    "affine-before-norm": {
        "before": lambda self, h, weight, bias: h * weight + bias,
        "gain": lambda self, weight, bias: 1,
        "shift": lambda self, weight, bias: 0,
    },
}

BACKWARD = STATISTICS | {
    "detached-statistics": {
        "mean_term": lambda self, g, axes: 0,
        "projection": lambda self, g, x_hat, axes: 0,
    },
    "backward-missing-mean": {"mean_term": lambda self, g, axes: 0},
    "backward-missing-projection": {"projection": lambda self, g, x_hat, axes: 0},
    "backward-forgets-weight": {"upstream": lambda self, dy, weight: dy},
    "parameter-gradient-not-summed": {"over_rows": lambda self, a: a.copy()},
    "parameter-gradient-averaged": {
        "over_rows": lambda self, a: a.reshape(-1, a.shape[-1]).mean(axis=0)
    },
    "backward-of-xhat-with-y": {"factor": lambda self, x_hat, weight: x_hat * weight},
}

# One mistake of these hides the other, or both together are a third one.
UNDIVIDED = {
    ("not-scaled", name)
    for name in (
        "unbiased-variance", "one-pass-variance", "padded-lanes", "eps-outside-sqrt",
        "eps-missing", "eps-ignored", "low-precision-statistics",
    )
}  # fmt: skip
HIDDEN = UNDIVIDED | {
    ("eps-missing", "eps-outside-sqrt"),  # without eps it stands nowhere
    ("mean-not-subtracted", "one-pass-variance"),  # both need a mean to go wrong
    ("mean-not-subtracted", "padded-lanes"),
    ("backward-missing-mean", "backward-missing-projection"),  # detached-statistics
}


def pairs(base, mistakes, hidden=HIDDEN):
    """frozenset of two names -> a class with both, for all that do not share a step."""
    hidden = {frozenset(names) for names in hidden}
    found = {}
    for one, other in combinations(mistakes, 2):
        names = frozenset((one, other))
        if names not in hidden and not mistakes[one].keys() & mistakes[other].keys():
            found[names] = type(base.__name__, (base,), mistakes[one] | mistakes[other])
    return found


def instances(classes):
    return {names: made() for names, made in classes.items()}


LAYER_NORM = instances(pairs(Forward, FORWARD))
LAYER_NORM_BACKWARD = instances(pairs(Backward, BACKWARD))
