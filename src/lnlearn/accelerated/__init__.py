"""Layer norm and its relatives on PyTorch tensors, on any device, with derivatives of every order.

Imports run one way: aten, backends, eager, operators, functional, each on those before it.
"""

from lnlearn.accelerated.backends import backend
from lnlearn.accelerated.functional import add_layer_norm, add_rms_norm, layer_norm, rms_norm

__all__ = ["add_layer_norm", "add_rms_norm", "backend", "layer_norm", "rms_norm"]
