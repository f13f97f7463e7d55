"""The GPU benchmark, on a processor with a clock that counts calls: all of it but the times."""

import json
import math
import sys
from types import SimpleNamespace

import pytest
import torch

from lnlearn.bench import gpu, peers
from lnlearn.bench.__main__ import main
from pipe import piped

SMALL = [(4, 16), (3, 24)]


class Counter:
    """A clock by which every call takes as many seconds as its method has letters."""

    def __init__(self):
        self.timed = []

    def cache_bytes(self, device):
        return 1000

    def kernel(self, call, problems, budget):
        self.timed.append(call)
        call(problems[-1])
        return 2.0

    def eager(self, call, problems, budget):
        return 3.0


@pytest.fixture
def methods(monkeypatch):
    """Not torch.compile, which takes long, but a wrong one, one that is NaN and one that fails."""

    def wrong(p):
        return [2 * result for result in peers.expected(p)]

    def last_is_nan(p):
        *others, last = peers.expected(p)
        return [*others, last * torch.nan]

    def fails(p):
        raise ValueError("only on Tuesdays")

    def found(task, slow):
        return {
            "lnlearn": lambda p: peers.task_of(*peers.OURS, task),
            "ATen": lambda p: peers.task_of(*peers.ATEN, task),
            "wrong": lambda p: wrong,
            "nan": lambda p: last_is_nan,
            "fails": lambda p: fails,
        }

    monkeypatch.setattr(peers, "methods", found)


def test_a_report_has_every_task_and_shape_and_only_methods_that_are_right(
    methods, monkeypatch, capsys
):
    clock = Counter()
    now = iter(range(100, 200))
    monkeypatch.setattr(gpu, "time", SimpleNamespace(perf_counter=lambda: next(now)))
    report = gpu.run(SMALL, ["float32"], 0.01, "cpu", clock)
    assert report["environment"]["PyTorch"] == torch.__version__
    assert {"date", "triton", "liger_kernel", "quack"} <= set(report["environment"])
    assert [(r["task"], tuple(r["shape"])) for r in report["results"]] == [
        (task, shape) for shape in SMALL for task in gpu.TASKS
    ]
    for result in report["results"]:
        assert set(result["seconds"]) == {"lnlearn", "ATen", "copy"}
        assert set(result["eager seconds"]) == set(result["seconds"])
        assert set(result["left out"]) == {"wrong", "nan", "fails"}
        assert result["left out"]["fails"] == "ValueError: only on Tuesdays"
        assert result["left out"]["wrong"] == "off by 1.0e+00"
        assert set(result["copy / time"].values()) == {1.0}
        N, H = result["shape"]
        transfers = {"forward": 2, "backward": 3, "add forward": 4, "add backward": 4}
        assert result["bytes per second"]["ATen"] == transfers[result["task"]] * N * H * 4 / 2
    assert len(clock.timed) == 2 * 8 * 3 * gpu.ROUNDS
    orders = []  # of the second round beside the first, for each task and shape
    for i in range(0, len(clock.timed), 6):
        first, second = clock.timed[i : i + 3], clock.timed[i + 3 : i + 6]
        orders.append([first.index(call) for call in second])
    assert [0, 1, 2] not in orders
    printed = capsys.readouterr().out
    assert f"PyTorch: {torch.__version__}\n" in printed
    shown = [f"[{done}/16, {done} s] {task} " for done, task in enumerate(4 * gpu.TASKS, 1)]
    assert [text for text in shown if text in printed] == shown
    assert "left out: ValueError: only on Tuesdays" in printed
    json.dumps(report)


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float32", 1e-5), ("bfloat16", 1e-2), ("float16", 2e-3)]
)
@pytest.mark.parametrize("sign", [1, -1])
def test_errors_up_to_the_tolerance_are_let_through(monkeypatch, dtype, tolerance, sign):
    def off(share):  # in float64: no rounding comes on top
        return lambda p: lambda p: [r * (1 + sign * share * tolerance) for r in peers.expected(p)]

    monkeypatch.setattr(peers, "methods", lambda task, slow: {"near": off(0.99), "far": off(1.01)})
    result = gpu.measure("forward", (4, 8), dtype, 0.01, "cpu", Counter())
    assert set(result["seconds"]) == {"near", "copy"}


def test_each_method_has_a_twentieth_of_a_second_a_round_and_each_line_is_seen_at_once(
    monkeypatch,
):
    budgets, seen = [], piped(monkeypatch)
    monkeypatch.setattr(gpu, "measure", lambda *given: budgets.append(given[3]))
    monkeypatch.setattr(gpu, "line", lambda result: "")
    gpu.run(SMALL, device="cpu", clock=Counter())
    assert set(budgets) == {0.05}
    assert [text.splitlines()[-1].split("/")[0] for text in seen] == [
        f"[{done}" for done in range(1, 17)
    ]


def test_on_a_gpu_the_environment_names_it(monkeypatch):
    found = {
        "name": "a GPU", "multi_processor_count": 132, "L2_cache_size": 7, "total_memory": 8,
    }  # fmt: skip
    monkeypatch.setattr(
        torch.cuda, "get_device_properties", lambda device: SimpleNamespace(**found)
    )
    monkeypatch.setattr(gpu, "driver", lambda: "1.2")
    environment = gpu.environment("cuda")
    assert environment["device"] == "a GPU"
    assert environment["multiprocessors"] == 132
    assert (environment["L2 bytes"], environment["memory bytes"]) == (7, 8)
    assert environment["CUDA"] == torch.version.cuda
    assert environment["driver"] == "1.2"
    assert "device" not in gpu.environment("cpu")


def test_the_driver_is_what_the_system_tells(monkeypatch):
    def run(command, **options):
        assert options.pop("timeout") < 60
        assert options == {"capture_output": True, "text": True, "check": True}
        assert command[0] == "nvidia-smi"
        return SimpleNamespace(stdout=" 570.1 \n 570.2\n")

    monkeypatch.setattr(gpu.subprocess, "run", run)
    assert gpu.driver() == "570.1"
    for error in (FileNotFoundError(), gpu.subprocess.TimeoutExpired("nvidia-smi", 20)):

        def fails(command, error=error, **options):
            raise error

        monkeypatch.setattr(gpu.subprocess, "run", fails)
        assert gpu.driver() == "unknown"


@pytest.mark.parametrize("task", gpu.TASKS)
def test_traffic_is_as_many_reads_and_writes_as_the_task_needs(task):
    (problem,) = gpu.inputs(task, (4, 8), torch.float32, "cpu", 1)
    reads, writes = gpu.TRAFFIC[task]
    results = peers.traffic(reads, writes)(problem)
    results = results if isinstance(results, list) else [results]
    assert len(results) == writes
    x, residual, dy = problem.x, problem.residual, problem.dy
    wanted = {
        "forward": [x], "backward": [x + residual], "add forward": [x, residual],
        "add backward": [x + residual * dy],
    }  # fmt: skip
    for got, expected in zip(results, wanted[task], strict=True):
        assert torch.allclose(got, expected)
        assert got.data_ptr() != x.data_ptr()


def test_inputs_fill_the_cache_three_times_and_are_random():
    problems = gpu.inputs("forward", (4, 8), torch.float16, "cpu", 1000)
    assert len(problems) == 24  # of 2 * 64 bytes
    assert not torch.equal(problems[0].x, problems[1].x)
    again = gpu.inputs("forward", (4, 8), torch.float16, "cpu", 1000)
    assert torch.equal(problems[1].x, again[1].x)  # the same in every run
    assert problems[0].x.dtype == torch.float16
    assert len(gpu.inputs("forward", (4, 8), torch.float32, "cpu", 10**9)) == 32


@pytest.mark.parametrize("task", gpu.TASKS)
def test_what_is_expected_is_what_autograd_of_the_definition_gives(task):
    (p,) = gpu.inputs(task, (3, 8), torch.float64, "cpu", 1)
    x, weight, bias = (t.clone().requires_grad_() for t in (p.x, p.weight, p.bias))
    total = x + p.residual if "add" in task else x
    y = (total - total.mean(-1, keepdim=True)) / (
        total.var(-1, correction=0, keepdim=True) + 1e-5
    ).sqrt() * weight + bias
    outputs = (y, total) if "add" in task else (y,)
    wanted = outputs
    if "backward" in task:
        upstream = (p.dy, p.dtotal)[: len(outputs)]
        wanted = torch.autograd.grad(outputs, (x, weight, bias), upstream)
    found = peers.expected(p)
    assert len(found) == len(wanted)
    for got, want in zip(found, wanted, strict=True):
        assert torch.allclose(got, want, rtol=0, atol=1e-12)


def test_peers_that_are_not_installed_are_not_timed(monkeypatch):
    monkeypatch.setattr(peers, "version", lambda name: None)
    assert list(peers.methods("forward")) == ["ATen", "torch.compile"]
    assert list(peers.methods("forward", slow=False)) == ["ATen"]
    monkeypatch.setattr(peers, "version", lambda name: "1")
    assert list(peers.methods("forward"))[2:] == ["Liger", "quack"]
    assert list(peers.methods("backward"))[2:] == ["Liger"]
    assert list(peers.methods("add forward"))[2:] == []


def test_pytorch_compiles_anew_for_each_shape(monkeypatch):
    done = []
    monkeypatch.setattr(torch.compiler, "reset", lambda: done.append("reset"))
    monkeypatch.setattr(torch, "compile", lambda function, **options: done.append(options))
    peers.compiled()
    assert done == ["reset", {"dynamic": False}, {"dynamic": False}]


def test_others_get_what_we_get(monkeypatch):
    """Stand-ins: neither is installed here. Both are called with tensors and eps alone."""

    class Liger:
        @staticmethod
        def apply(x, weight, bias, eps):
            return torch.nn.functional.layer_norm(x, weight.shape, weight, bias, eps)

    def layernorm_fwd(x, weight, bias, eps=1.0):
        assert weight.dtype == bias.dtype == torch.float32
        return torch.nn.functional.layer_norm(x.float(), weight.shape, weight, bias, eps)

    for module, name, value in [
        ("liger_kernel.ops.layer_norm", "LigerLayerNormFunction", Liger),
        ("quack.layernorm", "layernorm_fwd", layernorm_fwd),
    ]:
        monkeypatch.setitem(sys.modules, module, SimpleNamespace(**{name: value}))
    (p,) = gpu.inputs("forward", (3, 8), torch.float16, "cpu", 1)
    p = p._replace(x=p.x / 100)  # a variance of 1e-4, so that eps shows
    monkeypatch.setattr(peers, "version", lambda name: "1")
    made = peers.methods("forward")
    (wanted,) = peers.expected(p)
    for name in ("Liger", "quack"):
        assert torch.allclose(made[name](p)(p).double(), wanted, rtol=0, atol=1e-2), name


def test_a_line_begins_with_the_fastest():
    result = {
        "task": "forward", "dtype": "float32", "shape": [4, 8], "left out": {},
        "seconds": {"a": 3e-6, "b": 2e-6}, "copy / time": {"a": 0.5, "b": 0.75},
    }  # fmt: skip
    assert gpu.line(result) == "forward 4x8 float32: b 2.0 (75 %)  a 3.0 (50 %)"


def test_shapes_are_those_of_the_bars():
    widths = {1024, 4096, 8192, 16384, 32768, 768, 1536, 3072, 5120, 12288}
    assert {width for rows, width in gpu.SHAPES if rows == 4096} == widths
    assert {(1, 4096), (128, 4096), (32768, 4096)} < set(gpu.SHAPES)
    assert set(gpu.QUICK) < set(gpu.SHAPES)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_without_a_gpu_it_says_so_and_shows_what_is_recorded(no_gpu, monkeypatch, capsys, tmp_path):
    result = {
        "task": "forward", "dtype": "bfloat16", "shape": [4, 8], "seconds": {"a": 1e-6},
        "copy / time": {"a": 0.9}, "left out": {"b": "off by 1.0e+00"},
    }  # fmt: skip
    report = {"environment": {"device": "a GPU", "date": "2000-01-01"}, "results": [result]}
    monkeypatch.setattr(gpu, "recorded", lambda: {"a.json": report})
    assert main(["gpu", "--quick", "--json", str(tmp_path / "x.json")]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("There is no GPU that PyTorch can use: nothing is measured.")
    assert "a.json: a GPU, 2000-01-01" in printed
    assert "forward 4x8 bfloat16: a 1.0 (90 %)  [b: off by 1.0e+00]" in printed
    assert not list(tmp_path.iterdir())


def test_where_nothing_is_recorded_it_says_that(no_gpu, monkeypatch, capsys):
    monkeypatch.setattr(gpu, "recorded", dict)
    assert main(["gpu"]) == 0
    assert "No results are recorded yet" in capsys.readouterr().out


def test_every_recorded_report_names_its_device_and_date():
    for name, report in gpu.recorded().items():
        environment = report["environment"]
        assert environment["driver"], name
        assert len(environment["date"]) == 10, name
        assert len(report["results"]) >= len(gpu.QUICK) * len(gpu.TASKS), name


@pytest.mark.parametrize(
    ("capability", "dtype"), [((7, 5), "float16"), ((8, 0), "bfloat16"), ((9, 0), "bfloat16")]
)
@pytest.mark.parametrize("quick", [True, False])
def test_on_a_gpu_it_runs_the_shapes_and_writes_files(
    monkeypatch, tmp_path, capability, dtype, quick
):
    called = []

    def run(*arguments, seconds, save):
        called.append(arguments)
        assert seconds == math.inf
        row = {"task": "forward", "shape": [4, 8], "copy / time": {"a": 0.9, "copy": 1.0}}
        return {"environment": {}, "results": [row]}

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    monkeypatch.setattr(gpu, "run", run)
    files = tmp_path / "x.json", tmp_path / "x.svg"
    options = ["--json", str(files[0]), "--plot", str(files[1])]
    assert main(["gpu", *(["--quick"] if quick else []), *options]) == 0
    assert called == [(gpu.QUICK if quick else gpu.SHAPES, [dtype])]
    assert json.loads(files[0].read_text())["results"]
    assert "<svg" in files[1].read_text()


def test_without_torch_it_says_so(monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    assert main(["gpu"]) == 0
    assert "PyTorch is not installed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("task", "rungs"),
    [
        ("forward", ["a_row", "any_width", "many_rows", "pieces_of_a_row", "corrected_mean"]),
        ("backward", ["atomic_sums", "partial_sums"]),
        ("add forward", []),
    ],
)
def test_ours_and_every_rung_have_a_column_where_they_can_run(monkeypatch, task, rungs):
    pytest.importorskip("triton")
    assert not {"lnlearn", *rungs} & {*peers.methods(task)}  # on a processor
    monkeypatch.setattr(peers.backends, "obstacle", lambda device, dtype: None)
    found = peers.methods(task)
    assert [name for name in found if name in {"lnlearn", *rungs}] == ["lnlearn", *rungs]


# Recording ----------------------------------------------------------------------------------------


def test_a_run_that_is_cut_off_has_saved_what_it_measured(methods, monkeypatch):
    now = iter([0.0, 1.0, 2.0, 99.0])  # the start, then before each row
    monkeypatch.setattr(gpu, "time", SimpleNamespace(perf_counter=lambda: next(now)))
    saved = []

    def save(report):
        saved.append(json.dumps(report))

    report = gpu.run(SMALL, ["float32"], 0.01, "cpu", Counter(), seconds=50, save=save)
    assert not report["complete"]
    assert [len(json.loads(text)["results"]) for text in saved] == [1, 2]
    assert json.loads(saved[-1]) == json.loads(json.dumps(report))


def test_the_second_pass_takes_the_place_of_the_first(methods):
    passes = []
    found = peers.methods

    def remembered(task, slow):
        passes.append(slow)
        return found(task, slow)

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(peers, "methods", remembered)
        report = gpu.run(SMALL, ["float32"], 0.01, "cpu", Counter())
    assert passes == [False] * 8 + [True] * 8
    assert len(report["results"]) == 8
    assert report["complete"]


def test_a_peer_that_fails_while_it_is_timed_is_left_out(methods):
    class Captures(Counter):
        def kernel(self, call, problems, budget):
            if call.__name__ == "<lambda>" and "task_of" in call.__qualname__:
                raise RuntimeError("cannot be captured")
            return super().kernel(call, problems, budget)

    result = gpu.measure("forward", (4, 8), "float32", 0.01, "cpu", Captures())
    assert result["left out"]["ATen"] == "RuntimeError: cannot be captured"
    assert "ATen" not in result["seconds"]


def test_a_dry_run_is_no_record(monkeypatch, tmp_path):
    (tmp_path / "results").mkdir()
    report = {"environment": gpu.environment("cpu"), "results": []}
    (tmp_path / "results" / "x.json").write_text(json.dumps(report))
    monkeypatch.setattr(gpu.resources, "files", lambda package: tmp_path)
    with pytest.raises(ValueError, match=r"x\.json is from a dry run"):
        gpu.recorded()
