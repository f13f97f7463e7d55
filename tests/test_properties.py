"""Every wrong layer norm that is planted for the checkers fails a property that the package has.

The properties are functions of an implementation. Each is held by scratch and accelerated; for each
mistake the one that is there to catch it is named, and must catch it, however it is written.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from check.planting import found
from lnlearn import accelerated, nn, scratch

WRONG, RIGHT, _ = found()


def draw(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def by_pytorch(x, weight, bias, eps):
    x, weight, bias = (torch.tensor(np.array(a, np.float64)) for a in (x, weight, bias))
    return F.layer_norm(x, x.shape[-1:], weight, bias, eps).numpy()


def agrees(function, x, weight, bias, eps=1e-5, tolerance=1e-9):
    given = x.copy()
    return np.allclose(
        function(given, weight, bias, eps), by_pytorch(x, weight, bias, eps), 0, tolerance
    )


# Properties of a forward function ----------------------------------------------------------------


def few_features_are_right(function):
    assert agrees(function, draw(4, 3), np.ones(3), np.zeros(3))


def eps_stands_inside_the_root(function):
    for eps in (0.1, 1.0):
        assert agrees(function, draw(4, 3), np.ones(3), np.zeros(3), eps)


def a_constant_row_gives_the_bias(function):
    bias = draw(3)
    assert np.array_equal(function(np.full((2, 3), 0.5), np.ones(3), bias, 1e-5), [bias, bias])


def rows_do_not_depend_on_each_other(function):
    x = draw(5, 4, 5)  # as many texts as features
    other = x.copy()
    other[1, 2] = 9 * draw(5, seed=1)
    changed = function(other, np.ones(5), np.zeros(5), 1e-5) != function(
        x, np.ones(5), np.zeros(5), 1e-5
    )
    changed[1, 2] = False
    assert not changed.any()


def shifting_a_row_changes_nothing(function):
    x = draw(3, 5)
    one, zero = np.ones(5), np.zeros(5)
    assert np.allclose(function(x + 3, one, zero, 1e-5), function(x, one, zero, 1e-5), 0, 1e-9)


def scaling_a_row_changes_nothing(function):
    x = draw(3, 5)
    one, zero = np.ones(5), np.zeros(5)
    assert np.allclose(function(7 * x, one, zero, 0.0), function(x, one, zero, 0.0), 0, 1e-9)


def weight_and_bias_scale_and_shift_each_feature(function):
    assert agrees(function, draw(3, 5), draw(5, seed=1), draw(5, seed=2))


def a_large_mean_keeps_the_variance(function):
    x = draw(4, 96, dtype=np.float32) + np.float32(1e4)
    one, zero = np.ones(96, np.float32), np.zeros(96, np.float32)
    assert agrees(function, x, one, zero, tolerance=0.02)


def float16_sums_do_not_overflow(function):
    x = np.array([[300, -300, 200, -200]], np.float16)
    assert agrees(function, x, np.ones(4, np.float16), np.zeros(4, np.float16), tolerance=2e-3)


def a_width_that_is_no_power_of_two_is_right(function):
    assert agrees(function, draw(3, 33) + 5, np.ones(33), np.zeros(33))


def the_input_stays_as_it_is(function):
    x = draw(3, 5)
    given = x.copy()
    function(given, np.ones(5), np.zeros(5), 1e-5)
    assert np.array_equal(given, x)


def the_result_has_the_dtype_of_x(function):
    for dtype in (np.float16, np.float32, np.float64):
        x = draw(3, 5, dtype=dtype)
        assert function(x, x[0], x[1], 1e-5).dtype == dtype


CATCHES = {
    "unbiased-variance": few_features_are_right,
    "eps-outside-sqrt": eps_stands_inside_the_root,
    "eps-missing": a_constant_row_gives_the_bias,
    "eps-ignored": eps_stands_inside_the_root,
    "eps-as-floor": eps_stands_inside_the_root,
    "eps-squared": eps_stands_inside_the_root,
    "squares-not-averaged": few_features_are_right,
    "uncentred-variance": shifting_a_row_changes_nothing,
    "one-plus-weight": weight_and_bias_scale_and_shift_each_feature,
    "weight-twice": weight_and_bias_scale_and_shift_each_feature,
    "bias-before-weight": weight_and_bias_scale_and_shift_each_feature,
    "keepdims-forgotten": rows_do_not_depend_on_each_other,
    "wrong-axis": rows_do_not_depend_on_each_other,
    "batch-mixed": rows_do_not_depend_on_each_other,
    "mean-not-subtracted": shifting_a_row_changes_nothing,
    "not-scaled": scaling_a_row_changes_nothing,
    "root-missing": scaling_a_row_changes_nothing,
    "weight-skipped": weight_and_bias_scale_and_shift_each_feature,
    "bias-skipped": weight_and_bias_scale_and_shift_each_feature,
    "weight-and-bias-swapped": weight_and_bias_scale_and_shift_each_feature,
    "affine-before-norm": weight_and_bias_scale_and_shift_each_feature,
    "scalar-affine": weight_and_bias_scale_and_shift_each_feature,
    "one-pass-variance": a_large_mean_keeps_the_variance,
    "low-precision-statistics": float16_sums_do_not_overflow,
    "padded-lanes": a_width_that_is_no_power_of_two_is_right,
    "input-modified": the_input_stays_as_it_is,
    "wrong-dtype": the_result_has_the_dtype_of_x,
}


# Properties of a backward function ---------------------------------------------------------------

DY, X, WEIGHT = draw(2, 3, 5), draw(2, 3, 5, seed=1), draw(5, seed=2)


def by_autograd():
    x, weight, bias = (torch.tensor(a, requires_grad=True) for a in (X, WEIGHT, np.zeros(5)))
    y = F.layer_norm(x, (5,), weight, bias, 0.1)
    return [g.numpy() for g in torch.autograd.grad(y, (x, weight, bias), torch.tensor(DY))]


def dx_has_no_mean(function):
    dx, _, _ = function(DY, X, WEIGHT, 0.1)
    assert np.allclose(dx.mean(axis=-1), 0, atol=1e-12)


def dx_without_eps_has_no_part_along_the_output(function):
    dx, _, _ = function(DY, X, WEIGHT, 0.0)
    assert np.allclose((dx * (X - X.mean(axis=-1, keepdims=True))).sum(axis=-1), 0, atol=1e-12)


def gradients_are_those_of_autograd(function):
    for gradient, right in zip(function(DY, X, WEIGHT, 0.1), by_autograd(), strict=True):
        assert np.allclose(gradient, right, 0, 1e-12)


def gradients_of_parameters_are_sums_over_rows(function):
    _, dweight, dbias = function(DY, X, WEIGHT, 0.1)
    assert dweight.shape == dbias.shape == (5,)
    assert np.allclose(dweight, by_autograd()[1], 0, 1e-12)
    assert np.allclose(dbias, by_autograd()[2], 0, 1e-12)


CATCHES_BACKWARD = {
    "detached-statistics": dx_has_no_mean,
    "backward-missing-mean": dx_has_no_mean,
    "backward-missing-projection": dx_without_eps_has_no_part_along_the_output,
    "backward-sum-for-mean": gradients_are_those_of_autograd,
    "backward-projection-added": dx_without_eps_has_no_part_along_the_output,
    "backward-centred-for-xhat": gradients_are_those_of_autograd,
    "backward-weight-outside": dx_has_no_mean,
    "backward-forgets-weight": gradients_are_those_of_autograd,
    "weight-twice": gradients_are_those_of_autograd,
    "keepdims-forgotten": gradients_are_those_of_autograd,
    "parameter-gradient-not-summed": gradients_of_parameters_are_sums_over_rows,
    "parameter-gradient-averaged": gradients_of_parameters_are_sums_over_rows,
    "backward-of-xhat-with-y": gradients_of_parameters_are_sums_over_rows,
}


# Ours hold them ----------------------------------------------------------------------------------


def by_scratch(x, weight, bias, eps):
    return scratch.layer_norm(x, x.shape[-1], weight, bias, eps)


def by_accelerated(x, weight, bias, eps):
    x, weight, bias = map(torch.from_numpy, (x, weight, bias))
    return accelerated.layer_norm(x, x.shape[-1], weight, bias, eps).numpy()


def scratch_backward(dy, x, weight, eps):
    _, mean, rstd = scratch.layer_norm_forward(x, 5, weight, weight, eps)
    return scratch.layer_norm_backward(dy, x, 5, mean, rstd, weight, weight)


def accelerated_backward(dy, x, weight, eps):
    x, weight, bias = (torch.tensor(a, requires_grad=True) for a in (x, weight, 0 * weight))
    y = accelerated.layer_norm(x, 5, weight, bias, eps)
    found = torch.autograd.grad(y, (x, weight, bias), torch.tensor(dy))
    return [g.numpy() for g in found]


@pytest.mark.parametrize("function", [by_scratch, by_accelerated])
@pytest.mark.parametrize("holds", dict.fromkeys(CATCHES.values()))
def test_forward(holds, function):
    holds(function)


@pytest.mark.parametrize("function", [scratch_backward, accelerated_backward])
@pytest.mark.parametrize("holds", dict.fromkeys(CATCHES_BACKWARD.values()))
def test_backward(holds, function):
    holds(function)


# And the planted ones do as far as they are right ------------------------------------------------


@pytest.mark.parametrize(
    "holds", [h for h in dict.fromkeys(CATCHES.values()) if h is not a_constant_row_gives_the_bias]
)
def test_forward_of_right_answers(holds):  # of which one rounds where all numbers are equal
    for function in RIGHT["layer_norm"]:
        holds(function)


@pytest.mark.parametrize("holds", dict.fromkeys(CATCHES_BACKWARD.values()))
def test_backward_of_right_answers(holds):
    for function in RIGHT["layer_norm_backward"]:
        holds(function)


@pytest.mark.parametrize("mistake", WRONG["layer_norm"])
def test_a_wrong_forward_function_is_caught(mistake):
    for function in WRONG["layer_norm"][mistake]:
        with np.errstate(all="ignore"), pytest.raises((AssertionError, ValueError, RuntimeError)):
            CATCHES[mistake](function)


@pytest.mark.parametrize("mistake", CATCHES_BACKWARD)
def test_a_wrong_backward_function_is_caught(mistake):
    for function in WRONG["layer_norm_backward"][mistake]:
        with np.errstate(all="ignore"), pytest.raises((AssertionError, ValueError, RuntimeError)):
            CATCHES_BACKWARD[mistake](function)


def dx_of_module(cls):
    module = cls((5,)).double()
    x = torch.tensor(X, requires_grad=True)
    module(x).backward(torch.tensor(DY))
    return x.grad.numpy()


@pytest.mark.parametrize("mistake", ["detached-statistics", "detached-mean", "detached-variance"])
def test_a_module_with_detached_statistics_has_right_values_and_wrong_gradients(mistake):
    x = torch.tensor(X)
    assert np.allclose(dx_of_module(nn.LayerNorm), dx_of_module(torch.nn.LayerNorm), 0, 1e-14)
    for wrong in WRONG["module"][mistake]:
        assert torch.allclose(wrong((5,)).double()(x), nn.LayerNorm(5).double()(x))
        assert not np.allclose(dx_of_module(wrong), dx_of_module(torch.nn.LayerNorm), 0, 1e-3)
