"""Settings of all tests."""

from functools import cache

from hypothesis import settings

from computing import INTERPRETED

# The same examples in every run, and no limit on time: a busy machine is not a wrong result.
settings.register_profile("lnlearn", deadline=None, derandomize=True)
settings.register_profile("interpreted", settings.get_profile("lnlearn"), max_examples=10)
settings.load_profile("interpreted" if INTERPRETED else "lnlearn")

LONGEST = ("test_backends.py", "test_gpu_session.py", "test_processes.py", "test_compiled.py")


def pytest_collection_modifyitems(items):
    """Files that take long begin first, so that no worker waits for another at the end."""
    items.sort(key=lambda item: (item.path.name not in LONGEST, item.path.suffix != ".ipynb"))


if INTERPRETED:
    from triton.runtime import interpreter

    # Triton's interpreter prepares `triton.language` at each launch, and again at each call of a
    # function in a kernel, which takes half of its time. The first call of each is enough, because
    # what a call has prepared is never taken back.
    prepare = cache(interpreter._patch_lang)

    def call(self, *args, **kwargs):
        prepare(self.fn)
        return self.rewrite()(*args, **kwargs)

    interpreter.InterpretedFunction.__call__ = call
