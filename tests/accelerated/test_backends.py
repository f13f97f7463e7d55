"""Which backend computes, why not the other, and that one suite of tests holds for both."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from lnlearn import accelerated
from lnlearn.accelerated import add_layer_norm, add_rms_norm, backends, layer_norm, rms_norm

ROOT = Path(__file__).resolve().parents[2]
SUITE = [
    "tests/accelerated/test_ladder.py",
    "tests/accelerated/test_functional.py",
    "tests/accelerated/test_operators.py",
    "tests/accelerated/test_machinery.py",
    "tests/accelerated/test_pytorch_samples.py",
    "tests/accelerated/test_triton.py",
    "tests/test_bug_reports.py",
    "tests/test_nn.py",
]
CALLS = [
    lambda x, w: layer_norm(x, 8, w, w),
    lambda x, w: rms_norm(x, (8,), w),
    lambda x, w: add_layer_norm(x, x, 8, w),
    lambda x, w: add_rms_norm(x, x, (8,), w),
]
CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)
HAS_TRITON = find_spec("triton") is not None  # no wheels for macOS


class OnGPU:
    """What `backend` looks at of a tensor on a GPU."""

    is_cuda, device = True, GPU

    def __init__(self, dtype=torch.float32):
        self.dtype = dtype


@pytest.fixture
def gpu(monkeypatch):
    """Pretend that there is a GPU of this capability, and Triton."""

    def of(capability=(9, 0), hip=None, triton="3.6.0"):
        module = type(sys)("triton")
        module.__version__ = triton
        monkeypatch.setitem(sys.modules, "triton", None if triton is None else module)
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "a Tesla T4")
        monkeypatch.setattr(torch.version, "hip", hip)
        monkeypatch.setattr(backends, "_OBSTACLES", {})

    return of


def test_a_tensor_on_the_processor_goes_to_aten():
    assert accelerated.backend(torch.ones(3)) == "aten"


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("capability", [(8, 0), (8, 9), (12, 0)])
def test_a_tensor_on_a_new_enough_gpu_goes_to_triton(gpu, monkeypatch, capability, dtype):
    gpu(capability, triton="3.10.1")
    for asked in (None, "triton"):
        monkeypatch.setattr(backends, "ASKED", asked)
        assert backends.backend(OnGPU(dtype)) == "triton"
    monkeypatch.setattr(backends, "ASKED", "aten")
    assert backends.backend(OnGPU(dtype)) == "aten"


@pytest.mark.parametrize("version", ["3.6", "3.7.1+git0badcafe", "3.6.rc1", "4.0.0"])
def test_a_version_of_triton_in_any_form(gpu, monkeypatch, version):
    gpu(triton=version)
    monkeypatch.setattr(backends, "ASKED", "triton")
    assert backends.backend(OnGPU()) == "triton"


def test_interpreted_the_kernels_compute_on_the_processor(gpu, monkeypatch):
    gpu()
    monkeypatch.setattr(backends, "ASKED", "triton")
    monkeypatch.setattr(backends, "INTERPRETED", True)
    assert backends.backend(torch.ones(3)) == "triton"
    with pytest.raises(RuntimeError, match="x is on meta"):
        backends.backend(torch.ones(3, device="meta"))


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")  # within PyTorch 2.13
def test_a_compiled_function_may_be_the_first_to_ask(monkeypatch):
    monkeypatch.setattr(backends, "_OBSTACLES", {})
    double = torch.compile(
        lambda x: x if backends.obstacle(x.device, x.dtype) is None else 2 * x,
        fullgraph=True,
        backend="eager",
    )
    assert torch.equal(double(torch.ones(3)), torch.full((3,), 2.0))


@pytest.mark.parametrize(
    ("setting", "dtype", "why", "fix"),
    [
        (
            {"capability": (7, 5)},
            torch.float16,
            "a Tesla T4 has compute capability 7.5",
            "newer GPU",
        ),
        ({"triton": None}, torch.float32, "Triton cannot be imported", "pip install triton"),
        ({"triton": "3.5.9"}, torch.float32, "Triton 3.5.9 is older than 3.6", "install -U"),
        ({"hip": "6.4"}, torch.float32, "ROCm, on which the kernels are untested", "CUDA build"),
        ({}, torch.float64, "x is torch.float64", r"x\.float\(\)"),
    ],
)
def test_where_triton_cannot_be_had_it_is_aten_or_an_error_that_says_why(
    gpu, monkeypatch, setting, dtype, why, fix
):
    gpu(**setting)
    monkeypatch.setattr(backends, "ASKED", None)
    assert backends.backend(OnGPU(dtype)) == "aten"
    monkeypatch.setattr(backends, "ASKED", "triton")
    with pytest.raises(RuntimeError, match=f"LNLEARN_BACKEND is 'triton', but .*{why}.*{fix}"):
        backends.backend(OnGPU(dtype))


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")  # within PyTorch 2.13
def test_within_transforms_it_is_aten(gpu, monkeypatch):
    gpu()
    monkeypatch.setattr(backends, "ASKED", "triton")
    seen = []

    def look(x):
        seen.append(backends.backend(OnGPU()))
        return x

    torch.func.vmap(look)(torch.ones(3))
    torch.func.jvp(look, (torch.ones(3),), (torch.ones(3),))
    with torch.autograd.forward_ad.dual_level():
        look(None)
    look(None)
    assert seen == ["aten", "aten", "aten", "triton"]


@pytest.mark.filterwarnings(
    "ignore:.*torch.jit.*:DeprecationWarning", "ignore:.*nested:UserWarning"
)
def test_where_something_looks_on_it_is_aten(gpu, monkeypatch):
    from torch.utils._python_dispatch import TorchDispatchMode

    gpu()
    monkeypatch.setattr(backends, "ASKED", "triton")
    monkeypatch.setattr(backends, "INTERPRETED", True)
    x, seen = torch.ones(3), []

    def look(x):
        seen.append(backends.backend(OnGPU() if x is None else x))
        return x

    with TorchDispatchMode():
        look(None)
    torch.jit.trace(look, x, check_trace=False)
    look(torch.nested.nested_tensor([x, x]))
    look(x.as_subclass(type("Sub", (torch.Tensor,), {})))
    assert seen == ["aten"] * 4
    look(torch.nn.Parameter(x))
    assert seen[4:] == ["triton"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("asked", "why"),
    [("triton", "x is on cpu.*TRITON_INTERPRET=1"), ("cuda", "no such backend.*'triton'")],
)
def test_every_function_refuses_a_backend_that_cannot_be_had(call, asked, why, gpu, monkeypatch):
    gpu()
    monkeypatch.setattr(backends, "ASKED", asked)
    with pytest.raises(RuntimeError, match=f"LNLEARN_BACKEND is '{asked}', but .*{why}"):
        call(torch.ones(3, 8), torch.ones(8))


def test_the_environment_chooses_the_backend():
    code = "import torch, lnlearn; lnlearn.layer_norm(torch.ones(3), 3)"
    for asked, fails in [("aten", 0), ("triton", 1)]:
        environment = os.environ | {"LNLEARN_BACKEND": asked, "TRITON_INTERPRET": "0"}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
        assert run.returncode == fails


def test_without_triton_all_works_and_importing_does_not_load_it():
    code = (
        "import sys; sys.modules['triton'] = None\n"
        "import torch, lnlearn\n"
        "x = torch.ones(2, 3, requires_grad=True)\n"
        "lnlearn.accelerated.add_layer_norm(x, x, 3)[0].sum().backward()\n"
        "from lnlearn.accelerated import operators\n"
        "operators.rms_norm(x, [3], None, 0.1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    code = "import sys, lnlearn.accelerated; assert 'triton' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not HAS_TRITON, reason="Triton cannot be had for this system")
def test_the_suite_passes_with_triton_in_its_interpreter():
    """The same tests on our kernels: all pass, and none is skipped."""
    environment = os.environ | {"LNLEARN_BACKEND": "triton", "TRITON_INTERPRET": "1"}
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    options = ["-q", "-p", "no:cacheprovider", "-m", "not colab and not gpu", "--tb=short"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *SUITE],
        env=environment, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    last = done.stdout.strip().splitlines()[-1]
    assert done.returncode == 0, done.stdout[-6000:]
    assert re.search(r"[1-9]\d* passed", last), last
    assert not re.search("skipped|xfailed|failed|error", last), last
