"""Settings of all tests."""

from hypothesis import settings

# The same examples in every run, and no limit on time: a busy machine is not a wrong result.
settings.register_profile("lnlearn", deadline=None, derandomize=True)
settings.load_profile("lnlearn")
