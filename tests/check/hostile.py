"""Functions that no checker may stumble over: HOSTILE, a list of (name, function).

They take any arguments. KeyboardInterrupt is not among them: it has to get through.

Some change the state of NumPy, PyTorch, Python or this module and leave it so. A test that calls
one must put it back: `restored()` is a context manager that does.
"""

import contextlib
import random
import sys
import time
import warnings

import numpy as np
import torch

from check.hostile_results import RESULTS, array

HOSTILE = []
STATE = {"calls": 0}
MEAN = np.mean


def hostile(function):
    HOSTILE.append((function.__name__, function))
    return function


def returns(name, value):
    """A function that returns ``value(first argument)``, and what it raises."""
    HOSTILE.append((name, lambda *arguments: value(*arguments[:1])))


for _name, _value in RESULTS.items():
    returns(_name, _value)


# What is raised ----------------------------------------------------------------------------------


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")

    __repr__ = __str__


class Endless(Exception):
    def __str__(self):
        return "long " * 1_000_000


def raises(name, make):
    def fn(*arguments):
        raise make()

    HOSTILE.append((name, fn))


for _name, _make in {
    "raises_without_words": Mute,
    "raises_with_many_words": Endless,
    "raises_with_markup": lambda: ValueError("<script>alert(1)</script> {0} %s $x$ `y`"),
    "raises_with_odd_characters": lambda: ValueError("\x00\x1b[31m\ud800"),
    "raises_with_nothing": lambda: ValueError(),
    "raises_with_an_array": lambda: ValueError(np.ones(10_000)),
    "raises_a_group": lambda: ExceptionGroup("two", [ValueError("a"), TypeError("b")]),
    "raises_stop_iteration": StopIteration,
    "raises_generator_exit": GeneratorExit,
    "raises_memory_error": MemoryError,
    "raises_recursion_error": RecursionError,
    "raises_timeout": TimeoutError,
    "raises_assertion": AssertionError,
    "raises_unicode": lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "odd"),
    "raises_base_exception": lambda: BaseException("not an Exception"),
    "raises_warning": lambda: UserWarning("a warning, raised"),
    "raises_system_exit": SystemExit,
}.items():
    raises(_name, _make)


@hostile
def leaves_the_interpreter(*arguments):
    sys.exit("bye")


@hostile
def divides_by_zero(*arguments):
    return 1 / 0


@hostile
def recurses_for_ever(*arguments):
    return recurses_for_ever(*arguments)


@hostile
def allocates_too_much(*arguments):
    return np.zeros((10**9, 10**9))


# Time --------------------------------------------------------------------------------------------


@hostile
def loops_for_ever(*arguments):
    while True:
        pass


@hostile
def loops_and_catches_everything(*arguments):
    while True:
        with contextlib.suppress(Exception):
            while True:
                pass


@hostile
def sleeps(*arguments):
    time.sleep(20)


@hostile
def prints_endlessly(*arguments):
    while True:
        print("still here")


@hostile
def prints_a_lot_and_goes_on(*arguments):
    for _ in range(2_000):
        print("x" * 80)
    print("error", file=sys.stderr)
    return array(*arguments[:1])


# Signatures --------------------------------------------------------------------------------------


@hostile
def takes_nothing():
    return 1


@hostile
def takes_one_and_needs_a_keyword(x, *, axis):
    return x


@hostile
def takes_too_many(a, b, c, d, e, f, g, h):
    return a


HOSTILE += [("not_a_function", 3), ("no_function_at_all", None), ("a_string", "layer_norm")]


# Arguments and state -----------------------------------------------------------------------------


@hostile
def zeroes_its_arguments(*arguments):
    for a in arguments:
        if isinstance(a, np.ndarray):
            a[...] = 0
    return array(*arguments[:1])


@hostile
def reshapes_its_arguments(*arguments):
    for a in arguments:
        if isinstance(a, np.ndarray):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                a.shape = (-1,)
    return array(*arguments[:1])


@hostile
def locks_its_arguments(*arguments):
    for a in arguments:
        if isinstance(a, np.ndarray):
            a.flags.writeable = False
    return array(*arguments[:1])


@hostile
def counts_its_calls(*arguments):
    STATE["calls"] += 1
    return array(*arguments[:1]) * STATE["calls"]


@hostile
def random_numbers(*arguments):
    return np.random.random(array(*arguments[:1]).shape)  # noqa: NPY002


@hostile
def seeds_everything(*arguments):
    np.random.seed(0)  # noqa: NPY002
    torch.manual_seed(0)
    random.seed(0)
    return array(*arguments[:1])


@hostile
def changes_torch(*arguments):
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    return array(*arguments[:1])


@hostile
def changes_numpy(*arguments):
    np.seterr(all="raise")
    np.set_printoptions(precision=1, threshold=3, formatter={"all": lambda v: "?"})
    return array(*arguments[:1]) / 0.0


@hostile
def turns_warnings_into_errors(*arguments):
    warnings.simplefilter("error")
    warnings.warn("look", stacklevel=1)
    return array(*arguments[:1])


@hostile
def patches_mean(*arguments):
    np.mean = lambda *a, **k: 0.0
    return array(*arguments[:1])


@hostile
def replaces_stdout(*arguments):
    sys.stdout = None
    return array(*arguments[:1])


@hostile
def shortens_the_stack(*arguments):
    sys.setrecursionlimit(sys.getrecursionlimit() - 1)
    return array(*arguments[:1])


@contextlib.contextmanager
def restored():
    """Put back what the functions above change, whatever happens."""
    numpy_state = np.random.get_state()  # noqa: NPY002
    torch_state, state = torch.get_rng_state(), random.getstate()
    dtype, grad, limit = torch.get_default_dtype(), torch.is_grad_enabled(), sys.getrecursionlimit()
    streams, options = (sys.stdout, sys.stderr), np.get_printoptions()
    try:
        with warnings.catch_warnings(), np.errstate():
            yield
    finally:
        np.mean = MEAN
        np.random.set_state(numpy_state)  # noqa: NPY002
        torch.set_rng_state(torch_state)
        random.setstate(state)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        sys.setrecursionlimit(limit)
        sys.stdout, sys.stderr = streams
        np.set_printoptions(**options)
        STATE["calls"] = 0
