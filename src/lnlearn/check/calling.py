"""Call somebody else's function so that what it does stays inside the call.

It gets copies of its arguments. What it prints is kept, warnings are silent, an exception is put
into words, a call that takes too long is ended, and the state of the random number generators is
put back.
"""

import contextlib
import copy
import io
import random
import signal
import sys
import sysconfig
import threading
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lnlearn.check.comparing import is_tensor

_HERE = str(Path(__file__).parent)
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


@dataclass(frozen=True)
class Outcome:
    """What became of one call."""

    value: object = None  # what it returned; its arrays are copies
    changed: tuple[int, ...] = ()  # positions of the arguments that it modified
    given: tuple = ()  # its arguments, as it left them
    error: str = ""  # the exception that it raised, in words
    written: bool = True  # False if it raised NotImplementedError
    stopped: bool = False  # True if it took too long
    printed: str = ""

    @property
    def last(self):
        """Whether the function is called no more after this."""
        return self.stopped or not self.written


class _TooSlow(BaseException):
    """Not an Exception, so that code which catches those does not catch it."""


def outcome_of(function, arguments, seconds):
    """Call `function` with copies of `arguments`; return an `Outcome`. Only Ctrl-C gets through."""
    given = tuple(copy.deepcopy(argument) for argument in arguments)  # two may be one object
    printed = _Beginning()
    found = {}
    with undisturbed(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            with time_limit(seconds):
                found["value"] = kept(function(*given))
        except KeyboardInterrupt:
            raise
        except NotImplementedError:
            found["written"] = False
        except _TooSlow:
            found["stopped"] = True
        except BaseException as error:  # SystemExit as well
            found["error"] = in_words(error)
    changed = modified(given, arguments)
    return Outcome(changed=changed, given=given, printed=printed.getvalue(), **found)


@contextlib.contextmanager
def time_limit(seconds):
    """Raise in the code below when `seconds` are over: where there are signals, on the main thread.

    Elsewhere there is no limit. Code that catches even BaseException can go on for ever; only a
    process of its own, as in `lnlearn.check.grade`, ends that. An import is not cut short: a module
    that was half imported would stay so, and break whatever runs after the check. After one that
    takes longer than the limit, the time starts anew.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return
    armed, imported = True, False

    def stop(signum, frame):
        nonlocal imported
        if not armed:
            return
        if importing(frame):
            imported = True
        elif imported:
            imported = False
            signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
        else:
            raise _TooSlow

    handler = signal.signal(signal.SIGALRM, stop)
    before = signal.setitimer(
        signal.ITIMER_REAL, seconds, 0.1
    )  # and again, for code that catches all
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, *before)
        signal.signal(signal.SIGALRM, handler)


def importing(frame):
    """Whether the code at `frame` runs because something is being imported."""
    while frame:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def undisturbed():
    """Put back what a function may change behind everybody's back."""
    states = [
        (random.setstate, random.getstate()),
        (np.random.set_state, np.random.get_state()),  # noqa: NPY002 - the one that others use
    ]
    if torch := sys.modules.get("torch"):
        states += [
            (torch.set_rng_state, torch.get_rng_state()),
            (torch.set_default_dtype, torch.get_default_dtype()),
            (torch.set_grad_enabled, torch.is_grad_enabled()),
        ]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        for put_back, state in states:
            put_back(state)


def kept(value):
    """`value` with copies of its arrays, which a later call may change."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if is_tensor(value):
        return value.detach().clone()
    if type(value) in (tuple, list):
        return type(value)(kept(item) for item in value)
    if type(value) is dict:
        return {name: kept(item) for name, item in value.items()}
    return value


def modified(given, arguments):
    """The positions of those that a call modified, of what it was given copies of `arguments`."""

    def is_the_same(a, b):
        if isinstance(b, np.ndarray):
            return a.shape == b.shape and np.array_equal(a, b, equal_nan=b.dtype.kind == "f")
        if is_tensor(b):
            return a.shape == b.shape and bool((a == b).logical_or(b != b).all())
        return not isinstance(b, (list, tuple, dict, set)) or a == b

    pairs = enumerate(zip(given, arguments, strict=True))
    return tuple(i for i, (a, b) in pairs if not is_the_same(a, b))


def in_words(error):
    """The exception and the line that raised it, without frames of this package or of libraries."""
    try:
        message = f"{type(error).__name__}: {error}"[:400].splitlines()[0].rstrip(": ")
    except Exception:
        message = type(error).__name__
    # Control characters and lone surrogates would make the report unprintable.
    message = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in message)
    message = message if len(message) <= 300 else message[:297] + "..."
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((_HERE, *_LIBRARIES))
    ]
    if not frames or isinstance(error, RecursionError):
        return message
    line = f": {frames[-1].line}" if frames[-1].line else ""
    return f"{message} (line {frames[-1].lineno} of {frames[-1].name}{line})"


class _Beginning(io.StringIO):
    """Keeps the first characters that are written to it, so that endless printing is harmless."""

    def write(self, text):
        super().write(text[: max(0, 1000 - self.tell())])
        return len(text)
