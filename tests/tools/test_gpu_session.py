"""The session on a GPU: gone through on a processor, and what it does with what fails."""

import json
import sys

import pytest
import torch

import gpu_session
from lnlearn.bench import gpu


@pytest.mark.skipif(sys.platform != "linux", reason="Triton cannot be had for this system")
def test_a_dry_run_goes_through_all_of_it(tmp_path, capfd):
    out = tmp_path / "new"
    assert gpu_session.main(["--dry-run", "--out", str(out), "--minutes", "8"]) == 0
    report = json.loads((out / "dry-run.json").read_text())
    assert report["environment"]["dry run"]
    assert report["complete"]
    assert len(report["results"]) == len(gpu.TINY) * len(gpu.TASKS)
    for result in report["results"]:
        right = {"lnlearn", "ATen", "torch.compile", "copy"}
        right |= {
            "forward": {"any_width", "many_rows", "pieces_of_a_row", "corrected_mean"},
            "backward": {"atomic_sums", "partial_sums"},
        }.get(result["task"], set())
        assert set(result["seconds"]) == right
        if result["task"] == "forward":  # of 24 and of 100 columns
            assert "power of two" in result["left out"]["a_row"]
    assert "passed" in (out / "tests.log").read_text()
    assert "passed" in (out / "more-tests.log").read_text()
    assert "commit them" in capfd.readouterr().out


def test_a_failure_is_kept_with_its_traceback_and_the_clock_goes_on(tmp_path, monkeypatch):
    (tmp_path / "test_wrong.py").write_text("def test_wrong():\n    assert 1 == 2, 'so it is'\n")
    ran = []
    monkeypatch.setattr(gpu_session, "DRY", [str(tmp_path / "test_wrong.py")])
    monkeypatch.setattr(gpu_session, "bench", lambda *arguments: ran.append(arguments) or True)
    assert gpu_session.main(["--dry-run", "--out", str(tmp_path / "out")]) == 1
    assert len(ran) == 1
    kept = (tmp_path / "out" / "failures.txt").read_text()
    assert "test_wrong (call)" in kept
    assert "so it is" in kept


def test_what_takes_too_long_is_ended(tmp_path):
    log = tmp_path / "log"
    assert gpu_session.python("-c", "while True: pass", log=log, seconds=0.5) == 124
    assert "ended after" in log.read_text()


def test_without_a_gpu_nothing_is_run(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_session.main([]) == 1
    assert "nothing was run" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--dry-run"], ["--minutes", "0"], ["--minutes", "nan"]])
def test_what_makes_no_sense_is_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        gpu_session.main(wrong)
    assert wrong[0] in capsys.readouterr().err


def test_its_suite_is_the_one_that_is_interpreted_and_the_figures_go_into_the_package():
    from test_backends import SUITE

    assert sorted(gpu_session.FIRST + gpu_session.REST) == sorted(SUITE)
    assert all((gpu_session.ROOT / path).is_file() for path in SUITE)
    assert gpu_session.RECORDED.parts[-4:] == ("src", "lnlearn", "bench", "results")
    assert gpu_session.RECORDED.is_dir()


def test_a_device_is_a_file_name():
    assert gpu_session.file_name("NVIDIA H100 80GB HBM3") == "nvidia-h100-80gb-hbm3"
