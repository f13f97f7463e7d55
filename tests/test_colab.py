"""A chapter as Colab runs it: alone in an empty folder, at Colab's versions, from its first cell.

Without the network's GitHub: git is told that the book's address is a copy of this checkout. What
cannot be had here is Colab's Python and its builds of PyTorch and transformers; this Python and the
pinned ones stand in for them.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import address
import execute

pytestmark = pytest.mark.colab

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "book").rglob("*.ipynb"))
COLAB = [
    "ipython==7.34.0",
    "ipykernel==6.17.1",
    "numpy==2.1.3",
    "matplotlib==3.10.0",
    "scikit-learn==1.6.1",
    "numba==0.61.2",
]
# Colab's build of PyTorch brings Triton; the one for processors does not.
PINNED = re.findall(
    r"^(?:torch|transformers|triton)==\S+", (ROOT / "requirements.txt").read_text(), re.MULTILINE
)
PUBLISHED = "https://github.com/book-owner/book"


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, **options)


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """A commit of this checkout in which the book's address is set."""
    copy = tmp_path_factory.mktemp("published") / "book"
    leave = shutil.ignore_patterns(".git", ".venv", "_build", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=leave)
    address.set_everywhere(PUBLISHED, copy)
    run("git", "init", "--quiet", copy)
    run("git", "-C", copy, "add", "--all")
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    run("git", "-C", copy, *who, "commit", "--quiet", "--message", "published")
    return copy


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """A Python with what Colab's image has, and without this package."""
    environment = tmp_path_factory.mktemp("colab") / "venv"
    run(sys.executable, "-m", "venv", environment)
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", *COLAB, *PINNED)
    return python


@pytest.fixture
def colab(python, published, tmp_path, monkeypatch):
    """Run a notebook in a kernel that believes it is Colab's; return it with its outputs."""
    stub = tmp_path / "stub"
    (stub / "google" / "colab").mkdir(parents=True)
    (stub / "google" / "colab" / "__init__.py").touch()
    (stub / "sitecustomize.py").write_text("import google.colab\n")
    kernel = tmp_path / "jupyter" / "kernels" / "colab"
    kernel.mkdir(parents=True)
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    environment = {
        "PYTHONPATH": str(stub),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{published}.insteadOf",
        "GIT_CONFIG_VALUE_0": PUBLISHED,
    }
    specification = {"argv": command, "display_name": "Colab", "env": environment}
    (kernel / "kernel.json").write_text(json.dumps(specification))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def run_notebook(notebook):
        folder = tmp_path / "content"
        folder.mkdir()
        resources = {"metadata": {"path": str(folder)}}
        client = NotebookClient(notebook, kernel_name="colab", timeout=300, resources=resources)
        client.execute()
        assert not os.listdir(folder), "a chapter leaves no files behind"
        return notebook

    run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "lnlearn")
    return run_notebook


def printed(notebook):
    """What each cell but the first, which installs, prints and returns as text."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"][1:]
    return [
        [
            output.get("text") or output["data"]["text/plain"]
            for output in execute.merged_streams(cell.outputs)
        ]
        for cell in cells
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_alone_installs_its_package_and_prints_what_the_book_shows(
    path, colab, published
):
    stored = nbformat.read(path, as_version=4)
    alone = nbformat.read(published / path.relative_to(ROOT), as_version=4)
    assert printed(colab(alone)) == printed(stored)


def test_a_copy_without_an_address_says_what_to_do_and_installs_nothing(colab, python):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(address.colab_cell(address.UNSET))]
    )
    with pytest.raises(CellExecutionError, match="make address URL="):
        colab(notebook)
    shown = subprocess.run([str(python), "-m", "pip", "show", "lnlearn"], capture_output=True)
    assert shown.returncode != 0


def test_the_packages_of_colab_satisfy_what_the_package_needs(python, published):
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", published)
    run(python, "-m", "pip", "check")
