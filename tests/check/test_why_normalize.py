"""What the checkers of *Why normalize?* ask for, and with which inputs."""

import numpy as np
import pytest
import torch

from check.planting import found
from lnlearn import check

NAMES = ("growth_factor", "divided_by_size", "keeping_scale")
PLANTED = {name: answers for name, answers in found()[0].items() if name in NAMES}


def test_the_scale_that_is_asked_for_is_what_pytorch_calls_kaiming_initialization():
    for probe in check.keeping_scale.probes:
        D, slope = probe.arguments
        gain = torch.nn.init.calculate_gain("leaky_relu", slope)
        assert np.isclose(check.keeping_scale.expected(probe), gain / D**0.5, rtol=1e-12)


@pytest.mark.parametrize("name", ["growth_factor", "keeping_scale"])
def test_a_question_does_not_show_its_answer(name):
    wrong = next(iter(PLANTED[name].values()))[0]
    report = getattr(check, name)(wrong)
    assert report.example.expected == ""
    assert "1.148" not in str(report)
    assert "0.0707" not in str(report)


def test_fifty_of_the_factor_that_is_asked_for_make_a_thousand():
    [probe] = check.growth_factor.probes
    assert np.isclose(np.prod([check.growth_factor.expected(probe)] * 50), 1000, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "mistake"), [(name, mistake) for name in PLANTED for mistake in PLANTED[name]]
)
def test_the_formula_makes_each_mistake_as_a_planted_function_does(name, mistake):
    checker = getattr(check, name)
    [known] = [one for one in checker.mistakes if one.name == mistake]
    for way in known.ways:
        if checker.failing(way):
            assert any(
                all(same(checker, way, function, probe) for probe in checker.probes)
                for function in PLANTED[name][mistake]
            ), way


def same(checker, way, function, probe):
    """Whether both return the same to ten digits, or the function cannot be called."""
    arguments = [np.copy(a) if isinstance(a, np.ndarray) else a for a in probe.arguments]
    try:
        with np.errstate(all="ignore"):
            value = function(*arguments)
    except ValueError:  # shapes that do not fit
        return True
    return np.allclose(checker.run({way}, probe).value, value, rtol=1e-10, atol=0, equal_nan=True)


def test_lists_are_what_their_names_say():
    named = {probe.name: probe.arguments[0] for probe in check.divided_by_size.probes}

    def sizes(name):
        return np.linalg.norm(named[name], axis=-1) / named[name].shape[-1] ** 0.5

    assert 0 < abs(sizes("a list of size 1, or nearly") - 1) < 1e-4
    assert named["a list with mean 0"].mean() == 0
    assert named["a list of one number"].shape == (1,)
    assert named["a list of one number"] < 0
    table = named["a square table, the same across and down"]
    assert np.array_equal(table, table.T)
    assert np.allclose(sizes("two lists of size 5"), 5)
    for name in ("two lists of different size", "two lists of two numbers"):
        assert sizes(name)[0] == pytest.approx(5)
        assert sizes(name)[1] != pytest.approx(5)
    assert named["two texts of two lists"].shape == (2, 2, 3)
    assert [probe.arguments for probe in check.keeping_scale.probes[:4]] == [
        (400, 0), (400, 1), (100, 0.5), (400, -0.5)
    ]  # fmt: skip
