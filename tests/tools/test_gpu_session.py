"""The session on a GPU tests before it times, and writes the figures where they are committed."""

import pytest
import torch

import gpu_session


@pytest.fixture
def calls(monkeypatch):
    """What would be run, with the statuses that it would have."""
    made, statuses = [], {}

    def python(*arguments, **variables):
        made.append((arguments, variables))
        return statuses.get(arguments[1], 0)

    monkeypatch.setattr(gpu_session, "python", python)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA H100 80GB HBM3")
    return made, statuses


def test_it_tests_then_times(calls, tmp_path):
    made, _ = calls
    assert gpu_session.main(["--out", str(tmp_path / "new")]) == 0
    (tests, variables), (bench, _) = made
    assert variables == {"LNLEARN_BACKEND": "triton"}
    assert set(gpu_session.SUITE) < set(tests)
    written = str(tmp_path / "new" / "nvidia-h100-80gb-hbm3.json")
    assert bench == ("-m", "lnlearn.bench", "gpu", "--json", written)


@pytest.mark.parametrize(("what", "runs"), [("pytest", 1), ("lnlearn.bench", 2)])
def test_a_failure_ends_it(calls, tmp_path, what, runs):
    made, statuses = calls
    statuses[what] = 3
    assert gpu_session.main(["--out", str(tmp_path), "--quick"]) == 3
    assert len(made) == runs


def test_without_a_gpu_nothing_is_run(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_session.main([]) == 1
    assert "nothing was run" in capsys.readouterr().out


def test_its_suite_is_the_one_that_is_interpreted_and_the_figures_go_into_the_package():
    from test_backends import SUITE

    assert gpu_session.SUITE == SUITE
    assert all((gpu_session.ROOT / path).is_file() for path in SUITE)
    assert gpu_session.RECORDED.parts[-4:] == ("src", "lnlearn", "bench", "results")
    assert gpu_session.RECORDED.is_dir()


def test_a_program_runs_on_the_checkout(tmp_path):
    code = "import os, lnlearn; assert 'TRITON_INTERPRET' not in os.environ; print(lnlearn)"
    assert gpu_session.python("-c", code) == 0
    assert gpu_session.python("-c", "raise SystemExit(5)") == 5
