"""Layer norm from scratch, against oracles that share no code with it."""

import itertools
import math
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lnlearn.scratch import blocked, layer_norm, layer_norm_backward, layer_norm_forward, layernorm
from oracle import gradients

TOLERANCE = {np.float16: 2e-3, np.float32: 3e-6, np.float64: 1e-14}
DTYPES = list(TOLERANCE)


def by_pytorch(x, shape, weight=None, bias=None, eps=1e-5):
    """PyTorch's layer norm of the same numbers, in float64."""
    double = [None if a is None else torch.tensor(np.array(a, np.float64)) for a in (weight, bias)]
    x = torch.tensor(np.array(x, np.float64))
    return torch.nn.functional.layer_norm(x, tuple(shape), *double, eps).numpy()


def by_fractions(row, eps):
    """The definition in exact arithmetic, up to the square root."""
    row = [Fraction(float(value)) for value in row]
    mean = sum(row) / len(row)
    variance = sum((value - mean) ** 2 for value in row) / len(row)
    return [float(value - mean) / math.sqrt(variance + Fraction(eps)) for value in row]


def draw(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


# The definition ----------------------------------------------------------------------------------


def test_the_example_of_the_book():
    x = np.array([[[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]]])
    y, mean, rstd = layer_norm_forward(x, 3)
    assert np.allclose(mean.ravel(), [1 / 5, 7 / 30], rtol=1e-15)
    assert np.allclose(rstd.ravel() ** -2, [1 / 150 + 1e-5, 8 / 225 + 1e-5], rtol=1e-14)
    assert np.allclose(y[0, 0], [0, -1.2238273, 1.2238273], atol=5e-8)
    assert np.allclose(y[0, 1], [1.4140146, -0.7070074, -0.7070074], atol=1e-7)


@given(
    hnp.arrays(np.float64, st.integers(1, 9), elements=st.floats(-1e3, 1e3)),
    st.sampled_from([1e-12, 1e-5, 0.1, 3.0]),
)
def test_it_is_the_definition_in_exact_arithmetic(x, eps):
    # The mean is rounded to about 1e-13 where |x| is 1e3, and eps = 1e-12 multiplies that by 1e6.
    assert np.allclose(layer_norm(x, x.size, eps=eps), by_fractions(x, eps), rtol=0, atol=1e-6)
    assert np.allclose(layer_norm(x, x.size, eps=0.1), by_fractions(x, 0.1), rtol=0, atol=1e-11)


@st.composite
def problems(draw):
    """Arguments of layer norm: any trailing shape, dtype, layout, eps, with and without affine."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=6))
    normalized = shape[draw(st.integers(0, len(shape) - 1)) :]
    elements = st.floats(-8, 8, width=16)
    x = draw(hnp.arrays(dtype, shape, elements=elements))
    layout = draw(st.sampled_from(["C", "F", "reversed", "strided", "expanded"]))
    if layout == "F":
        x = np.asfortranarray(x)
    elif layout == "reversed":
        x = x[..., ::-1]
    elif layout == "strided":
        x = np.repeat(x, 2, axis=0)[::2]
    elif layout == "expanded":
        x = np.broadcast_to(x[:1], shape)
    parameter = st.none() | hnp.arrays(dtype, normalized, elements=elements)
    eps = draw(st.sampled_from([1e-5, 1e-3, 0.1, 2.0]))
    return x, normalized, draw(parameter), draw(parameter), eps


@given(problems())
def test_it_agrees_with_pytorch_in_float64(problem):
    x, shape, weight, bias, eps = problem
    y = layer_norm(x, shape, weight, bias, eps)
    expected = by_pytorch(x, shape, weight, bias, eps)
    scale = 1 + np.abs(expected).max()
    # At eps = 1e-5 a row that is almost constant multiplies the rounding of its mean by 300.
    slack = 300 if x.dtype != np.float16 else 1
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    assert np.abs(y - expected).max() <= slack * TOLERANCE[x.dtype.type] * scale


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [1, 2, 3, 31, 32, 33, 768, 4099, 70_000])
def test_every_width_to_the_accuracy_of_its_dtype(width, dtype):
    x, weight, bias = draw(5, width, dtype=dtype), *draw(2, width, dtype=dtype, seed=1)
    expected = by_pytorch(x, (width,), weight, bias)
    error = np.abs(layer_norm(x, width, weight, bias) - expected).max()
    assert error <= TOLERANCE[dtype] * np.abs(expected).max()


def test_float64_is_right_to_a_few_units_in_the_last_place_by_long_double():
    x = draw(20, 768)
    wide = x.astype(np.longdouble)
    centred = wide - wide.mean(axis=1, keepdims=True)
    expected = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + np.longdouble(1e-5))
    error = np.abs(layer_norm(x, 768) - expected) / np.maximum(1, np.abs(expected))
    assert error.max() < 1e-15


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("N", "D"), [(7000, 100), (3, 200_000)])
def test_the_formulas_give_the_same_bits_in_blocks(N, D, dtype):  # 7000: the last is not full
    x, dy = draw(N, D, dtype=dtype), draw(N, D, dtype=dtype, seed=1)
    wide = np.result_type(dtype, np.float32)
    weight, bias = draw(2, D, dtype=wide, seed=2)
    with np.errstate(all="ignore"):
        expected, mean, rstd = layernorm.forward(x.astype(wide), weight, bias, 1e-5)
        got = blocked.forward(x, weight, bias, 1e-5)
        for ours, theirs in zip(got, (expected.astype(dtype), mean, rstd), strict=True):
            assert np.array_equal(ours, theirs, equal_nan=True)
        expected = layernorm.backward(dy.astype(wide), x.astype(wide), weight, mean, rstd)
        dx, *sums = blocked.backward(dy, x, weight, mean, rstd)
    assert np.array_equal(dx, expected[0].astype(dtype))
    assert_close(sums, expected[1:], 1e-4 if wide == np.float32 else 1e-13)  # another order


def test_large_arrays_are_computed_in_blocks_and_small_ones_are_not(monkeypatch):
    monkeypatch.setattr(layernorm, "forward", lambda *arguments: pytest.fail("formulas"))
    layer_norm(draw(2 * blocked.BLOCK // 64 + 1, 64), 64)
    monkeypatch.undo()
    monkeypatch.setattr(blocked, "forward", lambda *arguments: pytest.fail("blocks"))
    layer_norm(draw(4, 64), 64)


def test_rows_in_many_blocks():
    x = draw(7000, 100)
    assert np.allclose(layer_norm(x, 100), by_pytorch(x, (100,)), rtol=0, atol=1e-13)


@pytest.mark.parametrize("affine", [*itertools.product([True, False], repeat=2)])
@pytest.mark.parametrize("normalized", [(5,), (4, 5), (3, 4, 5)])
def test_weight_and_bias_each_present_or_not(normalized, affine):
    x = draw(3, 4, 5)
    weight, bias = (
        draw(*normalized, seed=seed) if present else None
        for seed, present in zip((1, 2), affine, strict=True)
    )
    expected = by_pytorch(x, normalized, weight, bias)
    assert np.allclose(layer_norm(x, normalized, weight, bias), expected, rtol=0, atol=1e-14)


# What it returns beside y ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("normalized", [(5,), (4, 5), (3, 4, 5)])
def test_mean_and_rstd_are_those_of_pytorch(normalized, dtype):
    x = draw(3, 4, 5, dtype=dtype)
    _, mean, rstd = layer_norm_forward(x, normalized, eps=0.1)
    double = torch.tensor(x.astype(np.float64))
    _, *expected = torch.native_layer_norm(double, normalized, None, None, 0.1)
    for ours, theirs in zip((mean, rstd), expected, strict=True):
        assert ours.shape == tuple(theirs.shape)
        assert ours.dtype == (np.float64 if dtype is np.float64 else np.float32)
        assert np.allclose(ours, theirs.numpy(), rtol=1e-6, atol=1e-7)


def test_layer_norm_is_the_first_of_what_forward_returns():
    x, weight, bias = draw(4, 6), draw(6, seed=1), draw(6, seed=2)
    y, _, _ = layer_norm_forward(x, 6, weight, bias, 0.5)
    assert np.array_equal(layer_norm(x, 6, weight, bias, 0.5), y)


# Properties that the formula implies -------------------------------------------------------------


@pytest.mark.parametrize("sigma", [1e-4, 1e-2, 1.0, 1e3])
def test_the_standard_deviation_left_is_sigma_over_the_root_of_variance_plus_eps(sigma):
    x = sigma * np.array([[-1.0, 1, -1, 1]])  # standard deviation sigma, exactly
    expected = sigma / math.sqrt(sigma**2 + 1e-5)
    assert np.isclose(layer_norm(x, 4).std(), expected, rtol=1e-14)


def test_eps_of_fifteen_times_the_variance_leaves_a_quarter():
    x = np.array([0.002, 0.001, 0.003])
    assert np.isclose(layer_norm(x, 3, eps=1e-5).std(), 0.25, rtol=1e-14)


def test_without_eps_every_row_has_mean_zero_and_mean_square_one():
    y = layer_norm(draw(50, 3) * 100 + 7, 3, eps=0)
    assert np.allclose(y.mean(axis=1), 0, atol=1e-13)
    assert np.allclose((y**2).mean(axis=1), 1, rtol=1e-13)


def test_shifting_a_row_does_not_change_the_output():
    x = draw(6, 10)
    assert np.allclose(layer_norm(x + 50, 10), layer_norm(x, 10), rtol=0, atol=1e-12)


def test_without_eps_scaling_a_row_does_not_change_the_output_and_negating_negates_it():
    x = draw(6, 10)
    y = layer_norm(x, 10, eps=0)
    assert np.allclose(layer_norm(7 * x, 10, eps=0), y, rtol=0, atol=1e-13)
    assert np.allclose(layer_norm(-x, 10, eps=0), -y, rtol=0, atol=1e-13)


def test_a_row_of_one_number_becomes_the_bias():
    y = layer_norm(draw(4, 1), 1, weight=np.array([3.0]), bias=np.array([0.25]))
    assert np.array_equal(y, np.full((4, 1), 0.25))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [3, 7, 100, 10_240])
@pytest.mark.parametrize("value", [0.5, 0.1, 1000.1, -3e4, 16777213])
def test_a_constant_row_gives_zeros_with_eps_and_nan_without(value, width, dtype):
    # The sum of three times 1000.1 is rounded, and in float32 so was the mean: 0.00006 too much.
    value = min(value, 60_000) if dtype is np.float16 else value
    x = np.full((1, width), value, dtype)
    y, mean, _ = layer_norm_forward(x, width)
    assert np.array_equal(y, np.zeros_like(x))
    assert mean == x[0, 0]
    assert np.isnan(layer_norm(x, width, eps=0)).all()
    dy = draw(1, width, dtype=dtype)
    assert_close(backward(dy, x, (width,)), by_autograd(dy, x, (width,)), 20 * TOLERANCE[dtype])


# Each row alone ----------------------------------------------------------------------------------


LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "every other row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "every other column": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "rows reversed": lambda x: x[::-1].copy()[::-1],
    "columns reversed": lambda x: x[:, ::-1].copy()[:, ::-1],
    "one row for all": lambda x: np.broadcast_to(x[:1], x.shape),
    "one column for all": lambda x: np.broadcast_to(x[:, :1], x.shape),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("N", "D"), [(300, 1), (300, 2), (300, 7), (5, 513), (1200, 257), (3, 9001), (3, 70_000)]
)
def test_a_row_gives_the_same_bits_alone_as_in_a_batch(N, D, layout, dtype):
    x = LAYOUTS[layout](draw(N, D, dtype=dtype))
    weight, bias = draw(2, D, dtype=dtype, seed=1)
    y = layer_norm(x, D, weight, bias)
    for row in {0, 1, N // 2, N - 2, N - 1}:
        alone = layer_norm(x[row].copy(), D, weight, bias)
        assert np.array_equal(y[row], alone)
        assert np.array_equal(layer_norm(x[row], D, weight, bias), alone)
        assert np.array_equal(layer_norm(x[row : row + 1], D, weight, bias)[0], alone)


def test_a_row_gives_the_same_bits_from_an_array_whose_axes_were_exchanged():
    x = draw(6, 5, 37, dtype=np.float32)
    for axes in itertools.permutations(range(3)):
        apart = np.ascontiguousarray(x.transpose(axes)).transpose(np.argsort(axes))
        assert np.array_equal(layer_norm(apart, 37), layer_norm(x, 37))
        assert np.array_equal(layer_norm(apart, (5, 37)), layer_norm(x, (5, 37)))


def test_changing_one_row_changes_no_other():
    x = draw(2, 4, 8)
    changed = x.copy()
    changed[1, 2] += np.arange(8.0)
    same = layer_norm(changed, 8) == layer_norm(x, 8)
    assert not same[1, 2].any()
    same[1, 2] = True
    assert same.all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_with_nan_or_infinity_becomes_nan_and_no_other_does(bad):
    x = draw(3, 4)
    x[1, 2] = bad
    y = layer_norm(x, 4, draw(4, seed=1), draw(4, seed=2))
    assert np.isnan(y[1]).all()
    assert np.isfinite(y[[0, 2]]).all()


# Numbers that are hard ---------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [0, 10, 1e3, 1e4, 1e6])
@pytest.mark.parametrize("width", [1, 7, 768])
def test_a_large_mean_costs_no_digit(width, mean):
    x = draw(20, width, dtype=np.float32) + np.float32(mean)
    weight, dy = draw(width, seed=1, dtype=np.float32), draw(20, width, dtype=np.float32, seed=2)
    expected = by_pytorch(x, (width,), weight)
    assert np.abs(layer_norm(x, width, weight) - expected).max() <= 3e-6
    got = backward(dy, x, (width,), weight, weight)
    assert_close(got, by_autograd(dy, x, (width,), weight, weight), 3e-6)


def test_float16_sums_do_not_overflow_or_round():
    x = np.array([[300, -300, 200, -200]], np.float16)  # squares up to 90 000, above float16
    assert np.allclose(layer_norm(x, 4), by_pytorch(x, (4,)), rtol=1e-3)
    ramp = np.arange(2048, dtype=np.float16)[None]  # sums up to 2 million
    assert np.allclose(layer_norm(ramp, 2048), by_pytorch(ramp, (2048,)), rtol=0, atol=1e-3)


@pytest.mark.parametrize("size", [1e-20, 1e-5, 1, 1e10, 1e18, 1e20, 1e25, 1e30, 3e38])
def test_large_and_small_numbers_give_what_is_right_or_nan(size):
    x = np.array([[1, -1, 0], [0, 1, 2]], np.float32) * np.float32(size / 2)
    dy = draw(2, 3, dtype=np.float32)
    results = layer_norm(x, 3), backward(dy, x, (3,))[0]
    expected = by_pytorch(x, (3,)), by_autograd(dy, x, (3,))[0]
    for got, wanted in zip(results, expected, strict=True):
        right = np.isclose(got, wanted, rtol=1e-5, atol=1e-6 * np.abs(wanted).max()).all()
        assert np.isnan(got).all() if size > 1e19 else right


def test_the_largest_and_smallest_numbers_where_nothing_overflows():
    assert np.array_equal(layer_norm(np.full((1, 4), 1e30, np.float32), 4), np.zeros((1, 4)))
    tiny = np.array([[1e-40, 2e-40, 3e-40]], np.float32)
    assert np.allclose(layer_norm(tiny, 3), 0, atol=1e-36)


# Arrays as they come -----------------------------------------------------------------------------


def test_the_input_is_not_modified_and_the_result_is_new():
    arrays = draw(4, 6), draw(6, seed=1), draw(6, seed=2)
    before = [a.copy() for a in arrays]
    x, weight, bias = arrays
    y = layer_norm(x, 6, weight, bias)
    for array, copy in zip(arrays, before, strict=True):
        assert np.array_equal(array, copy)
        assert not np.shares_memory(y, array)


def test_read_only_expanded_and_byte_swapped_arrays():
    x = draw(6)
    expanded = np.broadcast_to(x, (3, 5, 6))  # stride 0, not writable
    expected = by_pytorch(expanded, (6,))
    assert np.allclose(layer_norm(expanded, 6), expected, rtol=0, atol=1e-14)
    swapped = draw(3, 6).astype(">f4")
    assert layer_norm(swapped, 6).dtype == swapped.dtype
    assert np.allclose(layer_norm(swapped, 6), by_pytorch(swapped, (6,)), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("shape", "normalized"), [((0, 3), 3), ((3, 0), 0), ((2, 0, 3), (0, 3))])
def test_arrays_without_elements(shape, normalized):
    y, mean, rstd = layer_norm_forward(np.zeros(shape, np.float32), normalized)
    dims = len(np.atleast_1d(normalized))
    assert y.shape == shape
    assert mean.shape == rstd.shape == shape[:-dims] + (1,) * dims


def test_parameters_may_have_another_precision_than_x():
    x, weight, bias = draw(4, 6, dtype=np.float16), draw(6, seed=1), draw(6, seed=2)
    y = layer_norm(x, 6, weight, bias)
    assert y.dtype == np.float16
    assert np.allclose(y, by_pytorch(x, (6,), weight, bias), rtol=0, atol=5e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_workspace_of_a_block_begins_where_a_cache_line_does(dtype):
    for shape in [(1, 1), (3, 5), (64, 1024), (1, 100_003)]:
        rooms = [blocked.on_a_cache_line(*shape, dtype) for _ in range(5)]
        assert all(room.ctypes.data % 64 == 0 for room in rooms)
        assert {(room.shape, room.dtype) for room in rooms} == {(shape, np.dtype(dtype))}


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_but_blocks_is_allocated_beside_the_result(dtype):
    x, weight = draw(4096, 1024).astype(dtype), np.ones(1024, dtype)
    tracemalloc.start()
    try:
        y = layer_norm(x, 1024, weight, weight)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    block = blocked.BLOCK * np.result_type(dtype, np.float32).itemsize  # x has 64
    assert peak < y.nbytes + 3 * block + 200_000  # mean, rstd and what Python needs


# The backward pass -------------------------------------------------------------------------------


def backward(dy, x, shape, weight=None, bias=None, eps=1e-5):
    """The gradients, with the statistics that the forward pass gives."""
    _, mean, rstd = layer_norm_forward(x, shape, weight, bias, eps)
    return layer_norm_backward(dy, x, shape, mean, rstd, weight, bias)


def by_autograd(dy, x, shape, weight=None, bias=None, eps=1e-5):
    """The gradients by PyTorch in float64, None for a parameter that is None."""
    _, found = gradients(torch.nn.functional.layer_norm, dy, x, tuple(shape), weight, bias, eps)
    return [found.pop(0), *(None if p is None else found.pop(0) for p in (weight, bias))]


def assert_close(got, expected, tolerance):
    for ours, theirs in zip(got, expected, strict=True):
        if theirs is None:
            assert ours is None
        else:
            assert ours.shape == theirs.shape
            assert np.abs(ours - theirs).max() <= tolerance * (1 + np.abs(theirs).max())


def test_the_gradient_is_the_slope_of_the_loss():
    x, weight, bias, dy = draw(3, 4), draw(4, seed=1), draw(4, seed=2), draw(3, 4, seed=3)
    step = 1e-6

    def slope(array):  # central differences of sum(dy * y)
        slopes = np.empty_like(array)
        for place in np.ndindex(array.shape):
            kept = array[place]
            array[place] = kept + step
            above = (dy * layer_norm(x, 4, weight, bias, 0.1)).sum()
            array[place] = kept - step
            below = (dy * layer_norm(x, 4, weight, bias, 0.1)).sum()
            array[place] = kept
            slopes[place] = (above - below) / (2 * step)
        return slopes

    expected = [slope(array) for array in (x, weight, bias)]
    assert_close(backward(dy, x, 4, weight, bias, 0.1), expected, 1e-8)


@given(problems(), st.integers(0, 2**32 - 1))
def test_gradients_agree_with_autograd_in_float64(problem, seed):
    x, shape, weight, bias, eps = problem
    eps = max(eps, 0.1)  # so that rounding is not multiplied by 1 / sqrt(eps)
    dy = np.random.default_rng(seed).standard_normal(x.shape).astype(x.dtype)
    got = backward(dy, x, shape, weight, bias, eps)
    assert_close(got, by_autograd(dy, x, shape, weight, bias, eps), 20 * TOLERANCE[x.dtype.type])
    for gradient, of in zip(got, (x, weight, bias), strict=True):
        assert of is None or gradient.dtype == of.dtype


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [1, 2, 3, 33, 768, 4099, 70_000])
def test_gradients_at_every_width(width, dtype):
    x, dy = draw(5, width, dtype=dtype), draw(5, width, dtype=dtype, seed=1)
    weight, bias = draw(width, dtype=dtype, seed=2), draw(width, dtype=dtype, seed=3)
    got = backward(dy, x, (width,), weight, bias, 0.1)
    assert_close(got, by_autograd(dy, x, (width,), weight, bias, 0.1), TOLERANCE[dtype])


def test_gradients_of_rows_in_many_blocks():
    x, dy, weight, bias = draw(4000, 100), draw(4000, 100, seed=1), draw(100), draw(100)
    got = backward(dy, x, (100,), weight, bias)
    assert_close(got, by_autograd(dy, x, (100,), weight, bias), 1e-12)


@pytest.mark.parametrize("affine", [*itertools.product([True, False], repeat=2)])
@pytest.mark.parametrize("normalized", [(5,), (4, 5), (3, 4, 5)])
def test_gradients_with_weight_and_bias_each_present_or_not(normalized, affine):
    x, dy = draw(3, 4, 5), draw(3, 4, 5, seed=1)
    weight, bias = (
        draw(*normalized, seed=seed) if present else None
        for seed, present in zip((2, 3), affine, strict=True)
    )
    expected = by_autograd(dy, x, normalized, weight, bias)
    assert_close(backward(dy, x, normalized, weight, bias), expected, 1e-13)


def test_the_gradient_of_x_has_no_mean_and_without_eps_no_part_along_the_output():
    x, dy = draw(6, 9), draw(6, 9, seed=1)
    dx, _, _ = backward(dy, x, 9, eps=0)
    x_hat = layer_norm(x, 9, eps=0)
    assert np.allclose(dx.mean(axis=1), 0, atol=1e-14)
    assert np.allclose((dx * x_hat).sum(axis=1), 0, atol=1e-13)


def test_the_gradient_of_a_constant_row_is_the_centred_dy_over_the_root_of_eps():
    dy = np.array([[1.0, 2.0, 6.0]])
    dx, _, _ = backward(dy, np.full((1, 3), 0.5), 3, eps=0.04)
    assert np.allclose(dx, [[-10, -5, 15]], rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("N", "D"), [(300, 1), (300, 2), (5, 513), (600, 257)])
def test_the_gradient_of_a_row_has_the_same_bits_alone_as_in_a_batch(N, D, layout, dtype):
    x, dy = (LAYOUTS[layout](draw(N, D, dtype=dtype, seed=seed)) for seed in (0, 1))
    weight = draw(D, dtype=dtype, seed=2)
    dx, _, _ = backward(dy, x, (D,), weight)
    for row in {0, 1, N // 2, N - 2, N - 1}:
        assert np.array_equal(backward(dy[row], x[row], (D,), weight)[0], dx[row])


def test_backward_does_not_modify_its_inputs():
    x, dy, weight, bias = draw(4, 6), draw(4, 6, seed=1), draw(6, seed=2), draw(6, seed=3)
    _, mean, rstd = layer_norm_forward(x, 6, weight, bias)
    arrays = dy, x, mean, rstd, weight, bias
    before = [a.copy() for a in arrays]
    results = layer_norm_backward(dy, x, 6, mean, rstd, weight, bias)
    for array, copy in zip(arrays, before, strict=True):
        assert np.array_equal(array, copy)
        assert not any(np.shares_memory(result, array) for result in results)


def test_float16_gradients_of_parameters_are_summed_in_float32():
    x = np.tile(np.array([[1, -1]], np.float16), (5000, 1))  # 5000 is not a sum of float16 ones
    dy = np.ones_like(x)
    _, dweight, dbias = backward(dy, x, 2, np.ones(2, np.float16), np.ones(2, np.float16), 0.0)
    assert np.array_equal(dweight, [5000, -5000])
    assert np.array_equal(dbias, [5000, 5000])


@pytest.mark.parametrize("bad", [np.inf, 3e38])
def test_extreme_numbers_raise_no_warning(bad):  # warnings are errors in these tests
    x, dy = draw(3, 4, dtype=np.float32), draw(3, 4, dtype=np.float32, seed=1)
    clean = layer_norm(x, 4), backward(dy, x, 4)[0]
    x[1] = [bad, -bad, bad, 0]
    dy[1] = [bad, bad, bad, bad]
    assert np.array_equal(layer_norm(x, 4)[[0, 2]], clean[0][[0, 2]])
    assert np.array_equal(backward(dy, x, 4)[0][[0, 2]], clean[1][[0, 2]])


def test_without_eps_the_gradient_of_a_constant_row_is_nan():
    dx, _, _ = backward(np.ones((1, 3)), np.ones((1, 3)), 3, eps=0)
    assert np.isnan(dx).all()


def test_nan_in_dy_stays_in_its_row():
    x, dy = draw(3, 4), draw(3, 4, seed=1)
    dy[1, 0] = np.nan
    dx, _, _ = backward(dy, x, 4)
    assert np.isnan(dx[1]).all()
    assert np.isfinite(dx[[0, 2]]).all()


@pytest.mark.parametrize(("shape", "normalized"), [((0, 3), (3,)), ((3, 0), (0,))])
def test_gradients_of_arrays_without_elements(shape, normalized):
    x, one = np.zeros(shape, np.float32), np.ones(normalized, np.float32)
    dx, dweight, dbias = backward(x, x, normalized, one, one)
    assert dx.shape == shape
    assert np.array_equal(dweight, np.zeros(normalized))
    assert np.array_equal(dbias, np.zeros(normalized))


@pytest.mark.parametrize("name", ["dy", "mean", "rstd"])
def test_backward_names_an_argument_of_another_shape(name):
    x = draw(2, 3, 4)
    _, mean, rstd = layer_norm_forward(x, 4)
    given_ = {"dy": x, "mean": mean, "rstd": rstd, name: np.ones((2, 3))}
    with pytest.raises(ValueError, match=rf"{name} needs .*got \(2, 3\)"):
        layer_norm_backward(given_["dy"], x, 4, given_["mean"], given_["rstd"])


def test_backward_checks_the_arguments_that_it_shares_with_forward():
    x = draw(2, 4)
    _, mean, rstd = layer_norm_forward(x, 4)
    with pytest.raises(TypeError, match="x needs"):
        layer_norm_backward(x, [1.0], 4, mean, rstd)
    with pytest.raises(ValueError, match="normalized_shape needs"):
        layer_norm_backward(x, x, 3, mean, rstd)
    with pytest.raises(ValueError, match="weight needs"):
        layer_norm_backward(x, x, 4, mean, rstd, np.ones(3))
    with pytest.raises(ValueError, match="bias needs"):
        layer_norm_backward(x, x, 4, mean, rstd, None, np.ones(3))
    with pytest.raises(TypeError, match="dy needs"):
        layer_norm_backward([1.0], x, 4, mean, rstd)
