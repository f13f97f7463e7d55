"""Everything that needs a GPU, in one command: tests, then the benchmark, then the record.

    python tools/gpu_session.py                 tests, benchmark, figures into the package
    python tools/gpu_session.py --out FOLDER    figures into a folder
    python tools/gpu_session.py --quick         three shapes

Nothing is timed if a test fails. It needs PyTorch with CUDA, Triton, pytest and hypothesis, and no
installed lnlearn: it takes the checkout that it lies in. It prints the environment first and a
summary last, and exits with 0 only if all was done.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "src/lnlearn/bench/results"
SUITE = [
    "tests/accelerated/test_functional.py",
    "tests/accelerated/test_operators.py",
    "tests/accelerated/test_pytorch_samples.py",
    "tests/accelerated/test_triton.py",
    "tests/test_bug_reports.py",
    "tests/test_nn.py",
]


def python(*arguments, **variables):
    """Run this Python on the checkout; return its exit status."""
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path} | variables
    environment.pop("TRITON_INTERPRET", None)
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment).returncode


def file_name(device):
    """A device's name as that of a file: ``NVIDIA H100 80GB HBM3`` is nvidia-h100-80gb-hbm3."""
    return re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=RECORDED, help="folder for the figures")
    parser.add_argument("--quick", action="store_true", help="three shapes")
    options = parser.parse_args(arguments)

    import torch

    if not torch.cuda.is_available():
        print("There is no GPU that PyTorch can use: nothing was run.")
        return 1
    device = torch.cuda.get_device_name()
    print(f"{device}, PyTorch {torch.__version__}, CUDA {torch.version.cuda}", flush=True)

    # Only the settings that these tests need: nbval and its notebooks may not be installed.
    tests = ["-q", "-rs", "--override-ini=addopts=--import-mode=importlib", "-m", "not colab"]
    if failed := python("-m", "pytest", *tests, *SUITE, LNLEARN_BACKEND="triton"):
        print("A test failed: nothing was timed.")
        return failed

    out = options.out.absolute() / file_name(device)
    out.parent.mkdir(parents=True, exist_ok=True)
    bench = ["-m", "lnlearn.bench", "gpu", *(["--quick"] if options.quick else [])]
    if failed := python(*bench, "--json", f"{out}.json"):
        print("The benchmark failed.")
        return failed
    print(f"The tests passed on {device}. The figures are in {out}.json; commit them as they are,")
    print("and compare them with the predictions in docs/kernel-notes.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
