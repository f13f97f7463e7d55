"""What a function does stays inside the call."""

import random
import signal
import sys
import threading
import time
import warnings

import numpy as np
import pytest
import torch

from lnlearn.check.calling import outcome_of

X = np.arange(3.0)


def test_the_result_is_returned_and_the_arguments_are_copies():
    given = []
    found = outcome_of(lambda x: given.append(x) or x + 1, (X,), 1)
    assert np.array_equal(found.value, [1, 2, 3])
    assert given[0] is not X
    assert found.changed == ()
    assert found.written
    assert not found.stopped
    assert found.error == found.printed == ""


def test_a_result_that_changes_later_is_kept_as_it_was():
    buffer = np.zeros(3)
    found = outcome_of(lambda: (buffer, [buffer], {"a": buffer}), (), 1)
    buffer += 1
    first, [second], third = found.value
    assert not first.any()
    assert not second.any()
    assert not third["a"].any()


def test_changed_arguments_are_counted_and_the_callers_stay():
    def function(x, a, numbers):
        x -= 1
        numbers.append(4)

    numbers = [1, 2]
    assert outcome_of(function, (X, 5, numbers), 1).changed == (0, 2)
    assert numbers == [1, 2]
    assert np.array_equal(X, [0, 1, 2])


def test_arguments_that_stay_are_not_counted_whatever_they_are():
    given = (X, 5, [1, 2], (1, 2), {"a": 1}, "word", None)
    assert outcome_of(lambda *arguments: 1, given, 1).changed == ()
    assert outcome_of(lambda *arguments: arguments[4].clear(), given, 1).changed == (4,)


def test_what_became_of_a_call_is_not_altered_by_accident():
    with pytest.raises(AttributeError):
        outcome_of(lambda: 1, (), 1).value = 2


def test_two_arguments_that_are_one_object_are_copied_apart():
    assert outcome_of(lambda x, y: np.subtract(x, 1, out=x), (X, X), 1).changed == (0,)


def test_an_argument_with_nan_is_unchanged_by_a_function_that_leaves_it():
    assert outcome_of(lambda x: x, (np.array([np.nan]),), 1).changed == ()


def test_not_implemented_means_not_written():
    def stub():
        raise NotImplementedError

    assert not outcome_of(stub, (), 1).written


def test_an_exception_is_put_into_words_with_its_line():
    def divide(x):
        return x / 0

    error = outcome_of(divide, (1,), 1).error
    assert error.startswith("ZeroDivisionError: division by zero (line ")
    assert error.endswith(" of divide: return x / 0)")


def test_frames_of_libraries_are_left_out():
    def reshape(x):
        return np.broadcast_to(x, (2, 2))

    assert "of reshape: return np.broadcast_to" in outcome_of(reshape, (X,), 1).error


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), MemoryError(), ValueError()])
def test_whatever_is_raised_stays_inside(error):
    def function():
        raise error

    assert outcome_of(function, (), 1).error.startswith(type(error).__name__)


def test_ctrl_c_gets_through():
    def function():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outcome_of(function, (), 1)


def test_a_message_that_cannot_be_made_and_one_without_end():
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError

    def odd():
        raise Odd

    text = "a" * 10_000 + "\nsecond line"

    def long():
        raise ValueError(text)

    assert outcome_of(odd, (), 1).error.startswith("Odd")
    error = outcome_of(long, (), 1).error
    assert len(error) < 500
    assert "second" not in error


@pytest.mark.parametrize("length", [299, 300, 301])
def test_a_long_message_is_cut_to_three_hundred_characters(length):
    message = "ValueError: ".ljust(length, "a")

    def function():
        raise ValueError(message.removeprefix("ValueError: "))

    shown = message if length <= 300 else message[:297] + "..."
    assert outcome_of(function, (), 1).error.startswith(shown + " (line")


def test_characters_that_cannot_be_printed_are_written_out():
    def function():
        raise ValueError("é \x1b[31m \ud800")

    error = outcome_of(function, (), 1).error
    assert error.startswith("ValueError: é \\x1b[31m \\ud800 (line")


def test_endless_recursion_is_an_exception():
    def recurse():
        return recurse()

    assert outcome_of(recurse, (), 1).error.startswith("RecursionError")


def test_an_endless_loop_is_ended_though_it_catches_every_exception():
    def loop():
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    start = time.monotonic()
    assert outcome_of(loop, (), 0.2).stopped
    assert time.monotonic() - start < 1


def test_one_interrupt_that_is_swallowed_is_followed_by_another():
    def loop():
        for _ in range(2):
            try:
                while True:
                    time.sleep(0.01)
            except BaseException:
                pass
        while True:
            time.sleep(0.01)

    assert outcome_of(loop, (), 0.1).stopped


def test_an_import_is_not_cut_short_and_the_time_starts_anew_after_it(tmp_path, monkeypatch):
    text = "import time\ntime.sleep(0.6)\ncomplete = True\n"
    (tmp_path / "slow_to_import.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)

    def imports(seconds):
        import slow_to_import

        time.sleep(seconds)
        return slow_to_import.complete

    assert outcome_of(imports, (0.05,), 0.5).value is True
    monkeypatch.delitem(sys.modules, "slow_to_import")
    assert outcome_of(imports, (9,), 0.1).stopped
    assert sys.modules["slow_to_import"].complete
    monkeypatch.delitem(sys.modules, "slow_to_import")


def test_the_alarm_of_the_caller_is_put_back():
    handler = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        signal.setitimer(signal.ITIMER_REAL, 100)
        outcome_of(lambda: 1, (), 1)
        assert signal.getsignal(signal.SIGALRM) == signal.SIG_IGN
        assert 90 < signal.getitimer(signal.ITIMER_REAL)[0] <= 100
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def test_it_works_on_another_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(outcome_of(lambda: 7, (), 1)))
    thread.start()
    thread.join()
    assert found[0].value == 7


def test_what_is_printed_is_kept_and_endless_printing_is_cut(capsys):
    found = outcome_of(lambda: [print("word", i) for i in range(10_000)], (), 5)
    assert found.printed.startswith("word 0\nword 1\n")
    assert len(found.printed) <= 1000
    assert capsys.readouterr().out == ""


def test_generators_dtype_and_gradient_mode_are_put_back():
    def disturb():
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        torch.manual_seed(1)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        np.seterr(all="raise")

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    torch.manual_seed(0)
    errors = np.geterr()
    drawn = random.random(), np.random.rand(), torch.rand(1)  # noqa: NPY002
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    torch.manual_seed(0)
    outcome_of(disturb, (), 1)
    assert drawn == (random.random(), np.random.rand(), torch.rand(1))  # noqa: NPY002
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    assert np.geterr() == errors


def test_warnings_are_silent_and_arithmetic_does_not_warn():
    def warn():
        warnings.warn("careful", stacklevel=1)
        return np.float64(1) / np.float64(0)

    assert outcome_of(warn, (), 1).value == np.inf  # here, a warning is an error


def test_arithmetic_does_not_raise_where_the_reader_has_asked_for_it():
    with np.errstate(all="raise"):
        assert outcome_of(lambda: np.float64(1) / np.float64(0), (), 1).value == np.inf
