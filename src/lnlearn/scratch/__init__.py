"""Layer norm and its relatives from scratch: NumPy only, written to be read.

- `layer_norm`, `layer_norm_forward`, `layer_norm_backward`; `rms_norm`
- `moments`: five ways to a variance, and how to merge those of two parts
- `channels`: batch, instance and group norm
- `variants`: RMS norm, scale norm and dynamic tanh
- `dynamic`: RMS norms whose gain depends on a gate or on the token
- `family`: all of these as data, and what each of them does not see, measured
- `pointwise`: dynamic erf

Nothing here imports PyTorch.
"""

from lnlearn.scratch import channels, dynamic, family, moments, pointwise, variants
from lnlearn.scratch.layernorm import layer_norm, layer_norm_backward, layer_norm_forward
from lnlearn.scratch.variants import rms_norm

__all__ = [
    "channels",
    "dynamic",
    "family",
    "layer_norm",
    "layer_norm_backward",
    "layer_norm_forward",
    "moments",
    "pointwise",
    "rms_norm",
    "variants",
]
