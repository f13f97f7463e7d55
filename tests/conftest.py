"""Settings of all tests."""

import pytest
from hypothesis import settings

from computing import INTERPRETED

# The same examples in every run, and no limit on time: a busy machine is not a wrong result.
settings.register_profile("lnlearn", deadline=None, derandomize=True)
settings.register_profile("interpreted", settings.get_profile("lnlearn"), max_examples=10)
settings.load_profile("interpreted" if INTERPRETED else "lnlearn")


def pytest_collection_modifyitems(items):
    """In parallel runs, keep together what shares a kernel, a built site or a module's fixture."""
    for item in items:
        if item.path.suffix == ".ipynb" or item.path.stem in ("test_site", "test_student"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
