"""Run the experiments that chapters read from records, and store the results.

    python tools/sweeps.py              all of them
    python tools/sweeps.py on_digits    one of them

What has been recorded by the same code is not run again, so a sweep that was stopped goes on.
"""

import sys

import torch

from lnlearn.experiments import comparison, detached, placements, scores, without_sweeps

SWEEPS = (
    *placements.SWEEPS,
    *comparison.SWEEPS,
    *detached.SWEEPS,
    *scores.SWEEPS,
    *without_sweeps.SWEEPS,
)


def main(names):
    known = {sweep.name: sweep for sweep in SWEEPS}
    if unknown := set(names) - set(known):
        sys.exit(f"there is no sweep {min(unknown)!r}; there are: {', '.join(known)}")
    torch.set_num_threads(1)
    for name in names or known:
        known[name].run()
        print(f"{name}: {len(known[name].cells)} cells in {known[name].path.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
