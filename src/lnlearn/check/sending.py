"""Outcomes as lines of text: how they come out of the process that runs somebody's notebook.

Nothing is unpickled: what arrives is numbers, text, and arrays of these, whoever wrote it. Of any
other object only the name of its type arrives, which is all that a report says of it.
"""

import base64
import math
import numbers
import sys

import numpy as np

from lnlearn.check.calling import Outcome

LARGEST = 50_000_000  # bytes of one array


def sent(outcome):
    """An `Outcome` as what JSON can hold."""
    return {
        "value": _plain(outcome.value),
        "given": {str(i): _plain(outcome.given[i]) for i in outcome.changed},
        "error": outcome.error,
        "written": outcome.written,
        "stopped": outcome.stopped,
        "printed": outcome.printed,
    }


def received(data, arguments):
    """The `Outcome` of a call with `arguments`, from what `sent` made; ValueError if it did not."""
    try:
        given = {int(i): _value(value) for i, value in data["given"].items()}
        return Outcome(
            value=_value(data["value"]),
            changed=tuple(sorted(i for i in given if i in range(len(arguments)))),
            given=tuple(given.get(i, argument) for i, argument in enumerate(arguments)),
            error=str(data["error"]),
            written=bool(data["written"]),
            stopped=bool(data["stopped"]),
            printed=str(data["printed"]),
        )
    except (LookupError, TypeError, AttributeError, RuntimeError, OverflowError) as error:
        raise ValueError(f"not an outcome: {type(error).__name__}") from None


def _plain(value, depth=0):
    try:
        return _of_known_types(value, depth)
    except Exception:  # of whatever methods the object has
        return {"other": type(value).__name__}


def _of_known_types(value, depth):
    if depth > 10:
        return {"other": type(value).__name__}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return _array(value)
    if (torch := sys.modules.get("torch")) and isinstance(value, torch.Tensor):
        array = value.detach().cpu().resolve_conj().resolve_neg()
        kind = str(array.dtype).removeprefix("torch.")
        array = array.float() if kind == "bfloat16" else array
        return {"tensor": _array(array.numpy()), "dtype": kind}
    if isinstance(value, str):
        return str(value)[:10_000]
    if isinstance(value, numbers.Integral) and abs(value) < 10**300:
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, tuple | list | set | frozenset):
        name = next(n for n in (tuple, list, set, frozenset) if isinstance(value, n)).__name__
        return {name: [_plain(item, depth + 1) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[_plain(k, depth + 1), _plain(v, depth + 1)] for k, v in value.items()]}
    return {"other": type(value).__name__}


def _array(value):
    array = np.asarray(value)
    if array.dtype.hasobject or array.dtype.names or array.nbytes > LARGEST:
        return {"objects": list(array.shape)}
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    scalar = isinstance(value, np.generic)
    return {"array": data, "dtype": array.dtype.str, "shape": list(array.shape), "scalar": scalar}


def _value(data):
    match data:
        case None | bool() | int() | float() | str():
            return data
        case {"array": str(text), "dtype": str(kind), "shape": shape, "scalar": scalar}:
            dtype = np.dtype(kind)
            array = np.frombuffer(base64.b64decode(text), dtype).reshape(shape).copy()
            return array[()] if scalar else array
        case {"objects": list(shape)} if math.prod(shape) * 8 <= LARGEST:
            return np.full(shape, None, object)
        case {"tensor": array, "dtype": str(kind)}:
            import torch

            return torch.from_numpy(_value(array)).to(getattr(torch, kind))
        case {"tuple": items}:
            return tuple(map(_value, items))
        case {"list": items}:
            return list(map(_value, items))
        case {"set": items}:
            return set(map(_value, items))
        case {"frozenset": items}:
            return frozenset(map(_value, items))
        case {"dict": pairs}:
            return {_value(key): _value(value) for key, value in pairs}
        case {"other": str(name)}:
            return type(name, (), {})()
        case {"objects": _}:
            return type("array", (), {})()
    raise ValueError("not a value")
