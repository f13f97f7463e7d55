"""What went wrong in other people's layer norms, tried on every path of ours.

Each test names the public reports behind it. Those above 2**31 elements are about indexing, which
is NumPy's, ATen's or that of our kernels: see `accelerated/test_triton.py`.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from computing import DEVICE, INTERPRETED, PRECISE, TRITON, checked
from lnlearn import accelerated, scratch

pytestmark = [pytest.mark.filterwarnings("ignore:.*is not a double precision:UserWarning")]
if INTERPRETED:  # with NumPy, which warns of what a GPU computes in silence
    pytestmark += [pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")]


def by_scratch(x, weight=None, bias=None, eps=1e-5):
    return scratch.layer_norm(x, x.shape[-1], weight, bias, eps)


def by_accelerated(x, weight=None, bias=None, eps=1e-5):
    tensors = [None if a is None else torch.from_numpy(a).to(DEVICE) for a in (x, weight, bias)]
    return accelerated.layer_norm(tensors[0], x.shape[-1], *tensors[1:], eps).cpu().numpy()


@pytest.fixture(params=[by_scratch, by_accelerated], ids=["scratch", "accelerated"])
def layer_norm(request):
    return request.param


def draw(*shape, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def expected(x, eps=1e-5):
    return F.layer_norm(torch.tensor(x.astype(np.float64)), x.shape[-1:], eps=eps).numpy()


@pytest.mark.parametrize("mean", [1e2, 1e3, 1e4])
def test_a_large_mean(layer_norm, mean):
    """pytorch #51102, #108072; onnxruntime #21935, #28463; burn #5607."""
    x = draw(8, 768) + np.float32(mean)
    # ATen keeps the mean as a float32, which alone moves every output by up to 6e-8 * mean.
    by_aten = layer_norm is by_accelerated and not TRITON
    assert np.abs(layer_norm(x) - expected(x)).max() < 2e-6 + (2e-7 * mean if by_aten else 0)


@pytest.mark.parametrize("width", [1, 3, 31, 33, 100, 1000, 1025, 4097, 12288, 12289])
def test_widths_that_are_no_powers_of_two(layer_norm, width):
    """triton #9838, Liger-Kernel #518, unsloth #1867; flash-attention #120, #295."""
    x = draw(3, width) + 5
    assert np.allclose(layer_norm(x), expected(x), rtol=0, atol=2e-5)


def test_many_rows(layer_norm):
    """apex #411: more rows than a grid of 65 535 blocks has."""
    # Interpreted, there is no such limit, and `test_launch.py` bounds the grid on a GPU.
    x = draw(3_000 if INTERPRETED else 70_000, 8)
    assert np.allclose(layer_norm(x), expected(x), rtol=0, atol=1e-4)


@pytest.mark.parametrize("shape", [(0, 4), (2, 0, 4)])
def test_an_empty_input(layer_norm, shape):
    """flash-attention #1620, apex #491, pytorch #28614."""
    assert layer_norm(np.zeros(shape, np.float32)).shape == shape


@pytest.mark.parametrize("layout", ["transposed", "every other", "expanded"])
def test_inputs_and_gradients_that_are_not_contiguous(layout):
    """TransformerEngine #417, #1017."""
    x, dy = (
        torch.randn(6, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        for seed in (0, 1)
    )
    apart = {
        "transposed": lambda t: t.t().contiguous().t(),
        "every other": lambda t: torch.stack([t, -t], dim=-1).flatten(-2)[..., ::2],
        "expanded": lambda t: t[:1].expand(6, 8),
    }[layout]

    def gradient(function, x, dy):
        x = x.detach().requires_grad_()
        return torch.autograd.grad(function(x, (8,)), x, dy)[0]

    x, dy = apart(x), apart(dy)
    wanted = gradient(F.layer_norm, x.contiguous(), dy.contiguous())
    got = gradient(accelerated.layer_norm, x.to(DEVICE, PRECISE), dy.to(DEVICE, PRECISE))
    assert torch.allclose(got.cpu().double(), wanted, rtol=0, atol=1e-5 if TRITON else 1e-14)
    _, mean, rstd = scratch.layer_norm_forward(x.numpy(), 8)
    dx, _, _ = scratch.layer_norm_backward(dy.numpy(), x.numpy(), 8, mean, rstd)
    assert np.allclose(dx, wanted.numpy(), rtol=0, atol=1e-13)


def test_the_second_gradient_of_a_bias_without_a_weight():
    """Apex #410, pytorch #176234: a second gradient is right or an error, not silently wrong."""
    x = torch.randn(3, 4, dtype=PRECISE, device=DEVICE, requires_grad=True)
    bias = torch.randn(4, dtype=PRECISE, device=DEVICE, requires_grad=True)
    assert checked(torch.autograd.gradgradcheck)(
        lambda x, bias: accelerated.layer_norm(x, 4, None, bias, 0.1), (x, bias)
    )


@pytest.mark.parametrize("size", [1e19, 1e25, 1e30, 1e37, 3e38])
@pytest.mark.parametrize("norm", ["layer_norm", "rms_norm"])
def test_values_whose_squares_overflow_are_right_or_nan(norm, size):
    """pytorch #173793. A row of zeros, as ATen returns, looks like a result."""
    size = np.float32(size)
    x = np.array([[size, -size, size / 2, 0], [size / 4] * 4, [1, 2, 3, 4]], np.float32)
    wanted = getattr(F, norm)(torch.tensor(x.astype(np.float64)), (4,), eps=1e-5).numpy()
    by_torch = getattr(accelerated, norm)(torch.from_numpy(x).to(DEVICE), 4, eps=1e-5)
    for y in (getattr(scratch, norm)(x, 4, eps=1e-5), by_torch.cpu().numpy()):
        # In a row of equal numbers, what the mean is off by is multiplied by 1 / sqrt(eps).
        right = np.isclose(y, wanted, rtol=0, atol=[[1e-5], [1.01], [1e-5]]).all(axis=1)
        assert (right | np.isnan(y).all(axis=1)).all()
        assert right[2]


NUMBERS = [0.0, -0.0, 1.0, -2.5, 1e4, 1e4 + 1, 1e-40, -1e-45, 1e-30, 1e30, -1e30]
BREAKING = st.sampled_from([np.nan, np.inf, -np.inf])


@st.composite
def extreme_rows(draw):
    """Rows of numbers that are hard, in float32; some rows may hold NaN or infinity."""
    D = draw(st.integers(2, 6))
    rows = draw(
        st.lists(st.lists(st.sampled_from(NUMBERS), min_size=D, max_size=D), min_size=1, max_size=5)
    )
    rows = np.array(rows, np.float32)
    for row in draw(st.sets(st.integers(0, len(rows) - 1))):
        rows[row, draw(st.integers(0, D - 1))] = draw(BREAKING)
    return rows


@given(extreme_rows())
def test_extreme_rows_are_right_and_a_broken_row_breaks_no_other(x):
    broken = ~np.isfinite(x).all(axis=1)
    huge = ~broken & (np.abs(x).max(axis=1) > 1e18)  # whose squares are above float32
    plain = ~broken & ~huge
    for function in (by_scratch, by_accelerated):
        y = function(x)
        # ATen keeps the mean as a float32; near 1e4 that is off by up to 5e-4.
        near = 5e-3 if function is by_accelerated and not TRITON else 1e-5
        assert np.allclose(y[plain], expected(x[plain]), rtol=0, atol=near)
        right = np.isclose(y[huge], expected(x[huge]), rtol=0, atol=1e-5).all(axis=1)
        assert (right | np.isnan(y[huge]).all(axis=1)).all()
        assert np.isnan(y[broken]).all()
        for row in range(len(x)):
            assert np.array_equal(function(x[row : row + 1])[0], y[row], equal_nan=True)


@given(extreme_rows(), extreme_rows())
def test_the_gradient_of_an_extreme_row_reaches_no_other_row(x, dy):
    N, D = min(len(x), len(dy)), min(x.shape[1], dy.shape[1])
    x, dy = np.ascontiguousarray(x[:N, :D]), np.ascontiguousarray(dy[:N, :D])

    def gradient(x, dy):
        _, mean, rstd = scratch.layer_norm_forward(x, D)
        return scratch.layer_norm_backward(dy, x, D, mean, rstd)[0]

    dx = gradient(x, dy)
    for row in range(N):
        alone = gradient(x[row : row + 1], dy[row : row + 1])[0]
        assert np.array_equal(alone, dx[row], equal_nan=True)
    finite = np.isfinite(x).all(axis=1) & np.isfinite(dy).all(axis=1)
    assert not np.isfinite(dx[~finite]).any()


@given(st.integers(2, 1000), st.integers(0, 2**32 - 1))
def test_a_mean_of_ten_thousand_with_a_standard_deviation_of_one(D, seed):
    x = draw(2, D, seed=seed) + np.float32(1e4)
    rstd = 1 / np.sqrt(x.astype(np.float64).var(axis=1, keepdims=True) + 1e-5)
    for function in (by_scratch, by_accelerated):
        # ATen keeps the mean as a float32: that moves a number by up to 1e-3, before it is scaled.
        near = 2e-3 * rstd if function is by_accelerated and not TRITON else 0
        assert (np.abs(function(x) - expected(x)) <= 1e-5 + near).all()
