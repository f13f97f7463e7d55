"""Five ways to a variance: equal on paper, and different where the book says so."""

import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lnlearn.scratch import moments

WAYS = [moments.one_pass, moments.shifted, moments.two_pass, moments.welford, moments.pairwise]
GOOD = [moments.shifted, moments.two_pass, moments.welford, moments.pairwise]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request):
    return request.param


def rows(*shape, mean=0.0, dtype=np.float64, seed=0):
    return (np.random.default_rng(seed).standard_normal(shape) + mean).astype(dtype)


def exact(x):
    """Mean and biased variance of each row, in exact arithmetic."""
    flat = x.reshape(-1, x.shape[-1])
    numbers = [[Fraction(float(value)) for value in row] for row in flat]
    mean = [float(statistics.mean(row)) for row in numbers]
    variance = [float(statistics.pvariance(row)) for row in numbers]
    return np.reshape(mean, x.shape[:-1]), np.reshape(variance, x.shape[:-1])


@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3), elements=st.floats(-9, 9, width=32)))
def test_every_way_agrees_with_exact_arithmetic_on_small_numbers(x):
    mean, variance = exact(x)
    for way in WAYS:
        got_mean, got_variance = way(x)
        assert np.allclose(got_mean, mean, rtol=0, atol=1e-13)
        assert np.allclose(got_variance, variance, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_results_have_the_dtype_of_the_input_and_one_number_for_each_row(way, dtype):
    for result in way(rows(4, 5, 7, dtype=dtype)):
        assert result.shape == (4, 5)
        assert result.dtype == dtype


def test_a_row_of_one_number_has_no_variance(way):
    mean, variance = way(np.array([[2.5], [-1.0]]))
    assert np.array_equal(mean, [2.5, -1.0])
    assert np.array_equal(variance, [0, 0])


def test_a_single_row_may_be_given_without_a_batch(way):
    mean, variance = way(np.array([0.2, 0.1, 0.3]))
    assert np.isclose(mean, 1 / 5)
    assert np.isclose(variance, 1 / 150)


def test_the_input_is_not_modified(way):
    x = rows(3, 4)
    before = x.copy()
    way(x)
    assert np.array_equal(x, before)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_stay_in_their_row(way, bad):
    x = rows(3, 4)
    x[1, 1] = bad
    _, variance = way(x)
    assert not np.isfinite(variance[1])
    assert np.isfinite(variance[[0, 2]]).all()


@pytest.mark.parametrize("row", [[np.inf, 1, 2], [3e38, -3e38, 3e38], [np.nan, 1, 2]])
def test_extreme_numbers_raise_no_warning(way, row):  # warnings are errors in these tests
    mean, variance = way(np.array([row, [1, 2, 3]], np.float32))
    assert np.isclose(mean[1], 2)
    assert np.isclose(variance[1], 2 / 3)


def test_one_pass_loses_everything_at_a_large_mean_and_the_others_do_not():
    x = rows(200, 768, mean=1e4, dtype=np.float32)
    _, truth = exact(x[:20])
    _, one_pass = moments.one_pass(x)
    assert (one_pass < 0).mean() > 0.1  # a variance below zero
    assert np.median(np.abs(one_pass[:20] - truth) / truth) > 0.5
    for way in GOOD:
        _, variance = way(x[:20])
        assert np.median(np.abs(variance - truth) / truth) < 1e-3, way.__name__


def test_two_pass_is_more_accurate_than_welford_at_a_large_mean():
    x = rows(50, 768, mean=1e4, dtype=np.float32)
    _, truth = exact(x)
    errors = {
        way.__name__: np.median(np.abs(way(x)[1] - truth) / truth)
        for way in (moments.two_pass, moments.welford)
    }
    assert errors["two_pass"] * 10 < errors["welford"]


def test_one_pass_in_float16_overflows_where_two_pass_does_not():
    x = np.float16([300, 301, 302, 303])
    assert not np.isfinite(moments.one_pass(x)[1])
    assert np.isclose(moments.two_pass(x)[1], 1.25, rtol=1e-2)


# Merging -----------------------------------------------------------------------------------------


def part(x):
    return x.shape[-1], x.mean(-1), ((x - x.mean(-1, keepdims=True)) ** 2).sum(-1)


@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 8), st.integers(0, 2**32 - 1))
def test_merging_parts_in_any_order_gives_the_moments_of_the_whole(a, b, c, seed):
    whole = np.random.default_rng(seed).normal(50, 3, (2, a + b + c + 1))
    cuts = [whole[:, :a], whole[:, a : a + b], whole[:, a + b :]]
    parts = [part(x) if x.size else (0, np.nan, np.nan) for x in cuts]
    left = moments.merge(moments.merge(parts[0], parts[1]), parts[2])
    right = moments.merge(parts[0], moments.merge(parts[2], parts[1]))
    for merged in (left, right):
        for got, expected in zip(merged, part(whole), strict=True):
            assert np.allclose(got, expected, rtol=1e-12, atol=1e-12)


def test_parts_with_distant_means_are_merged_exactly():
    assert moments.merge((1, 0.0, 0.0), (3, 4.0, 2.0)) == (4, 3.0, 14.0)


@pytest.mark.parametrize("integer", [int, np.int8, np.int32, np.uint8, np.uint64])
def test_counts_of_every_kind_are_multiplied_without_overflow(integer):
    many = 100 if np.dtype(integer).itemsize == 1 else 100_000
    part = (integer(many), 0.0, 0.0)
    assert moments.merge(part, (integer(many), 1.0, 0.0)) == (2 * many, 0.5, many / 2)


def test_two_empty_parts_are_empty():
    assert moments.merge((0, 1.0, 2.0), (0, 3.0, 4.0))[0] == 0


# Bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [np.zeros((3, 0)), np.array(1.0)])
def test_rows_without_numbers_are_refused(way, x):
    with pytest.raises(ValueError, match=r"x needs at least one number .* got shape"):
        way(x)


@pytest.mark.parametrize("x", [[1.0, 2.0], np.array([1, 2]), None])
def test_what_is_not_an_array_of_floats_is_refused(way, x):
    with pytest.raises(TypeError, match="x needs"):
        way(x)


@pytest.mark.parametrize(("a", "b"), [(-1, 2), (2, -1)])
def test_a_negative_count_is_refused(a, b):
    with pytest.raises(ValueError, match=f"counts need to be 0 or more, got {a} and {b}"):
        moments.merge((a, 0.0, 0.0), (b, 0.0, 0.0))
