"""Layer norm on the processor: ours beside the textbook expression, ATen and a copy."""

import datetime
import os
import platform
import random
import statistics
import sys
import time

import numpy as np

from lnlearn import scratch

try:
    import torch

    from lnlearn import accelerated
except ModuleNotFoundError:
    torch = None

SHAPES = [(32, 768), (512, 768), (4096, 1024), (2048, 4096), (8192, 4096)]
EPS = 1e-5
# Largest error against float64 that lets a method into the table, for inputs of size 1.
TOLERANCE = {"float32": 1e-5, "bfloat16": 0.05}


def textbook(x, weight, bias):
    """The expression as every tutorial has it."""
    mean = x.mean(axis=-1, keepdims=True)
    variance = x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + EPS) * weight + bias


def copied(x, target):
    """Copy an array into another, which is returned."""
    np.copyto(target, x)
    return target


def methods(x, weight, bias, dtype):
    """What is timed, by name: functions without arguments that return a new array or tensor."""
    D = x.shape[-1]
    found = {}
    if dtype == "float32":
        target = np.empty_like(x)
        found["copy (NumPy)"] = lambda: copied(x, target)
        found["textbook"] = lambda: textbook(x, weight, bias)
        found["scratch"] = lambda: scratch.layer_norm(x, D, weight, bias, EPS)
    if torch is not None:
        t, w, b = (torch.from_numpy(a).to(getattr(torch, dtype)) for a in (x, weight, bias))
        into = torch.empty_like(t)
        found["copy (PyTorch)"] = lambda: into.copy_(t)
        found["ATen"] = lambda: torch.nn.functional.layer_norm(t, (D,), w, b, EPS)
        found["accelerated"] = lambda: accelerated.layer_norm(t, (D,), w, b, EPS)
    return found


def check(functions, x, weight, bias, dtype):
    """Raise unless every function gives the layer norm of `x`; copies need to give `x`."""
    wide = [a.astype(np.float64) for a in (x, weight, bias)]
    expected = textbook(*wide)
    for name, function in functions.items():
        result = function()
        result = np.asarray(result if isinstance(result, np.ndarray) else result.double())
        error = np.abs(result - (wide[0] if "copy" in name else expected)).max()
        if not error <= TOLERANCE[dtype] * max(1, np.abs(expected).max()):
            raise SystemExit(f"{name} is wrong at {x.shape} in {dtype}: off by {error:.2g}.")


def median_times(functions, budget):
    """Seconds a call of each function, by name: medians of `interleaved_times`."""
    return {
        name: statistics.median(times)
        for name, times in interleaved_times(functions, budget).items()
    }


def own_time():
    """Return a time in seconds that stands still while another program has the processor.

    It is that of the calling thread. On Windows, where that clock ticks 64 times a second only, it
    is the time that passes.

    Examples
    --------
    >>> start = own_time()
    >>> own_time() >= start
    True
    """
    return time.perf_counter() if sys.platform == "win32" else time.thread_time()


def interleaved_times(functions, budget, clock=None):
    """Return the seconds of every call, by name, of functions that take turns.

    A first round does not count: it finds nothing in the cache, and may compile. The order is
    shuffled in every round: a method that always followed the same one would always find the same
    things in the cache.

    Parameters
    ----------
    functions : dict of str to callable
        Called without arguments.
    budget : float
        Seconds for all of them together; there are six rounds at least.
    clock : callable, optional
        Gives the time in seconds, `own_time` for one; left out: ``time.perf_counter``, the time
        that passes.

    Returns
    -------
    dict of str to list of float
        The lists are equally long: what stands at the same place was measured in the same round.

    Examples
    --------
    >>> times = interleaved_times({"sum": lambda: sum(range(9)), "nothing": lambda: None}, 0.01)
    >>> list(times), len(times["sum"]) == len(times["nothing"]) >= 5
    (['sum', 'nothing'], True)
    """
    clock = clock or time.perf_counter
    order = random.Random(0)
    times = {name: [] for name in functions}
    turns = list(functions)
    end = time.perf_counter() + budget
    while time.perf_counter() < end or len(times[turns[0]]) < 6:
        order.shuffle(turns)
        for name in turns:
            start = clock()
            functions[name]()
            times[name].append(clock() - start)
    return {name: values[1:] for name, values in times.items()}


def fastest(times):
    """Return the seconds of the fastest call of each function, of lists as `interleaved_times` has.

    Whatever else a machine does can only make a call slower.

    Examples
    --------
    >>> fastest({"slow": [4, 8, 90], "fast": [2, 4, 3]})
    {'slow': 4, 'fast': 2}
    """
    return {name: min(values) for name, values in times.items()}


def median_ratio(times, name, other):
    """Return how many times as long one function takes as another.

    In each round one time is divided by the other, and the median of the quotients is taken: what
    slows both down at once cancels, and what hits one of them for once is outvoted.

    Parameters
    ----------
    times : dict of str to list of float
        As `interleaved_times` returns them.
    name, other : str

    Examples
    --------
    >>> median_ratio({"slow": [4, 8, 90], "fast": [2, 4, 3]}, "slow", "fast")
    2.0
    """
    return statistics.median(a / b for a, b in zip(times[name], times[other], strict=True))


def run(shapes=SHAPES, budget=1.0):
    """Check and time every shape and dtype, printing each as it is done; return a report."""
    report = {"environment": environment(), "results": []}
    print("  ".join(f"{key} {value}" for key, value in report["environment"].items()))
    rng = np.random.default_rng(0)
    for dtype in ["float32", "bfloat16"] if torch is not None else ["float32"]:
        print(f"\n{dtype}: microseconds a call, and ratios of medians")
        for N, D in shapes:
            x, weight, bias = (
                rng.standard_normal(shape, dtype=np.float32) for shape in [(N, D), D, D]
            )
            functions = methods(x, weight, bias, dtype)
            check(functions, x, weight, bias, dtype)
            times = median_times(functions, budget)
            result = {"dtype": dtype, "shape": [N, D], "seconds": times, "ratios": ratios(times)}
            report["results"].append(result)
            print(line(result), flush=True)
    return report


def ratios(times):
    """The comparisons that matter, for as many of them as were timed."""
    pairs = {
        "scratch / textbook": ("scratch", "textbook"),
        "scratch / copy": ("scratch", "copy (NumPy)"),
        "accelerated / ATen": ("accelerated", "ATen"),
        "accelerated / copy": ("accelerated", "copy (PyTorch)"),
    }
    return {name: times[a] / times[b] for name, (a, b) in pairs.items() if a in times}


def line(result):
    """One shape as text."""
    N, D = result["shape"]
    times = "  ".join(f"{name} {1e6 * t:.0f}" for name, t in result["seconds"].items())
    compared = "  ".join(f"{name} {ratio:.2f}" for name, ratio in result["ratios"].items())
    return f"{f'{N}x{D}':>10}  {times}\n{'':12}{compared}"


def environment():
    """What the figures depend on."""
    found = {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "Python": platform.python_version(),
        "NumPy": np.__version__,
    }
    if torch is not None:
        found |= {"PyTorch": torch.__version__, "threads": torch.get_num_threads()}
    return found


def processor():
    """The processor's name, as far as the system tells."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            named = [text for text in file if text.startswith("model name")]
    except OSError:
        named = []
    return named[0].split(":", 1)[1].strip() if named else platform.machine()
