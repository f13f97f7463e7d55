"""PyTorch's own sample inputs and error inputs, on every path."""

import subprocess
import sys
from pathlib import Path


def test_every_sample_of_pytorch_gives_its_result_and_every_error_is_refused():
    program = Path(__file__).with_name("pytorch_samples.py")
    run = subprocess.run([sys.executable, str(program)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    counts = dict(line.split() for line in run.stdout.splitlines())
    assert int(counts["samples"]) >= 200
    assert int(counts["errors"]) >= 7
    assert int(counts["modules"]) >= 80
