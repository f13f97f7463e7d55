"""The package as a whole: what importing it loads."""

import subprocess
import sys

import pytest

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
