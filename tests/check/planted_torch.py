"""Every wrong and every right module: MODULES, mistake -> classes, and RIGHT, a list of classes.

All are called with a normalized_shape of one or more sizes and an eps, and hold weight and bias.
"""

from check import torch_affine, torch_right, torch_values
from check.planting import merged

_WRONG, _RIGHT = merged(torch_values.plant, torch_affine.plant, torch_right.plant)
MODULES, RIGHT = _WRONG["module"], _RIGHT["module"]
