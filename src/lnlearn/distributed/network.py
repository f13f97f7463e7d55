"""What an exchange between many devices costs, by the simplest model of a network.

A message of n bytes takes a latency plus n over the bandwidth, and every device sends one message
at a time. Source: R. Thakur, R. Rabenseifner and W. Gropp, "Optimization of Collective
Communication Operations in MPICH", 2005, doi:10.1177/1094342005051521.

`ring_all_reduce` and `tree_all_reduce` do on a list of arrays what devices do, and count; `seconds`
is the formula.
"""

from dataclasses import dataclass

import numpy as np


@dataclass
class Count:
    """What the busiest device of an exchange has to do, one message after the other."""

    messages: int = 0
    numbers: int = 0

    def step(self, numbers):
        """Record a step in which the longest message has this many numbers."""
        self.messages += 1
        self.numbers += numbers


def ring_all_reduce(parts):
    """Every device gets the sum, by passing pieces round a ring.

    Each array is cut into as many pieces as there are devices. In the first round each piece
    collects its sum on its way along the ring; in the second the sums go round.

    Parameters
    ----------
    parts : sequence of ndarray of shape (n,)
        What each of p devices brings.

    Returns
    -------
    sums : list of ndarray of shape (n,)
        What each device has in the end.
    count : Count
        2 (p - 1) messages of n / p numbers.

    Examples
    --------
    >>> ring_all_reduce([np.array([1.0, 2.0]), np.array([10.0, 20.0])])
    ([array([11., 22.]), array([11., 22.])], Count(messages=2, numbers=2))
    """
    p, count = len(parts), Count()
    held = [np.array_split(part.copy(), p) for part in parts]
    for start, add in ((0, True), (1, False)):
        for step in range(p - 1):
            sent = [(k - step + start) % p for k in range(p)]  # which piece device k sends
            messages = [held[k][sent[k]].copy() for k in range(p)]
            count.step(max(len(message) for message in messages))
            for k, message in enumerate(messages):
                after = held[(k + 1) % p]
                after[sent[k]] = after[sent[k]] + message if add else message
    return [np.concatenate(pieces) for pieces in held], count


def tree_all_reduce(parts):
    """Every device gets the sum, by adding up in pairs, pairs of pairs and so on, and back.

    Parameters and results as of `ring_all_reduce`; there are 2 ceil(log2 p) messages, each of n
    numbers.

    Examples
    --------
    >>> tree_all_reduce([np.array([1.0]), np.array([10.0]), np.array([100.0])])
    ([array([111.]), array([111.]), array([111.])], Count(messages=4, numbers=4))
    """
    p, count = len(parts), Count()
    held = [part.copy() for part in parts]
    steps = [2**i for i in range((p - 1).bit_length())]
    for apart in steps:
        for k in range(0, p - apart, 2 * apart):
            held[k] = held[k] + held[k + apart]
        count.step(len(parts[0]))
    for apart in reversed(steps):
        for k in range(0, p - apart, 2 * apart):
            held[k + apart] = held[k].copy()
        count.step(len(parts[0]))
    return held, count


def seconds(kind, size, devices, latency, bandwidth):
    """How long an exchange takes.

    Parameters
    ----------
    kind : str
        "ring" or "tree", an all-reduce; or "gather", an all-gather along a ring.
    size : float or ndarray
        Bytes that each device brings.
    devices : int or ndarray
    latency : float
        Seconds that a message of no bytes takes.
    bandwidth : float
        Bytes that a device sends in a second.

    Examples
    --------
    >>> seconds("ring", 8, devices=2, latency=1, bandwidth=8)  # two messages of four bytes
    3.0
    """
    p = devices
    if kind == "tree":
        return 2 * np.ceil(np.log2(p)) * (latency + size / bandwidth)
    pieces = {"ring": 2 * (p - 1) / p, "gather": p - 1}[kind]
    messages = {"ring": 2 * (p - 1), "gather": p - 1}[kind]
    return messages * latency + pieces * size / bandwidth
