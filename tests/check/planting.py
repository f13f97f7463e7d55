"""The answers that are planted for each checker: how a file of them is written and found.

``planted/CHAPTER.py`` holds the answers to the exercises of ``check/exercises/CHAPTER.py``::

    from check.planting import Planted

    plant = Planted()


    @plant("layer_norm", "mean-not-subtracted")
    def rms_norm(x, weight, bias, eps): ...


    @plant("layer_norm")
    def right_in_another_style(x, weight, bias, eps): ...

A mistake has two or more answers, written differently, and so has an exercise right ones. Several
are planted by one call: ``plant("growth_factor", "one-subtracted")(lambda: 0.148, by_expm1)``. An
answer with several mistakes at once names them all.
"""

import importlib
from collections import defaultdict
from pathlib import Path

import torch

FILES = sorted(Path(__file__).parent.glob("planted/*.py"))


class Planted(list):
    """(exercise, names of mistakes, answer) for each answer of a file; right ones have no names."""

    def __call__(self, exercise, *mistakes):
        def add(*answers):
            for answer in answers:
                # A class with __call__ stands for one of its instances, a module for itself.
                made = isinstance(answer, type) and not issubclass(answer, torch.nn.Module)
                self.append((exercise, mistakes, answer() if made else answer))
            return answers[0]

        return add


def planted(file):
    """The answers of one file."""
    return importlib.import_module(f"check.planted.{file.stem}").plant


def found():
    """The answers of all files: wrong ones, right ones, and those with several mistakes at once.

    Wrong ones by exercise and mistake, right ones by exercise; the others are in a list like
    `Planted`.
    """
    wrong, right, several = defaultdict(lambda: defaultdict(list)), defaultdict(list), []
    for file in FILES:
        for exercise, mistakes, answer in planted(file):
            if len(mistakes) > 1:
                several.append((exercise, mistakes, answer))
            elif mistakes:
                wrong[exercise][mistakes[0]].append(answer)
            else:
                right[exercise].append(answer)
    return wrong, right, several
