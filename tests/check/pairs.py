"""Two mistakes planted together: PAIRS, exercise -> frozenset of two names -> function or class.

All pairs of the catalogue are there, but for two kinds: mistakes that override the same step of
the computation, and those of `HIDDEN`, where one leaves nothing of the other to be seen.
"""

from check import pairs_numpy, pairs_torch

PAIRS = {
    "layer_norm": pairs_numpy.LAYER_NORM,
    "layer_norm_backward": pairs_numpy.LAYER_NORM_BACKWARD,
    "module": pairs_torch.MODULE,
}
