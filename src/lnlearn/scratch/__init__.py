"""Layer norm from scratch: NumPy only, written to be read. Never imports PyTorch."""

from lnlearn.scratch.layernorm import layer_norm, layer_norm_forward

__all__ = ["layer_norm", "layer_norm_forward"]
