"""What continuous integration may do, and that it does what the README says."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    return yaml.safe_load(request.param.read_text(encoding="utf-8"))


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_every_action_is_pinned_by_commit(workflow):
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action


WRITES = [{"pages": "write", "id-token": "write"}, {"contents": "write", "id-token": "write"}]


def test_only_the_job_that_publishes_may_write(workflow):
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for name, job in workflow["jobs"].items():
        allowed = job.get("permissions", {})
        if name == "publish":
            assert allowed in WRITES
            assert not any("checkout" in step.get("uses", "") for step in job["steps"])
            assert not any("make" in step.get("run", "").split() for step in job["steps"])
        else:
            assert allowed in ({}, {"contents": "read"})


def test_zizmor_finds_nothing():
    command = [str(Path(sys.executable).parent / "zizmor"), "--offline", "--no-progress", ".github"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_checkout_leaves_its_password_behind(workflow):
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_every_python_that_the_package_names_is_tested():
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    [job] = workflow["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert {"run": ".ci/run"} in job["steps"]
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert package["requires-python"] == ">=3.11"


@pytest.mark.parametrize(("repository", "refused"), [("some/book", 0), ("a-fork/of-the-book", 1)])
def test_nothing_is_published_under_another_address(repository, refused, tmp_path):
    workflow = yaml.safe_load((ROOT / ".github/workflows/publish.yml").read_text(encoding="utf-8"))
    [step] = [s for s in steps(workflow) if s.get("name", "").startswith("Refuse")]
    make = tmp_path / "make"  # prints what `make address` prints, in a book whose address is set
    make.write_text("#!/bin/sh\necho 'Installing'\necho https://github.com/some/book\n")
    make.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "GITHUB_REPOSITORY": repository,
    }
    command = ["bash", "-e", "-c", step["run"]]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == refused
    if refused:
        assert f"make address URL=https://github.com/{repository}" in done.stdout
