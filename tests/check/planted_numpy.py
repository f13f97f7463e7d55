"""Every wrong and every right NumPy function: PLANTED and RIGHT, by the exercise's name.

PLANTED: exercise -> mistake -> functions; RIGHT: exercise -> functions.
"""

from check import (
    numpy_add_norm,
    numpy_answers,
    numpy_axes,
    numpy_backward,
    numpy_backward_statistics,
    numpy_layer_norm,
    numpy_layer_norm_affine,
    numpy_moments,
    numpy_right,
    numpy_rms_norm,
)
from check.planting import merged

PLANTED, RIGHT = merged(
    numpy_layer_norm.plant,
    numpy_layer_norm_affine.plant,
    numpy_backward.plant,
    numpy_backward_statistics.plant,
    numpy_rms_norm.plant,
    numpy_moments.plant,
    numpy_add_norm.plant,
    numpy_answers.plant,
    numpy_right.plant,
)
PLANTED |= numpy_axes.PLANTED
RIGHT |= numpy_axes.RIGHT
