"""The norms of tensors: values, gradients and errors, against PyTorch in float64."""

import itertools
import weakref

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck, gradgradcheck

import lnlearn
from computing import DEVICE, DTYPES, EXACT, INTERPRETED, PRECISE, TRITON, checked
from lnlearn import nn
from lnlearn.accelerated import add_layer_norm, add_rms_norm, functional, layer_norm, rms_norm

pytestmark = pytest.mark.filterwarnings("ignore:.*is not a double precision:UserWarning")
TOLERANCE = {torch.float16: 2e-3, torch.bfloat16: 1e-2, torch.float32: 3e-6, torch.float64: 1e-14}
AFFINE = [*itertools.product([True, False], repeat=2)]


def draw(*shape, dtype=PRECISE, seed=0, grad=False):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(shape, dtype=torch.float64, generator=generator)
    return x.to(DEVICE, dtype).requires_grad_(grad)


def double(t):
    return None if t is None else t.detach().double()


def assert_close(got, expected, dtype):
    assert got.dtype == dtype
    assert got.shape == expected.shape
    error = (got.double() - expected).abs().max() if got.numel() else 0
    assert error <= TOLERANCE[dtype] * (1 + expected.abs().max())


# Values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("affine", AFFINE)
@pytest.mark.parametrize("normalized", [(5,), (4, 5), (3, 4, 5)])
def test_values_are_those_of_float64(normalized, affine, dtype):
    x, residual = draw(3, 4, 5, dtype=dtype), draw(3, 4, 5, dtype=dtype, seed=1)
    weight, bias = (
        draw(*normalized, dtype=dtype, seed=seed) if present else None
        for seed, present in zip((2, 3), affine, strict=True)
    )
    total = x + residual
    layer = [normalized, double(weight), double(bias), 0.1]
    rms = [normalized, double(weight), 0.1]
    assert_close(
        layer_norm(x, normalized, weight, bias, 0.1), F.layer_norm(double(x), *layer), dtype
    )
    assert_close(rms_norm(x, normalized, weight, 0.1), F.rms_norm(double(x), *rms), dtype)
    y, got = add_layer_norm(x, residual, normalized, weight, bias, 0.1)
    assert torch.equal(got, total)
    assert_close(y, F.layer_norm(double(total), *layer), dtype)
    y, got = add_rms_norm(x, residual, normalized, weight, 0.1)
    assert torch.equal(got, total)
    assert_close(y, F.rms_norm(double(total), *rms), dtype)


@pytest.mark.parametrize("width", [1, 2, 31, 32, 33, 4099, 8192])
def test_every_width(width):
    x = draw(3, width, dtype=torch.float32)
    assert_close(layer_norm(x, width), F.layer_norm(double(x), (width,)), torch.float32)


def test_the_default_eps_is_that_of_pytorch():
    x = draw(3, 4, dtype=torch.float32) * 1e-3
    near = 10 * TOLERANCE[torch.float32]
    for got, expected in [
        (layer_norm(x, 4), F.layer_norm(x, (4,))),
        (rms_norm(x, 4), F.rms_norm(x, (4,))),
        (add_layer_norm(x, x, 4)[0], F.layer_norm(2 * x, (4,))),
        (add_rms_norm(x, x, 4)[0], F.rms_norm(2 * x, (4,))),
    ]:
        assert torch.allclose(got, expected, rtol=0, atol=near)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "norm",
    [
        lambda x: rms_norm(x, 4),
        lambda x: lnlearn.rms_norm(x, 4),
        lambda x: add_rms_norm(x, 0 * x, 4)[0],
        lambda x: nn.RMSNorm(4, dtype=x.dtype, device=x.device)(x),
        lambda x: nn.AddRMSNorm(4, dtype=x.dtype, device=x.device)(x, 0 * x)[0],
        lambda x: F.rms_norm(x, (4,)),
    ],
)
def test_the_default_eps_of_rms_norm_is_that_of_the_dtype_it_computes_in(norm, dtype):
    """The values of halves are so small that their own epsilon would leave a sixth of them."""
    eps = 2.0**-52 if dtype == torch.float64 else 2.0**-23
    for size in (2.0**-6, eps**0.5):
        x = size * torch.tensor([[1, -1, 1, -1]], dtype=dtype, device=DEVICE)
        expected = x.double() / (size**2 + eps) ** 0.5
        assert_close(norm(x).detach(), expected, dtype)


@given(st.integers(0, 2**32 - 1), st.permutations([0, 1, 2]), st.booleans())
def test_the_layout_of_x_does_not_matter(seed, order, reverse):
    x = draw(3, 4, 5, seed=seed).permute(*order)
    x = x.flip(-1)[..., ::2] if reverse else x
    D = x.shape[-1]
    expected = layer_norm(x.contiguous(), D)
    assert torch.allclose(layer_norm(x, D), expected, rtol=0, atol=EXACT)


LAYOUTS = {
    "contiguous": lambda t: t,
    "transposed": lambda t: t.movedim(0, -1).contiguous().movedim(-1, 0),
    "every other": lambda t: torch.stack([t, -t], dim=-1).flatten(-2)[..., ::2],
    "expanded": lambda t: t[:1].expand(t.shape),
}


@st.composite
def problems(draw_):
    """x, residual, weight, bias and normalized_shape: any shape, dtype, layout, with or without."""
    dtype = draw_(st.sampled_from(DTYPES))
    shape = tuple(draw_(st.lists(st.integers(1, 6), min_size=1, max_size=4)))
    normalized = shape[draw_(st.integers(0, len(shape) - 1)) :]
    sizes = shape, shape, normalized, normalized
    tensors = [draw(*size, dtype=dtype, seed=seed) for seed, size in enumerate(sizes)]
    inputs = [LAYOUTS[draw_(st.sampled_from(list(LAYOUTS)))](t) for t in tensors[:2]]
    return *inputs, *(t if draw_(st.booleans()) else None for t in tensors[2:]), normalized


def textbook(x, axes, weight, bias, centre=True):
    """The formula in float64, and with its gradients by autograd."""
    x = x - x.mean(axes, keepdim=True) if centre else x
    y = x / (x.square().mean(axes, keepdim=True) + 0.1).sqrt()
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


@given(problems())
def test_values_and_gradients_are_those_of_the_formula(problem):
    x, residual, weight, bias, shape = problem
    axes = tuple(range(-len(shape), 0))
    for function, given_, centre in [
        (lambda x, w, b: layer_norm(x, shape, w, b, 0.1), x, True),
        (lambda x, w, b: add_layer_norm(x, residual, shape, w, b, 0.1)[0], x + residual, True),
        (lambda x, w, b: rms_norm(x, shape, w, 0.1), x, False),
        (lambda x, w, b: add_rms_norm(x, residual, shape, w, 0.1)[0], x + residual, False),
    ]:
        parameters = [weight, bias if centre else None]
        wanted = [None if t is None else double(t).requires_grad_() for t in (given_, *parameters)]
        expected = textbook(wanted[0], axes, *wanted[1:], centre)
        ours = [None if t is None else t.detach().requires_grad_() for t in (x, *parameters)]
        y = function(*ours)
        assert_close(y.detach(), expected.detach(), x.dtype)
        dy = draw(*x.shape, dtype=x.dtype, seed=9)
        there = [t for t in ours if t is not None]
        got = torch.autograd.grad(y, there, dy)
        right = torch.autograd.grad(expected, [t for t in wanted if t is not None], dy.double())
        for a, b, of in zip(got, right, there, strict=True):
            assert a.dtype == of.dtype
            error = (a.double() - b).abs().max()
            assert error <= 20 * TOLERANCE[x.dtype] * (1 + b.abs().max())


def test_expanded_and_empty_tensors():
    x = draw(5).expand(3, 4, 5)
    assert torch.allclose(layer_norm(x, 5), F.layer_norm(x.contiguous(), (5,)), atol=EXACT)
    for shape in [(0, 3), (2, 0, 3), (3, 0)]:
        x = torch.zeros(shape, device=DEVICE)
        assert layer_norm(x, shape[-1]).shape == shape
        assert rms_norm(x, shape[-1]).shape == shape
        assert add_layer_norm(x, x, shape[-1])[0].shape == shape


def test_a_row_gives_the_same_bits_alone_as_in_a_batch():
    rows = 40 if INTERPRETED else 300
    x = draw(rows, 257, dtype=torch.float32)
    for function in (layer_norm, rms_norm):
        y = function(x, 257)
        for row in (0, rows // 2, rows - 1):
            assert torch.equal(function(x[row : row + 1], 257)[0], y[row])


def test_inputs_are_not_modified():
    x, residual, weight = draw(3, 4), draw(3, 4, seed=1), draw(4, seed=2)
    before = x.clone(), residual.clone(), weight.clone()
    add_layer_norm(x, residual, 4, weight, weight)
    add_rms_norm(x, residual, 4, weight)
    assert all(map(torch.equal, before, (x, residual, weight)))


def test_nan_stays_in_its_row():
    x = draw(3, 4)
    x[1, 2] = torch.nan
    for y in (layer_norm(x, 4), rms_norm(x, 4)):
        assert y[1].isnan().all()
        assert y[[0, 2]].isfinite().all()


def test_a_large_mean_does_not_drown_the_variance():
    x = draw(4, 768, dtype=torch.float32) + 1e4
    expected = F.layer_norm(double(x), (768,))
    assert (layer_norm(x, 768) - expected).abs().max() < 5e-3


# Gradients ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_gradients_of_first_and_second_order(check):
    x, residual = draw(3, 4, grad=True), draw(3, 4, seed=1, grad=True)
    weight, bias = draw(4, seed=2, grad=True), draw(4, seed=3, grad=True)
    check = checked(check)
    assert check(lambda *a: layer_norm(a[0], 4, *a[1:], 0.1), (x, weight, bias))
    assert check(lambda *a: rms_norm(a[0], 4, a[1], 0.1), (x, weight))
    assert check(lambda *a: add_layer_norm(*a[:2], 4, *a[2:], 0.1), (x, residual, weight, bias))
    assert check(lambda *a: add_rms_norm(*a[:2], 4, a[2], 0.1), (x, residual, weight))


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_gradients_of_weight_without_bias_and_bias_without_weight(check):
    x, parameter = draw(3, 4, grad=True), draw(4, seed=1, grad=True)
    check = checked(check)
    assert check(lambda x, w: layer_norm(x, 4, w, None, 0.1), (x, parameter))
    assert check(lambda x, b: layer_norm(x, 4, None, b, 0.1), (x, parameter))
    assert check(lambda x, b: add_layer_norm(x, x, 4, None, b, 0.1), (x, parameter))
    assert check(lambda x: layer_norm(x, 4, eps=0.1), (x,))


# Of higher order, and forwards -------------------------------------------------------------------

DERIVED = {
    "layer_norm": lambda x, w, b: layer_norm(x, 4, w, b, 0.1),
    "rms_norm": lambda x, w, b: rms_norm(x, 4, w, 0.1),
    "add_layer_norm": lambda x, w, b: sum(add_layer_norm(x, 2 * x, 4, w, b, 0.1)),
    "add_rms_norm": lambda x, w, b: sum(add_rms_norm(x, 2 * x, 4, w, 0.1)),
}
WRITTEN_OUT = {
    "layer_norm": lambda x, w, b: textbook(x, -1, w, b),
    "rms_norm": lambda x, w, b: textbook(x, -1, w, None, centre=False),
    "add_layer_norm": lambda x, w, b: textbook(3 * x, -1, w, b) + 3 * x,
    "add_rms_norm": lambda x, w, b: textbook(3 * x, -1, w, None, centre=False) + 3 * x,
}
NEAR = 1e-3 if TRITON else 1e-11


def derivatives(function, x, weight, bias, order):
    """The gradients of a number that is made of gradients, and so on, `order` times."""
    inputs = [t.detach().requires_grad_() for t in (x, weight, bias) if t is not None]
    given_ = iter(inputs)
    y = function(*(None if t is None else next(given_) for t in (x, weight, bias)))
    found, number = [], (y * draw(*y.shape, seed=9, dtype=y.dtype)).sum()
    for step in range(order):
        found = torch.autograd.grad(
            number, inputs, create_graph=True, allow_unused=True, materialize_grads=True
        )
        number = sum((g * draw(*g.shape, seed=step, dtype=g.dtype)).sum() for g in found)
    return found


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("affine", AFFINE)
@pytest.mark.parametrize("name", DERIVED)
def test_derivatives_of_every_order_are_those_of_the_formula(name, affine, order):
    """ATen's own are wrong from the third on: it takes mean and rstd for constants."""
    parameters = [
        draw(4, seed=s) if there else None for s, there in zip((1, 2), affine, strict=True)
    ]
    arguments = draw(3, 4), *parameters
    found = derivatives(DERIVED[name], *arguments, order)
    expected = derivatives(WRITTEN_OUT[name], *map(double, arguments), order)
    for got, wanted in zip(found, expected, strict=True):
        assert (got - wanted).abs().max() <= NEAR * (1 + wanted.abs().max())


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")  # within PyTorch 2.13
@pytest.mark.parametrize("name", DERIVED)
@pytest.mark.parametrize("nested", ["forward", "forward twice", "both", "both, the other way"])
def test_forward_derivatives_are_those_of_the_formula(name, nested):
    """ATen's own has the wrong sign where one stands in the other."""
    x, u, v, weight, bias = draw(3, 4), draw(3, 4), draw(3, 4, seed=2), draw(4), draw(4, seed=1)
    jvp, grad = torch.func.jvp, torch.func.grad

    def derivative(function, x, u, v, weight, bias):
        def along(x):
            return jvp(lambda x: function(x, weight, bias), (x,), (u,))[1]

        if nested == "forward":
            return along(x)
        if nested == "forward twice":
            return jvp(along, (x,), (v,))[1]
        if nested == "both":
            return jvp(grad(lambda x: (function(x, weight, bias) * u).sum()), (x,), (v,))[1]
        return grad(lambda x: (along(x) * v).sum())(x)

    arguments = x, u, v, weight, bias
    got = derivative(DERIVED[name], *arguments)
    expected = derivative(WRITTEN_OUT[name], *map(double, arguments))
    assert (got - expected).abs().max() <= NEAR * (1 + expected.abs().max())


def test_the_gradients_of_a_gradient_keep_no_tensor_alive():
    x = draw(3, 4, grad=True)
    h = 2 * x
    kept = weakref.ref(h)
    loss = layer_norm(h, 4).sum()
    loss.backward()
    del h
    assert kept() is None
    assert loss.requires_grad


def test_gradients_of_half_precision_can_be_differentiated():
    x, weight = draw(3, 4, dtype=torch.bfloat16, grad=True), draw(4, dtype=torch.float32, grad=True)
    for function in (layer_norm, rms_norm):
        first = torch.autograd.grad(
            function(x, 4, weight).sin().sum(), (x, weight), create_graph=True
        )
        second = torch.autograd.grad(sum(g.square().sum() for g in first), (x, weight))
        for found in (first, second):
            assert [g.dtype for g in found] == [torch.bfloat16, torch.float32]
            assert all(g.isfinite().all() for g in found)


# What PyTorch does around a function -------------------------------------------------------------

CALLS = {
    "layer_norm": lambda x, w: layer_norm(x, 8, w, w),
    "rms_norm": lambda x, w: rms_norm(x, (8,), w),
    "add_layer_norm": lambda x, w: add_layer_norm(x, x, 8, w)[0],
    "add_rms_norm": lambda x, w: add_rms_norm(x, x, (8,), w)[0],
}


@pytest.fixture(params=CALLS)
def call(request):
    return CALLS[request.param]


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")  # within PyTorch 2.13
def test_compiled_whole_it_gives_the_same(call):
    x, weight = draw(3, 8, grad=True), draw(8, seed=1, grad=True)
    compiled = torch.compile(call, fullgraph=True, backend="aot_eager")
    expected = torch.autograd.grad(call(x, weight).sin().sum(), (x, weight))
    got = torch.autograd.grad(compiled(x, weight).sin().sum(), (x, weight))
    assert torch.allclose(compiled(x, weight), call(x, weight), rtol=0, atol=EXACT)
    for a, b in zip(got, expected, strict=True):
        assert torch.allclose(a, b, rtol=0, atol=10 * EXACT)


def test_vmap_is_a_loop(call):
    x, weight = draw(5, 3, 8), draw(8, seed=1)
    mapped = torch.func.vmap(lambda row: call(row, weight))(x)
    looped = torch.stack([call(row, weight) for row in x])
    assert torch.allclose(mapped, looped, atol=EXACT)


def rms_norm_of_pytorch(x, weight):
    """What autocast makes of it on a GPU since PyTorch 2.12: 2.11 left RMS norm out."""
    if DEVICE == "cuda":
        x = x.float()
    return F.rms_norm(x, (8,), weight)


@pytest.mark.filterwarnings("ignore:Mismatch dtype:UserWarning")  # PyTorch's, of its own rms_norm
def test_autocast_gives_what_it_gives_for_the_functions_of_pytorch():
    x, weight = draw(3, 8, dtype=torch.float32), draw(8, dtype=torch.float32)
    half = x.bfloat16()
    with torch.autocast(DEVICE, torch.bfloat16):
        for given_ in (x, half):
            for ours, theirs in [
                (layer_norm(given_, 8, weight), F.layer_norm(given_, (8,), weight)),
                (rms_norm(given_, 8, weight), rms_norm_of_pytorch(given_, weight)),
                (add_layer_norm(given_, given_, 8, weight)[0],
                 F.layer_norm(given_ + given_, (8,), weight)),
                (add_rms_norm(given_, given_, 8, weight)[0],
                 rms_norm_of_pytorch(given_ + given_, weight)),
            ]:  # fmt: skip
                assert ours.dtype == theirs.dtype
                near = TOLERANCE[ours.dtype] if TRITON else 0
                assert torch.allclose(ours, theirs, rtol=near, atol=near)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("affine", [*itertools.product([None, False, True], repeat=2)])
def test_half_precision_takes_each_parameter_in_float32_or_its_own_dtype(affine, dtype):
    x = draw(3, 8, dtype=dtype, grad=True)
    weight, bias = (
        None if in_float32 is None
        else draw(8, seed=seed, dtype=torch.float32 if in_float32 else dtype, grad=True)
        for seed, in_float32 in zip((1, 2), affine, strict=True)
    )  # fmt: skip
    y = layer_norm(x, 8, weight, bias)
    assert_close(y.detach(), F.layer_norm(double(x), (8,), double(weight), double(bias)), dtype)
    y.sum().backward()
    assert all(t is None or t.grad.dtype == t.dtype for t in (x, weight, bias))
    expected = F.rms_norm(double(x), (8,), double(weight), 2.0**-23)
    assert_close(rms_norm(x, 8, weight).detach(), expected, dtype)


# Bad input ---------------------------------------------------------------------------------------


def every(x=None, shape=4, weight=None, bias=None, eps=1e-5):
    """Call each function with the same arguments, one after the other."""
    x = draw(3, 4, dtype=torch.float32) if x is None else x
    yield lambda: layer_norm(x, shape, weight, bias, eps)
    yield lambda: add_layer_norm(x, x, shape, weight, bias, eps)
    if bias is None:
        yield lambda: rms_norm(x, shape, weight, eps)
        yield lambda: add_rms_norm(x, x, shape, weight, eps)


def assert_all_raise(error, *named, **arguments):
    for call in every(**arguments):
        with pytest.raises(error) as caught:
            call()
        assert type(caught.value) is error
        for text in named:
            assert text in str(caught.value)


@pytest.mark.parametrize(
    ("x", "got"),
    [
        ([0.2], "a list"),
        (1.0, "a float"),
        (np.ones((3, 4)), "a ndarray"),
        (torch.ones(3, 4, dtype=torch.int64), "torch.int64"),
        (torch.ones(3, 4, dtype=torch.bool), "torch.bool"),
        (torch.ones(3, 4, dtype=torch.complex64), "torch.complex64"),
    ],
    ids=str,
)
def test_x_that_is_not_a_tensor_of_floats(x, got):
    assert_all_raise(TypeError, "x needs", got, "Convert it first", x=x)


def test_the_fix_for_another_dtype_is_named():
    assert_all_raise(TypeError, "x.float()", x=torch.ones(3, 4, dtype=torch.int64))
    assert_all_raise(TypeError, "x.real", x=torch.ones(3, 4, dtype=torch.complex64))


def test_x_that_is_none():
    with pytest.raises(TypeError, match="x needs to be a floating-point tensor, got None"):
        layer_norm(None, 4)


@pytest.mark.parametrize("shape", [(), 3, (3,), (3, 3), (4, 4), (1, 3, 4), 0])
def test_normalized_shape_that_is_not_the_end_of_the_shape(shape):
    assert_all_raise(ValueError, "normalized_shape needs", "pass normalized_shape=4", shape=shape)


@pytest.mark.parametrize("shape", [None, 4.0, (4.0,), "4", True])
def test_normalized_shape_that_does_not_hold_integers(shape):
    assert_all_raise(TypeError, "normalized_shape needs an integer", repr(shape), shape=shape)


def test_a_tensor_without_dimensions():
    assert_all_raise(ValueError, "normalized_shape", x=torch.tensor(1.0), shape=(1,))


@pytest.mark.parametrize("name", ["weight", "bias"])
@pytest.mark.parametrize("shape", [4, (4,)])  # the full check, and the quick one
class TestParameters:
    def test_of_another_shape(self, name, shape):
        named = f"{name} needs the shape of normalized_shape, (4,)", "(3,)", "leave"
        assert_all_raise(ValueError, *named, shape=shape, **{name: torch.ones(3, device=DEVICE)})
        assert_all_raise(ValueError, name, shape=shape, **{name: torch.ones(1, 4, device=DEVICE)})

    def test_that_are_not_floating(self, name, shape):
        assert_all_raise(TypeError, name, "int64", shape=shape, **{name: torch.arange(4)})
        assert_all_raise(TypeError, name, "a ndarray", shape=shape, **{name: np.ones(4)})

    def test_of_another_precision(self, name, shape):
        double = torch.ones(4, dtype=torch.float64, device=DEVICE)
        named = f"{name} needs the dtype of x, torch.float32", f"{name}.to(torch.float32)"
        assert_all_raise(TypeError, *named, shape=shape, **{name: double})
        half = torch.ones(4, dtype=torch.float16, device=DEVICE)
        x = torch.ones(3, 4, dtype=torch.bfloat16, device=DEVICE)
        assert_all_raise(TypeError, name, "bfloat16", x=x, shape=shape, **{name: half})

    def test_on_another_device(self, name, shape):
        named = f"{name} needs to be on the device of x, {DEVICE}", "meta", f"{name}.to('{DEVICE}"
        meta = torch.ones(4, device="meta")
        assert_all_raise(ValueError, *named, shape=shape, **{name: meta})


@pytest.mark.parametrize("shape", [4, (4,)])
@pytest.mark.parametrize("eps", [-1e-5, float("nan"), float("inf")])
def test_eps_that_is_negative_or_not_finite(eps, shape):
    assert_all_raise(ValueError, "eps needs", repr(eps), "1e-5", eps=eps, shape=shape)


@pytest.mark.parametrize("shape", [4, (4,)])
@pytest.mark.parametrize("eps", ["1e-5", [1e-5], True, torch.tensor(1e-5)])
def test_eps_that_is_not_a_number(eps, shape):
    assert_all_raise(TypeError, "eps needs to be a real number", "1e-5", eps=eps, shape=shape)


@pytest.mark.parametrize(
    ("residual", "error", "named"),
    [
        (None, TypeError, "got None"),
        (torch.ones(4), ValueError, "shape of x, (3, 4), got (4,)"),
        (
            torch.ones(3, 4, dtype=torch.float64, device=DEVICE),
            TypeError,
            "dtype of x, torch.float32",
        ),
        (torch.ones(3, 4, device="meta"), ValueError, f"device of x, {draw(1).device}, got meta"),
        (torch.ones(3, 4, dtype=torch.int64), TypeError, "torch.int64"),
    ],
)
def test_a_residual_that_does_not_go_with_x(residual, error, named):
    x = draw(3, 4, dtype=torch.float32)
    for function in (add_layer_norm, add_rms_norm):
        with pytest.raises(error) as caught:
            function(x, residual, 4)
        assert "residual needs" in str(caught.value)
        assert named in str(caught.value)


# Which backend ----------------------------------------------------------------------------------


class Recorder:
    """Stands in for our kernels, and remembers how it was called."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        def record(*arguments):
            self.calls.append((name, *arguments))
            return "y", "total", "more"

        return record


@pytest.fixture
def recorder(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(functional, "operators", recorder)
    return recorder


def chosen(monkeypatch, name):
    monkeypatch.setattr(functional.backends, "backend", lambda x: name)
    monkeypatch.setattr(functional.backends, "ASKED", name)


CPU = torch.arange(6.0).reshape(2, 3)
TINY = torch.finfo(torch.float32).eps
CALLED_WITH = {
    "layer_norm": (lambda: layer_norm(CPU, 3, eps=0.1), (CPU, (3,), None, None, 0.1)),
    "rms_norm": (lambda: rms_norm(CPU, 3, eps=0.1), (CPU, (3,), None, 0.1)),
    "rms_norm, default eps": (lambda: rms_norm(CPU, 3), (CPU, (3,), None, TINY)),
    "add_layer_norm": (
        lambda: add_layer_norm(CPU, CPU, 3, eps=0.1), (CPU, CPU, (3,), None, None, 0.1)
    ),
    "add_rms_norm": (lambda: add_rms_norm(CPU, CPU, 3, eps=0.1), (CPU, CPU, (3,), None, 0.1)),
    "add_rms_norm, default eps": (lambda: add_rms_norm(CPU, CPU, 3), (CPU, CPU, (3,), None, TINY)),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLED_WITH)
def test_our_kernels_compute_where_the_backend_is_triton(monkeypatch, recorder, name):
    chosen(monkeypatch, "triton")
    call, arguments = CALLED_WITH[name]
    assert call() == (("y", "total") if name.startswith("add") else "y")
    assert recorder.calls == [("call_" + name.split(",")[0], *arguments)]


@pytest.mark.parametrize("name", CALLED_WITH)
def test_pytorch_computes_where_the_backend_is_aten(monkeypatch, recorder, name):
    for asked in ("aten", None):
        chosen(monkeypatch, "aten")
        monkeypatch.setattr(functional.backends, "ASKED", asked)
        call, _ = CALLED_WITH[name]
        call()
    assert recorder.calls == []


@pytest.mark.parametrize("name", ["add_layer_norm", "add_rms_norm"])
def test_under_autocast_the_sum_is_taken_apart_from_the_norm(monkeypatch, recorder, name):
    chosen(monkeypatch, "triton")
    with torch.autocast("cpu", torch.bfloat16):
        _, total = CALLED_WITH[name][0]()
    assert torch.equal(total, CPU + CPU)
    assert [called for called, *_ in recorder.calls] == [name.replace("add", "call")]


class OnGPU(torch.Tensor):
    """As much of a tensor on a GPU as autocast looks at."""

    is_cuda = True


def test_autocast_hands_our_kernels_float32_on_a_gpu_alone():
    half = torch.ones(3, dtype=torch.bfloat16)
    there = half.as_subclass(OnGPU)
    with torch.autocast("cpu", torch.bfloat16):
        assert functional._autocast(half, half)[0].dtype == torch.bfloat16
        assert functional._autocast(there, half)[0].dtype == torch.bfloat16
    torch.set_autocast_enabled("cuda", True)
    try:
        assert functional._autocast(half, half)[0].dtype == torch.bfloat16
        x, weight, bias = functional._autocast(there, half, None)
    finally:
        torch.set_autocast_enabled("cuda", False)
    assert x.dtype == weight.dtype == torch.float32
    assert bias is None
