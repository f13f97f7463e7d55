"""The package as a whole: what importing it loads."""

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

import lnlearn


def loaded_after(code):
    """Names of the modules that a new Python has loaded after running `code`."""
    program = f"{code}\nimport sys\nprint(*sys.modules)"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()


def test_importing_the_package_loads_no_library():
    assert not {"numpy", "torch", "matplotlib"} & set(loaded_after("import lnlearn"))


def test_the_scratch_path_loads_numpy_and_nothing_heavier():
    loaded = set(loaded_after("from lnlearn import scratch"))
    assert "numpy" in loaded
    assert not {"torch", "triton", "matplotlib"} & loaded


def test_the_scratch_path_works_where_torch_is_not_installed():
    loaded_after(
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np, lnlearn\n"
        "assert lnlearn.scratch.layer_norm(np.eye(3), 3).shape == (3, 3)"
    )


def test_every_public_part_is_an_attribute_and_is_listed():
    for name in lnlearn.__all__:
        assert name in dir(lnlearn)
        assert getattr(lnlearn, name).__doc__


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'layernorm'"):
        lnlearn.layernorm  # noqa: B018


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm"])
def test_one_name_serves_arrays_and_tensors(name):
    function = getattr(lnlearn, name)
    x = np.array([[0.2, 0.1, 0.3], [0.5, 0.1, 0.1]])
    weight = np.array([1.0, 2.0, 3.0])
    by_scratch = function(x, 3, weight, eps=0.1)
    by_torch = function(torch.from_numpy(x), 3, torch.from_numpy(weight), eps=0.1)
    assert isinstance(by_scratch, np.ndarray)
    assert isinstance(by_torch, torch.Tensor)
    assert np.allclose(by_scratch, by_torch.numpy(), rtol=0, atol=1e-14)
    assert np.array_equal(function(x, 3), getattr(lnlearn.scratch, name)(x, 3))


def test_bias_and_defaults_are_passed_on():
    x, bias = np.array([0.2, 0.1, 0.3]), np.array([1.0, 2.0, 3.0])
    assert np.array_equal(
        lnlearn.layer_norm(x, 3, bias=bias), lnlearn.scratch.layer_norm(x, 3, None, bias, 1e-5)
    )


def test_what_is_neither_array_nor_tensor_is_named():
    with pytest.raises(TypeError, match=r"x needs to be a NumPy array .* got a list"):
        lnlearn.layer_norm([0.2, 0.1, 0.3], 3)


def test_arrays_take_the_scratch_path_without_loading_torch():
    assert "torch" not in loaded_after(
        "import numpy as np, lnlearn\n"
        "lnlearn.layer_norm(np.ones(3), 3)\n"
        "lnlearn.rms_norm(np.ones(3), 3)"
    )


def public(module):
    """The public functions and classes of a module."""
    for name, value in vars(module).items():
        listed = name in getattr(module, "__all__", []) and not hasattr(value, "__path__")
        own = getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
        if own or (listed and callable(value)):
            yield name, value


def test_every_public_name_tells_shapes_errors_and_source():
    """Itself, or its module for all of its kind, or by naming the function whose they are."""
    from lnlearn import accelerated, nn, scratch

    arrays = scratch.moments, scratch.channels, scratch.variants, scratch.dynamic
    for module in (scratch, *arrays, accelerated, nn):
        for name, value in public(module):
            doc = value.__doc__ or ""
            assert doc, f"{module.__name__}.{name} has no docstring"
            text = doc + sys.modules[value.__module__].__doc__
            for what in ("shape", "raise|error", "source"):
                told = re.search(what, text, re.IGNORECASE) or "are those of" in doc
                assert told or name == "backend", f"{module.__name__}.{name}: {what}"


def test_every_public_function_tells_the_types_of_what_it_takes_and_returns():
    from lnlearn import accelerated, scratch

    arrays = scratch.moments, scratch.channels, scratch.variants, scratch.dynamic, scratch.family
    for module in (lnlearn, scratch, *arrays, accelerated):
        for name, value in public(module):
            if callable(value) and not isinstance(value, type) and name != "X":
                told = set(inspect.get_annotations(value))
                assert told == {*inspect.signature(value).parameters, "return"}, name


def test_every_function_of_the_figures_and_the_benchmark_has_a_docstring():
    from lnlearn import figures
    from lnlearn.bench import __main__, cpu

    for module in (figures, cpu, __main__):
        assert module.__doc__
        for name, value in public(module):
            assert value.__doc__, f"{module.__name__}.{name} has no docstring"
