"""Answers to the exercises of the chapter on geometry: each mistake in two ways, and right ones."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted

plant = Planted()

# The matrix of the projection --------------------------------------------------------------------


@plant("projection_matrix")
def rows_minus_their_means(D):
    P = np.eye(D)
    return P - P.mean(axis=1, keepdims=True)


@plant("projection_matrix")
def from_a_basis_of_the_plane(D):
    _, _, basis = np.linalg.svd(np.ones((1, D)))
    return basis[1:].T @ basis[1:]


@plant("projection_matrix", "ones-not-divided")
def identity_minus_ones(D):
    return np.eye(D) - np.ones((D, D))


@plant("projection_matrix", "ones-not-divided")
def by_loops(D):
    return np.array([[0.0 if i == j else -1.0 for i in range(D)] for j in range(D)])


@plant("projection_matrix", "divided-by-the-root")
def one_unit_vector(D):
    return np.eye(D) - np.full((D, D), D**-0.5)


@plant("projection_matrix", "divided-by-the-root")
def outer_of_unit_and_ones(D):
    return np.eye(D) - np.outer(np.ones(D) / np.linalg.norm(np.ones(D)), np.ones(D))


@plant("projection_matrix", "of-three-alone")
def thirds(D):
    return np.eye(D) - 1 / 3


@plant("projection_matrix", "of-three-alone")
def thirds_by_fill(D):
    P = np.full((D, D), -1 / 3)
    np.fill_diagonal(P, 2 / 3)
    return P


@plant("projection_matrix", "onto-the-line")
def mean_of_each(D):
    return np.ones((D, D)) / D


@plant("projection_matrix", "onto-the-line")
def outer_of_unit_vectors(D):
    u = np.ones(D) / np.sqrt(D)
    return np.outer(u, u)


# How many directions are lost --------------------------------------------------------------------


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


# Layer norm by geometry --------------------------------------------------------------------------


@plant("layer_norm_by_geometry")
def by_pytorch(x):
    return F.layer_norm(torch.from_numpy(x), x.shape, eps=0).numpy()


@plant("layer_norm_by_geometry")
def through_coordinates_of_the_plane(x):
    _, _, basis = np.linalg.svd(np.ones((1, len(x))))
    inside = basis[1:] @ x
    return basis[1:].T @ inside / np.sqrt(inside @ inside / len(x))


@plant("layer_norm_by_geometry", "unit-sphere")
def normalized_by_pytorch(x):
    return F.normalize(torch.from_numpy(x - x.mean()), dim=0).numpy()


@plant("layer_norm_by_geometry", "unit-sphere")
def divided_by_length(x):
    c = x - x.sum() / len(x)
    return c / np.linalg.norm(c)


@plant("layer_norm_by_geometry", "unbiased-radius")
def by_the_unbiased_deviation(x):
    return (x - x.mean()) / x.std(ddof=1)


@plant("layer_norm_by_geometry", "unbiased-radius")
def radius_of_the_plane(x):
    c = x - x.mean()
    return np.sqrt((len(x) - 1) / (c @ c)) * c


@plant("layer_norm_by_geometry", "scaled-first")
def rms_norm_and_then_centre(x):
    y = x / np.sqrt((x**2).mean())
    return y - y.mean()


@plant("layer_norm_by_geometry", "scaled-first")
def centred_over_root_mean_square(x):
    return (x - x.mean()) / np.sqrt(x @ x / len(x))


@plant("layer_norm_by_geometry", "not-projected")
def rms_norm(x):
    return x / np.sqrt((x**2).mean())


@plant("layer_norm_by_geometry", "not-projected")
def straight_to_the_sphere(x):
    return x * len(x) ** 0.5 / np.sqrt(x @ x)


@plant("layer_norm_by_geometry", "line-not-unit")
def sum_subtracted(x):
    c = x - x.sum()
    return c / np.sqrt((c**2).mean())


@plant("layer_norm_by_geometry", "line-not-unit")
def dot_subtracted(x):
    ones = np.ones_like(x)
    c = x - np.dot(x, ones) * ones
    return np.sqrt(len(x)) * c / np.linalg.norm(c)


@plant("layer_norm_by_geometry", "not-scaled")
def centred(x):
    return x - x.mean()


@plant("layer_norm_by_geometry", "not-scaled")
def projected_by_a_matrix(x):
    return (np.eye(len(x)) - 1 / len(x)) @ x


# The Jacobian ------------------------------------------------------------------------------------


@plant("jacobian_of_layer_norm")
def jacobian_by_autograd(x, eps):
    def norm(x):
        return (x - x.mean()) / torch.sqrt(x.var(correction=0) + eps)

    return torch.autograd.functional.jacobian(norm, torch.from_numpy(x)).numpy()


@plant("jacobian_of_layer_norm")
def jacobian_by_columns(x, eps):
    x_hat = (x - x.mean()) / np.sqrt(x.var() + eps)
    columns = [
        (e - e.mean() - x_hat * (e * x_hat).mean()) / np.sqrt(x.var() + eps) for e in np.eye(len(x))
    ]
    return np.array(columns).T


@plant("jacobian_of_layer_norm", "projection-forgotten")
def identity_minus_outer(x, eps):
    s = np.sqrt(x.var() + eps)
    x_hat = (x - x.mean()) / s
    return (np.eye(len(x)) - np.outer(x_hat, x_hat) / len(x)) / s


@plant("jacobian_of_layer_norm", "projection-forgotten")
def projection_forgotten_by_columns(x, eps):
    s = np.sqrt(((x - x.mean()) ** 2).mean() + eps)
    x_hat = (x - x.mean()) / s
    return np.stack([(e - x_hat * (e * x_hat).mean()) / s for e in np.eye(len(x))])


@plant("jacobian_of_layer_norm", "radius-forgotten")
def projection_over_root(x, eps):
    return (np.eye(len(x)) - 1 / len(x)) / np.sqrt(x.var() + eps)


@plant("jacobian_of_layer_norm", "radius-forgotten")
def with_the_deviation_detached(x, eps):
    def norm(x):
        return (x - x.mean()) / torch.sqrt(x.var(correction=0) + eps).detach()

    return torch.autograd.functional.jacobian(norm, torch.from_numpy(x)).numpy()


@plant("jacobian_of_layer_norm", "outer-not-divided")
def outer_of_x_hat(x, eps):
    s = np.sqrt(x.var() + eps)
    x_hat = (x - x.mean()) / s
    return (np.eye(len(x)) - 1 / len(x) - np.outer(x_hat, x_hat)) / s


@plant("jacobian_of_layer_norm", "outer-not-divided")
def summed_where_the_mean_belongs(x, eps):
    s = np.sqrt(x.var() + eps)
    x_hat = (x - x.mean()) / s
    return np.stack([(e - e.mean() - x_hat * (e * x_hat).sum()) / s for e in np.eye(len(x))])


@plant("jacobian_of_layer_norm", "eps-only-in-the-root")
def with_a_unit_vector(x, eps):
    u = (x - x.mean()) / np.linalg.norm(x - x.mean())
    return (np.eye(len(x)) - 1 / len(x) - np.outer(u, u)) / np.sqrt(x.var() + eps)


@plant("jacobian_of_layer_norm", "eps-only-in-the-root")
def with_x_hat_without_eps(x, eps):
    x_hat = (x - x.mean()) / x.std()
    plane = np.eye(len(x)) - np.full((len(x), len(x)), 1 / len(x))
    return (plane - x_hat[:, None] * x_hat / len(x)) * (x.var() + eps) ** -0.5


@plant("jacobian_of_layer_norm", "root-forgotten")
def two_projections(x, eps):
    x_hat = (x - x.mean()) / np.sqrt(x.var() + eps)
    return np.eye(len(x)) - 1 / len(x) - np.outer(x_hat, x_hat) / len(x)


@plant("jacobian_of_layer_norm", "root-forgotten")
def root_forgotten_by_autograd(x, eps):
    right = jacobian_by_autograd(x, eps)
    return right * np.sqrt(((x - x.mean()) ** 2).mean() + eps)
