"""The formula of layer norm's gradients, which makes the mistakes that it is told.

Its first argument is the set `ways`, as in `lnlearn.check.formula`; here a way can also say how a
mistake of the forward pass gets into the gradients.
"""

from typing import NamedTuple

import numpy as np

from lnlearn.check import formula
from lnlearn.check.formula import averaged, returned, statistics, widened


class Differentiated(NamedTuple):
    """To differentiate a forward pass that makes a mistake in this way, as autograd does."""

    way: str


class StatisticsAlone(NamedTuple):
    """To put statistics with a mistake into the right formula for the gradients."""

    way: str


IN_STATISTICS, IN_DX = "keepdims-forgotten, in the statistics", "keepdims-forgotten, in dx"
KEEPDIMS_FORGOTTEN = (*formula.KEEPDIMS_FORGOTTEN, IN_STATISTICS, IN_DX)


def layer_norm_backward(ways, dy, x, weight, eps):
    """Return dx, dweight and dbias of layer norm over the last axis of an array."""
    alone = any(isinstance(way, StatisticsAlone) for way in ways)
    exactly = any(isinstance(way, Differentiated) for way in ways)
    inner = (StatisticsAlone, Differentiated)
    ways = frozenset(way.way if isinstance(way, inner) else way for way in ways)
    given, dy, x, w = x, *(widened(ways, a) for a in (dy, x, weight))
    centred, rstd = statistics(ways, x, (-1,), eps)
    axes = (-1,) if alone else averaged(ways, (-1,), x.shape)
    if ways.intersection({*KEEPDIMS_FORGOTTEN} - {IN_DX}):
        centred, rstd = formula.without_keepdims(ways, x, rstd, axes, eps)
    x_hat = centred * rstd
    for_weight = x_hat * w if "backward-of-xhat-with-y" in ways else x_hat
    if "backward-of-xhat-with-y everywhere" in ways:
        x_hat = for_weight = x_hat * w
    if ways & {"backward-centred-for-xhat, for the weight", "backward-centred-for-xhat everywhere"}:
        for_weight = centred
    if ways & {"backward-centred-for-xhat, twice", "backward-centred-for-xhat everywhere"}:
        x_hat = centred

    dx = g = dy if ways & {"backward-weight-outside", "backward-forgets-weight"} else dy * w
    if "weight-twice, before the means" in ways:
        dx = g = g * w
    if not ways & {"backward-missing-mean", "detached-statistics"}:
        dx = dx - averaged_or_summed(ways, g, axes, "of the gradient")
    if not ways & {"backward-missing-projection", "detached-statistics"}:
        along = averaged_or_summed(ways, g * x_hat, axes, "along the token")
        if "backward-projection-added" in ways:
            along = -along
        token = centred if "backward-centred-for-xhat" in ways else x_hat
        dx = dx - token * along * (_slope(ways, rstd, eps, x.shape[-1]) if exactly else 1)
    if ways & {"backward-weight-outside", "weight-twice"}:
        dx = dx * w
    dx = returned(ways, dx if "rstd-missing" in ways else dx * rstd, given)
    for_bias = dy * w if "bias-gradient-weighted" in ways else dy
    dweight, dbias = (
        returned(ways, _over_rows(ways, a, name), weight)
        for a, name in ((dy * for_weight, "weight"), (for_bias, "bias"))
    )
    if "input-modified" in ways:
        given[...] = dx
    return dx, dweight, dbias


def averaged_or_summed(ways, a, axes, which):
    """The mean of `a`, or the sum; `which` of the two terms of dx it is for."""
    summed = ways & {"backward-sum-for-mean", f"backward-sum-for-mean, {which}"}
    keepdims = not ways.intersection({*KEEPDIMS_FORGOTTEN} - {IN_STATISTICS})
    return a.sum(axes, keepdims=keepdims) if summed else a.mean(axes, keepdims=keepdims)


def _slope(ways, rstd, eps, D):
    """How much more a wrong sigma changes with x than the right formula for dx says."""
    slope = D / (D - 1) if "unbiased-variance" in ways else 1.0
    if ways & {"eps-outside-sqrt", "eps-outside-sqrt, by std"}:
        sigma = 1 / rstd - eps
        slope = slope / (rstd * sigma)
        if "eps-outside-sqrt, by std" in ways:  # autograd takes it for 0 where sigma is 0
            slope = np.where(sigma > 1e-9, slope, 0)
    return slope


def _over_rows(ways, a, name):
    axes = tuple(range(a.ndim - 1))
    not_summed = "parameter-gradient-not-summed"
    if ways & {not_summed, f"{not_summed} {name}"}:
        return a
    if f"{not_summed}, all axes but the first and last" in ways:
        axes = axes[:1]
    if f"{not_summed}, all axes but the first" in ways:
        axes = (0,)
    rows = a.sum(axes)
    return rows / (a.size / a.shape[-1]) if "parameter-gradient-averaged" in ways else rows
