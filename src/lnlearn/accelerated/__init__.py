"""Layer norm and its relatives on PyTorch tensors, on any device, with gradients of any order."""

from lnlearn.accelerated.backends import backend
from lnlearn.accelerated.functional import add_layer_norm, add_rms_norm, layer_norm, rms_norm

__all__ = ["add_layer_norm", "add_rms_norm", "backend", "layer_norm", "rms_norm"]
