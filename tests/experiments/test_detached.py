"""Networks whose norm ignores some of its derivatives."""

import numpy as np
import pytest
import torch

from lnlearn.experiments import detached

X, DY = torch.randn(2, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("keep", ["", "μ", "σ", "μσ"])
def test_a_gradient_is_the_slope_while_what_is_not_kept_stands_still(keep):
    def loss(moved):
        mean = np.mean(moved if "μ" in keep else X.numpy())
        deviation = np.std(moved if "σ" in keep else X.numpy())
        return ((moved - mean) / deviation) @ DY.numpy()

    slopes = [(loss(X.numpy() + h) - loss(X.numpy() - h)) / 2e-6 for h in 1e-6 * np.eye(6)]
    x = X.clone().requires_grad_()
    detached.normalize(x, keep, eps=0).backward(DY)
    np.testing.assert_allclose(x.grad, slopes, rtol=1e-7, atol=1e-9)


def test_the_factor_of_ada_norm_scales_the_gradient_and_is_not_differentiated():
    x, same = X.clone().requires_grad_(), X.clone().requires_grad_()
    z = detached.ada_norm(x, C=2.0, k=0.3)
    factor = 2 - 0.6 * (X - X.mean()) / X.std(correction=0)
    z.backward(DY)
    detached.normalize(same).backward(factor * DY)
    torch.testing.assert_close(x.grad, same.grad, rtol=1e-4, atol=1e-6)


def test_the_networks_share_nothing():
    matrices = [matrix.requires_grad_() for matrix in detached.weights(2, "He", count=3)]
    images, labels = torch.rand(3, 4, 64), torch.zeros(3, 4, dtype=torch.int64)
    detached.losses(matrices, detached.NORMS["both"], images, labels)[1].backward()
    for matrix in matrices:
        assert [bool(gradient.any()) for gradient in matrix.grad] == [False, True, False]


def test_training_lowers_both_errors():
    before, after = (
        np.mean([*detached.on_digits("both", 2, "small", "SGD", 0.1, steps).values()], axis=1)
        for steps in (0, 40)
    )
    assert (before > 0.8).all()
    assert (after < 0.3).all()
