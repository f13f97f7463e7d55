"""Layer norm on three processes is that of one, whichever way it is cut."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

LAUNCH = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=3"]


@pytest.fixture(scope="module")
def printed():
    """The lines that `processes.py` prints in three processes."""
    command = [*LAUNCH, str(Path(__file__).with_name("processes.py"))]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="module")
def devices(printed):
    """What each of three processes found."""
    return printed[0]


@pytest.fixture(scope="module")
def chapter(printed):
    """What the functions of ``lnlearn.distributed.__main__`` found, by function."""
    return printed[1]


@pytest.mark.parametrize("eps", [0.0, 0.1])
@pytest.mark.parametrize("way", ["by_gathering", "by_two_sums", "by_sums"])
def test_cut_by_features_output_and_gradients_are_those_of_one_process(devices, way, eps):
    for found in devices:
        assert found[f"{way}, eps {eps}"] < 1e-12
        assert found[f"{way}, eps {eps}, D"] == 9


def test_all_processes_get_the_same_bits(devices):
    assert all(found["same bits"] for found in devices)


def test_gradients_of_many_norms_are_summed_in_one_message(devices):
    for found in devices:
        assert found["reduced to"] == [1 + 2 + 3]
        assert found["sent"] == [["all-reduce", 4 * (6 + 6 + 4)]]


def test_an_exchange_inside_of_an_operator_is_seen(devices):
    for found in devices:
        assert found["square"] == [9.0] * 4
        assert [name for name, _ in found["sent for the square"]] == ["all-reduce"]


def test_bad_input_is_refused_before_anything_is_sent(devices):
    for found in devices:
        first, second, third, fourth, last = found["refused"]
        assert last.startswith("norms[1].weight needs a gradient, got none")
        assert first.startswith("x needs the shape (tokens, features here)")
        assert "got (2, 0)" in second
        assert third.startswith("weight needs one number for each feature")
        assert fourth.startswith("bias needs one number for each feature")


def test_at_a_large_mean_only_sums_of_squares_fail(chapter):
    report = chapter["features_cut"]
    for way in ("by_gathering", "by_two_sums"):
        assert max(report[f"{way}, torch.float64"]["errors"]) < 1e-10
        assert max(report[f"{way}, torch.float32"]["errors"]) < 5e-3
    assert min(report["by_sums, torch.float32"]["errors"][:3]) > 0.1


@pytest.mark.parametrize(
    ("way", "forward"),
    [
        ("by_gathering", [["all-gather", 4 * (1 + 32 + 32)]]),
        ("by_two_sums", [["all-reduce", 4 * (1 + 32)], ["all-reduce", 4 * 32]]),
        ("by_sums", [["all-reduce", 4 * (1 + 32 + 32)]]),
    ],
)
def test_what_is_sent_is_counted(chapter, way, forward):
    report = chapter["features_cut"][f"{way}, torch.float32"]
    assert report["forward"] == forward
    assert report["backward"] == [["all-reduce", 4 * (32 + 32)]]


def test_norms_stay_equal_only_where_their_gradients_are_reduced(chapter):
    report = chapter["tokens_cut"]
    ways = ("reduced", "averaged", "forgotten")
    ends = {name: [steps[-1] for steps in report[name]["weights"]] for name in ways}
    assert ends["reduced"][0] == pytest.approx(report["one device"]["weights"][-1], rel=1e-12)
    assert ends["reduced"][0] == ends["reduced"][1] == ends["reduced"][2]
    assert ends["averaged"][0] == ends["averaged"][1] != ends["reduced"][0]
    for one, other in [(0, 1), (1, 2), (0, 2)]:
        differences = [abs(a - b) for a, b in zip(ends["forgotten"][one], ends["forgotten"][other],
                       strict=True)]  # fmt: skip
        assert max(differences) > 0.05


def test_without_torchrun_it_says_how_to_start_it():
    run = subprocess.run(
        [sys.executable, "-m", "lnlearn.distributed"], capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "torchrun --nproc-per-node 3 -m lnlearn.distributed" in run.stderr


def test_pytorch_cuts_our_module_as_it_cuts_its_own(chapter):
    sequence, fsdp = chapter["modules"]["SequenceParallel"], chapter["modules"]["FSDP2"]
    assert sequence["gradient is"] == "Partial"
    assert sequence["local error"] > 0.1
    assert max(*sequence["errors"], sequence["dx error"], *fsdp["errors"]) < 1e-14
    assert fsdp["weight is"] == "Shard"
    assert sequence["sent before it is asked for"] == []
    assert [name for name, _ in sequence["sent by the step"]] == ["all-reduce"] * 2
    assert sequence["step error"] < 1e-14
    assert [name for name, _ in fsdp["sent"]] == ["all-gather", "reduce-scatter"]
