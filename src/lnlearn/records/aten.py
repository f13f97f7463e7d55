"""Where PyTorch's layer norm on a processor differs from what is right, with its numbers.

The numbers stand in ``aten.json``; a test computes each of them again. Each was decided on: it is
either *corrected* by `lnlearn.accelerated`, or *inherited*, because the correction would make every
call slower, and then its docstring names it. `lnlearn.scratch` and our GPU kernels have none of the
inherited ones.
"""

import json
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Difference:
    """One number that PyTorch computes, and what it should be."""

    name: str  # what it is, in words
    dtype: str
    right: float  # by the formula in float64, of the same numbers
    pytorch: float  # by `torch.nn.functional.layer_norm`, on a processor
    ours: float | None  # by `lnlearn.accelerated.layer_norm`, there; None for NaN
    decision: str  # "corrected" or "inherited"
    version: str  # of PyTorch
    date: str


def differences():
    """Return every `Difference` on record, in the order in which the file has them.

    Examples
    --------
    >>> from lnlearn.records import aten
    >>> worst = max(aten.differences(), key=lambda d: d.decision == "inherited" and abs(d.pytorch))
    >>> worst.name, worst.right, round(worst.pytorch, 2)
    ('largest output for a row of three times 60000', 0.0, 0.99)
    """
    text = files("lnlearn.records").joinpath("aten.json").read_text(encoding="utf-8")
    return [Difference(**entry) for entry in json.loads(text)]
