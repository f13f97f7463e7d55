"""Layer norm and its relatives as data, and what each of them does not see, measured.

`FAMILY` says of each norm what it is called, which function computes it, with which parameters, and
from which other norm it comes. Everything else that the book says of them, `traits` finds out by
calling the function.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lnlearn.scratch import dynamic, variants
from lnlearn.scratch.layernorm import layer_norm_backward, layer_norm_forward

HEADS = 2  # into which the features of "QK norm per head" are divided


@dataclass(frozen=True)
class Member:
    """A norm of the family, over the last axis of an array.

    ``forward(x, *parameters)`` returns y, and ``backward(dy, x, *parameters)`` the gradients of x
    and of the parameters. ``draw(rng, D)`` draws a tuple of parameters for D features.
    """

    name: str
    parent: str  # the norm that it changes; "" for the first
    forward: Callable
    backward: Callable
    draw: Callable


@dataclass(frozen=True)
class Traits:
    """What a norm does, as measured by `traits`."""

    shift: bool  # f(x + c) = f(x), with the same c added to every feature
    scale: bool  # f(3x) = f(x)
    sign: bool  # f(x) + f(-x) is the same for every x: f is odd, but for a bias
    moved: str  # which outputs of a token move when one of its features changes
    learned: str  # how many parameters there are, for D features


def traits(member: Member, D: int = 8) -> Traits:
    """Measure what a norm does, with parameters that are drawn at random.

    Examples
    --------
    >>> layer, rms = traits(FAMILY["layer norm"]), traits(FAMILY["RMS norm"])
    >>> layer.shift, rms.shift
    (True, False)
    >>> layer.learned, rms.learned
    ('2D', 'D')
    """
    rng = np.random.default_rng(0)
    parameters = member.draw(rng, D)
    x = rng.standard_normal((5, D)) + 0.5

    def f(x):
        return member.forward(x, *parameters)

    both = f(x) + f(-x)
    changed = x.copy()
    changed[:, 0] += 1
    moved = ~np.isclose(f(changed), f(x), rtol=0, atol=1e-9).all(0)
    return Traits(
        shift=_same(f(x + 1.5), f(x)),
        scale=_same(f(3 * x), f(x)),
        sign=_same(both, np.broadcast_to(both[0], both.shape)),
        moved={D: "all", 1: "one"}.get(int(moved.sum()), f"{moved.sum()} of {D}"),
        learned=_in_terms_of_width(*(count(member, width) for width in (D, 2 * D)), D),
    )


def count(member: Member, D: int) -> int:
    """How many numbers are learned for D features."""
    return sum(np.size(parameter) for parameter in member.draw(np.random.default_rng(0), D))


def ancestors(member: Member) -> tuple[str, ...]:
    """The names from the first norm of the family to `member`."""
    return (*(ancestors(FAMILY[member.parent]) if member.parent else ()), member.name)


def _same(a, b):
    """Equal up to rounding; a difference that is near it would be an error of the measurement."""
    difference = np.abs(a - b).max()
    if not (difference < 1e-9 or difference > 1e-3):
        raise AssertionError(f"{difference} is neither rounding nor a difference")
    return bool(difference < 1e-9)


def _in_terms_of_width(at_D, at_2D, D):
    """Write a count, known for D and 2D features, in terms of D."""
    slope = Fraction(at_2D - at_D, D)
    constant = at_D - int(slope * D)
    of_D = "" if not slope else f"{slope.numerator}D".removeprefix("1")
    of_D += f"/{slope.denominator}" if slope.denominator > 1 else ""
    return " + ".join(filter(None, (of_D, str(constant or "")))) or "0"


# The norms, with eps = 0 where they have one ------------------------------------------------------


def _layer(x, weight, bias):
    return layer_norm_forward(x, x.shape[-1], weight, bias, eps=0.0)[0]


def _layer_backward(dy, x, weight, bias):
    _, mean, rstd = layer_norm_forward(x, x.shape[-1], weight, bias, eps=0.0)
    return layer_norm_backward(dy, x, x.shape[-1], mean, rstd, weight, bias)


def _given(gradients):
    """Those of the gradients whose parameter is not None."""
    return tuple(gradient for gradient in gradients if gradient is not None)


def _rms(x, weight=None):
    return variants.rms_norm(x, x.shape[-1], weight, eps=0.0)


def _rms_backward(dy, x, weight=None):
    return _given(variants.rms_norm_backward(dy, x, x.shape[-1], weight, eps=0.0))


def _heads(x):
    return x.reshape(*x.shape[:-1], HEADS, x.shape[-1] // HEADS)


def _per_head(x, weight):
    return _rms(_heads(x), weight).reshape(x.shape)


def _per_head_backward(dy, x, weight):
    dx, dweight = _rms_backward(_heads(dy), _heads(x), weight)
    return dx.reshape(x.shape), dweight


def _vectors(*sizes):
    """Draw vectors around 1, each as long as the function of D that is given for it says."""
    return lambda rng, D: tuple(rng.uniform(0.5, 1.5, size(D)) for size in sizes)


def _each(D):
    return D


def _numbers(draw):
    """Draw one number first, then vectors."""
    return lambda rng, D: (float(rng.uniform(0.5, 1.5)), *draw(rng, D))


def _draw_seed_norm(rng, D):
    """The last vector is small, since its product with a token goes into a tanh."""
    weight, alpha, beta = _vectors(_each, _each, _each)(rng, D)
    return weight, alpha, beta / D


def _with_gate(function):
    """The gate is what another layer computed: here the same for every token."""

    def run(*arguments):
        *given, weight = arguments
        gate = np.broadcast_to(np.linspace(-1, 2, given[-1].shape[-1]), given[-1].shape)
        return function(*given, gate.copy(), weight, eps=0.0)

    return run


def _gated_backward(dy, x, weight):
    dx, _, dweight = _with_gate(dynamic.gated_rms_norm_backward)(dy, x, weight)
    return dx, dweight


FAMILY = {
    member.name: member
    for member in (
        Member(
            "layer norm",
            "",
            _layer,
            _layer_backward,
            _vectors(_each, _each),
        ),
        Member("RMS norm", "layer norm", _rms, _rms_backward, _vectors(_each)),
        Member(
            "RMS norm, 1 + w",
            "RMS norm",
            lambda x, w: _rms(x, 1 + w),
            lambda dy, x, w: _rms_backward(dy, x, 1 + w),
            _vectors(_each),
        ),
        Member(
            "scale norm",
            "RMS norm",
            lambda x, scale: variants.scale_norm(x, scale, eps=0.0),
            lambda dy, x, scale: variants.scale_norm_backward(dy, x, scale, eps=0.0),
            _numbers(_vectors()),
        ),
        Member("no gain", "scale norm", _rms, _rms_backward, _vectors()),
        Member(
            "QK norm per head",
            "RMS norm",
            _per_head,
            _per_head_backward,
            _vectors(lambda D: D // HEADS),
        ),
        Member(
            "gated RMS norm",
            "RMS norm",
            _with_gate(dynamic.gated_rms_norm),
            _gated_backward,
            _vectors(_each),
        ),
        Member(
            "SeeDNorm",
            "RMS norm",
            lambda x, *parameters: dynamic.seed_norm(x, *parameters, eps=0.0),
            lambda dy, x, *parameters: dynamic.seed_norm_backward(dy, x, *parameters, eps=0.0),
            _draw_seed_norm,
        ),
        Member(
            "dynamic tanh",
            "layer norm",
            variants.dynamic_tanh,
            variants.dynamic_tanh_backward,
            _numbers(_vectors(_each, _each)),
        ),
    )
}
