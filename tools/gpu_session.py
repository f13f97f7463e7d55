"""Everything that needs a GPU, in the minutes that there are: tests, times, the other tests.

    python tools/gpu_session.py                             all of it, figures into the package
    python tools/gpu_session.py --out FOLDER --minutes 5    what five minutes allow
    python tools/gpu_session.py --out FOLDER --dry-run      all steps on a processor, no figures

It needs PyTorch with CUDA, Triton, pytest and hypothesis, and no installed lnlearn: it takes the
checkout that it lies in. First come the tests of the kernels, then the benchmark, whose JSON is
written after every row, then the rest of the tests. A failed test does not stop the timing: the
benchmark checks each method before it times it. What fails is in ``failures.txt`` as soon as it
has failed, with its traceback; what the tests print is in ``tests.log`` and ``more-tests.log``.
The exit status is 0 only if all was done and all was right.
"""

import argparse
import importlib.util
import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "src/lnlearn/bench/results"
FIRST = ["tests/accelerated/test_triton.py", "tests/test_bug_reports.py"]
REST = [
    "tests/accelerated/test_ladder.py",
    "tests/accelerated/test_functional.py",
    "tests/accelerated/test_machinery.py",
    "tests/accelerated/test_operators.py",
    "tests/accelerated/test_pytorch_samples.py",
    "tests/test_nn.py",
]
DRY = ["tests/accelerated/test_triton.py", "-k", "without_elements"]
TESTING = 0.4  # the share of the time that the first tests may take
WORKERS = 8  # that compile kernels at the same time, where pytest-xdist is installed


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=RECORDED, help="folder for the figures")
    parser.add_argument("--minutes", type=float, default=math.inf, help="how long it may take")
    parser.add_argument("--dry-run", action="store_true", help="on a processor: figures of nothing")
    options = parser.parse_args(arguments)
    if not options.minutes > 0:
        parser.error(f"--minutes needs a number above 0, got {options.minutes:g}")
    if options.dry_run and options.out == RECORDED:
        parser.error("--dry-run needs --out FOLDER: what it writes is no record")

    import torch

    if not (options.dry_run or torch.cuda.is_available()):
        print("There is no GPU that PyTorch can use: nothing was run.")
        return 1
    device = "dry run" if options.dry_run else torch.cuda.get_device_name()
    print(f"{device}, PyTorch {torch.__version__}, CUDA {torch.version.cuda}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    logs = ROOT / "_build" if options.out == RECORDED else options.out
    logs.mkdir(exist_ok=True)

    end = time.monotonic() + 60 * options.minutes
    first, rest = (DRY, DRY) if options.dry_run else (FIRST, REST)
    passed = [tests(first, logs / "tests.log", options.dry_run, TESTING * 60 * options.minutes)]
    out = options.out.absolute() / f"{file_name(device)}.json"
    passed.append(bench(out, options.dry_run, end - time.monotonic()))
    passed.append(tests(rest, logs / "more-tests.log", options.dry_run, end - time.monotonic()))

    print(f"The figures are in {out}; commit them as they are, and compare them with the")
    print("predictions in docs/kernel-notes.md.")
    if not all(passed):
        print(f"Not all was right, or not all was done: {logs} has the logs.")
    return 0 if all(passed) else 1


def pytest_runtest_logreport(report):
    """Keep a failure at once: pytest prints tracebacks at its end, and it may be cut off before."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        with open(os.environ["LNLEARN_FAILURES"], "a", encoding="utf-8") as file:
            file.write(f"{report.nodeid} ({report.when})\n{report.longreprtext}\n\n")


def tests(files, log, dry, seconds):
    """Run tests, print their last lines and keep all of it in `log`; return whether they passed."""
    if seconds <= 0:
        print(f"No time was left for {' '.join(files)}.")
        return False
    # Only the settings that these tests need: nbval and its notebooks may not be installed.
    command = ["-m", "pytest", "-v", "-rfs", "--override-ini=addopts=--import-mode=importlib"]
    command += ["-p", "gpu_session"]  # for the function above
    command += ["-p", "no:benchmark", "-m", "not colab and not gpu" if dry else "not colab"]
    if not dry and importlib.util.find_spec("xdist"):
        command += ["-n", str(min(WORKERS, os.cpu_count()))]
    failures = log.with_name("failures.txt")
    status = python(
        *command, *files, dry=dry, log=log, seconds=seconds,
        LNLEARN_BACKEND="triton", LNLEARN_FAILURES=str(failures.absolute()),
    )  # fmt: skip
    print("\n".join(log.read_text("utf-8", "replace").splitlines()[-25:]), flush=True)
    return status == 0


def bench(out, dry, seconds):
    """Run the benchmark in what is left of the time; return whether it ended well."""
    limit = ["--limit", f"{min(seconds, 3599):.0f}"]
    where = ["--dry-run"] if dry else []
    print(f"The benchmark has {seconds:.0f} seconds.", flush=True)
    status = python(
        "-m", "lnlearn.bench", "gpu", *where, *limit, "--json", str(out),
        dry=dry, seconds=seconds + 60, LNLEARN_BACKEND="triton",
    )  # fmt: skip
    return status == 0


def python(*arguments, dry=False, log=None, seconds=None, **variables):
    """Run this Python on the checkout; return its exit status, 124 if it was ended for its time."""
    paths = [str(ROOT / "src"), str(ROOT / "tools"), os.environ.get("PYTHONPATH")]
    path = os.pathsep.join(filter(None, paths))
    environment = os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"} | variables
    for name in ("TRITON_INTERPRET", "PYTEST_XDIST_WORKER"):
        environment.pop(name, None)
    if dry:
        environment["TRITON_INTERPRET"] = "1"
    how = {"cwd": ROOT, "env": environment}
    if seconds is not None and seconds < math.inf:
        how["timeout"] = seconds
    with open(log or os.devnull, "w", encoding="utf-8") as file:
        if log:
            how |= {"stdout": file, "stderr": subprocess.STDOUT}
        try:
            return subprocess.run([sys.executable, *arguments], **how).returncode
        except subprocess.TimeoutExpired:
            file.write(f"\nended after {seconds:.0f} seconds\n")
            return 124


def file_name(device):
    """A device's name as that of a file: ``NVIDIA H100 80GB HBM3`` is nvidia-h100-80gb-hbm3."""
    return re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")


if __name__ == "__main__":
    sys.exit(main())
