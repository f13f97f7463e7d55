"""The command line of the benchmarks."""

import argparse
import functools
import json
import math
import re
import sys
from pathlib import Path

from lnlearn.bench import cpu


def shape(text):
    """Parse ``512x768``."""
    found = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"a shape is written as 512x768, got {text!r}")
    return int(found[1]), int(found[2])


def seconds(text):
    """Parse a positive number."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 3600:
        raise argparse.ArgumentTypeError(f"needs a number between 0 and 3600, got {text!r}")
    return value


def main(arguments=None):
    """Run the benchmark that the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lnlearn.bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("cpu", help="NumPy and PyTorch on this machine's processor")
    command.add_argument(
        "--shapes", type=shape, nargs="+", default=cpu.SHAPES, metavar="ROWSxWIDTH"
    )
    command.add_argument(
        "--seconds", type=seconds, default=1.0, help="time for each shape and dtype (default 1)"
    )
    gpu = commands.add_parser("gpu", help="our kernels and others on this machine's GPU")
    gpu.add_argument("--quick", action="store_true", help="three shapes, in less than a minute")
    gpu.add_argument(
        "--limit", type=seconds, default=math.inf, metavar="SECONDS", help="begin no row after that"
    )
    gpu.add_argument(
        "--dry-run", action="store_true", help="two tiny shapes on the processor: no record"
    )
    for command in commands.choices.values():
        command.add_argument("--json", type=Path, metavar="FILE", help="write the results here")
        command.add_argument(
            "--plot", type=Path, metavar="FILE", help="draw them here (svg, png, pdf)"
        )
    options = parser.parse_args(arguments)
    for path in filter(None, (options.json, options.plot)):
        if not path.absolute().parent.is_dir():
            parser.error(f"the folder of {path} does not exist")

    if options.command == "cpu":
        report = cpu.run(options.shapes, options.seconds)
    else:
        report = on_gpu(options)
    if report is None:
        return 0
    save(options.json, report)
    if options.plot:
        from lnlearn import figures

        draw = figures.bench if options.command == "cpu" else figures.bench_gpu
        draw(report["results"]).savefig(options.plot)
    return 0


def save(path, report):
    """Write a report, whole or not at all; nothing without a path."""
    if path:
        new = path.with_name(path.name + ".new")
        new.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        new.replace(path)


def on_gpu(options):
    """Run the GPU benchmark; where there is no GPU, show what was recorded and return None."""
    try:
        import torch
    except ModuleNotFoundError:
        print("PyTorch is not installed: nothing can be measured. pip install torch")
        return None
    from lnlearn.bench import gpu

    how = {"seconds": options.limit, "save": functools.partial(save, options.json)}
    if options.dry_run:
        clock = gpu.WallClock()
        return gpu.run(gpu.TINY, ["float32"], device="cpu", clock=clock, **how)
    if not torch.cuda.is_available():
        print("There is no GPU that PyTorch can use: nothing is measured. What was recorded:")
        gpu.show_recorded()
        return None
    # A T4 has no bfloat16 of its own; ours falls back to ATen there, and the table shows that.
    new = torch.cuda.get_device_capability() >= (8, 0)
    shapes = gpu.QUICK if options.quick else gpu.SHAPES
    return gpu.run(shapes, ["bfloat16" if new else "float16"], **how)


if __name__ == "__main__":
    sys.exit(main())
