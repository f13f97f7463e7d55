"""Which mistakes explain what a function returns: the smallest set that gives the same results."""

from itertools import combinations

REPEATED = "the first input again"
SETS_TRIED = 600  # of mistakes, at most, so that a check takes less than two seconds


def diagnose(checker, judged):
    """The smallest set of mistakes that explains all results; () if there is none."""
    judged = [one for one in judged if not (one.outcome.error or one.outcome.stopped)]
    # Where a result has many numbers, few functions agree by chance: compare there first.
    judged = sorted(judged, key=lambda one: (not one.difference, -one.probe.size))
    changed = any(one.outcome.changed for one in judged)
    altering = tuple(m for m in checker.mistakes if changed and m.name == "input-modified")
    failed = {one.probe.name for one in judged if one.difference} - {REPEATED}
    right = {one.probe.name for one in judged if one.probe.stable and not one.difference}
    possible = [
        (mistake, way)
        for mistake in checker.mistakes
        if mistake.name != "input-modified"
        for way in mistake.ways
        if checker.failing(way) & failed
    ]
    # None of the mistakes fails where the function is right, and where it fails one of them
    # does: so it is unless two mistakes cancel somewhere, or show only together.
    likely = [(mistake, way) for mistake, way in possible if not checker.failing(way) & right]
    found = _smallest(checker, likely, (1, 2, 3), judged, covering=True)
    return altering + (found or _smallest(checker, possible, (2,), judged, covering=False))


def _smallest(checker, possible, counts, judged, covering):
    """The smallest set of mistakes that explains all results.

    If there is none, one that explains all but those where rounding decides. With `covering`,
    each result that differs is one on which some mistake of the set fails by itself.
    """
    stable = [one for one in judged if one.probe.stable]
    rest = [one for one in judged if not one.probe.stable]
    failed = {one.probe.name for one in stable if one.difference} - {REPEATED}
    nearest = ()
    for count in counts:
        tried = 0
        for chosen in combinations(possible, count):
            if tried == SETS_TRIED:
                break
            mistakes = tuple(mistake for mistake, _ in chosen)
            ways = frozenset(way for _, way in chosen)
            if len(set(mistakes)) < count:
                continue  # the same mistake, in two ways
            if covering and failed - set().union(*map(checker.failing, ways)):
                continue
            tried += 1
            if all(one.agrees_with(ways) for one in stable):
                if all(one.agrees_with(ways) for one in rest):
                    return mistakes
                nearest = nearest or (mistakes if failed else ())
        if nearest:
            break
    return nearest
