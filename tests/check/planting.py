"""How the planted functions are collected: by a decorator that names exercise and mistake."""

from collections import defaultdict


class Planted(defaultdict):
    """exercise -> mistake -> functions; the name "right" stands for no mistake."""

    def __init__(self):
        super().__init__(lambda: defaultdict(list))

    def __call__(self, exercise, mistake="right"):
        def add(function):
            # A class with __call__ stands for one of its instances; a module for itself.
            made = isinstance(function, type) and exercise != "module"
            self[exercise][mistake].append(function() if made else function)
            return function

        return add


def merged(*collections):
    """All of them: (exercise -> mistake -> functions, exercise -> right functions)."""
    wrong, right = {}, {}
    for collection in collections:
        for exercise, by_mistake in collection.items():
            for mistake, functions in by_mistake.items():
                if mistake == "right":
                    right.setdefault(exercise, []).extend(functions)
                else:
                    wrong.setdefault(exercise, {}).setdefault(mistake, []).extend(functions)
    return wrong, right
