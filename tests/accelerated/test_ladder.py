"""Every rung of the ladder is right, at the widths that it is for, and short."""

import inspect

import pytest
import torch
import torch.nn.functional as F

from computing import DEVICE
from lnlearn.accelerated.triton import ladder, ladder_backward

pytestmark = pytest.mark.triton
WIDTHS = [1, 3, 31, 64, 257, 768, 1000, 1025]
EPS = 0.1


def problem(rows, width, mean=3.0):
    """x, dy, weight and bias in float64, of float32 precision."""
    draw = torch.Generator().manual_seed(width)
    shapes = (rows, width), (rows, width), (width,), (width,)
    x, dy, weight, bias = (torch.randn(s, generator=draw).double() for s in shapes)
    return (x + mean).float().double(), dy, weight, bias


def here(*tensors, dtype=torch.float32):
    return [t.to(DEVICE, dtype) for t in tensors]


def off(got, expected):
    """The distance from the expected result, relative to its length, or to 1 where it is 0."""
    return ((got.cpu().double() - expected).norm() / expected.norm().clamp(min=1)).item()


def kernels(module):
    return {k.__name__: k for k in vars(module).values() if hasattr(k, "arg_names")}


@pytest.mark.parametrize(
    ("kernel", "width", "rows"),
    [
        pytest.param(kernel, width, rows, id=f"{kernel.__name__}-{width}-{rows}")
        for kernel in ladder.FORWARD
        for width in ([1, 64, 512] if kernel is ladder.a_row else WIDTHS)
        for rows in (1, 70 if kernel is ladder.many_rows else 13)  # 70 fill several programs
    ],
)
def test_every_forward_rung_is_layer_norm(kernel, width, rows):
    x, _, weight, bias = problem(rows, width)
    y = ladder.layer_norm(kernel, *here(x, weight, bias), EPS)
    assert off(y, F.layer_norm(x, (width,), weight, bias, EPS)) < 2e-6


@pytest.mark.parametrize("rows", [1, 13])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kernel", ladder_backward.BACKWARD, ids=lambda kernel: kernel.__name__)
def test_every_backward_rung_gives_the_gradients(kernel, width, rows):
    x, dy, weight, bias = problem(rows, width)
    leaves = [t.requires_grad_() for t in (x, weight, bias)]
    expected = torch.autograd.grad(F.layer_norm(x, (width,), weight, bias, EPS), leaves, dy)
    mean = x.detach().mean(-1)
    rstd = (x.detach().var(-1, correction=0) + EPS).rsqrt()
    got = ladder_backward.layer_norm_backward(
        kernel, *here(dy, x.detach(), weight.detach(), mean, rstd)
    )
    for g, e in zip(got, expected, strict=True):
        assert off(g, e) < 3e-6


def test_only_the_first_rung_refuses_a_width():
    x, _, weight, bias = here(*problem(2, 768))
    with pytest.raises(ValueError, match=r"power of two, got 768.*any_width"):
        ladder.layer_norm(ladder.a_row, x, weight, bias)


def test_a_mean_far_from_zero_costs_no_digit_on_the_last_rung_alone():
    x, _, weight, bias = problem(4, 1000, mean=1000.0)
    expected = F.layer_norm(x, (1000,), weight, bias, EPS)
    errors = {
        kernel: off(ladder.layer_norm(kernel, *here(x, weight, bias), EPS), expected)
        for kernel in ladder.FORWARD[1:]
    }
    assert errors.pop(ladder.corrected_mean) < 3e-7
    assert min(errors.values()) > 3e-6


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kernel", ladder.FORWARD[1:], ids=lambda kernel: kernel.__name__)
def test_half_precision_is_computed_in_float32(kernel, dtype):
    x, weight, bias = here(*problem(3, 300)[::2], torch.zeros(300), dtype=dtype)
    exact = F.layer_norm(x.cpu().double(), (300,), weight.cpu().double(), bias.cpu().double(), EPS)
    y = ladder.layer_norm(kernel, x, weight, bias, EPS)
    assert y.dtype == dtype
    assert off(y, exact) < 2 * torch.finfo(dtype).eps  # one rounding, which an interpreter may cut


@pytest.mark.parametrize("programs", [1, 3, 5, 8])
def test_the_rows_may_be_shared_by_any_number_of_programs(programs):
    x, dy, weight, _ = problem(7, 40)
    arguments = here(dy, x, weight, x.mean(-1), torch.ones(7))
    first, *others = (
        ladder_backward.layer_norm_backward(ladder_backward.partial_sums, *arguments, programs=p)
        for p in (2, programs)
    )
    for one, other in zip(first, others[0], strict=True):
        assert off(one, other.cpu().double()) < 1e-6


@pytest.mark.parametrize("module", [ladder, ladder_backward], ids=lambda module: module.__name__)
def test_a_kernel_is_read_in_one_go(module):
    for name, kernel in kernels(module).items():
        _, _, body = inspect.getsource(kernel.fn).partition('"""\n')
        assert 5 <= len(body.splitlines()) <= 25, name
