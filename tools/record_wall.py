"""Run the chapter memory_wall on this machine, and keep what it measures as the chapter's record.

    python tools/record_wall.py

The chapter is run several times, and the fastest call of each function is kept: what else the
machine does can only make a call slower.
"""

import json
from pathlib import Path

import nbformat
import numba

from lnlearn.bench import cpu

ROOT = Path(__file__).resolve().parent.parent
CHAPTER = ROOT / "book" / "memory_wall.ipynb"
RECORD = ROOT / "src" / "lnlearn" / "records" / "memory_wall.json"
MEASURED = ["beside", "copy_times", "block_times", "times", "add_times"]  # its variables
RUNS = 5


def measured(notebook):
    """Run the code of `notebook`, and return the seconds that its variables hold, by variable."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source, found)
    return {name: cpu.fastest(found[name]) for name in MEASURED}


def record(notebook, runs=RUNS):
    """Return the least seconds of several runs, and where they were measured."""
    every = [measured(notebook) for _ in range(runs)]
    least = {
        name: {key: min(run[name][key] for run in every) for key in every[0][name]}
        for name in MEASURED
    }
    return {"environment": cpu.environment() | {"Numba": numba.__version__}, **least}


def main():
    found = record(nbformat.read(CHAPTER, as_version=4))
    RECORD.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
