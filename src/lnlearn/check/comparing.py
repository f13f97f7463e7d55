"""Compare a result with the expected one, and show both."""

import numbers
import sys

import numpy as np

HOLDING = {"i": "integers", "u": "integers", "b": "booleans"}  # by the kind of a dtype


def difference(yours, expected, names, tolerance, strict=True):
    """Say how `yours` differs from `expected`; an empty string where it does not.

    Parameters
    ----------
    yours : object
        Whatever a function returned.
    expected : ndarray, tensor, number, str, bool, None, set, or a tuple, list or dict of these
        Where it is an array, an array of its shape and, if `strict`, its dtype is asked for, and
        so it is with tensors; where it is a list, any sequence will do.
    names : sequence of str
        What the results are called; several names: `expected` is a tuple of as many.
    tolerance : float
        Of the largest expected number, or of 1 if that is smaller; 0 for
        large integers that have to be exact. Arrays of integers and booleans always have to be.
    """
    try:
        if len(names) == 1:
            return _difference(yours, expected, names[0], tolerance, strict)
        if not isinstance(yours, (tuple, list)) or len(yours) != len(names):
            return f"It returns {_kind(yours)}, and needs to return {', '.join(names)}."
        for mine, right, name in zip(yours, expected, names, strict=True):
            if found := _difference(mine, right, name, tolerance, strict):
                return found
        return ""
    except Exception:
        return "It returns something that cannot be compared with the expected result."


def _difference(yours, expected, name, tolerance, strict):
    if yours is None and expected is not None:
        return f"{name} is None. Is a return missing?"
    if yours is ...:
        return f"{name} is not filled in yet."
    if isinstance(expected, np.ndarray):
        return _of_arrays(yours, expected, name, tolerance, strict)
    if is_tensor(expected):
        return _of_tensors(yours, expected, name, tolerance, strict)
    if isinstance(expected, bool) and strict and not isinstance(yours, (bool, np.bool)):
        return f"{name} needs to be True or False, and is {_kind(yours)}."
    if isinstance(yours, np.bool):
        yours = bool(yours)
    if isinstance(expected, (set, frozenset)):
        return _of_sets(yours, expected, name)
    if isinstance(expected, (bool, str)) or expected is None:
        return "" if type(yours) is type(expected) and yours == expected else f"{name} differs."
    if isinstance(expected, numbers.Real):
        if isinstance(yours, np.ndarray) and yours.ndim == 0:
            yours = yours.item()
        if isinstance(yours, bool) or not isinstance(yours, numbers.Real):
            return f"{name} needs to be a number, and is {_kind(yours)}."
        if not strict and np.isnan(yours) and np.isnan(expected):
            return ""
        off = abs(float(yours) - float(expected))
        if off <= tolerance * max(1.0, abs(expected)):
            return ""
        return (
            f"{name} needs more decimals." if _is_rounded(yours, expected) else f"{name} differs."
        )
    if isinstance(expected, dict):
        return _of_dicts(yours, expected, name, tolerance, strict)
    if not isinstance(yours, (tuple, list, np.ndarray)) or len(yours) != len(expected):
        return f"{name} needs to be {len(expected)} values, and is {_kind(yours)}."
    for i, (mine, right) in enumerate(zip(yours, expected, strict=True)):
        if found := _difference(mine, right, f"{name}[{i}]", tolerance, strict):
            return found
    return ""


def _is_rounded(yours, expected):
    """Whether a number is the expected one, to the one, two or more decimals that it has."""
    decimals = len(str(float(yours)).partition(".")[2])
    return 0 < decimals <= 6 and yours == round(expected, decimals)


def _of_dicts(yours, expected, name, tolerance, strict):
    """Of a dict of answers, all keys that do not fit and all entries that differ are named."""
    keys = ", ".join(map(str, expected))
    if not isinstance(yours, dict):
        return f"{name} needs to be a dict with the keys {keys}, and is {_kind(yours)}."
    sentences, found = [], {}
    if missing := [str(key) for key in expected if key not in yours]:
        sentences.append(f"{name} has no {' and no '.join(missing)}.")
    if unknown := [str(key) for key in yours if key not in expected]:
        sentences.append(f"{name} has {' and '.join(unknown)}, which is not asked for.")
    if missing or unknown:
        sentences.append(f"Its keys need to be {keys}.")
    for key in (key for key in expected if key in yours):
        entry = f"{name}[{key!r}]"
        if said := _difference(yours[key], expected[key], entry, tolerance, strict):
            found.setdefault(said.removeprefix(entry), []).append(entry)
    plural = {" differs.": " differ.", " is not filled in yet.": " are not filled in yet."}
    for said, entries in found.items():  # those that are wrong in the same way together
        several = f"{', '.join(entries[:-1])} and {entries[-1]}{plural.get(said, said)}"
        sentences.append(several if len(entries) > 1 else entries[0] + said)
    return " ".join(sentences)


def unknown_word(yours, words, name):
    """Say which entries of an answer are texts other than `words`; an empty string if none is."""
    entries = yours.items() if isinstance(yours, dict) else [(None, yours)]
    unknown = [
        f"{name if key is None else f'{name}[{key!r}]'} is {shown(value)}"
        for key, value in entries
        if isinstance(value, str) and value not in words
    ]
    return f"{' and '.join(unknown)}. The words are: {', '.join(words)}." if unknown else ""


def _of_arrays(yours, expected, name, tolerance, strict):
    if not isinstance(yours, (np.ndarray, np.generic)):
        return f"{name} needs to be a NumPy array, and is {_kind(yours)}."
    if yours.shape != expected.shape:
        return f"{name} has shape {yours.shape}, and needs {expected.shape}."
    if yours.dtype.kind not in "fiub":
        return f"{name} holds {yours.dtype}, and needs {expected.dtype}."
    if (holding := HOLDING.get(expected.dtype.kind)) is not None:
        if strict and HOLDING.get(yours.dtype.kind) != holding:
            return f"{name} holds {yours.dtype}, and needs {holding}."
        tolerance, strict = 0.0, False
    mine, right = yours.astype(np.float64), expected.astype(np.float64)
    scale = max(1.0, np.abs(right[np.isfinite(right)]).max(initial=0.0))
    with np.errstate(all="ignore"):
        close = (np.abs(mine - right) <= tolerance * scale) | (mine == right)
    if strict:
        if not np.isfinite(mine[np.isfinite(right)]).all():
            return f"{name} holds NaN or infinity."
    else:
        close |= np.isnan(mine) & np.isnan(right)
    if not close.all():
        return f"{name} differs in {(~close).sum()} of {close.size} numbers."
    if strict and yours.dtype != expected.dtype:
        return f"{name} is {yours.dtype}, and needs to be {expected.dtype}, like the input."
    return ""


def _of_tensors(yours, expected, name, tolerance, strict):
    if not is_tensor(yours):
        return f"{name} needs to be a PyTorch tensor, and is {_kind(yours)}."
    if found := _of_arrays(array_of(yours), array_of(expected), name, tolerance, strict):
        return found
    same = yours.dtype == expected.dtype or not strict
    return "" if same else f"{name} is {yours.dtype}, and needs to be {expected.dtype}."


def _of_sets(yours, expected, name):
    if not isinstance(yours, (set, frozenset)):
        return f"{name} needs to be a set, and is {_kind(yours)}."
    missing, surplus = len(expected - yours), len(yours - expected)
    parts = [f"lacks {missing} of {len(expected)} elements"] if missing else []
    if surplus:
        parts.append(f"has {surplus} that {'does' if surplus == 1 else 'do'} not belong")
    return f"{name} {' and '.join(parts)}." if parts else ""


def is_tensor(value):
    """Whether this is a tensor. PyTorch is not imported for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def array_of(tensor):
    """A tensor's numbers as an array; those of bfloat16, which NumPy lacks, in float32."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()


def dtypes(values, expected):
    """For each array, whether its dtype is the expected one."""
    if isinstance(expected, tuple):
        if not isinstance(values, (tuple, list)):
            return []
        return [same for pair in zip(values, expected, strict=False) for same in dtypes(*pair)]
    if is_tensor(expected):
        return [is_tensor(values) and values.dtype == expected.dtype]
    if not isinstance(expected, np.ndarray):
        return []
    return [isinstance(values, (np.ndarray, np.generic)) and values.dtype == expected.dtype]


def shown(value, unsaid=np.float64):
    """`value` as a reader sees it: few digits, long arrays cut short, dtypes other than `unsaid`.

    A dict shows each of its values behind its name.
    """
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "f":
        in_double = value.astype(np.float64)
        with np.errstate(all="ignore"):  # the largest numbers, which have no decimals, overflow
            rounded = np.where(
                np.abs(in_double) > 1e15, in_double, in_double.round(4) + 0.0
            )  # and no -0
        text = np.array2string(
            rounded,
            suppress_small=True,
            threshold=30,
            edgeitems=2,
            max_line_width=64,
        )
        kind = "" if unsaid and value.dtype == unsaid else f"{value.dtype}"
        shape = f"shape {value.shape}" if value.size > 30 else ""
        notes = ", ".join(filter(None, [kind, shape]))
        return f"{text}  ({notes})" if notes else text
    if is_tensor(value):
        try:
            return f"{shown(array_of(value), None)}  (tensor)"
        except Exception:  # it holds no numbers, or holds them in a way that NumPy lacks
            return _kind(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if type(value) in (set, frozenset):
        return "{" + ", ".join(sorted(shown(item, unsaid) for item in value)) + "}"
    if type(value) in (tuple, list):
        return ", ".join(shown(item, unsaid) for item in value)
    if type(value) is dict:
        return "\n".join(_indented(f"{key}: ", shown(item, unsaid)) for key, item in value.items())
    try:
        text = repr(value) if isinstance(value, (str, int, bool, type(None))) else _kind(value)
    except Exception:
        text = _kind(value)
    return text if len(text) <= 200 else text[:197] + "..."


def _indented(label, text):
    """`text` behind a label, its further lines below its first."""
    return label + text.replace("\n", "\n" + " " * len(label))


def _kind(value):
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if is_tensor(value):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, (tuple, list, set, frozenset, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
