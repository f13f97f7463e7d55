"""Answers to the exercises of the chapter on geometry: each mistake in two ways, and right ones."""

import numpy as np
import torch
import torch.nn.functional as F

from check.planting import Planted

plant = Planted()

# The matrix of the projection --------------------------------------------------------------------


@plant("projection_matrix")
def of_a_unit_vector(u):
    u = u / np.linalg.norm(u)
    return np.eye(len(u)) - u[:, None] * u


@plant("projection_matrix")
def from_a_basis_of_the_plane(u):
    _, _, basis = np.linalg.svd(u[None])
    return basis[1:].T @ basis[1:]


@plant("projection_matrix", "not-divided")
def identity_minus_outer_product(u):
    return np.eye(len(u)) - np.outer(u, u)


@plant("projection_matrix", "not-divided")
def by_loops(u):
    D = range(len(u))
    return np.array([[(i == j) - u[i] * u[j] for i in D] for j in D])


@plant("projection_matrix", "divided-by-the-length")
def one_unit_vector(u):
    return np.eye(len(u)) - np.outer(u / np.linalg.norm(u), u)


@plant("projection_matrix", "divided-by-the-length")
def columns_over_the_length(u):
    return np.stack([e - u * u[i] / (u @ u) ** 0.5 for i, e in enumerate(np.eye(len(u)))])


@plant("projection_matrix", "divided-by-D")
def as_for_ones(u):
    return np.eye(len(u)) - np.outer(u, u) / len(u)


@plant("projection_matrix", "divided-by-D")
def means_of_products(u):
    return np.array([e - u * np.mean(e * u) for e in np.eye(len(u))])


@plant("projection_matrix", "ones-alone")
def centring(u):
    return np.eye(len(u)) - 1 / len(u)


@plant("projection_matrix", "ones-alone")
def rows_minus_their_means(u):
    P = np.eye(len(u))
    return P - P.mean(axis=1, keepdims=True)


@plant("projection_matrix", "onto-the-line")
def outer_over_squared_length(u):
    return np.outer(u, u) / np.dot(u, u)


@plant("projection_matrix", "onto-the-line")
def outer_of_unit_vectors(u):
    u = u / np.linalg.norm(u)
    return u[:, None] @ u[None]


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


J = "jacobian_of_rms_norm"


def normed(x, eps):
    s = np.sqrt((x**2).mean() + eps)
    return x / s, s


@plant(J)
def jacobian_by_autograd(x, eps):
    def norm(x):
        return x / torch.sqrt(x.square().mean() + eps)

    return torch.autograd.functional.jacobian(norm, torch.from_numpy(x)).numpy()


@plant(J)
def jacobian_by_columns(x, eps):
    x_hat, s = normed(x, eps)
    return np.array([(e - x_hat * (e * x_hat).mean()) / s for e in np.eye(len(x))]).T


@plant(J, "of-layer-norm")
def formula_6(x, eps):
    s = np.sqrt(x.var() + eps)
    x_hat = (x - x.mean()) / s
    return (np.eye(len(x)) - 1 / len(x) - np.outer(x_hat, x_hat) / len(x)) / s


@plant(J, "of-layer-norm")
def of_layer_norm_by_autograd(x, eps):
    def norm(x):
        return F.layer_norm(x, x.shape, eps=eps)

    return torch.autograd.functional.jacobian(norm, torch.from_numpy(x)).numpy()


@plant(J, "variance")
def token_over_root_of_variance(x, eps):
    s = np.sqrt(x.var() + eps)
    return (np.eye(len(x)) - np.outer(x / s, x / s) / len(x)) / s


@plant(J, "variance")
def with_deviation_by_columns(x, eps):
    s = np.sqrt(((x - x.mean()) ** 2).mean() + eps)
    return np.stack([(e - x / s * (e * x / s).mean()) / s for e in np.eye(len(x))])


@plant(J, "radius-forgotten")
def identity_over_root(x, eps):
    return np.eye(len(x)) / np.sqrt(x @ x / len(x) + eps)


@plant(J, "radius-forgotten")
def with_the_root_detached(x, eps):
    def norm(x):
        return x / torch.sqrt(x.square().mean() + eps).detach()

    return torch.autograd.functional.jacobian(norm, torch.from_numpy(x)).numpy()


@plant(J, "outer-not-divided")
def outer_of_x_hat(x, eps):
    x_hat, s = normed(x, eps)
    return (np.eye(len(x)) - np.outer(x_hat, x_hat)) / s


@plant(J, "outer-not-divided")
def summed_where_the_mean_belongs(x, eps):
    x_hat, s = normed(x, eps)
    return np.stack([(e - x_hat * (e * x_hat).sum()) / s for e in np.eye(len(x))])


@plant(J, "eps-ignored")
def without_eps(x, eps):
    x_hat, s = normed(x, 0)
    return (np.eye(len(x)) - np.outer(x_hat, x_hat) / len(x)) / s


@plant(J, "eps-ignored")
def without_eps_by_autograd(x, eps):
    return jacobian_by_autograd(x, 0)


@plant(J, "eps-only-in-the-root")
def with_a_unit_vector(x, eps):
    u = x / np.linalg.norm(x)
    return (np.eye(len(x)) - np.outer(u, u)) / normed(x, eps)[1]


@plant(J, "eps-only-in-the-root")
def with_x_hat_without_eps(x, eps):
    x_hat, _ = normed(x, 0)
    return (np.eye(len(x)) - x_hat[:, None] * x_hat / len(x)) * ((x**2).mean() + eps) ** -0.5


@plant(J, "root-forgotten")
def projection_alone(x, eps):
    x_hat, _ = normed(x, eps)
    return np.eye(len(x)) - np.outer(x_hat, x_hat) / len(x)


@plant(J, "root-forgotten")
def root_forgotten_by_autograd(x, eps):
    return jacobian_by_autograd(x, eps) * np.sqrt((x**2).mean() + eps)
