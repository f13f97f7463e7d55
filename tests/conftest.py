"""Settings of all tests."""

from hypothesis import settings

from computing import INTERPRETED

# The same examples in every run, and no limit on time: a busy machine is not a wrong result.
settings.register_profile("lnlearn", deadline=None, derandomize=True)
settings.register_profile("interpreted", settings.get_profile("lnlearn"), max_examples=10)
settings.load_profile("interpreted" if INTERPRETED else "lnlearn")
