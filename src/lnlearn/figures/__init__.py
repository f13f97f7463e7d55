"""The book's plots: functions that take numbers and return a Matplotlib figure.

`style` has the palette and the settings that all of them share, `tables` the tables of results.
Each other file has the figures of one chapter, by the chapter's name, and one those of the
benchmarks. Every public function of these files can be called as ``figures.its_name``.
"""

import importlib
import inspect
import pkgutil

from lnlearn.figures import style
from lnlearn.figures.style import COLOURS, PAPER, STYLE, show_as_svg


def _found_in_the_files():
    """Every public function that a file of this folder but `style` defines, by its name."""
    found = {}
    for file in pkgutil.iter_modules(__path__, f"{__name__}."):
        module = importlib.import_module(file.name)
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__
            if own and not name.startswith("_") and module is not style:
                if name in found:
                    raise ImportError(
                        f"{module.__name__} defines a function called {name!r}, and so does "
                        f"{found[name].__module__}. Give one of the two another name."
                    )
                found[name] = value
    return found


_FIGURES = _found_in_the_files()
globals().update(_FIGURES)
__all__ = ["COLOURS", "PAPER", "STYLE", "show_as_svg", *sorted(_FIGURES)]
