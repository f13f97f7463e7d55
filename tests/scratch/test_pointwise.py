"""Derf in NumPy, against PyTorch in float64 and its autograd."""

import numpy as np
import pytest
import torch

from lnlearn.scratch import pointwise
from oracle import gradients

TOLERANCE = {np.float16: 3e-3, np.float32: 2e-6, np.float64: 1e-13}


def draw(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(6,), (2, 3, 6), (5, 1)])
@pytest.mark.parametrize("affine", [(True, True), (True, False), (False, False)])
def test_derf_and_its_gradient_are_those_of_pytorch(shape, affine, dtype):
    x, dy = draw(*shape, dtype=dtype), draw(*shape, dtype=dtype, seed=1)
    weight, bias = (
        draw(shape[-1], dtype=dtype, seed=seed) if present else None
        for seed, present in zip((2, 3), affine, strict=True)
    )

    def by_pytorch(x, alpha, shift, weight, bias):
        y = torch.erf(alpha * x + shift)
        y = y if weight is None else y * weight
        return y if bias is None else y + bias

    y, found = gradients(by_pytorch, dy, x, np.array(0.8), np.array(0.3), weight, bias)
    found += [None] * affine.count(False)
    got = pointwise.dynamic_erf_backward(dy, x, 0.8, 0.3, weight, bias)
    assert got[0].dtype == pointwise.dynamic_erf(x, 0.8).dtype == dtype
    pairs = [(pointwise.dynamic_erf(x, 0.8, 0.3, weight, bias), y), *zip(got, found, strict=True)]
    for ours, theirs in pairs:
        if theirs is None:
            assert ours is None
        else:
            scale = 1 + np.abs(theirs).max()
            assert np.shape(ours) == np.shape(theirs)
            assert np.abs(ours - theirs).max() <= TOLERANCE[dtype] * scale


def test_bad_arguments_are_named():
    x = draw(2, 3)
    with pytest.raises(TypeError, match="alpha"):
        pointwise.dynamic_erf(x, "0.5")
    with pytest.raises(TypeError, match="shift"):
        pointwise.dynamic_erf(x, 0.5, x)
    with pytest.raises(ValueError, match="weight"):
        pointwise.dynamic_erf(x, 0.5, 0.0, np.ones(2))
    with pytest.raises(ValueError, match="dy"):
        pointwise.dynamic_erf_backward(x[:1], x, 0.5)
