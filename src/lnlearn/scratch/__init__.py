"""Layer norm and its relatives from scratch: NumPy only, written to be read.

- `layer_norm`, `layer_norm_forward`, `layer_norm_backward`; `rms_norm`
- `moments`: five ways to a variance, and how to merge those of two parts
- `channels`: batch, instance and group norm
- `variants`: RMS norm, scale norm and dynamic tanh
- `pointwise`: dynamic erf

Nothing here imports PyTorch.
"""

from lnlearn.scratch import channels, moments, pointwise, variants
from lnlearn.scratch.layernorm import layer_norm, layer_norm_backward, layer_norm_forward
from lnlearn.scratch.variants import rms_norm

__all__ = [
    "channels",
    "layer_norm",
    "layer_norm_backward",
    "layer_norm_forward",
    "moments",
    "pointwise",
    "rms_norm",
    "variants",
]
