"""Wrong and right answers to the exercises on what does the work in layer norm."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted

plant = Planted()

# The gradient, with chosen derivatives -----------------------------------------------------------


@plant("partial_backward")
def by_autograd(dy, x, keep_mean, keep_scale):
    x = torch.tensor(x, requires_grad=True)
    mean, scale = x.mean(-1, keepdim=True), x.std(-1, correction=0, keepdim=True)
    y = (x - (mean if keep_mean else mean.detach())) / (scale if keep_scale else scale.detach())
    return torch.autograd.grad((y * torch.tensor(dy)).sum(), x)[0].numpy()


@plant("partial_backward")
def by_matrices(dy, x, keep_mean, keep_scale):
    rows = []
    for g, token in zip(dy, x, strict=True):
        D, u = len(token), (token - token.mean()) / token.std()
        J = np.eye(D) - keep_mean * np.ones((D, D)) / D - keep_scale * np.outer(u, u) / D
        rows.append(J @ g / token.std())
    return np.array(rows)


def written(dy, x, keep_mean, keep_scale, along=None, count=None, divide=True):
    """The formula with its places for mistakes."""
    u = (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)
    along = u if along is None else along
    dx = dy - keep_mean * dy.mean(-1, keepdims=True)
    dx = dx - keep_scale * along * (dy * along).sum(-1, keepdims=True) / (count or x.shape[-1])
    return dx / x.std(-1, keepdims=True) if divide else dx


plant("partial_backward", "switches-swapped")(lambda dy, x, m, s: written(dy, x, s, m))
plant("partial_backward", "switches-swapped")(lambda dy, x, m, s: by_matrices(dy, x, s, m))
plant("partial_backward", "switches-ignored")(lambda dy, x, m, s: written(dy, x, True, True))


@plant("partial_backward", "switches-ignored")
def of_pytorch(dy, x, keep_mean, keep_scale):
    x = torch.tensor(x, requires_grad=True)
    y = F.layer_norm(x, x.shape[-1:], eps=0)
    return torch.autograd.grad(y, x, torch.tensor(dy))[0].numpy()


plant("partial_backward", "projected-on-x")(lambda dy, x, m, s: written(dy, x, m, s, along=x))


@plant("partial_backward", "projected-on-x")
def rows_on_x(dy, x, keep_mean, keep_scale):
    D = x.shape[-1]
    removed = [
        keep_scale * t * (g @ t) / D + keep_mean * g.mean() for g, t in zip(dy, x, strict=True)
    ]
    return (dy - np.array(removed)) / np.std(x, axis=1)[:, None]


plant("partial_backward", "sum-for-mean")(lambda dy, x, m, s: written(dy, x, m, s, count=1))


@plant("partial_backward", "sum-for-mean")
def outer_not_divided(dy, x, keep_mean, keep_scale):
    rows = []
    for g, token in zip(dy, x, strict=True):
        D, u = len(token), (token - token.mean()) / token.std()
        J = np.eye(D) - keep_mean * np.ones((D, D)) / D - keep_scale * np.outer(u, u)
        rows.append(J @ g / token.std())
    return np.array(rows)


plant("partial_backward", "scale-forgotten")(lambda dy, x, m, s: written(dy, x, m, s, divide=False))
plant("partial_backward", "scale-forgotten")(
    lambda dy, x, m, s: by_matrices(dy, x, m, s) * x.std(axis=-1, keepdims=True)
)

# What layer norm leaves of the variance ----------------------------------------------------------


@plant("variance_left")
def of_the_gradient_itself(dy, x):
    dx = of_pytorch(dy, x, True, True)
    return dx.var(-1) * x.var(-1) / dy.var(-1)


@plant("variance_left")
def with_corrcoef(dy, x):
    return np.array([1 - np.corrcoef(g, t)[0, 1] ** 2 for g, t in zip(dy, x, strict=True)])


def cosine(a, b):
    return (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))


plant("variance_left", "not-centred")(lambda dy, x: 1 - cosine(dy, x) ** 2)
plant("variance_left", "not-centred")(
    lambda dy, x: np.array(
        [1 - (g @ t) ** 2 / (g @ g) / (t @ t) for g, t in zip(dy, x, strict=True)]
    )
)
plant("variance_left", "not-squared")(
    lambda dy, x: 1 - cosine(dy - dy.mean(-1, keepdims=True), x - x.mean(-1, keepdims=True))
)
plant("variance_left", "not-squared")(
    lambda dy, x: np.array([1 - np.corrcoef(g, t)[0, 1] for g, t in zip(dy, x, strict=True)])
)
plant("variance_left", "share-that-is-lost")(lambda dy, x: 1 - with_corrcoef(dy, x))
plant("variance_left", "share-that-is-lost")(
    lambda dy, x: np.array([np.corrcoef(g, t)[1, 0] ** 2 for g, t in zip(dy, x, strict=True)])
)
plant("variance_left", "root-taken")(lambda dy, x: np.sqrt(np.maximum(with_corrcoef(dy, x), 0)))
plant("variance_left", "root-taken")(
    lambda dy, x: of_pytorch(dy, x, True, True).std(-1) * x.std(-1) / dy.std(-1)
)

# AdaNorm -----------------------------------------------------------------------------------------


@plant("ada_norm_forward")
def by_pytorch(x, C, k):
    y = F.layer_norm(torch.tensor(x), x.shape[-1:], eps=0).numpy()
    return C * y - C * k * y**2


@plant("ada_norm_forward")
def row_by_row(x, C, k):
    rows = []
    for token in x:
        y = (token - token.mean()) / token.std()
        rows.append([C * (1 - k * value) * value for value in y])
    return np.array(rows)


def normalized(x):
    return F.layer_norm(torch.tensor(x), x.shape[-1:], eps=0).numpy()


plant("ada_norm_forward", "factor-alone")(lambda x, C, k: C - C * k * normalized(x))
plant("ada_norm_forward", "factor-alone")(
    lambda x, C, k: np.array([C * (1 - k * (t - t.mean()) / t.std()) for t in x])
)
plant("ada_norm_forward", "constant-forgotten")(
    lambda x, C, k: (1 - k * normalized(x)) * normalized(x)
)
plant("ada_norm_forward", "constant-forgotten")(lambda x, C, k: by_pytorch(x, 1, k))
plant("ada_norm_forward", "size-for-value")(
    lambda x, C, k: C * (1 - k * abs(normalized(x))) * normalized(x)
)
plant("ada_norm_forward", "size-for-value")(
    lambda x, C, k: C * normalized(x) - C * k * np.sign(normalized(x)) * normalized(x) ** 2
)
plant("ada_norm_forward", "factor-from-x")(lambda x, C, k: C * (1 - k * x) * normalized(x))
plant("ada_norm_forward", "factor-from-x")(
    lambda x, C, k: np.array([(C - C * k * t) * (t - t.mean()) / t.std() for t in x])
)
