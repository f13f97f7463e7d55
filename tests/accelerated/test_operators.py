"""The operators as PyTorch sees them: schema, fake kernels, autograd of two orders, compilation."""

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from computing import DEVICE, DTYPES, EXACT, PRECISE, checked
from lnlearn.accelerated import aten, backends, eager, functional, operators

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*is not a double precision:UserWarning",
    "ignore:.*torch.jit.*:DeprecationWarning",  # within PyTorch 2.13
)
EPS = 0.1
# Each operator with the function that it computes, and whether it has a residual and a bias.
NORMS = {
    "layer_norm": (operators.layer_norm, functional.layer_norm, False, True),
    "rms_norm": (operators.rms_norm, functional.rms_norm, False, False),
    "add_layer_norm": (operators.add_layer_norm, functional.add_layer_norm, True, True),
    "add_rms_norm": (operators.add_rms_norm, functional.add_rms_norm, True, False),
}
SHAPES = [((3, 4), [4]), ((2, 3, 4), [3, 4]), ((4,), [4])]


@pytest.fixture(params=NORMS)
def norm(request):
    return NORMS[request.param]


@pytest.fixture(params=[name for name, (_, _, has_residual, _) in NORMS.items() if has_residual])
def add_and_norm(request):
    return NORMS[request.param]


@pytest.fixture(params=[True, False], ids=["affine", "plain"])
def affine(request):
    return request.param


def problem(norm, affine, shape=(3, 4), normalized=(4,), dtype=PRECISE, grad=True):
    """Arguments of an operator, and their tensors."""
    _, _, has_residual, has_bias = norm
    generator = torch.Generator().manual_seed(0)

    def draw(*size):
        x = torch.randn(size, dtype=torch.float64, generator=generator)
        return x.to(DEVICE, dtype).requires_grad_(grad)

    inputs = [draw(*shape) for _ in range(1 + has_residual)]
    parameters = [draw(*normalized) if affine else None for _ in range(1 + has_bias)]
    arguments = [*inputs, list(normalized), *parameters, EPS]
    return arguments, [a for a in arguments if isinstance(a, torch.Tensor)]


def with_tensors(arguments, tensors):
    """The arguments with their tensors replaced."""
    tensors = iter(tensors)
    return [next(tensors) if isinstance(a, torch.Tensor) else a for a in arguments]


def short_way(norm):
    return getattr(operators, f"call_{norm[0]._name}")


def outputs(norm, result):
    """What the function returns of what the operator does: the statistics are left out."""
    return result[:2] if norm[2] else result[:1]


@pytest.mark.parametrize(("shape", "normalized"), SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_an_operator_computes_its_function(norm, affine, shape, normalized, dtype):
    operator, function, *_ = norm
    arguments, _ = problem(norm, affine, shape, normalized, dtype, grad=False)
    expected = function(*[tuple(a) if isinstance(a, list) else a for a in arguments])
    expected = expected if isinstance(expected, tuple) else (expected,)
    result = operator(*arguments)
    tolerance = 1e-13 if dtype == torch.float64 else 2 * torch.finfo(dtype).eps
    for got, wanted in zip(outputs(norm, result), expected, strict=True):
        assert got.dtype == wanted.dtype == dtype
        assert torch.allclose(got, wanted, rtol=tolerance, atol=2 * tolerance)
    rows = (*shape[: len(shape) - len(normalized)], *[1] * len(normalized))
    for statistic in result[len(outputs(norm, result)) :]:
        assert statistic.shape == rows
        assert statistic.dtype == (dtype if dtype == torch.float64 else torch.float32)


@pytest.mark.parametrize(("shape", "normalized"), SHAPES)
@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_gradients_of_first_and_second_order(norm, affine, shape, normalized, check):
    operator, *_ = norm
    arguments, tensors = problem(norm, affine, shape, normalized)
    check = checked(check)
    assert check(lambda *t: outputs(norm, operator(*with_tensors(arguments, t))), tensors)


@pytest.mark.parametrize("present", [(True, False), (False, True)])
def test_gradients_of_weight_without_bias_and_bias_without_weight(present):
    x, weight, bias = (
        torch.randn(shape, dtype=PRECISE, device=DEVICE, requires_grad=True)
        for shape in [(3, 4), (4,), (4,)]
    )
    arguments = [x, [4], weight if present[0] else None, bias if present[1] else None, EPS]
    tensors = [a for a in arguments if isinstance(a, torch.Tensor)]
    for check in (gradcheck, gradgradcheck):
        check = checked(check)
        assert check(lambda *t: operators.layer_norm(*with_tensors(arguments, t))[0], tensors)


@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_pytorch_finds_no_fault_with_the_operator(norm, affine, dtype, grad):
    arguments, _ = problem(norm, affine, (2, 3, 4), (4,), dtype, grad)
    torch.library.opcheck(norm[0], arguments, rtol=0.05, atol=0.05)


def test_pytorch_finds_no_fault_with_the_backward_operators():
    x, weight = torch.randn(3, 4, device=DEVICE), torch.randn(4, device=DEVICE)
    _, mean, rstd = operators.layer_norm(x, [4], weight, weight, EPS)
    for bias, dtotal in [(weight, x), (None, None)]:
        arguments = (x, x, [4], mean, rstd, weight, bias, dtotal)
        torch.library.opcheck(operators.layer_norm_backward, arguments)
    _, rstd = operators.rms_norm(x, [4], weight, EPS)
    for w, dtotal in [(weight, x), (None, None)]:
        torch.library.opcheck(operators.rms_norm_backward, (x, x, [4], rstd, w, dtotal))


def test_the_backward_operators_refuse_to_be_differentiated():
    """What can be differentiated is the formula that stands in for them."""
    x = torch.randn(3, 4, device=DEVICE, requires_grad=True)
    _, rstd = operators.rms_norm(x.detach(), [4], None, EPS)
    dx, _ = operators.rms_norm_backward(x, x, [4], rstd, None, None)
    with pytest.raises(RuntimeError, match="no autograd formula was registered"):
        dx.sum().backward()


def test_where_the_sum_is_not_used_no_tensor_of_zeros_is_made_for_it(add_and_norm, monkeypatch):
    arguments, tensors = problem(add_and_norm, True)
    name = f"call_{add_and_norm[0]._name.removeprefix('add_')}_backward"
    seen, backward = [], getattr(operators, name)

    def record(*arguments):
        seen.append(arguments[-1])
        return backward(*arguments)

    monkeypatch.setattr(operators, name, record)
    y, total, *_ = add_and_norm[0](*arguments)
    torch.autograd.grad(y.sin().sum(), tensors, retain_graph=True)
    torch.autograd.grad(y.sin().sum() + total.sum(), tensors)
    assert [dtotal is None for dtotal in seen] == [True, False]


@pytest.mark.parametrize(
    ("asked", "why", "on_gpu", "which"),
    [
        ("aten", None, True, "aten"),
        ("aten", None, False, "aten"),
        ("triton", "no Triton here", True, "aten"),
        (None, "no Triton here", True, "aten"),
        (None, None, True, "norms"),
        (None, None, False, "aten"),
        ("triton", None, True, "norms"),
        ("triton", None, False, "norms"),
    ],
)
def test_which_kernels_compute(monkeypatch, asked, why, on_gpu, which):
    class Anywhere(torch.Tensor):
        is_cuda = on_gpu

    if which == "norms":
        pytest.importorskip("triton", reason="no wheels for macOS")
    monkeypatch.setattr(backends, "ASKED", asked)
    monkeypatch.setattr(backends, "obstacle", lambda device, dtype: why)
    x = torch.ones(3).as_subclass(Anywhere)
    assert backends.kernels(x).__name__.rpartition(".")[2] == which


def test_compiled_whole_it_gives_the_same(norm, affine):
    arguments, tensors = problem(norm, affine)

    def loss(*tensors):
        return sum(y.sin().sum() for y in outputs(norm, norm[0](*with_tensors(arguments, tensors))))

    compiled = torch.compile(loss, fullgraph=True, backend="aot_eager")
    expected = torch.autograd.grad(loss(*tensors), tensors)
    for got, wanted in zip(torch.autograd.grad(compiled(*tensors), tensors), expected, strict=True):
        assert torch.allclose(got, wanted, rtol=0, atol=10 * EXACT)


def test_statistics_cannot_be_differentiated_by_accident(norm, affine):
    arguments, _ = problem(norm, affine)
    result = norm[0](*arguments)
    for statistic in result[len(outputs(norm, result)) :]:
        assert not statistic.requires_grad


@pytest.mark.parametrize("layout", ["transposed", "expanded"])
def test_layouts_other_than_contiguous(norm, layout):
    x = torch.randn(4, 3, dtype=PRECISE, device=DEVICE).t()
    x = x if layout == "transposed" else x[:1].expand(3, 4)
    arguments, _ = problem(norm, True, grad=False)
    arguments[0] = x
    expected = norm[0](x.contiguous(), *arguments[1:])
    for got, wanted in zip(norm[0](*arguments), expected, strict=True):
        assert torch.allclose(got, wanted, rtol=0, atol=EXACT)


# The short way -----------------------------------------------------------------------------------


@pytest.mark.parametrize("grad", [True, False])
def test_the_short_way_gives_the_bits_of_the_operator(norm, affine, grad):
    arguments, tensors = problem(norm, affine, grad=grad)
    short = short_way(norm)
    expected, got = norm[0](*arguments), short(*arguments)
    assert all(map(torch.equal, got, expected))
    if grad:
        losses = (sum(y.sin().sum() for y in outputs(norm, result)) for result in (expected, got))
        expected, got = (torch.autograd.grad(loss, tensors) for loss in losses)
        assert all(map(torch.equal, got, expected))


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_gradients_of_both_orders_by_the_short_way(norm, affine, check):
    arguments, tensors = problem(norm, affine)
    short = short_way(norm)
    check = checked(check)
    assert check(lambda *t: outputs(norm, short(*with_tensors(arguments, t))), tensors)


def test_the_short_way_takes_the_operator_where_something_looks_on(norm):
    from torch.utils._python_dispatch import TorchDispatchMode

    class Names(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            seen.append(func._schema.name)
            return func(*args, **(kwargs or {}))

    arguments, _ = problem(norm, True, grad=False)
    short, seen = short_way(norm), []
    with Names():
        short(*arguments)
    assert f"lnlearn::{norm[0]._name}" in seen


def test_what_is_used_alone_of_add_and_norm_has_its_gradient(add_and_norm, affine):
    arguments, tensors = problem(add_and_norm, affine)
    for function in (add_and_norm[0], short_way(add_and_norm)):
        y, total, *_ = function(*arguments)
        for g in torch.autograd.grad(total.sin().sum(), tensors[:2], retain_graph=True):
            assert torch.allclose(g, total.cos(), rtol=0, atol=EXACT)
        both = torch.autograd.grad(y.sin().sum() + total.sum() * 0, tensors, retain_graph=True)
        for got, expected in zip(torch.autograd.grad(y.sin().sum(), tensors), both, strict=True):
            assert torch.allclose(got, expected, rtol=0, atol=EXACT)


@pytest.mark.parametrize("grad", [True, False])
def test_the_short_way_does_without_the_operator_in_plain_execution(norm, grad, monkeypatch):
    operator = norm[0]
    rules = (getattr(operators, f"{what}_{operator._name}") for what in ("save", "differentiate"))

    class Untouched:
        """An operator that may be registered with, and not called."""

        _name = operator._name

        def register_autograd(self, differentiate, setup_context):
            pass

    monkeypatch.setattr(backends, "kernels", lambda x: aten)
    short = eager.short_way(Untouched(), *rules)
    arguments, _ = problem(norm, True, grad=grad)
    assert short(*arguments)[0].requires_grad == grad
    with torch.no_grad():
        assert not short(*arguments)[0].requires_grad
    for i, argument in enumerate(arguments):  # a module's weight
        if isinstance(argument, torch.Tensor):
            arguments[i] = torch.nn.Parameter(argument, requires_grad=grad)
    assert short(*arguments)[0].requires_grad == grad
