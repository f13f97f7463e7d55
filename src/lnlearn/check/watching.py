"""Which ready-made norms a function calls while it is checked: what ``--strict`` makes visible.

A notebook that wants to hide it can; this sees the one-liner, not the forger.
"""

import contextlib
import sys
from pathlib import Path

PACKAGE = str(Path(__file__).parent.parent)
CHECK = str(Path(__file__).parent)
OF_TORCH = ("torch/nn/functional.py", "torch/nn/modules/normalization.py")
NAMES = ("layer_norm", "rms_norm", "group_norm", "batch_norm", "instance_norm")


@contextlib.contextmanager
def watched(wanted=True):
    """Give a set, to which the functions of this package and PyTorch's norms add their names."""
    used = set()
    if not wanted:
        yield used
        return

    def watch(frame, event, argument):
        if event == "c_call" and getattr(argument, "__name__", "") in NAMES:
            used.add(f"torch.{argument.__name__}")
        elif event == "call":
            code = frame.f_code
            if code.co_filename.startswith(PACKAGE) and not code.co_filename.startswith(CHECK):
                module = Path(code.co_filename).relative_to(PACKAGE).with_suffix("").parts
                if not any(name.startswith(("_", "<")) for name in (*module, code.co_name)):
                    used.add(".".join(("lnlearn", *module, code.co_name)))
            elif code.co_filename.endswith(OF_TORCH) and code.co_name in NAMES:
                used.add(f"torch.nn.functional.{code.co_name}")

    sys.setprofile(watch)
    try:
        yield used
    finally:
        sys.setprofile(None)
