"""Batch, instance and group norm, against PyTorch in float64 and its autograd."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lnlearn.scratch import channels, layer_norm
from oracle import gradients

TOLERANCE = {np.float16: 5e-3, np.float32: 3e-6, np.float64: 1e-13}
EPS = 0.1


def batch(x, weight, bias):
    return F.batch_norm(x, None, None, weight, bias, training=True, eps=EPS)


def instance(x, weight, bias):
    return F.instance_norm(x, weight=weight, bias=bias, eps=EPS)


def group(x, weight, bias):
    if weight is None and bias is not None:  # PyTorch 2.13 fails in the backward pass of this one
        weight = torch.ones_like(bias)
    return F.group_norm(x, 2, weight, bias, EPS)


NORMS = {
    "batch": (batch, channels.batch_norm, channels.batch_norm_backward, ()),
    "instance": (instance, channels.instance_norm, channels.instance_norm_backward, ()),
    "group": (group, channels.group_norm, channels.group_norm_backward, (2,)),
}


@pytest.fixture(params=NORMS)
def norm(request):
    return NORMS[request.param]


def draw(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 6, 3, 4), (2, 4, 2, 3, 2)])
@pytest.mark.parametrize("affine", [(True, True), (True, False), (False, True), (False, False)])
def test_value_and_gradients_are_those_of_pytorch(norm, shape, affine, dtype):
    by_pytorch, forward, backward, more = norm
    x, dy = draw(*shape, dtype=dtype), draw(*shape, dtype=dtype, seed=1)
    weight, bias = (
        draw(shape[1], dtype=dtype, seed=seed) if present else None
        for seed, present in zip((2, 3), affine, strict=True)
    )
    y, found = gradients(by_pytorch, dy, x, weight, bias)
    expected = [found.pop(0), *(found.pop(0) if present else None for present in affine)]
    results = [
        forward(x, *more, weight, bias, EPS),
        *backward(dy, x, *more, weight, bias, EPS),
    ]
    for got, wanted in zip(results, [y, *expected], strict=True):
        if wanted is None:
            assert got is None
        else:
            assert got.dtype == dtype
            assert got.shape == wanted.shape
            assert np.abs(got - wanted).max() <= TOLERANCE[dtype] * (1 + np.abs(wanted).max())


def test_batch_and_group_norm_take_examples_without_positions():
    x, dy = draw(5, 4), draw(5, 4, seed=1)
    y, (dx,) = gradients(batch, dy, x, None, None)
    assert np.allclose(channels.batch_norm(x, eps=EPS), y, rtol=0, atol=1e-14)
    assert np.allclose(channels.batch_norm_backward(dy, x, eps=EPS)[0], dx, rtol=0, atol=1e-13)
    y, (dx,) = gradients(group, dy, x, None, None)
    assert np.allclose(channels.group_norm(x, 2, eps=EPS), y, rtol=0, atol=1e-14)
    assert np.allclose(channels.group_norm_backward(dy, x, 2, eps=EPS)[0], dx, rtol=0, atol=1e-13)


def test_the_default_eps_is_that_of_pytorch():
    x = 1e-3 * draw(3, 4, 5)
    for name, forward, more in [
        ("batch_norm", channels.batch_norm, ()),
        ("instance_norm", channels.instance_norm, ()),
        ("group_norm", channels.group_norm, (2,)),
    ]:
        backward = getattr(channels, f"{name}_backward")
        assert np.array_equal(forward(x, *more), forward(x, *more, None, None, 1e-5))
        assert np.array_equal(backward(x, x, *more)[0], backward(x, x, *more, None, None, 1e-5)[0])


@pytest.mark.parametrize("value", [0.1, 1000.1, 16777213])
def test_a_constant_channel_gives_zeros_in_float32(norm, value):
    _, forward, _, more = norm
    x = np.full((7, 4, 3), value, np.float32)
    assert np.array_equal(forward(x, *more), np.zeros_like(x))
    assert np.isnan(forward(x, *more, eps=0)).all()


def test_a_large_mean_costs_no_digit(norm):
    by_pytorch, forward, backward, more = norm
    x = draw(3, 4, 50, dtype=np.float32) + np.float32(1e4)
    dy = draw(3, 4, 50, dtype=np.float32, seed=1)
    y, (dx,) = gradients(by_pytorch, dy, x, None, None)
    assert np.abs(forward(x, *more, eps=EPS) - y).max() <= 3e-6
    assert np.abs(backward(dy, x, *more, eps=EPS)[0] - dx).max() <= 3e-6


def test_squares_that_overflow_give_nan(norm):
    _, forward, _, more = norm
    assert np.isnan(forward(1e25 * draw(2, 4, 5, dtype=np.float32), *more)).all()


# Who shares a mean with whom ---------------------------------------------------------------------


def changed_by(function, x, place):
    """Which outputs change when the number at `place` does."""
    other = x.copy()
    other[place] += 1
    return function(other) != function(x)


def test_batch_norm_shares_a_mean_over_the_batch_and_not_over_channels():
    changed = changed_by(channels.batch_norm, draw(3, 4, 5), (0, 1, 2))
    assert changed[:, 1].all()
    assert changed.sum() == changed[:, 1].size


def test_instance_norm_shares_a_mean_over_the_positions_of_one_channel():
    changed = changed_by(channels.instance_norm, draw(3, 4, 5), (0, 1, 2))
    assert changed[0, 1].all()
    assert changed.sum() == changed[0, 1].size


def test_group_norm_shares_a_mean_over_the_channels_of_one_group():
    changed = changed_by(lambda x: channels.group_norm(x, 2), draw(3, 4, 5), (0, 1, 2))
    assert changed[0, :2].all()
    assert changed.sum() == changed[0, :2].size


def test_group_norm_with_one_group_is_layer_norm_and_with_all_is_instance_norm():
    x = draw(3, 4, 5)
    assert np.allclose(channels.group_norm(x, 1), layer_norm(x, (4, 5)), rtol=0, atol=1e-14)
    assert np.allclose(channels.group_norm(x, 4), channels.instance_norm(x), rtol=0, atol=1e-14)


# Arrays as they come -----------------------------------------------------------------------------


def test_the_input_is_not_modified_and_the_layout_does_not_matter(norm):
    _, forward, backward, more = norm
    x, dy = draw(4, 6, 5), draw(4, 6, 5, seed=1)
    before = x.copy(), dy.copy()
    y, (dx, *_) = forward(x, *more), backward(dy, x, *more)
    assert np.array_equal(x, before[0])
    assert np.array_equal(dy, before[1])
    assert np.allclose(forward(np.asfortranarray(x), *more), y, rtol=0, atol=1e-14)
    again, *_ = backward(np.asfortranarray(dy), np.repeat(x, 2, axis=0)[::2], *more)
    assert np.allclose(again, dx, rtol=0, atol=1e-14)


@pytest.mark.parametrize("shape", [(0, 4, 3), (3, 4, 0)])
def test_arrays_without_elements(norm, shape):
    _, forward, backward, more = norm
    x = np.zeros(shape, np.float32)
    assert forward(x, *more).shape == shape
    dx, dweight, dbias = backward(x, x, *more, np.ones(4), np.ones(4))
    assert dx.shape == shape
    assert dweight.shape == dbias.shape == (4,)


@pytest.mark.parametrize("bad", [np.inf, 3e38])
def test_extreme_numbers_raise_no_warning(norm, bad):  # warnings are errors in these tests
    _, forward, backward, more = norm
    x, dy = draw(2, 4, 3, dtype=np.float32), draw(2, 4, 3, dtype=np.float32, seed=1)
    clean = forward(x, *more)[1, 3]
    x[0, 0] = [bad, -bad, 0]
    assert np.array_equal(forward(x, *more)[1, 3], clean)
    dx, _, _ = backward(dy, x, *more)
    assert np.isfinite(dx[1, 3]).all()


def test_without_eps_a_constant_channel_becomes_nan(norm):
    _, forward, backward, more = norm
    x = np.ones((2, 4, 3))
    assert np.isnan(forward(x, *more, eps=0)).all()
    assert np.isnan(backward(x, x, *more, eps=0)[0]).all()


# Bad input ---------------------------------------------------------------------------------------


def test_x_with_too_few_dimensions_is_named(norm):
    _, forward, backward, more = norm
    with pytest.raises(ValueError, match=r"x needs at least . dimensions, .* got shape \(3,\)"):
        forward(draw(3), *more)
    with pytest.raises(ValueError, match="x needs at least"):
        backward(draw(3), draw(3), *more)


def test_instance_norm_needs_positions():
    with pytest.raises(ValueError, match=r"x needs at least 3 dimensions, \(N, C, L, ...\)"):
        channels.instance_norm(draw(3, 4))


def test_x_that_is_not_floating_is_named(norm):
    _, forward, _, more = norm
    with pytest.raises(TypeError, match="x needs a floating-point dtype"):
        forward(np.ones((2, 4, 3), int), *more)


def test_parameters_that_are_not_one_number_a_channel_are_named(norm):
    _, forward, _, more = norm
    x = draw(2, 4, 3)
    with pytest.raises(ValueError, match=r"weight needs one number for each channel, \(4,\)"):
        forward(x, *more, np.ones(3))
    with pytest.raises(ValueError, match=r"bias needs one number for each channel, \(4,\)"):
        forward(x, *more, None, np.ones((4, 1)))
    with pytest.raises(ValueError, match="eps needs"):
        forward(x, *more, eps=-1.0)


def test_dy_of_another_shape_is_named(norm):
    _, _, backward, more = norm
    with pytest.raises(ValueError, match=r"dy needs the shape of x, \(2, 4, 3\), got \(2, 4\)"):
        backward(draw(2, 4), draw(2, 4, 3), *more)


@pytest.mark.parametrize(("groups", "error"), [(3, ValueError), (0, ValueError), (-2, ValueError)])
def test_a_number_of_groups_that_does_not_divide_the_channels(groups, error):
    with pytest.raises(error, match=f"num_groups needs to divide .* got {groups} for 4"):
        channels.group_norm(draw(2, 4, 3), groups)


@pytest.mark.parametrize("groups", [2.0, None, True, "2"])
def test_a_number_of_groups_that_is_not_an_integer(groups):
    with pytest.raises(TypeError, match="num_groups needs to be an integer, got"):
        channels.group_norm(draw(2, 4, 3), groups)


def test_a_numpy_integer_is_an_integer():
    x = draw(2, 4, 3)
    assert np.array_equal(channels.group_norm(x, np.int64(2)), channels.group_norm(x, 2))
