"""What computes while the tests of the accelerated path run, and what may be asked of it.

They run with ATen on a processor, as they stand; with LNLEARN_BACKEND=triton on a GPU; and with
TRITON_INTERPRET=1 beside it on a processor, slowly: `test_backends.py` starts that run.
"""

import os

import torch

TRITON = os.environ.get("LNLEARN_BACKEND") == "triton"
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
DEVICE = "cuda" if TRITON and not INTERPRETED else "cpu"
# The most precise dtype, and how far its results may be off where float64 would be exact to 1e-14.
PRECISE = torch.float32 if TRITON else torch.float64
EXACT = 3e-6 if TRITON else 1e-14
DTYPES = [torch.float16, torch.bfloat16, torch.float32] + ([] if TRITON else [torch.float64])


def checked(check):
    """`gradcheck` or `gradgradcheck` with steps and tolerances for PRECISE.

    Interpreted, in fast mode: along one random direction, not along each axis.
    """

    def run(function, inputs):
        if not TRITON:
            return check(function, inputs)
        return check(function, inputs, eps=1e-2, atol=1e-2, rtol=1e-2, fast_mode=INTERPRETED)

    return run
