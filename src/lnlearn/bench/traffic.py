"""What an expression asks of the memory: the walks through large arrays, counted as it runs."""

from typing import NamedTuple

import numpy as np


class Walk(NamedTuple):
    """One operation of NumPy on arrays of full size."""

    operation: str  # the name of the ufunc; "sum" for a reduction by `add`
    reads: int  # arrays of full size that it reads
    writes: int  # and that it writes


def walks(function, *arrays):
    """Run a function of arrays and return the walks through memory that it makes.

    NumPy finishes one operation on a whole array before it begins the next. Each of them reads its
    large operands from memory and writes its result there, if the arrays do not fit into a cache.

    Parameters
    ----------
    function : callable
        Called with `arrays`. It computes by ufuncs of NumPy, and by functions such as ``np.mean``
        that are made of them. What is done otherwise (``x.copy()``, slices) is not seen.
    *arrays : ndarray
        The first one's size is the full size. Smaller arrays are not counted.

    Returns
    -------
    list of Walk
        In the order in which they happen. An array that is used twice in one operation, as in
        ``x * x``, is read once.

    Examples
    --------
    >>> import numpy as np
    >>> for walk in walks(lambda x: x - x.mean(axis=-1, keepdims=True), np.ones((4, 8))):
    ...     print(*walk)
    sum 1 0
    subtract 1 1
    """
    full, noted = arrays[0].size, []

    class Watched(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
            if out is not None:
                options["out"] = tuple(_plain(array) for array in out)
            result = getattr(ufunc, method)(*map(_plain, inputs), **options)
            name = "sum" if (ufunc, method) == (np.add, "reduce") else ufunc.__name__
            reads = len({id(array) for array in inputs if np.size(array) == full})
            walk = Walk(name, reads, int(np.size(result) == full))
            if walk.reads or walk.writes:
                noted.append(walk)
            return np.asarray(result).view(Watched)

    function(*(array.view(Watched) for array in arrays))
    return noted


def _plain(array):
    return array.view(np.ndarray) if isinstance(array, np.ndarray) else array


def transfers(walks):
    """Return how many arrays of full size some walks read and write together.

    Examples
    --------
    >>> transfers([Walk("sum", 1, 0), Walk("subtract", 1, 1)])
    3
    """
    return sum(walk.reads + walk.writes for walk in walks)
