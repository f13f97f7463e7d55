"""The recorded differences between PyTorch's layer norm and what is right, computed again."""

import math

import pytest
import torch
import torch.nn.functional as F

from lnlearn import accelerated
from lnlearn.records import aten

HALVES = [torch.float16, torch.bfloat16]


def largest(function, x):
    return function(x, x.shape[-1:]).abs().max().item()


def first(function, x):
    return function(x, x.shape[-1:])[..., 0].item()


def error_of_a_large_mean(function, x):
    right = F.layer_norm(x.double(), x.shape[-1:])
    return (function(x, x.shape[-1:]) - right).abs().max().item()


def gradient_of_weight(function, x):
    weight = torch.ones(1, dtype=x.dtype, requires_grad=True)
    return torch.autograd.grad(function(x, (1,), weight).sum(), weight)[0].item()


def third_derivative(function, x):
    x = x.clone().requires_grad_()
    number = (function(x, x.shape[-1:]) * torch.arange(5)).sum()
    for _ in range(3):
        (found,) = torch.autograd.grad(number, x, create_graph=True)
        number = found.square().sum()
    return found[0, 0].item()


def nested_forward(function, x):
    jvp, u = torch.func.jvp, torch.arange(5.0, dtype=x.dtype)[None]
    inner = lambda x: jvp(lambda x: function(x, x.shape[-1:]), (x,), (u,))[1]  # noqa: E731
    return jvp(inner, (x,), (u,))[1][0, 0].item()


ROW = torch.tensor([[0.2, 0.1, 0.3, -1.0, 2.0]], dtype=torch.float64)
CASES = {
    "largest output for a row of three times 1000.1": (largest, torch.full((1, 3), 1000.1), HALVES),
    "largest output for a row of three times 60000": (largest, torch.full((1, 3), 6e4), HALVES),
    "gradient of weight for four rows of one number, 1000.1": (
        gradient_of_weight, torch.full((4, 1), 1000.1), [torch.float32]
    ),
    "first output for a row of 10239 times 256 and one 255": (
        first, torch.tensor([[256.0] * 10239 + [255.0]]), [torch.float32]
    ),
    "largest error for 64 rows of 768 normal numbers around 10000": (
        error_of_a_large_mean,
        torch.randn(64, 768, generator=torch.Generator().manual_seed(0)) + 1e4,
        [torch.float32],
    ),
    "largest output for the row 1e25, 2e25, ..., 9e25": (
        largest, 1e25 * torch.arange(1.0, 10)[None], [torch.float32]
    ),
    "third derivative, first entry": (third_derivative, ROW, [torch.float64]),
    "forward derivative of a forward derivative, first entry": (
        nested_forward, ROW, [torch.float64]
    ),
}  # fmt: skip


def textbook(x, shape, weight=None):
    """The formula in float64."""
    x = x.double()
    x = x - x.mean(-1, keepdim=True)
    y = x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    return y if weight is None else y * weight.double()


def computed():
    for name, (measure, x, dtypes) in CASES.items():
        for dtype in dtypes:
            given = x.to(dtype)
            right, pytorch, ours = (
                measure(function, given)
                for function in (textbook, F.layer_norm, accelerated.layer_norm)
            )
            yield name, str(dtype).removeprefix("torch."), right, pytorch, ours


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")  # within PyTorch 2.13
def test_every_difference_on_record_is_found_again():
    found, recorded = list(computed()), aten.differences()
    assert [(d.name, d.dtype) for d in recorded] == [case[:2] for case in found]
    for d, (_, _, right, pytorch, ours) in zip(recorded, found, strict=True):
        near = {"rel_tol": 0.02, "abs_tol": 1e-6}
        assert math.isclose(d.right, right, **near), d.name
        assert math.isnan(ours) if d.ours is None else math.isclose(d.ours, ours, **near)
        if d.version == torch.__version__.partition("+")[0]:
            assert math.isclose(d.pytorch, pytorch, **near), d.name


def test_what_is_corrected_is_right_or_nan_and_what_is_inherited_is_off():
    for d in aten.differences():
        near = {"rel_tol": 1e-6, "abs_tol": 1e-6}
        right = d.ours is None or math.isclose(d.ours, d.right, **near)
        assert right == (d.decision == "corrected"), d.name
        assert not math.isclose(d.pytorch, d.right, **near), d.name
