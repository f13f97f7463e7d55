"""PyTorch's own sample inputs and error inputs, on every path."""

import os
import subprocess
import sys
from pathlib import Path

from computing import DTYPES


def test_every_sample_of_pytorch_gives_its_result_and_every_error_is_refused():
    program = Path(__file__).with_name("pytorch_samples.py")
    path = [str(program.parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    command = [sys.executable, str(program)]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stdout + run.stderr
    counts = dict(line.split() for line in run.stdout.splitlines())
    assert int(counts["samples"]) >= 50 * len(DTYPES)
    assert int(counts["errors"]) >= 7
    assert int(counts["modules"]) >= 20 * len(DTYPES)
