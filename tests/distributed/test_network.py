"""The exchanges on lists of arrays give every device the sum, and cost what the formulas say."""

import numpy as np
import pytest

from lnlearn.distributed import network

EXCHANGES = {"ring": network.ring_all_reduce, "tree": network.tree_all_reduce}


@pytest.mark.parametrize("p", [1, 2, 3, 5, 8, 13])
@pytest.mark.parametrize("kind", EXCHANGES)
def test_every_device_gets_the_sum_and_keeps_what_it_brought(kind, p):
    parts = list(np.random.default_rng(p).integers(100, size=(p, 7)))
    brought = [part.copy() for part in parts]
    sums, _ = EXCHANGES[kind](parts)
    assert len(sums) == p
    for got in sums:
        assert np.array_equal(got, sum(brought))
    assert all(np.array_equal(a, b) for a, b in zip(parts, brought, strict=True))


@pytest.mark.parametrize("p", [2, 3, 8, 13])
@pytest.mark.parametrize("kind", EXCHANGES)
def test_the_formula_is_the_count_times_latency_and_size(kind, p):
    parts = [np.ones(4 * p)] * p
    _, count = EXCHANGES[kind](parts)
    took = network.seconds(kind, 8 * 4 * p, p, latency=3, bandwidth=2)
    assert took == pytest.approx(count.messages * 3 + count.numbers * 8 / 2)


def test_an_all_gather_is_the_second_round_of_a_ring_of_larger_pieces():
    p, brought = 6, 80
    half = network.seconds("ring", p * brought, p, latency=3, bandwidth=2) / 2
    assert network.seconds("gather", brought, p, latency=3, bandwidth=2) == pytest.approx(half)
