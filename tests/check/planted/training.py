"""Wrong and right answers to the exercises on training with layer norm."""

import numpy as np
import torch

from check.planting import Planted

plant = Planted()

# best_rate


@plant("best_rate")
def in_a_loop(errors, rates):
    best, lowest = None, 2.0
    for rate, row in zip(rates, errors, strict=True):
        mean = sum(0.9 if np.isnan(e) else e for e in row) / len(row)
        if mean < lowest:
            best, lowest = rate, mean
    return best


plant("best_rate")(lambda errors, rates: rates[np.nan_to_num(errors, nan=0.9).mean(1).argmin()])


@plant("best_rate", "diverged-runs-dropped")
def mean_of_the_others(errors, rates):
    means = [np.mean([e for e in row if e == e] or [1.0]) for row in errors]
    return rates[int(np.argmin(means))]


@plant("best_rate", "diverged-runs-dropped")
def masked(errors, rates):
    return rates[np.ma.masked_invalid(errors).mean(1).filled(1.0).argmin()]


plant("best_rate", "diverged-rates-dropped")(
    lambda errors, rates: rates[np.nan_to_num(errors.mean(axis=1), nan=1.0).argmin()]
)
plant("best_rate", "diverged-rates-dropped")(
    lambda errors, rates: rates[np.nanargmin(np.mean(errors, 1))]
)
plant("best_rate", "diverged-run-chosen")(lambda errors, rates: rates[errors.mean(1).argmin()])
plant("best_rate", "diverged-run-chosen")(
    lambda errors, rates: float(rates[np.argmin(errors.sum(-1) / errors.shape[-1])])
)
plant("best_rate", "diverged-run-chosen")(
    lambda errors, rates: rates[np.nan_to_num(errors).mean(1).argmin()]
)
plant("best_rate", "diverged-run-chosen")(
    lambda errors, rates: rates[np.where(errors == errors, errors, 0).sum(1).argmin()]
)
plant("best_rate", "luckiest-seed")(
    lambda errors, rates: rates[np.nan_to_num(errors, nan=0.9).min(1).argmin()]
)
plant("best_rate", "luckiest-seed")(
    lambda errors, rates: rates[np.argmin([min([0.9, *row[row == row]]) for row in errors])]
)
plant("best_rate", "seeds-for-rates")(
    lambda errors, rates: rates[np.nan_to_num(errors, nan=0.9).mean(0).argmin()]
)
plant("best_rate", "seeds-for-rates")(
    lambda errors, rates: rates[np.where(np.isnan(errors), 0.9, errors).sum(axis=0).argmin()]
)
plant("best_rate", "worst-rate")(
    lambda errors, rates: rates[np.nan_to_num(errors, nan=0.9).mean(1).argmax()]
)
plant("best_rate", "worst-rate")(
    lambda errors, rates: max(
        zip(np.where(errors == errors, errors, 0.9).mean(1), rates, strict=True)
    )[1]
)
plant("best_rate", "index-returned")(
    lambda errors, rates: np.nan_to_num(errors, nan=0.9).mean(1).argmin()
)
plant("best_rate", "index-returned")(
    lambda errors, rates: int(rates.tolist().index(in_a_loop(errors, rates)))
)

# normed_step


def norm(z):
    return (z - z.mean(-1, keepdims=True)) / np.sqrt(z.var(-1, keepdims=True) + 1e-5)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def from_gates(gates, c, read=norm, order="ifgo"):
    parts = dict(zip(order, np.split(gates, 4, axis=-1), strict=True))
    c = sigmoid(parts["f"]) * c + sigmoid(parts["i"]) * np.tanh(parts["g"])
    return sigmoid(parts["o"]) * np.tanh(read(c)), c


@plant("normed_step")
def by_gates(x, h, c, W_x, W_h):
    return from_gates(norm(x @ W_x.T) + norm(h @ W_h.T), c)


@plant("normed_step")
def by_torch(x, h, c, W_x, W_h):
    def normed(z):
        return torch.nn.functional.layer_norm(z, z.shape[-1:])

    x, h, c, W_x, W_h = map(torch.tensor, (x, h, c, W_x, W_h))
    i, f, g, o = (normed(x @ W_x.T) + normed(h @ W_h.T)).chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return (o.sigmoid() * normed(c).tanh()).numpy(), c.numpy()


@plant("normed_step", "one-norm-of-the-sum")
def one_norm(x, h, c, W_x, W_h):
    return from_gates(norm(x @ W_x.T + h @ W_h.T), c)


@plant("normed_step", "one-norm-of-the-sum")
def one_product(x, h, c, W_x, W_h):
    both = np.concatenate([x, h], -1) @ np.concatenate([W_x, W_h], -1).T
    return from_gates(norm(both), c)


@plant("normed_step", "gate-by-gate")
def four_norms(x, h, c, W_x, W_h):
    def normed(z):
        return norm(z.reshape(len(z), 4, -1)).reshape(z.shape)

    return from_gates(normed(x @ W_x.T) + normed(h @ W_h.T), c)


@plant("normed_step", "gate-by-gate")
def split_matrices(x, h, c, W_x, W_h):
    pairs = zip(np.split(W_x, 4), np.split(W_h, 4), strict=True)
    return from_gates(np.hstack([norm(x @ a.T) + norm(h @ b.T) for a, b in pairs]), c)


@plant("normed_step", "before-the-matrices")
def inputs_normed(x, h, c, W_x, W_h):
    return from_gates(norm(x) @ W_x.T + norm(h) @ W_h.T, c)


@plant("normed_step", "before-the-matrices")
def inputs_normed_by_einsum(x, h, c, W_x, W_h):
    gates = np.einsum("bi,gi->bg", norm(x), W_x) + np.einsum("bi,gi->bg", norm(h), W_h)
    return from_gates(gates, c)


@plant("normed_step", "gates-not-normalized")
def plain_gates(x, h, c, W_x, W_h):
    return from_gates(x @ W_x.T + h @ W_h.T, c)


@plant("normed_step", "gates-not-normalized")
def plain_gates_in_one(x, h, c, W_x, W_h):
    return from_gates(np.hstack([x, h]) @ np.hstack([W_x, W_h]).T, c)


@plant("normed_step", "gates-in-the-order-of-the-paper")
def order_of_the_paper(x, h, c, W_x, W_h):
    return from_gates(norm(x @ W_x.T) + norm(h @ W_h.T), c, order="fiog")


@plant("normed_step", "gates-in-the-order-of-the-paper")
def order_of_the_paper_unpacked(x, h, c, W_x, W_h):
    f, i, o, g = np.split(norm(x @ W_x.T) + norm(h @ W_h.T), 4, -1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(norm(c)), c


@plant("normed_step", "state-not-normalized")
def plain_state(x, h, c, W_x, W_h):
    return from_gates(norm(x @ W_x.T) + norm(h @ W_h.T), c, read=lambda c: c)


@plant("normed_step", "state-not-normalized")
def plain_state_unpacked(x, h, c, W_x, W_h):
    _, c = by_gates(x, h, c, W_x, W_h)
    o = np.split(norm(x @ W_x.T) + norm(h @ W_h.T), 4, -1)[3]
    return sigmoid(o) * np.tanh(c), c


@plant("normed_step", "state-stays-normalized")
def normed_state(x, h, c, W_x, W_h):
    h, c = by_gates(x, h, c, W_x, W_h)
    return h, norm(c)


@plant("normed_step", "state-stays-normalized")
def normed_state_first(x, h, c, W_x, W_h):
    i, f, g, o = np.split(norm(x @ W_x.T) + norm(h @ W_h.T), 4, -1)
    c = norm(sigmoid(f) * c + sigmoid(i) * np.tanh(g))
    return sigmoid(o) * np.tanh(c), c
