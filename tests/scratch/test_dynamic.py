"""Gated RMS norm and SeeDNorm, against PyTorch in float64 and its autograd."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lnlearn.scratch import dynamic, rms_norm
from oracle import gradients

TOLERANCE = {np.float16: 4e-3, np.float32: 2e-6, np.float64: 1e-13}


def draw(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def gated(x, gate, weight):
    return F.rms_norm(x, x.shape[-1:], weight, eps=0.1) * F.silu(gate)


def seed(x, weight, alpha, beta):
    gain = weight + alpha * torch.tanh(x @ beta)[..., None]
    return F.rms_norm(x, x.shape[-1:], eps=0.1) * gain


NORMS = {
    "gated": (dynamic.gated_rms_norm, dynamic.gated_rms_norm_backward, gated),
    "seed": (dynamic.seed_norm, dynamic.seed_norm_backward, seed),
}


def arguments(name, shape, dtype=np.float64):
    D = shape[-1:]
    shapes = {"gated": (shape, shape, D), "seed": (shape, D, D, D)}[name]
    return [draw(*one, dtype=dtype, seed=n) for n, one in enumerate(shapes)]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(6,), (4, 6), (2, 3, 6), (5, 1)])
@pytest.mark.parametrize("name", NORMS)
def test_a_norm_and_its_gradients_are_those_of_pytorch(name, shape, dtype):
    forward, backward, oracle = NORMS[name]
    given, dy = arguments(name, shape, dtype), draw(*shape, dtype=dtype, seed=9)
    y, found = gradients(oracle, dy, *given)
    got = [forward(*given, eps=0.1), *backward(dy, *given, eps=0.1)]
    assert len(got) == 1 + len(given)
    for ours, theirs in zip(got, [y, *found], strict=True):
        assert ours.dtype == dtype
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= TOLERANCE[dtype] * (1 + np.abs(theirs).max())


def test_without_alpha_or_beta_seed_norm_is_rms_norm():
    x, weight = draw(4, 6), draw(6, seed=1)
    other, zero = draw(6, seed=2), np.zeros(6)
    expected = rms_norm(x, 6, weight, eps=1e-6)
    for alpha, beta in ((zero, other), (other, zero)):
        assert np.allclose(dynamic.seed_norm(x, weight, alpha, beta), expected, atol=1e-14)


def test_a_closed_gate_lets_nothing_through():
    x = draw(4, 6)
    assert (dynamic.gated_rms_norm(x, np.zeros((4, 6)), np.ones(6)) == 0).all()


def test_a_gate_far_from_zero_raises_no_warning():
    x, gate = draw(1, 2), np.array([[-1e4, 1e4]])
    y = dynamic.gated_rms_norm(x, gate, np.ones(2))
    assert y[0, 0] == 0
    assert np.isfinite(y).all()


@pytest.mark.parametrize("name", NORMS)
def test_arguments_are_not_modified(name):
    forward, backward, _ = NORMS[name]
    given = arguments(name, (3, 4))
    copies, dy = [a.copy() for a in given], draw(3, 4, seed=9)
    forward(*given)
    backward(dy, *given)
    assert all(np.array_equal(a, b) for a, b in zip(given, copies, strict=True))


def test_bad_arguments_are_named():
    x, w = draw(3, 4), np.ones(4)
    with pytest.raises(ValueError, match=r"gate needs the shape of x, \(3, 4\), got \(4,\)"):
        dynamic.gated_rms_norm(x, w, w)
    with pytest.raises(TypeError, match=r"weight needs to be a NumPy array.*got None"):
        dynamic.gated_rms_norm(x, x, None)
    with pytest.raises(ValueError, match=r"beta needs a number for each feature of x, \(4,\)"):
        dynamic.seed_norm(x, w, w, np.ones(3))
    with pytest.raises(ValueError, match="eps needs to be finite and not negative"):
        dynamic.seed_norm(x, w, w, w, eps=-1.0)
    with pytest.raises(ValueError, match="dy needs the shape of x"):
        dynamic.seed_norm_backward(w, x, w, w, w)
