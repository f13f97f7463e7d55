"""Answers to the exercises of *The backward pass* that ask for an answer, or for a proof."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted

plant = Planted()

# Three features, one direction -------------------------------------------------------------------


def by_the_package_next_door(x):
    """Any dx has the direction; this one is autograd's."""
    leaf = torch.tensor(x, requires_grad=True)
    F.layer_norm(leaf, (3,), eps=0).backward(torch.tensor([0.3, -1.2, 5.0], dtype=torch.float64))
    return leaf.grad.numpy()


def turned_by_a_right_angle(x):
    a, b, c = (x - x.mean()).tolist()
    return b - c, c - a, a - b


DIRECTION = "direction_of_dx"
plant(DIRECTION, "along-the-token")(lambda x: x - x.mean(), lambda x: list(5 * x))
plant(DIRECTION, "differences-shifted")(
    lambda x: [x[0] - x[1], x[1] - x[2], x[2] - x[0]], lambda x: np.roll(x, 1) - x
)
plant(DIRECTION)(
    by_the_package_next_door, turned_by_a_right_angle, lambda x: -2 * np.cross(x, [1, 1, 1])
)

# On paper ----------------------------------------------------------------------------------------

RIGHT_ANSWER = ([0.75, -0.75, 0.25, -0.25], [-2, -1, 0, 1], [2, 1, 0, 1])
G, X_HAT = np.array([4.0, 1.0, 0.0, -1.0]), np.array([-1.0, -1.0, 1.0, 1.0])


def answer(dx=RIGHT_ANSWER[0], dweight=RIGHT_ANSWER[1], dbias=RIGHT_ANSWER[2]):
    return lambda: (dx, dweight, dbias)


PAPER = "gradients_on_paper"
plant(PAPER, "detached-statistics")(answer([2, 0.5, 0, -0.5]), answer(G / 2))
plant(PAPER, "backward-missing-mean")(
    answer([1.25, -0.25, 0.75, 0.25]), answer((G + 1.5 * X_HAT) / 2)
)
plant(PAPER, "backward-missing-projection")(answer([1.5, 0, -0.5, -1]), answer((G - G.mean()) / 2))
plant(PAPER, "backward-forgets-weight")(
    answer([0.25, -0.25, -0.25, 0.25]), answer(np.array([1, -1, -1, 1]) / 4)
)
plant(PAPER, "rstd-missing")(answer([1.5, -1.5, 0.5, -0.5]), answer(G - 1 + 1.5 * X_HAT))
plant(PAPER, "bias-gradient-weighted")(answer(dbias=[4, 1, 0, -1]), answer(dbias=G))
plant(PAPER, "deviations-for-xhat")(
    answer(dweight=[-4, -2, 0, 2]), answer(dweight=np.array([2, 1, 0, 1]) * [-2, -2, 2, 2])
)
plant(PAPER, "backward-of-xhat-with-y")(answer(dweight=[-4, -1, 0, -1]), answer(dweight=G * X_HAT))
plant(PAPER)(answer(), lambda: [np.array(a, float) for a in RIGHT_ANSWER])
