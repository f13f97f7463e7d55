"""Experiments that take longer than a chapter may: run once, recorded, and checked by a sample.

``python tools/sweeps.py`` runs them and writes ``records/sweeps/NAME.json``. A chapter reads the
results from there, runs the sample again and compares.
"""

import ast
import datetime
import hashlib
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from lnlearn.progress import progress


@dataclass(frozen=True)
class Sweep:
    """One function and the cells for which it is called.

    A cell is a dict of the function's arguments; results are what JSON can hold.
    """

    name: str
    function: Callable
    cells: tuple[dict, ...]
    sample: dict  # the cell that a chapter and a test run again
    modules: tuple[ModuleType | Callable, ...]  # what the results depend on besides the function

    @property
    def path(self):
        """Where the results are."""
        return Path(str(files("lnlearn"))) / "records" / "sweeps" / f"{self.name}.json"

    def recorded(self):
        """Return all that is recorded: date, versions, fingerprint and results."""
        return json.loads(self.path.read_text(encoding="utf-8"))

    def results(self, **wanted):
        """Return the results of the cells that have the wanted values, in the order of the cells.

        >>> from lnlearn.experiments.placements import SWEEPS
        >>> len(SWEEPS[0].results(placement="pre", depth=2))  # one for each seed
        5
        """
        if not set(wanted) <= set(self.sample):
            raise ValueError(f"a cell has {', '.join(self.sample)}, not {', '.join(wanted)}")
        results = self.recorded()["results"]
        chosen = (cell for cell in self.cells if wanted.items() <= cell.items())
        return [results[key(cell)] for cell in chosen]

    def run(self):
        """Run what is missing, and store after every cell; other code starts from the beginning."""
        fingerprint = self.fingerprint()
        record = self.recorded() if self.path.exists() else {}
        if record.get("fingerprint") != fingerprint:
            record = {"results": {}}
        versions = {"torch": torch.__version__, "numpy": np.__version__}
        record |= {"fingerprint": fingerprint, "versions": versions}
        missing = [cell for cell in self.cells if key(cell) not in record["results"]]
        for cell in progress(missing, self.name):
            record["results"][key(cell)] = rounded(self.function(**cell))
            record["date"] = str(datetime.date.today())
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_text(json.dumps(record, indent=0) + "\n", encoding="utf-8")

    def agrees(self, tolerance=0.02):
        """Run the sample again and say whether its results are the recorded ones."""
        old, new = self.results(**self.sample)[0], self.function(**self.sample)
        return all(np.allclose(old[name], new[name], rtol=tolerance, atol=0.01) for name in old)

    def fingerprint(self):
        """Return a hash of the code that the results depend on, without comments and docstrings."""
        sources = [inspect.getsource(code) for code in (self.function, *self.modules)]
        return hashlib.sha256("".join(map(_bare, sources)).encode()).hexdigest()[:16]


def key(cell):
    """A cell as the text under which its result is recorded."""
    return " ".join(f"{name}={value}" for name, value in cell.items())


def rounded(value):
    """The value with five significant digits, and so its parts."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _bare(source):
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(
            node
        ):
            del node.body[0]
    return ast.dump(tree)
