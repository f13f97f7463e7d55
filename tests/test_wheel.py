"""The wheel: what is in it, and that it works beside the oldest and the newest of what it needs."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from flit_core import buildapi

ROOT = Path(__file__).resolve().parents[1]
# Where NumPy is all there is, and where PyTorch is too. In old versions of PyTorch the default eps
# of RMS norm was that of the dtype of x; ours is that of the dtype it computes in, in all versions.
WITH_NUMPY = """
import numpy as np, lnlearn
x = np.array([[0.5, 0.1, 0.1]])
assert lnlearn.layer_norm(x, 3).round(4).tolist() == [[1.414, -0.707, -0.707]]
tiny = np.full((1, 4), 2.0**-6, np.float16)
assert abs(lnlearn.rms_norm(tiny, 4) - 1).max() < 1e-3
"""
WITH_TORCH = """
import torch
for dtype in (torch.float16, torch.bfloat16, torch.float32):
    tiny = torch.full((1, 4), 2.0**-6, dtype=dtype)
    for y in (lnlearn.rms_norm(tiny, 4), lnlearn.nn.RMSNorm(4, dtype=dtype)(tiny)):
        assert y.dtype == dtype and (y.float() - 1).abs().max() < 1e-3
t = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
layer_norm = lnlearn.accelerated.layer_norm
assert torch.autograd.gradgradcheck(lambda t: layer_norm(t, 5, eps=0.1), t)
assert torch.allclose(lnlearn.nn.LayerNorm(5).double()(t), torch.nn.LayerNorm(5).double()(t))
lnlearn.accelerated.add_rms_norm(t, t, 5)[0].sum().backward()
torch.func.vmap(torch.func.grad(lambda t: layer_norm(t, 5).sum()))(t.detach())
assert lnlearn.accelerated.backend(t) == "aten"
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder, before = tmp_path_factory.mktemp("wheel"), Path.cwd()
    os.chdir(ROOT)
    try:
        return folder / buildapi.build_wheel(str(folder))
    finally:
        os.chdir(before)


def test_the_wheel_has_the_code_its_data_and_its_licence_and_not_that_of_the_prose(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "lnlearn/py.typed" in names
    assert "lnlearn/records/aten.json" in names
    assert [n for n in names if "LICENSE" in n] == [n for n in names if n.endswith("/LICENSE")]
    assert all(n.startswith(("lnlearn/", "lnlearn-")) for n in names)


def test_the_extras_say_what_they_bring_where_they_are_documented(wheel):
    archive = zipfile.ZipFile(wheel)
    name = next(n for n in archive.namelist() if n.endswith("METADATA"))
    extras = set(re.findall(r"^Provides-Extra: (\S+)", archive.read(name).decode(), re.MULTILINE))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert extras == set(re.findall(r"^\| `lnlearn\[(\w+)\]`", readme, re.MULTILINE))


@pytest.mark.wheel
@pytest.mark.parametrize(
    ("others", "code"),
    [
        (["numpy==2.0.*"], WITH_NUMPY),
        (["numpy==2.0.*", "torch==2.4.*"], WITH_NUMPY + WITH_TORCH),
        (["numpy", "torch"], WITH_NUMPY + WITH_TORCH),
    ],
    ids=["NumPy alone", "the oldest", "the newest"],
)
def test_the_wheel_works_in_an_empty_environment(wheel, tmp_path, others, code):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel, *others], check=True)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([python, "-c", code], check=True, cwd=tmp_path, env=environment)
