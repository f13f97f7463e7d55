"""The walks that an expression makes through memory are counted as NumPy makes them."""

import numpy as np
import pytest

from lnlearn.bench import cpu, traffic

X = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
ROW = X[0]


@pytest.mark.parametrize(
    ("function", "reads", "writes"),
    [
        (lambda x: x + x, [1], [1]),  # the same array twice
        (lambda x: x + x[::-1], [2], [1]),
        (lambda x: x * ROW, [1], [1]),
        (lambda x: x.mean(axis=-1), [1], [0]),
        (lambda x: np.exp(x.sum(axis=-1)), [1], [0]),  # few numbers are left
        (lambda x: np.vecdot(x, ROW), [1], [0]),
        (lambda x: (x - 1) * 2, [1, 1], [1, 1]),
    ],
)
def test_arrays_of_full_size_are_counted(function, reads, writes):
    found = traffic.walks(function, X)
    assert [walk.reads for walk in found] == reads
    assert [walk.writes for walk in found] == writes
    assert traffic.transfers(found) == sum(reads) + sum(writes)


def test_what_is_written_over_is_read_and_written():
    def twice(x):
        x *= 2
        x -= x.mean(axis=-1, keepdims=True)

    before = X.copy()
    found = traffic.walks(twice, before)
    assert [tuple(walk) for walk in found] == [
        ("multiply", 1, 1),
        ("sum", 1, 0),
        ("subtract", 1, 1),
    ]
    doubled = 2 * X  # the function did what it does to a plain array
    assert np.allclose(before, doubled - doubled.mean(axis=-1, keepdims=True))


def test_the_textbook_transfers_fifteen_arrays():
    assert traffic.transfers(traffic.walks(cpu.textbook, X, ROW, ROW)) == 15


def test_parameters_as_large_as_x_are_counted():
    assert traffic.walks(lambda x, r: x + r, X, X[::-1]) == [traffic.Walk("add", 2, 1)]
