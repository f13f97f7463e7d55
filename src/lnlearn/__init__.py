"""Layer normalization, from three numbers on paper to a GPU kernel: the package behind the book.

``import lnlearn`` loads neither NumPy nor PyTorch nor Matplotlib; each part loads what it needs
when it is first used.

- `lnlearn.scratch`: layer norm in NumPy, written to be read.
- `lnlearn.figures`: the book's plots, as functions that return a Matplotlib figure.
"""

import importlib

__version__ = "0.1.0"
__all__ = ["figures", "scratch"]


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
