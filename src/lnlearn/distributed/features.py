"""Layer norm of tokens whose features lie on several processes.

Every process of the group calls the same function, each with the features that it holds, as many
as it likes. `forward` returns the outputs of these features, and `backward` their gradients.

Sources: J. L. Ba, J. R. Kiros and G. E. Hinton 2016, arXiv:1607.06450; for the merge of moments
T. F. Chan, G. H. Golub and R. J. LeVeque 1983, doi:10.1080/00031305.1983.10483115.
"""

import functools

import torch
import torch.distributed as dist

from lnlearn import _arguments
from lnlearn.scratch import moments


def by_gathering(x):
    """Everyone gets the count, means and M2 of everyone, and merges them: one exchange.

    All processes merge in the same order, so all get the same bits.

    Parameters
    ----------
    x : Tensor of shape (N, D_here)

    Returns
    -------
    D : float
        How many features a whole token has.
    mean, m2 : Tensor of shape (N,)
        Of the whole tokens; M2 is the sum of squared distances from the mean.
    """
    mean = x.mean(1)
    m2 = ((x - mean[:, None]) ** 2).sum(1)
    mine = torch.cat([_count(x), mean, m2])
    gathered = [torch.empty_like(mine) for _ in range(dist.get_world_size())]
    dist.all_gather(gathered, mine)
    parts = [(part[0].item(), *part[1:].chunk(2)) for part in gathered]
    return functools.reduce(moments.merge, parts)


def by_two_sums(x):
    """Add up the features for the mean, then the squared distances from it: two exchanges.

    Parameters and results as of `by_gathering`.
    """
    D, total = everyone(torch.cat([_count(x), x.sum(1)])).split([1, len(x)])
    mean = total / D
    return D.item(), mean, everyone(((x - mean[:, None]) ** 2).sum(1))


def by_sums(x):
    """Add up the features and their squares: one exchange, and useless where the mean is large.

    Parameters and results as of `by_gathering`.
    """
    sums = everyone(torch.cat([_count(x), x.sum(1), (x * x).sum(1)]))
    D, total, squares = sums.split([1, len(x), len(x)])
    return D.item(), total / D, squares - total * total / D


def forward(x, weight, bias, eps=1e-5, moments_of=by_gathering):
    """Return the layer norm of the features that this process holds.

    Parameters
    ----------
    x : Tensor of shape (N, D_here), float32 or float64
        Of all N tokens the features that this process holds, at least one. N has to be the same
        on every process; D_here may differ.
    weight, bias : Tensor of shape (D_here,)
        Those of the same features.
    eps : float, default 1e-5
    moments_of : function, default `by_gathering`
        How the processes find the moments of the whole tokens: `by_gathering`, `by_two_sums` or,
        to see it fail, `by_sums`.

    Returns
    -------
    y : Tensor of shape (N, D_here)
    mean, rstd : Tensor of shape (N, 1)
        Of the whole tokens, the same on every process. `backward` needs them.

    Raises
    ------
    ValueError
        `x` is not a matrix with at least one feature, or `weight` or `bias` has another width.
    """
    _arguments.features_here(x, weight=weight, bias=bias)
    D, mean, m2 = moments_of(x)
    mean, rstd = mean[:, None], torch.rsqrt(m2 / D + eps)[:, None]
    return (x - mean) * rstd * weight + bias, mean, rstd


def backward(dy, x, weight, mean, rstd, D):
    """Return the gradients of the features that this process holds: one exchange.

    The two means over the features are sums over all processes, divided by D. The gradients of
    weight and bias are sums over the tokens, and each process has all tokens of its features.

    Parameters
    ----------
    dy : Tensor of shape (N, D_here)
        The gradient of the loss with respect to what `forward` returned here.
    x, weight, mean, rstd
        What `forward` was given and returned here.
    D : int
        How many features a whole token has.

    Returns
    -------
    dx : Tensor of shape (N, D_here)
    dweight, dbias : Tensor of shape (D_here,)
    """
    x_hat = (x - mean) * rstd
    g = dy * weight
    sums = everyone(torch.stack([g.sum(1), (g * x_hat).sum(1)]))
    mean_g, mean_gx = sums[:, :, None] / D
    dx = (g - mean_g - x_hat * mean_gx) * rstd
    return dx, (dy * x_hat).sum(0), dy.sum(0)


def everyone(a):
    """Replace `a` by its sum over all processes, and return it."""
    dist.all_reduce(a)
    return a


def _count(x):
    return x.new_tensor([x.shape[1]])
