"""A release is refused where its versions differ."""

import re
import shutil

import lnlearn
import release


def copied(folder):
    for name in release.PLACES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(release.ROOT / name, folder / name)
    return folder


def test_a_release_agrees_with_itself(tmp_path):
    root, version = copied(tmp_path), lnlearn.__version__
    changelog = root / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace("## Unreleased", f"## Unreleased\n\n## {version}"))
    assert list(release.problems(f"v{version}", root)) == []


def test_what_differs_is_named(tmp_path):
    root = copied(tmp_path)
    said = " ".join(release.problems("v9.9.9", root))
    assert all(name in said for name in release.PLACES)
    assert re.search("form v1.2.0", " ".join(release.problems("9.9", root)))
