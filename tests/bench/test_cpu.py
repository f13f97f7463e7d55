"""The CPU benchmark checks before it times, and reports what it timed."""

import io
import json
import platform
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from lnlearn.bench import cpu
from lnlearn.bench.__main__ import main
from pipe import piped

SMALL = ["cpu", "--shapes", "4x8", "3x16", "--seconds", "0.01"]


def test_a_run_prints_a_line_for_each_shape_and_writes_json_and_plot(tmp_path, capsys):
    files = tmp_path / "bench.json", tmp_path / "bench.svg"
    assert main([*SMALL, "--json", str(files[0]), "--plot", str(files[1])]) == 0
    printed = capsys.readouterr().out
    for text in (
        "NumPy",
        "threads",
        "4x8",
        "3x16",
        "float32",
        "bfloat16",
        "scratch / textbook",
        "accelerated / ATen",
    ):
        assert text in printed
    report = json.loads(files[0].read_text())
    assert files[0].read_text().startswith('{\n  "environment": {\n    "date"')
    assert report["environment"]["NumPy"] == np.__version__
    assert {"date", "processor", "cores", "Python", "PyTorch", "threads"} <= set(
        report["environment"]
    )
    assert [(r["dtype"], r["shape"]) for r in report["results"]] == [
        (dtype, shape) for dtype in ("float32", "bfloat16") for shape in ([4, 8], [3, 16])
    ]
    for result in report["results"]:
        seconds, ratios = result["seconds"], result["ratios"]
        assert all(time > 0 for time in seconds.values())
        assert np.isclose(ratios["accelerated / ATen"], seconds["accelerated"] / seconds["ATen"])
        if result["dtype"] == "float32":
            wanted = seconds["scratch"] / seconds["textbook"]
            assert np.isclose(ratios["scratch / textbook"], wanted)
            assert set(seconds) == {
                *("copy (NumPy)", "textbook", "scratch"),
                *("copy (PyTorch)", "ATen", "accelerated"),
            }
        else:
            assert set(seconds) == {"copy (PyTorch)", "ATen", "accelerated"}
    assert "<svg" in files[1].read_text()


def test_without_files_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(SMALL) == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["textbook", "layer_norm"])
def test_a_wrong_result_is_not_timed(name, monkeypatch):
    where = cpu if name == "textbook" else cpu.scratch
    right = getattr(where, name)
    monkeypatch.setattr(where, name, lambda x, *rest: right(x, *rest) + 1e-3 * (x.dtype == "f4"))
    with pytest.raises(SystemExit, match=r"(textbook|scratch) is wrong at \(4, 8\) in float32"):
        main(SMALL)


def test_a_copy_that_does_not_copy_is_found(monkeypatch):
    monkeypatch.setattr(cpu, "copied", lambda x, target: np.zeros_like(x))
    with pytest.raises(SystemExit, match=r"copy \(NumPy\) is wrong"):
        main(SMALL)


def test_nan_is_not_right(monkeypatch):
    monkeypatch.setattr(cpu.scratch, "layer_norm", lambda x, *rest: x * np.nan)
    with pytest.raises(SystemExit, match="scratch is wrong"):
        main(SMALL)


def test_without_torch_numpy_is_timed_alone(monkeypatch):
    monkeypatch.setattr(cpu, "torch", None)
    report = cpu.run([(4, 8)], 0.01)
    assert "PyTorch" not in report["environment"]
    assert [set(r["seconds"]) for r in report["results"]] == [
        {"copy (NumPy)", "textbook", "scratch"}
    ]


def test_methods_take_turns_in_another_order_each_round():
    seen = []
    functions = {name: lambda name=name: seen.append(name) for name in "abc"}
    start = time.perf_counter()
    times = cpu.median_times(functions, 0.01)
    assert 0.01 <= time.perf_counter() - start < 5
    assert set(times) == set("abc")
    assert len(seen) >= 18
    rounds = {"".join(seen[i : i + 3]) for i in range(0, len(seen), 3)}
    assert len(rounds) > 1
    assert all(sorted(turn) == ["a", "b", "c"] for turn in rounds)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: command"),
        (["tpu"], "invalid choice"),
        (["cpu", "--shapes", "4"], "a shape is written as 512x768, got '4'"),
        (["cpu", "--shapes", "0x4"], "a shape is written as 512x768"),
        (["cpu", "--seconds", "-1"], "needs a number between 0 and 3600, got '-1'"),
        (["cpu", "--seconds", "soon"], "needs a number between 0 and 3600"),
        (["cpu", "--seconds", "0"], "needs a number between 0 and 3600"),
        (["cpu", "--seconds", "3600"], "needs a number between 0 and 3600"),
        (["cpu", "--json", "no/such/folder/x.json"], "the folder of no/such/folder/x.json"),
        (["cpu", "--plot", "no/such/folder/x.svg"], "the folder of no/such/folder/x.svg"),
    ],
)
def test_a_wrong_command_line_is_explained(arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_slow_methods_have_at_least_five_turns_that_count_beside_the_first():
    turns = iter(range(100))

    def slow():
        time.sleep(0.02 if next(turns) == 0 else 0.001)

    times = cpu.median_times({"slow": slow}, 1e-6)
    assert next(turns) == 6
    assert times["slow"] < 0.015


def test_a_time_is_the_median_of_all_calls_but_the_first(monkeypatch):
    now, takes = [0.0], iter([100, 1, 2, 5, 8, 9])

    def call():
        now[0] += next(takes)

    monkeypatch.setattr(cpu, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    assert cpu.median_times({"call": call}, 1.0) == {"call": 5}


def test_a_clock_of_its_own_does_not_count_what_a_function_waits_for():
    times = cpu.interleaved_times({"wait": lambda: time.sleep(0.01)}, 1e-6, cpu.own_time)
    assert min(cpu.interleaved_times({"wait": lambda: time.sleep(0.01)}, 1e-6)["wait"]) >= 0.01
    assert max(times["wait"]) < 0.005 or sys.platform == "win32"


def test_what_slows_a_whole_round_down_does_not_move_a_ratio():
    times = {"a": [2.0, 20.0, 2.0, 60.0], "b": [1.0, 10.0, 1.0, 1.0]}
    assert cpu.median_ratio(times, "a", "b") == 2
    assert cpu.fastest(times) == {"a": 2.0, "b": 1.0}
    with pytest.raises(ValueError, match="zip"):
        cpu.median_ratio({"a": [1.0, 2.0], "b": [1.0]}, "a", "b")


def test_the_copies_and_the_norms_do_what_their_names_say():
    x, weight, bias = (np.random.default_rng(0).random(s, np.float32) for s in [(3, 8), 8, 8])
    functions = cpu.methods(x, weight, bias, "float32")
    for name, function in functions.items():
        expected = x if "copy" in name else cpu.scratch.layer_norm(x, 8, weight, bias)
        assert np.allclose(function(), expected, rtol=0, atol=1e-5), name
    assert str(cpu.methods(x, weight, bias, "bfloat16")["accelerated"]().dtype) == "torch.bfloat16"


def test_the_shapes_go_from_small_to_larger_than_any_cache():
    assert cpu.SHAPES == [(32, 768), (512, 768), (4096, 1024), (2048, 4096), (8192, 4096)]


def test_without_options_these_shapes_get_a_second_each(monkeypatch):
    called = []
    monkeypatch.setattr(cpu, "run", lambda *arguments: called.append(arguments))
    assert main(["cpu"]) == 0
    assert called == [(cpu.SHAPES, 1.0)]
    assert main(["cpu", "--seconds", "3599"]) == 0


def test_from_python_as_well(monkeypatch):
    budgets = []

    def median_times(functions, budget):
        budgets.append(budget)
        return dict.fromkeys(functions, 1.0)

    seen = piped(monkeypatch)
    monkeypatch.setattr(cpu, "median_times", median_times)
    cpu.run([(4, 8)])
    assert budgets == [1.0, 1.0]  # float32 and bfloat16
    assert [text.count("4x8") for text in seen] == [1, 2]  # each as it is done


def test_help_says_what_the_options_are(capsys):
    with pytest.raises(SystemExit):
        main(["cpu", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("usage: python -m lnlearn.bench cpu")
    for words in (
        "--shapes ROWSxWIDTH",
        "--seconds",
        "default 1",
        "--json FILE write",
        "--plot FILE draw",
    ):
        assert words in text
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert "The command line of the benchmarks" in text
    assert "this machine's processor" in text


def test_the_module_can_be_run():
    command = [sys.executable, "-m", "lnlearn.bench", *SMALL]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "4x8" in shown


@pytest.mark.parametrize("size", [0.1, 10.0])  # of weight: errors count relative to 1 or to y
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("bfloat16", 0.05)])
def test_the_gate_lets_errors_up_to_its_tolerance_through(dtype, tolerance, size):
    x, bias = np.random.default_rng(0).standard_normal((5, 8)).astype(np.float32), np.zeros(8)
    weight = np.full(8, size)
    y = cpu.textbook(x.astype(np.float64), weight, bias)
    allowed = tolerance * max(1, np.abs(y).max())
    for sign in (1, -1):
        cpu.check({"near": lambda s=sign: y + 0.9 * s * allowed}, x, weight, bias, dtype)
        with pytest.raises(SystemExit, match=f"far is wrong at .* in {dtype}"):
            cpu.check({"far": lambda s=sign: y + 1.1 * s * allowed}, x, weight, bias, dtype)


def test_the_textbook_is_right_in_three_dimensions():
    x, weight = np.random.default_rng(0).random((2, 3, 4)), np.random.default_rng(1).random(4)
    expected = cpu.scratch.layer_norm(x, 4, weight, weight)
    assert np.allclose(cpu.textbook(x, weight, weight), expected, rtol=0, atol=1e-13)


def test_a_line_gives_microseconds_and_two_decimals_of_a_ratio():
    result = {"shape": [4, 8], "seconds": {"a": 0.002}, "ratios": {"a / b": 0.126}}
    assert cpu.line(result).split() == ["4x8", "a", "2000", "a", "/", "b", "0.13"]


@pytest.mark.parametrize(
    ("told", "named"),
    [
        (
            "flags\t: a b\nmodel name\t: Fast 3: the second\nmodel name\t: other\n",
            "Fast 3: the second",
        ),
        ("flags\t: a b\n", platform.machine()),
        (None, platform.machine()),
    ],
)
def test_the_processor_has_the_name_that_the_system_tells(monkeypatch, told, named):
    def opened(path, **options):
        if told is None:
            raise FileNotFoundError(path)
        return io.StringIO(told)

    monkeypatch.setattr(cpu, "open", opened, raising=False)
    assert cpu.processor() == named
