"""The answers that are planted for each checker: how a file of them is written and found.

``planted/CHAPTER.py`` holds the answers to the exercises of ``check/exercises/CHAPTER.py``::

    from check.planting import Planted

    plant = Planted()


    @plant("layer_norm", "mean-not-subtracted")
    def rms_norm(x, weight, bias, eps): ...


    @plant("layer_norm")
    def right_in_another_style(x, weight, bias, eps): ...

A mistake has two or more answers, written differently, and so has an exercise right ones. A lambda
is planted by a call: ``plant("growth_factor", "one-subtracted")(lambda: 0.148)``.
"""

import importlib
from collections import defaultdict
from pathlib import Path

import torch

RIGHT = "right"


class Planted(defaultdict):
    """exercise -> mistake -> functions; the name "right" stands for no mistake."""

    def __init__(self):
        super().__init__(lambda: defaultdict(list))

    def __call__(self, exercise, mistake=RIGHT):
        def add(function):
            # A class with __call__ stands for one of its instances, a module for itself.
            made = isinstance(function, type) and not issubclass(function, torch.nn.Module)
            self[exercise][mistake].append(function() if made else function)
            return function

        return add


def merged(*collections):
    """All of them: (exercise -> mistake -> functions, exercise -> right functions)."""
    wrong, right = {}, {}
    for collection in collections:
        for exercise, by_mistake in collection.items():
            for mistake, functions in by_mistake.items():
                if mistake == RIGHT:
                    right.setdefault(exercise, []).extend(functions)
                else:
                    wrong.setdefault(exercise, {}).setdefault(mistake, []).extend(functions)
    return wrong, right


def found():
    """What the files in ``planted`` hold, as `merged` returns it."""
    files = sorted(Path(__file__).parent.glob("planted/*.py"))
    modules = [importlib.import_module(f"check.planted.{file.stem}") for file in files]
    return merged(*(module.plant for module in modules if hasattr(module, "plant")))
