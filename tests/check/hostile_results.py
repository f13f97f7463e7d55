"""What a hostile function may return: RESULTS, name -> function of the first argument."""

import numpy as np
import torch


def array(x=None):
    return x if isinstance(x, np.ndarray) else np.ones(4)


def itself():
    result = []
    result.append(result)
    return result


class Bad:
    """Whatever is asked of it raises."""

    def _raise(self, *arguments, **keywords):
        raise RuntimeError("do not touch")

    __eq__ = __ne__ = __array__ = __repr__ = __str__ = __len__ = __iter__ = __bool__ = _raise
    __getitem__ = __float__ = __format__ = __sub__ = __rsub__ = __hash__ = _raise


class AnyAttribute:
    """Raises for every attribute, `shape` and `dtype` too."""

    def __getattr__(self, name):
        raise ValueError(name)


class Posing(np.ndarray):
    """An array whose printing and comparing raise."""

    def __repr__(self):
        raise RuntimeError("no repr")

    __str__ = __eq__ = __repr__


class Lying(str):
    __slots__ = ()

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


RESULTS = {
    "nothing": lambda x: None,
    "ellipsis": lambda x: ...,
    "not_implemented": lambda x: NotImplemented,
    "wrong_shape": lambda x: array(x)[..., :1],
    "transposed": lambda x: array(x).T,
    "an_axis_too_many": lambda x: array(x)[None],
    "no_axes": lambda x: np.float32(1),
    "no_elements": lambda x: np.zeros((0, 3)),
    "a_list": lambda x: array(x).tolist(),
    "a_ragged_list": lambda x: [[1.0], [2.0, 3.0]],
    "a_nested_tuple": lambda x: ((1, (2, (3,))),),
    "a_dict": lambda x: {"y": array(x)},
    "a_set": lambda x: {1, 2, 3},
    "nan": lambda x: np.full(array(x).shape, np.nan),
    "infinity": lambda x: np.full(array(x).shape, -np.inf),
    "text": lambda x: "x" * 100_000,
    "lying_text": lambda x: Lying("same"),
    "bytes": lambda x: b"\xff\x00",
    "array_of_text": lambda x: np.full(array(x).shape, "a"),
    "array_of_dates": lambda x: np.zeros(array(x).shape, "M8[s]"),
    "array_of_records": lambda x: np.zeros(array(x).shape, [("a", "f4"), ("b", "i4")]),
    "array_of_objects": lambda x: np.full(array(x).shape, Bad(), dtype=object),
    "array_of_booleans": lambda x: array(x) > 0,
    "array_of_integers": lambda x: np.ones(array(x).shape, int),
    "array_of_complex": lambda x: array(x) + 1j,
    "array_masked": lambda x: np.ma.masked_all(array(x).shape),
    "array_of_a_posing_class": lambda x: array(x).copy().view(Posing),
    "matrix": lambda x: np.ones((2, 2)).view(np.matrix),
    "a_generator": lambda x: (value for value in range(10**9)),
    "an_endless_generator": lambda x: iter(int, 1),
    "a_huge_array": lambda x: np.ones((500, 100_000), np.int8),
    "a_huge_broadcast": lambda x: np.broadcast_to(np.float32(1), (10**6, 10**6)),
    "a_huge_integer": lambda x: 10**6000,
    "a_view_of_its_input": lambda x: array(x)[...],
    "a_read_only_view": lambda x: np.broadcast_to(array(x), array(x).shape),
    "a_tensor": lambda x: torch.ones(array(x).shape),
    "a_tensor_with_gradient": lambda x: torch.ones(array(x).shape, requires_grad=True),
    "a_meta_tensor": lambda x: torch.ones(array(x).shape, device="meta"),
    "a_sparse_tensor": lambda x: torch.ones(2, 2).to_sparse(),
    "a_bad_object": lambda x: Bad(),
    "three_bad_objects": lambda x: (Bad(), Bad(), Bad()),
    "raises_on_attributes": lambda x: AnyAttribute(),
    "a_function": lambda x: array,
    "a_class": lambda x: np.ndarray,
    "a_list_that_holds_itself": lambda x: itself(),
    "an_exception": lambda x: ValueError("returned"),
}
