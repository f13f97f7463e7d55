"""Answers to how many directions each norm loses: each mistake in two ways, and right ones."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted

plant = Planted()


def lost(layer, narrow, layer_eps, rms, rms_eps):
    return lambda: {
        "layer norm, D = 8": layer,
        "layer norm, D = 2": narrow,
        "layer norm, D = 8, eps = 1e-5": layer_eps,
        "RMS norm, D = 8": rms,
        "RMS norm, D = 8, eps = 1e-5": rms_eps,
    }


plant("lost_directions")(lost(2, 2, 1, 1, 0))


@plant("lost_directions")
def by_autograd():
    def rank_lost(norm, D):
        x = torch.arange(1.0, D + 1, dtype=torch.float64) ** 2
        J = torch.autograd.functional.jacobian(norm, x)
        return int((torch.linalg.svdvals(J) < 1e-12).sum())

    return lost(
        rank_lost(lambda x: F.layer_norm(x, (8,), eps=0), 8),
        rank_lost(lambda x: F.layer_norm(x, (2,), eps=0), 2),
        rank_lost(lambda x: F.layer_norm(x, (8,)), 8),
        rank_lost(lambda x: x / x.square().mean().sqrt(), 8),
        rank_lost(lambda x: x / (x.square().mean() + 1e-5).sqrt(), 8),
    )()


for answers in (lost(1, 1, 1, 0, 0), lost(1.0, 1.0, 1.0, 0.0, 0.0)):
    plant("lost_directions", "scaling-forgotten")(answers)
for answers in (lost(2, 2, 2, 1, 1), lost(*np.array([2, 2, 2, 1, 1]))):
    plant("lost_directions", "eps-forgotten")(answers)
for answers in (lost(2, 2, 1, 2, 1), lost(*np.array([2, 2, 1, 2, 1]))):
    plant("lost_directions", "rms-norm-projects")(answers)
for answers in (lost(2, 2, 0, 1, 0), lost(*np.array([2, 2, 0, 1, 0]))):
    plant("lost_directions", "eps-rescues-both")(answers)
for answers in (lost(2, 1, 1, 1, 0), lost(2.0, 1.0, 1.0, 1.0, 0.0)):
    plant("lost_directions", "one-of-two")(answers)
for answers in (lost(1, 1, 1, 1, 1), lost(*np.ones(5))):
    plant("lost_directions", "one-each")(answers)
