"""Bad input: every row of the table of errors, and what each message has to name."""

import numpy as np
import pytest
import torch

from lnlearn import _arguments
from lnlearn.scratch import layer_norm, layer_norm_forward

X = np.array([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])
NAN, INF = float("nan"), float("inf")


@pytest.fixture(params=[layer_norm, layer_norm_forward])
def function(request):
    return request.param


def assert_raises(error, named, function, *arguments, **options):
    """The call raises `error`, and the message holds every text of `named`."""
    with pytest.raises(error) as caught:
        function(*arguments, **options)
    message = str(caught.value)
    assert type(caught.value) is error
    for text in named:
        assert text in message
    assert message.endswith(".")


@pytest.mark.parametrize(
    ("x", "got", "fix"),
    [
        ([0.2, 0.1, 0.3], "a list", "np.asarray(x, dtype=np.float32)"),
        (None, "None", "np.asarray(x"),
        (1.5, "a float", "np.asarray(x"),
        (torch.ones(3), "a Tensor", "np.asarray(x"),
        (np.array([1, 2, 3]), "int64", "Convert it first: x.astype(np.float32)"),
        (np.array([True, False, True]), "bool", "x.astype(np.float32)"),
        (np.array([1j, 2, 3]), "complex128", "Take its real part first: x.real"),
        (np.array([1.0, 2, 3], dtype=object), "object", "x.astype(np.float32)"),
        (np.ma.masked_array([1.0, 2, 3], [0, 1, 0]), "MaskedArray", "x.filled(value)"),
    ],
    ids=lambda value: str(type(value).__name__),
)
def test_x_that_is_not_an_array_of_floats(function, x, got, fix):
    assert_raises(TypeError, ["x needs", got, fix], function, x, 3)


@pytest.mark.parametrize("shape", [2.0, None, "3", [3.0], (3, None), True, (True,), np.bool_(1)])
def test_normalized_shape_that_does_not_hold_integers(function, shape):
    named = ["normalized_shape needs", repr(shape), "pass normalized_shape=3"]
    assert_raises(TypeError, named, function, X, shape)


def test_normalized_shape_that_is_empty(function):
    named = ["normalized_shape needs at least one", "()", "pass normalized_shape=3"]
    assert_raises(ValueError, named, function, X, ())


@pytest.mark.parametrize("shape", [2, (2,), (3, 2), (1, 2, 3), -1, 0])
def test_normalized_shape_that_is_not_the_end_of_the_shape_of_x(function, shape):
    named = ["normalized_shape needs", str(np.atleast_1d(shape).tolist())[1:-1], "(2, 3)"]
    assert_raises(ValueError, [*named, "pass normalized_shape=3"], function, X, shape)


def test_x_without_dimensions_has_nothing_to_normalize(function):
    assert_raises(ValueError, ["normalized_shape", "()"], function, np.array(1.0), 1)


@pytest.mark.parametrize("shape", [3, (3,), [3], np.int64(3), torch.Size([3]), np.array([3])])
def test_normalized_shape_in_every_form_that_holds_integers(shape):
    assert np.array_equal(layer_norm(X, shape), layer_norm(X, (3,)))


@pytest.mark.parametrize("name", ["weight", "bias"])
class TestParameters:
    def test_of_another_shape(self, function, name):
        for value in (np.ones(2), np.ones((1, 3)), np.ones((2, 3)), np.array(1.0)):
            named = [f"{name} needs the shape of normalized_shape, (3,)", str(value.shape), "leave"]
            assert_raises(ValueError, named, function, X, 3, **{name: value})

    def test_of_the_right_size_but_not_the_shape_of_two_dimensions(self, function, name):
        named = [f"{name} needs", "(2, 3)", "(6,)"]
        assert_raises(ValueError, named, function, X, (2, 3), **{name: np.ones(6)})

    def test_that_are_not_floats(self, function, name):
        for value, got in [(np.arange(3), "int64"), ([1.0, 1, 1], "list"), (1.0, "float")]:
            named = [f"{name} needs", got, f"{name}"]
            assert_raises(TypeError, named, function, X, 3, **{name: value})


@pytest.mark.parametrize("eps", [-1e-5, NAN, INF, -INF])
def test_eps_that_is_negative_or_not_finite(function, eps):
    assert_raises(ValueError, ["eps needs", repr(eps), "1e-5"], function, X, 3, eps=eps)


@pytest.mark.parametrize("eps", [None, "1e-5", [1e-5], 1j, True, np.array([1e-5])])
def test_eps_that_is_not_a_number(function, eps):
    assert_raises(TypeError, ["eps needs", repr(eps), "1e-5"], function, X, 3, eps=eps)


@pytest.mark.parametrize("eps", [0, 0.0, 1, np.float32(0.1), np.float64(1e-5), np.int64(1)])
def test_eps_in_every_form_of_a_number(eps):
    assert np.array_equal(layer_norm(X, 3, eps=eps), layer_norm(X, 3, eps=float(eps)))


def test_bad_input_is_found_before_any_work_is_done():
    big = np.lib.stride_tricks.as_strided(np.zeros(3), (10**12, 3), (0, 8))  # 24 TB, if touched
    assert_raises(ValueError, ["eps"], layer_norm, big, 3, eps=-1.0)


TENSOR, PARAMETER = torch.ones(2, 4, 3), torch.ones(3)


@pytest.mark.parametrize("weight", [None, PARAMETER])
@pytest.mark.parametrize("bias", [None, PARAMETER])
@pytest.mark.parametrize("eps", [0.0, 1e-5, 0.5])
def test_a_plain_call_with_tensors_gets_the_short_check(monkeypatch, weight, bias, eps):
    """The full one takes longer than a small layer norm may be slowed down."""
    monkeypatch.delattr(_arguments, "floating_tensor")
    assert _arguments.tensors(TENSOR, (3,), weight, bias, eps) == ((3,), eps)


@pytest.mark.parametrize(
    "arguments",
    [
        {"x": TENSOR.long()},
        {"x": TENSOR.numpy()},
        {"normalized_shape": (4,)},  # it is there, but not at the end
        {"normalized_shape": (2,)},
        {"normalized_shape": (True,)},
        {"weight": PARAMETER.double()},
        {"weight": torch.ones(1, 3)},
        {"bias": PARAMETER.to("meta")},
        {"eps": -1e-5},
        {"eps": INF},
        {"eps": True},
    ],
)
def test_what_is_not_plainly_right_does_not_pass_the_short_check(arguments):
    plain = {"x": TENSOR, "normalized_shape": (3,), "weight": None, "bias": None, "eps": 1e-5}
    with pytest.raises((TypeError, ValueError)):
        _arguments.tensors(**plain | arguments)


@pytest.mark.parametrize("shape", [3, [3], torch.Size([3]), np.array([3])])
def test_a_shape_of_tensors_becomes_a_tuple(shape):
    got, _ = _arguments.tensors(TENSOR, shape, None, None, 1e-5)
    assert type(got) is tuple
    assert got == (3,)
