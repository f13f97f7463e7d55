"""Where PyTorch's norms work, ours work, with the same result: what PyTorch does around a module.

The same module of `torch.nn`, with the same parameters, stands beside each of ours.
"""

import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from torch.autograd.functional import hessian, jacobian

import lnlearn
from computing import DEVICE, TRITON
from lnlearn import accelerated, nn

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
D = 8


def draw(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(DEVICE)


@pytest.fixture(params=["LayerNorm", "RMSNorm"])
def name(request):
    return request.param


def module(library, name):
    """A module with learned parameters, the same ones whatever the library."""
    built = getattr(library, name)(D, device=DEVICE)
    for seed, parameter in enumerate(built.parameters()):
        parameter.data.copy_(draw(D, seed=seed))
    return built


@pytest.fixture
def pair(name):
    return module(nn, name), module(torch.nn, name)


def assert_close(got, expected, tolerance=1e-5):
    torch.testing.assert_close(got, expected, rtol=tolerance, atol=tolerance)


def functions(name):
    """Ours, at the top and in `accelerated`, and PyTorch's."""
    function = "layer_norm" if name == "LayerNorm" else "rms_norm"
    return [getattr(library, function) for library in (lnlearn, accelerated, F)]


# Compiled and exported ---------------------------------------------------------------------------


def test_the_functions_are_compiled_whole(name):
    *ours, theirs = functions(name)
    x = draw(3, D)
    for function in ours:
        compiled = torch.compile(
            lambda x, function=function: function(x, (D,)), fullgraph=True, backend="aot_eager"
        )
        assert_close(compiled(x), theirs(x, (D,)))


def test_a_compiled_function_takes_rows_of_every_width(name):
    *ours, theirs = functions(name)
    for function in ours:
        torch._dynamo.reset()
        compiled = torch.compile(
            lambda x, function=function: function(x, x.shape[-1:]),
            fullgraph=True, backend="aot_eager", dynamic=True,
        )  # fmt: skip
        for width in (8, 6, 33):
            assert_close(compiled(draw(3, width)), theirs(draw(3, width), (width,)))


class Functional(torch.nn.Module):
    """A norm over the last dimension, however wide."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x, x.shape[-1:])


@pytest.mark.parametrize("strict", [True, False])
def test_an_exported_program_holds_operators_of_pytorch_alone(pair, name, strict):
    x, (*ours, theirs) = draw(3, 5, D), functions(name)
    exported = torch.export.export(pair[0], (x,), strict=strict)
    assert_close(exported.module()(x), pair[1](x))
    any_width = {2: torch.export.Dim("width", min=2, max=100)}
    for function in ours:
        program = torch.export.export(
            Functional(function), (x,), dynamic_shapes=(any_width,), strict=strict
        )
        assert_close(program.module()(draw(3, 5, 6)), theirs(draw(3, 5, 6), (6,)))
        for graph in (exported.graph, program.graph):
            assert not [node for node in graph.nodes if "lnlearn" in str(node.target)]


def test_an_exported_program_is_loaded_where_there_is_no_lnlearn(tmp_path):
    path, x = tmp_path / "program.pt2", draw(3, D)
    model = torch.nn.Sequential(module(nn, "LayerNorm"), module(nn, "RMSNorm"))
    torch.export.save(torch.export.export(model, (x,)), path)
    code = (
        "import sys; sys.modules['lnlearn'] = None\n"
        "import torch\n"
        f"torch.export.load({str(path)!r}).module()(torch.ones(3, {D}, device={DEVICE!r}))"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_what_traces_a_model_finds_the_norms_of_pytorch_in_it(pair):
    from torch.fx.experimental.proxy_tensor import make_fx

    model, x = torch.nn.Sequential(pair[0]), draw(3, 5, D)
    for traced in [
        torch.fx.symbolic_trace(model), torch.jit.trace(model, x), torch.jit.script(model),
        make_fx(model)(x),
    ]:  # fmt: skip
        assert_close(traced(x), pair[1](x))
        assert "lnlearn" not in str(getattr(traced, "code", ""))


@pytest.mark.skipif(DEVICE != "cpu", reason="quantization is for processors")
def test_a_model_is_prepared_for_quantization(pair):
    from torch.ao.quantization import get_default_qconfig_mapping
    from torch.ao.quantization.quantize_fx import prepare_fx

    x = draw(3, D)
    model = torch.nn.Sequential(pair[0], torch.nn.Identity()).eval()
    assert_close(prepare_fx(model, get_default_qconfig_mapping(), (x,))(x), pair[1](x))


# Tensors that are not plain ----------------------------------------------------------------------


def test_what_answers_to_torch_function_is_asked(name):
    class Answers:
        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            return function.__name__

    *ours, theirs = functions(name)
    for function in ours:
        assert function(Answers(), (D,)) == theirs(Answers(), (D,)) == theirs.__name__


def test_a_subclass_of_tensor_sees_the_norm_and_stays_what_it_is(pair):
    seen = []

    class Sub(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            seen.append(function)
            return super().__torch_function__(function, types, args, kwargs or {})

    x = draw(3, D)
    y = pair[0](x.as_subclass(Sub))
    assert type(y) is Sub
    assert {F.layer_norm, F.rms_norm} & set(seen)
    assert_close(y.as_subclass(torch.Tensor), pair[1](x))


def test_a_mode_sees_the_norm_of_pytorch_and_a_default_device_changes_nothing(name, pair):
    from torch.overrides import TorchFunctionMode

    class Sees(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            seen.append(function.__name__)
            return function(*args, **(kwargs or {}))

    x, seen = draw(3, D), []
    with Sees():
        y = pair[0](x)
    assert {"layer_norm", "rms_norm"} & set(seen)
    assert_close(y, pair[1](x))
    with torch.device(DEVICE):
        assert accelerated.backend(x) == ("triton" if TRITON else "aten")


@pytest.mark.parametrize(
    ("name", "layout"),  # PyTorch's RMS norm does not take strided ones
    [("LayerNorm", torch.jagged), ("LayerNorm", torch.strided), ("RMSNorm", torch.jagged)],
)
def test_nested_tensors(pair, layout):
    parts = [draw(2, D), draw(4, D, seed=2)]
    x = torch.nested.nested_tensor(parts, layout=layout, requires_grad=True)
    y = pair[0](x)
    for got, part in zip(y.unbind(), parts, strict=True):
        assert_close(got, pair[1](part))
    assert torch.autograd.grad(sum(t.sum() for t in y.unbind()), x)[0].is_nested


def test_a_tensor_distributed_over_devices(pair):
    import torch.distributed as dist
    from torch.distributed.tensor import DeviceMesh, Replicate, Shard, distribute_tensor
    from torch.testing._internal.distributed.fake_pg import FakeStore

    dist.init_process_group("fake", store=FakeStore(), rank=0, world_size=2)
    try:
        mesh, model = DeviceMesh(DEVICE, [0, 1]), pair[0]
        for name, parameter in list(model.named_parameters()):
            shared = distribute_tensor(parameter.detach(), mesh, [Replicate()])
            setattr(model, name, torch.nn.Parameter(shared))
        x = distribute_tensor(draw(4, D), mesh, [Shard(0)]).requires_grad_()
        y = model(x)
        y.sum().backward()
        assert y.placements == (Shard(0),)
        assert_close(y.to_local(), pair[1](x.to_local()))
    finally:
        dist.destroy_process_group()


def test_the_gradient_of_each_sample():
    from torch.nn.utils._per_sample_grad import call_for_per_sample_grads

    x, samples = draw(3, 5, D), []
    for library in (nn, torch.nn):  # PyTorch has no rule for its RMS norm
        model = module(library, "LayerNorm")
        call_for_per_sample_grads(model)(x).sin().sum().backward()
        samples.append([p.grad_sample for p in model.parameters()])
    assert_close(*samples, 1e-4)


def test_tensors_without_data(pair, name):
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        assert getattr(nn, name)(D)(torch.randn(3, D)).shape == (3, D)
    model, x = pair[0].to("meta"), draw(3, D).to("meta")
    if TRITON:  # whoever asks for it is told where it cannot be had
        with pytest.raises(RuntimeError, match="x is on meta"):
            model(x)
    else:
        assert model(x).shape == (3, D)


# Many gradients at a time ------------------------------------------------------------------------


def test_a_batch_of_gradients(pair):
    x, many = draw(4, D).requires_grad_(), draw(6, 4, D)
    found, expected = (
        torch.autograd.grad(model(x), [x, *model.parameters()], many, is_grads_batched=True)
        for model in pair
    )
    assert_close(found, expected, 1e-4)


@pytest.mark.parametrize("how", [{}, {"create_graph": True}, {"strategy": "forward-mode"}])
def test_vectorized_jacobians(pair, how):
    x = draw(2, D)
    found, expected = (jacobian(m, x, vectorize=v, **h) for m, v, h in zip(
        pair, (True, False), (how, {}), strict=True
    ))  # fmt: skip
    assert_close(found, expected, 1e-4)


def test_a_vectorized_hessian(pair):
    ours, theirs = (lambda x, model=model: model(x).sin().sum() for model in pair)
    x = draw(2, D)
    assert_close(hessian(ours, x, vectorize=True), hessian(theirs, x), 1e-3)


@pytest.mark.parametrize("transform", ["grad", "jacrev", "jacfwd", "hessian", "vmap"])
def test_the_transforms_of_torch_func(pair, transform):
    transform, x = getattr(torch.func, transform), draw(2, D)
    scalar = transform is torch.func.grad
    for a, b in zip(
        *(transform(lambda x, m=m: m(x).sin().sum() if scalar else m(x))(x) for m in pair),
        strict=True,
    ):
        assert_close(a, b, 1e-3)
