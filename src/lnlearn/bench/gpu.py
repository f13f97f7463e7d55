"""Layer norm on a GPU: ours beside ATen, torch.compile and others, and beside plain traffic.

A time alone says little: how near is it to what the memory allows? So each stands beside that of a
kernel that moves the same bytes and computes next to nothing. Kernel times are those of a captured
graph, without what Python does around a call; eager times are what a caller waits for.
"""

import contextlib
import datetime
import itertools
import json
import math
import random
import statistics
import subprocess
import time
from importlib import resources

import torch

from lnlearn.bench import peers

# The most telling first, as a run may be cut off.
SHAPES = [
    *((4096, width) for width in (1024, 4096, 8192, 16384)), (128, 4096), (1, 4096), (32768, 4096),
    *((4096, width) for width in (768, 5120, 12288, 32768, 1536, 3072)),
]  # fmt: skip
QUICK = [(4096, 1024), (4096, 4096), (128, 4096)]
TINY = [(3, 24), (4, 100)]  # for a dry run
TASKS = ["forward", "backward", "add forward", "add backward"]
# Tensors of x's size that a task reads and writes: its floor, in transfers an element.
TRAFFIC = {"forward": (1, 1), "backward": (2, 1), "add forward": (2, 2), "add backward": (3, 1)}
# Largest error against float64, relative to the result's length, that lets a method be timed.
TOLERANCE = {"float32": 1e-5, "bfloat16": 1e-2, "float16": 2e-3}
ROUNDS = 2  # all methods take turns, twice


def run(
    shapes=SHAPES,
    dtypes=("bfloat16",),
    budget=0.05,
    device="cuda",
    clock=None,
    seconds=math.inf,
    save=None,
):
    """Check and time every method for every shape, printing each row as it is done.

    Two passes: first all but torch.compile, which needs seconds for each shape; then all together,
    and the rows of the second pass take the place of those of the first.

    Parameters
    ----------
    budget : float
        Seconds for each method, task and round.
    clock : optional
        Measures; a `GraphClock` unless given.
    seconds : float
        No row is begun after so many seconds.
    save : callable, optional
        Called with the report after each row, so that a run that is cut off still counts.

    Returns
    -------
    dict
        ``environment``, ``results`` (a row each) and ``complete``: whether every row was measured.
    """
    clock = clock or GraphClock()
    report = {"environment": environment(device), "complete": False, "results": []}
    for key, value in report["environment"].items():
        print(f"{key}: {value}")
    jobs = [
        (slow, (task, shape, dtype))
        for slow in (False, True)
        for dtype in dtypes
        for shape in shapes
        for task in TASKS
    ]
    rows = {}
    started = time.perf_counter()
    for done, (slow, job) in enumerate(jobs, 1):
        spent = time.perf_counter() - started
        if spent > seconds:
            print(f"The time is up: {len(jobs) - done + 1} of {len(jobs)} rows are left.")
            return report
        rows[job] = measure(*job, budget, device, clock, slow)
        report["results"] = list(rows.values())
        report["complete"] = done == len(jobs)
        print(f"[{done}/{len(jobs)}, {spent:.0f} s] {line(rows[job])}", flush=True)
        if save:
            save(report)
    return report


def measure(task, shape, dtype, budget, device, clock, slow=True):
    """Check every method of a task at one shape, then time those that are right, and a copy."""
    problems = inputs(task, shape, getattr(torch, dtype), device, clock.cache_bytes(device))
    methods, wrong = {}, {}
    for name, make in peers.methods(task, slow).items():
        call, error = checked(make, problems[0])
        if call is None:
            wrong[name] = error
        elif not error <= TOLERANCE[dtype]:  # NaN is not right either
            wrong[name] = f"off by {error:.1e}"
        else:
            methods[name] = call
    methods["copy"] = peers.traffic(*TRAFFIC[task])
    kernel = {name: [] for name in methods}
    eager = {name: [] for name in methods}
    order = random.Random(0)
    for _ in range(ROUNDS):
        turns = list(methods)
        order.shuffle(turns)
        for name in turns:
            try:
                kernel[name].append(clock.kernel(methods[name], problems, budget))
                eager[name].append(clock.eager(methods[name], problems, budget))
            except Exception as error:  # a peer that cannot be captured, say
                wrong[name] = said(error)
                del methods[name]
    seconds = {name: statistics.median(kernel[name]) for name in methods}
    reads, writes = TRAFFIC[task]
    moved = (reads + writes) * shape[0] * shape[1] * getattr(torch, dtype).itemsize
    copy = seconds.get("copy", math.nan)
    return {
        "task": task, "dtype": dtype, "shape": list(shape), "seconds": seconds,
        "eager seconds": {name: statistics.median(eager[name]) for name in methods},
        "bytes per second": {name: moved / value for name, value in seconds.items()},
        "copy / time": {name: copy / value for name, value in seconds.items()},
        "left out": wrong,
    }  # fmt: skip


def said(error):
    """An exception as one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def checked(make, problem):
    """Return a method and its largest error on a problem; None and the reason if it fails."""
    try:
        call = make(problem)
        results = call(problem)
    except Exception as error:  # a peer may refuse in any way it likes
        print(f"  left out: {said(error)}")
        return None, said(error)
    results = results if isinstance(results, (tuple, list)) else (results,)
    errors = [
        ((got.double() - wanted).norm() / wanted.norm()).item()
        for got, wanted in zip(results, peers.expected(problem), strict=False)
    ]
    return call, max(errors, key=lambda error: float("inf") if error != error else error)


def inputs(task, shape, dtype, device, cache_bytes):
    """Return as many sets of random inputs as fill the cache three times: none is found in it."""
    size = shape[0] * shape[1] * dtype.itemsize * sum(TRAFFIC[task])
    count = max(1, min(32, -(-3 * cache_bytes // size)))
    generator = torch.Generator(device).manual_seed(0)

    def draw(*size):
        return torch.randn(size, device=device, generator=generator).to(dtype)

    weight, bias = draw(shape[1]) + 1, draw(shape[1])
    return [
        peers.Problem(task, *(draw(*shape) for _ in range(4)), weight, bias) for _ in range(count)
    ]


class GraphClock:
    """Times on a GPU: a graph of calls for the kernels, calls one by one for the caller."""

    def cache_bytes(self, device):
        """Return the size of the last cache."""
        return torch.cuda.get_device_properties(device).L2_cache_size

    def kernel(self, call, problems, budget):
        """Return the median seconds of a call, replayed from a graph of one on each problem."""
        calls = problems * max(1, 8 // len(problems))
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for problem in problems:
                call(problem)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            kept = [call(problem) for problem in calls]
        times = self._events(graph.replay, budget)
        del kept
        return statistics.median(times) / len(calls)

    def eager(self, call, problems, budget):
        """Return the median seconds from a call to its end on the GPU."""
        turns = itertools.cycle(problems)
        times = []
        end = time.perf_counter() + budget / 2
        while time.perf_counter() < end or len(times) < 7:
            torch.cuda.synchronize()
            start = time.perf_counter()
            call(next(turns))
            torch.cuda.synchronize()
            times.append(time.perf_counter() - start)
        return statistics.median(times[2:])

    def _events(self, function, budget):
        """Return seconds of calls, by events of the GPU, after two that do not count."""
        times = []
        end = time.perf_counter() + budget
        while time.perf_counter() < end or len(times) < 7:
            start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            function()
            stop.record()
            stop.synchronize()
            times.append(start.elapsed_time(stop) / 1e3)
        return times[2:]


class WallClock:
    """Times on a processor, for a dry run: they say nothing of a GPU."""

    def cache_bytes(self, device):
        """Return next to nothing: one set of inputs is enough."""
        return 1

    def kernel(self, call, problems, budget):
        """Return the seconds of one call."""
        start = time.perf_counter()
        call(problems[0])
        return time.perf_counter() - start

    eager = kernel


def line(result):
    """One result as text: microseconds, and how near each is to the copy."""
    N, H = result["shape"]
    times = "  ".join(
        f"{name} {1e6 * value:.1f} ({100 * result['copy / time'][name]:.0f} %)"
        for name, value in sorted(result["seconds"].items(), key=lambda item: item[1])
    )
    left = "".join(f"  [{name}: {why}]" for name, why in result["left out"].items())
    return f"{result['task']} {N}x{H} {result['dtype']}: {times}{left}"


def environment(device):
    """What the figures depend on."""
    found = {"date": datetime.date.today().isoformat(), "PyTorch": torch.__version__}
    if torch.device(device).type != "cuda":
        found["dry run"] = True
    for name in ("triton", "liger_kernel", "quack"):
        found[name] = peers.version(name)
    if torch.device(device).type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found |= {
            "device": properties.name,
            "multiprocessors": properties.multi_processor_count,
            "L2 bytes": properties.L2_cache_size,
            "memory bytes": properties.total_memory,
            "CUDA": torch.version.cuda,
            "driver": driver(),
        }
    return found


def driver():
    """The version of the GPU's driver, as far as the system tells."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
        return found.stdout.splitlines()[0].strip()
    return "unknown"


def recorded():
    """Return the recorded reports, by the name of their file; a dry run is refused."""
    files = resources.files("lnlearn.bench").joinpath("results")
    found = sorted(file.name for file in files.iterdir() if file.name.endswith(".json"))
    reports = {name: json.loads(files.joinpath(name).read_text("utf-8")) for name in found}
    for name, report in reports.items():
        if report["environment"].get("dry run"):
            raise ValueError(f"{name} is from a dry run, which measures nothing: delete it.")
    return reports


def show_recorded():
    """Print the recorded results, for a machine that has no GPU to measure on."""
    reports = recorded()
    if not reports:
        print("No results are recorded yet: nobody has run this on a GPU and kept the figures.")
    for name, report in reports.items():
        environment = report["environment"]
        print(f"\n{name}: {environment.get('device')}, {environment.get('date')}")
        for result in report["results"]:
            print(line(result))
