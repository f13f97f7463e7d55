"""The repository's address: set everywhere at once, or nowhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import address

ROOT = Path(__file__).resolve().parents[2]
NEW = "https://github.com/some-one/a.book_1"


@pytest.fixture
def copy(tmp_path):
    """The files of the repository, in a folder of their own."""
    leave = shutil.ignore_patterns(".git", ".venv", "_build", ".*_cache", ".hypothesis")
    return shutil.copytree(ROOT, tmp_path / "copy", ignore=leave)


def texts(root):
    """Every text that may hold the address, by its path."""
    paths = [root / name for name in address.FILES] + sorted((root / "book").rglob("*.ipynb"))
    return {path: path.read_text(encoding="utf-8") for path in paths}


def test_every_file_that_holds_the_address_agrees_with_the_configuration():
    current = address.current()
    for path, text in texts(ROOT).items():
        if path.suffix != ".ipynb":
            assert current in text, path.name
        if current != address.UNSET:
            assert address.UNSET not in text, path.name


def test_setting_it_changes_every_file_and_the_first_cell_of_every_chapter(copy):
    address.set_everywhere(NEW, copy)
    assert address.current(copy) == NEW
    for path, text in texts(copy).items():
        assert NEW in text, path.name
        assert address.UNSET not in text, path.name
        if path.suffix == ".ipynb":
            cells = [c for c in nbformat.reads(text, as_version=4).cells if c.cell_type == "code"]
            assert cells[0].source == address.colab_cell(NEW)
            assert f'"lnlearn @ git+{NEW}"' in cells[0].source


def test_the_pages_of_a_release_lead_to_its_tag(copy):
    address.set_everywhere(NEW, copy, tag="v1.2.0")
    assert "branch: v1.2.0" in (copy / "_config.yml").read_text(encoding="utf-8")
    text = (copy / "book/by_hand.ipynb").read_text(encoding="utf-8")
    assert f"lnlearn @ git+{NEW}@v1.2.0" in text
    with pytest.raises(ValueError, match=r"v1\.0\.0"):
        address.set_everywhere(NEW, copy, tag="1.2.0")


def test_it_can_be_set_again_and_setting_the_same_changes_nothing(copy):
    address.set_everywhere(NEW, copy)
    address.set_everywhere("https://github.com/another/book", copy)
    once = texts(copy)
    assert not any(NEW in text for text in once.values())
    address.set_everywhere("https://github.com/another/book", copy)
    assert texts(copy) == once


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "lnlearn",
        "http://github.com/a/b",
        "https://github.com/a",
        "https://github.com/a/b/",
        "https://github.com/a/b.git",
        "https://github.com/a/b/c",
        "https://gitlab.com/a/b",
        'https://github.com/a/b"; rm -rf "/',
        address.UNSET,
    ],
)
def test_an_address_of_another_form_is_refused_and_nothing_is_changed(copy, bad):
    before = texts(copy)
    with pytest.raises(ValueError, match=r"needs the form https://github.com/OWNER/REPOSITORY"):
        address.set_everywhere(bad, copy)
    assert texts(copy) == before


def test_the_placeholder_cannot_be_anybodys_address():
    owner = address.UNSET.split("/")[-2]
    assert not re.fullmatch(r"[A-Za-z0-9-]+", owner)  # GitHub allows no other character


def test_the_command_prints_the_address_and_refuses_a_bad_one_in_a_sentence():
    command = [sys.executable, str(ROOT / "tools" / "address.py")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == address.current()
    refused = subprocess.run([*command, "nonsense"], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "needs the form" in refused.stderr
    assert "Nothing was changed" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_cell_of_a_copy_without_address_does_nothing_outside_colab():
    exec(address.REFUSE, {})


def test_the_site_of_a_published_copy_points_at_its_repository(copy, tmp_path):
    address.set_everywhere(NEW, copy)
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", ".", "-W", "-n"]
    build = subprocess.run([*command, "--all"], cwd=copy, capture_output=True, text=True)
    assert build.returncode == 0, build.stdout + build.stderr
    page = (copy / "_build/html/book/by_hand.html").read_text(encoding="utf-8")
    chapter = "some-one/a.book_1/blob/main/book/by_hand.ipynb"
    assert f'href="https://colab.research.google.com/github/{chapter}"' in page
    assert (
        '<link rel="canonical" href="https://some-one.github.io/a.book_1/book/by_hand.html"' in page
    )
    assert f'href="{NEW}"' in page
