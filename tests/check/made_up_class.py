"""A sheet with three exercises and a class of 31 that hands it in, with what each is to get.

The verdicts were written down before anybody was graded: "right", the name of a mistake, or words
that the message contains.
"""

import json
import os

SHEET = (
    "import numpy as np\n\nfrom lnlearn import check",
    "def largest(D):\n    raise NotImplementedError",
    "check.largest_feature(largest)",
    "def rms(x, weight, eps):\n    raise NotImplementedError",
    'check.rms_norm(rms, without=["float16"])',
    "def merge(a, b):\n    raise NotImplementedError",
    "check.merge_moments(merge)",
)
LARGEST = "def largest(D):\n    return (D - 1) ** 0.5"
RMS = """\
def rms(x, weight, eps):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + eps) * weight"""
MERGE = """\
def merge(a, b):
    n, step = a[0] + b[0], b[1] - a[1]
    return n, a[1] + step * b[0] / n, a[2] + b[2] + step**2 * a[0] * b[0] / n"""
SQUARES_ADDED = """\
def merge(a, b):
    n = a[0] + b[0]
    return n, (a[0] * a[1] + b[0] * b[1]) / n, a[2] + b[2]"""
DAEMONS_NAME = f"daemon of {os.getpid()}"
DAEMON = f"""\
import os, subprocess, sys
code = "import time; time.sleep(300)  # {DAEMONS_NAME}"
subprocess.Popen([sys.executable, "-c", code], start_new_session=True)"""
FORGED = """\
import os
for number in range(3, 30):
    try:
        os.write(number, b'{"task": 0, "outcomes": [], "passed": true}\\\\n')
    except OSError:
        pass""".replace("\\\\", "\\")
REPLACED = """\
from lnlearn.check.checker import Checker
from lnlearn.check.report import Report
Checker.__call__ = Checker.report = lambda *a, **k: Report("any", passed=True)
check.largest_feature = lambda f: True"""
RIGHT = ("right", "right", "right")
UNDEFINED, GONE = "the notebook defines no rms", "not graded: the notebook "


def cells(largest=LARGEST, rms=RMS, merge=MERGE, first="", last=()):
    """The sheet as it is handed in."""
    imports = f"{first}\n{SHEET[0]}" if first else SHEET[0]
    return [imports, largest, SHEET[2], rms, SHEET[4], merge, SHEET[6], *last]


CLASS = {  # a student: the cells and the verdicts; bytes are no notebook
    "anna": (cells(), RIGHT),
    "bela": (cells("largest = lambda D: np.sqrt(D - 1.0)"), RIGHT),
    "carl": (list(SHEET), ("not written yet",) * 3),
    "dora": (
        cells(LARGEST.replace(" - 1", ""), RMS.replace(".mean(", ".sum("), SQUARES_ADDED),
        ("others-forgotten", "divided-by-length", "between-missing"),
    ),
    "emil": (cells(LARGEST.replace(" ** 0.5", "")), ("root-missing", "right", "right")),
    "fay": (
        cells(rms=RMS.replace("return x", "x = x - x.mean(-1, keepdims=True)\n    return x")),
        ("right", "mean-subtracted", "right"),
    ),
    "gus": (
        cells(rms=RMS.replace(" + eps", "").replace(" * weight", "")),
        ("right", "eps-missing and weight-skipped", "right"),
    ),
    "hana": (
        cells(rms=RMS.replace("return", "return 1.01 *")),
        ("right", "y differs in ", "right"),
    ),
    "ivan": (cells(rms=RMS.replace("return", "y =")), ("right", "Is a return missing?", "right")),
    "jo": (cells(rms=RMS.replace("weight", "gain", 1)), ("right", "NameError", "right")),
    "kim": (cells(rms=RMS.replace("rms", "my_norm")), ("right", UNDEFINED, "right")),
    "lee": (
        cells(rms=RMS + ")"),
        ("right", f"{UNDEFINED}; code cell 4 fails with SyntaxError", "right"),
    ),
    "mia": ([SHEET[0], LARGEST, RMS, MERGE], RIGHT),  # no check cells
    "noa": (cells(last=["largest = rms = merge = 3"]), RIGHT),
    "nell": (
        cells(largest=SHEET[1], last=["largest = 3"]),
        ("not written yet", "right", "right"),
    ),
    "olaf": (cells(last=["while True:\n    pass"]), RIGHT),
    "pia": (cells(last=["import os\nos._exit(1)"]), RIGHT),
    "quin": (
        cells(rms="while True:\n    pass"),
        ("right", "it was in code cell 4 (while True:)", "it was in code cell 4"),
    ),
    "rosa": (
        cells("def largest(D):\n    while True:\n        pass"),
        ("had not finished", "right", "right"),
    ),
    "sven": (b"Dear Sir or Madam,", ("sven.ipynb is not a notebook",) * 3),
    "tara": ([], ("the notebook defines no",) * 3),
    "udo": (
        cells(rms="import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(9)"),
        ("right", "ended the process that grades it in code cell 4", GONE),
    ),
    "vera": (cells(last=[DAEMON]), RIGHT),
    "will": (
        cells(LARGEST.replace(" - 1", ""), first=SHEET[0] + "\n" + REPLACED),
        ("others-forgotten", "right", "right"),
    ),
    "xena": (cells(last=[FORGED]), ("wrote into the grader's own record", "right", "right")),
    "yves": (
        cells("def largest(D):\n    raise KeyboardInterrupt"),
        ("interrupted by KeyboardInterrupt", "right", "right"),
    ),
    "zoe": (cells(last=["import sys\nsys.exit(1)"]), RIGHT),
    "abe": (cells(first="import not_there"), ("right", "NameError", "right")),
    "ben": ([SHEET[0], SHEET[2], LARGEST, SHEET[4], RMS, SHEET[6], MERGE], RIGHT),
    "cleo": (cells("%%time\n" + LARGEST, last=["!ls"]), RIGHT),
    "dan": (cells(last=["name = input('Your name? ')"]), RIGHT),
    "eve": (
        cells(
            rms="from lnlearn.scratch import rms_norm\n"
            "rms = lambda x, weight, eps: rms_norm(x, x.shape[-1], weight, eps)"
        ),
        RIGHT,
    ),
}


def write_notebook(path, sources):
    """Write a notebook of code cells."""
    written = [
        {"cell_type": "code", "source": source, "outputs": [], "metadata": {}} for source in sources
    ]
    path.write_text(json.dumps({"cells": written, "nbformat": 4, "nbformat_minor": 4}))


def write_class(folder):
    """Write ``sheet.ipynb`` and a folder of submissions."""
    write_notebook(folder / "sheet.ipynb", SHEET)
    (folder / "submissions").mkdir()
    for student, (sources, _) in CLASS.items():
        path = folder / "submissions" / f"{student}.ipynb"
        if isinstance(sources, bytes):
            path.write_bytes(sources)
        else:
            write_notebook(path, sources)


def gets(verdict, expected):
    """Whether a verdict is the one that was written down."""
    if expected == "right":
        return verdict["passed"]
    return not verdict["passed"] and expected in verdict["message"]
