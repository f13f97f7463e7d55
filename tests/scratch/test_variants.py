"""RMS norm, scale norm and dynamic tanh, against PyTorch in float64 and its autograd."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lnlearn.scratch import rms_norm, variants
from oracle import gradients

TOLERANCE = {np.float16: 3e-3, np.float32: 2e-6, np.float64: 1e-13}
SHAPES = [(6,), (4, 6), (2, 3, 6), (5, 1)]


def draw(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def assert_close(got, expected, dtype):
    """Equal to the accuracy of the dtype, for arrays, numbers and None."""
    if expected is None:
        assert got is None
    else:
        scale = 1 + np.abs(expected).max(initial=0)
        assert np.shape(got) == np.shape(expected)
        assert np.abs(got - expected).max(initial=0) <= TOLERANCE[dtype] * scale


# RMS norm ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("with_weight", [True, False])
@pytest.mark.parametrize("normalized", [(5,), (4, 5), (3, 4, 5)])
def test_rms_norm_and_its_gradient_are_those_of_pytorch(normalized, with_weight, dtype):
    x, dy = draw(3, 4, 5, dtype=dtype), draw(3, 4, 5, dtype=dtype, seed=1)
    weight = draw(*normalized, dtype=dtype, seed=2) if with_weight else None
    y, found = gradients(F.rms_norm, dy, x, normalized, weight, 0.1)
    assert_close(rms_norm(x, normalized, weight, 0.1), y, dtype)
    got = variants.rms_norm_backward(dy, x, normalized, weight, 0.1)
    for ours, theirs in zip(got, [*found, None], strict=False):
        assert_close(ours, theirs, dtype)
    assert got[0].dtype == dtype
    assert len(got) == 2


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_the_default_eps_of_rms_norm_is_that_of_the_dtype_in_which_sums_are_taken(dtype):
    eps = 2.0**-52 if dtype is np.float64 else 2.0**-23
    x = np.array([3, 4], dtype) * dtype(np.sqrt(eps))  # small enough for eps to matter
    assert np.array_equal(rms_norm(x, 2), rms_norm(x, 2, eps=eps))
    assert_close(rms_norm(x, 2), gradients(F.rms_norm, x, x, (2,), None, eps)[0], dtype)
    got = variants.rms_norm_backward(x, x, 2)
    assert np.array_equal(got[0], variants.rms_norm_backward(x, x, 2, eps=eps)[0])


@pytest.mark.parametrize("size", [1e18, 1e20, 1e30])
def test_squares_that_overflow_give_nan_and_no_zeros(size):
    x = np.array([3, 4], np.float32) * np.float32(size)
    right = size < 1e19
    for y in (rms_norm(x, 2), variants.scale_norm(x, 2**0.5)):
        assert np.allclose(y, [0.6 * 2**0.5, 0.8 * 2**0.5]) if right else np.isnan(y).all()
    for dx in (variants.rms_norm_backward(x, x, 2)[0], variants.scale_norm_backward(x, x, 1.0)[0]):
        assert right or np.isnan(dx).all()


def test_rms_norm_does_not_subtract_the_mean():
    x = np.array([[1.0, 1.0, 1.0]])
    assert np.allclose(rms_norm(x, 3, eps=0), 1)
    row = np.array([1.0, 2.0, 3.0])
    assert not np.allclose(rms_norm(row + 1, 3), rms_norm(row, 3))


def test_rms_norm_of_a_centred_row_is_its_layer_norm():
    from lnlearn.scratch import layer_norm

    x = draw(4, 7)
    x -= x.mean(axis=1, keepdims=True)
    assert np.allclose(rms_norm(x, 7, eps=1e-5), layer_norm(x, 7), rtol=0, atol=1e-14)


# Scale norm --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("eps", [1e-5, 100.0])  # the length is divided by, or eps is
def test_scale_norm_and_its_gradient(shape, eps, dtype):
    x, dy = draw(*shape, dtype=dtype), draw(*shape, dtype=dtype, seed=1)

    def by_pytorch(x, scale):
        return scale * F.normalize(x, dim=-1, eps=eps)

    y, (dx, dscale) = gradients(by_pytorch, dy, x, np.array(1.7))
    assert_close(variants.scale_norm(x, 1.7, eps), y, dtype)
    got = variants.scale_norm_backward(dy, x, 1.7, eps)
    assert_close(got[0], dx, dtype)
    assert_close(got[1], float(dscale), dtype)
    assert got[0].dtype == variants.scale_norm(x, 1.7).dtype == dtype


def test_scale_norm_with_the_root_of_the_width_is_rms_norm():
    x = draw(5, 9)
    assert np.allclose(variants.scale_norm(x, 3.0), rms_norm(x, 9, eps=0), rtol=1e-14)


# Dynamic tanh ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("affine", [(True, True), (True, False), (False, True), (False, False)])
def test_dynamic_tanh_and_its_gradient(shape, affine, dtype):
    x, dy = draw(*shape, dtype=dtype), draw(*shape, dtype=dtype, seed=1)
    weight, bias = (
        draw(shape[-1], dtype=dtype, seed=seed) if present else None
        for seed, present in zip((2, 3), affine, strict=True)
    )

    def by_pytorch(x, alpha, weight, bias):
        y = torch.tanh(alpha * x)
        y = y if weight is None else y * weight
        return y if bias is None else y + bias

    y, found = gradients(by_pytorch, dy, x, np.array(0.8), weight, bias)
    expected = [found.pop(0), float(found.pop(0))]
    expected += [found.pop(0) if present else None for present in affine]
    assert_close(variants.dynamic_tanh(x, 0.8, weight, bias), y, dtype)
    got = variants.dynamic_tanh_backward(dy, x, 0.8, weight, bias)
    for ours, theirs in zip(got, expected, strict=True):
        assert_close(ours, theirs, dtype)
    assert got[0].dtype == variants.dynamic_tanh(x, 0.8).dtype == dtype


def test_dynamic_tanh_looks_at_each_number_alone():
    x = draw(3, 4)
    changed = x.copy()
    changed[1, 2] = 9
    same = variants.dynamic_tanh(changed, 0.5) == variants.dynamic_tanh(x, 0.5)
    assert same.sum() == 11


# All of them -------------------------------------------------------------------------------------

CALLS = {
    "rms_norm": lambda x, dy: variants.rms_norm(x, x.shape[-1:]),
    "rms_norm_backward": lambda x, dy: variants.rms_norm_backward(dy, x, x.shape[-1:])[0],
    "scale_norm": lambda x, dy: variants.scale_norm(x, 2.0),
    "scale_norm_backward": lambda x, dy: variants.scale_norm_backward(dy, x, 2.0)[0],
    "dynamic_tanh": lambda x, dy: variants.dynamic_tanh(x, 0.5),
    "dynamic_tanh_backward": lambda x, dy: variants.dynamic_tanh_backward(dy, x, 0.5)[0],
}


@pytest.fixture(params=CALLS)
def call(request):
    return CALLS[request.param]


def test_the_input_is_not_modified_and_the_layout_does_not_matter(call):
    x, dy = draw(6, 8), draw(6, 8, seed=1)
    before = x.copy(), dy.copy()
    expected = call(x, dy)
    assert np.array_equal(x, before[0])
    assert np.array_equal(dy, before[1])
    assert not np.shares_memory(expected, x)
    got = call(np.asfortranarray(x), np.repeat(dy, 2, axis=0)[::2])
    assert np.allclose(got, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 0, 3)])
def test_arrays_without_elements(call, shape):
    assert call(np.zeros(shape, np.float32), np.zeros(shape, np.float32)).shape == shape


def test_float16_squares_do_not_overflow(call):
    x = np.array([[300, -300, 200, -200]], np.float16)
    assert np.isfinite(call(x, x)).all()


def test_nan_stays_in_its_row(call):
    x = draw(3, 4)
    x[1] = np.nan
    y = call(x, draw(3, 4, seed=1))
    assert np.isnan(y[1]).all()
    assert np.isfinite(y[[0, 2]]).all()


@pytest.mark.parametrize("bad", [np.inf, 3e38])
def test_extreme_numbers_raise_no_warning_and_stay_in_their_row(call, bad):
    x, dy = draw(3, 4, dtype=np.float32), draw(3, 4, dtype=np.float32, seed=1)
    clean = call(x, dy)
    x[1] = [bad, -bad, bad, 0]
    dy[1] = [0, bad, 1, 2]
    assert np.array_equal(call(x, dy)[[0, 2]], clean[[0, 2]])  # warnings are errors here


def test_dynamic_tanh_of_infinity_times_zero_is_nan_without_a_warning():
    assert np.isnan(variants.dynamic_tanh(np.array([np.inf]), 0.0)).all()


def test_scale_norm_divides_a_row_that_is_shorter_than_eps_by_eps():
    x, dy = np.array([[3e-6, 4e-6]]), np.array([[1.0, 0.0]])
    assert np.allclose(variants.scale_norm(x, 1.0), x / 1e-5, rtol=1e-14)
    dx, dscale = variants.scale_norm_backward(dy, x, 1.0)
    assert np.allclose(dx, dy / 1e-5, rtol=1e-14)
    assert np.isclose(dscale, 0.3)


def test_dy_of_another_shape_is_named():
    x, dy = draw(3, 4), draw(4)
    for backward, more in [("rms_norm", (4,)), ("scale_norm", (1.0,)), ("dynamic_tanh", (1.0,))]:
        with pytest.raises(ValueError, match=r"dy needs the shape of x, \(3, 4\), got \(4,\)"):
            getattr(variants, f"{backward}_backward")(dy, x, *more)


@pytest.mark.parametrize("value", [None, "1", True, 1j, np.ones(2)])
def test_scale_and_alpha_that_are_not_numbers(value):
    with pytest.raises(TypeError, match="scale needs to be a real number, got"):
        variants.scale_norm(draw(3), value)
    with pytest.raises(TypeError, match="alpha needs to be a real number, got"):
        variants.dynamic_tanh(draw(3), value)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_scale_and_alpha_that_are_not_finite(value):
    with pytest.raises(ValueError, match="scale needs to be finite, got"):
        variants.scale_norm(draw(3), value)
    with pytest.raises(ValueError, match="alpha needs to be finite, got"):
        variants.dynamic_tanh(draw(3), value)


def test_x_without_dimensions_is_named():
    for call in (variants.scale_norm, variants.dynamic_tanh):
        with pytest.raises(ValueError, match="x needs at least one dimension"):
            call(np.array(1.0), 1.0)


def test_eps_and_weight_are_checked_as_in_layer_norm():
    x = draw(3, 4)
    with pytest.raises(ValueError, match="eps needs to be finite and not negative"):
        rms_norm(x, 4, eps=-1.0)
    with pytest.raises(ValueError, match="eps needs to be finite and not negative"):
        variants.scale_norm(x, 1.0, eps=np.nan)
    with pytest.raises(ValueError, match="weight needs the shape of normalized_shape"):
        rms_norm(x, 4, np.ones(3))
    with pytest.raises(ValueError, match="bias needs the shape"):
        variants.dynamic_tanh(x, 1.0, None, np.ones(3))
