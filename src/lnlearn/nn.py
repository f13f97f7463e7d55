"""Modules that take the place of those of `torch.nn`: same constructor, same state_dict.

They are subclasses of PyTorch's, so that whatever looks for a `torch.nn.LayerNorm` finds one.
Inputs have shape (..., *normalized_shape), and so have outputs.
"""

import torch
import torch.nn.functional as F

from lnlearn import accelerated


class LayerNorm(torch.nn.LayerNorm):
    """`torch.nn.LayerNorm`, computed by `lnlearn.accelerated.layer_norm`.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The last dimensions of the input, those that share one mean and one variance.
    eps : float, default 1e-5
    elementwise_affine : bool, default True
        Whether there is a `weight`, which starts at 1.
    bias : bool, default True
        Whether there is a `bias` beside it, which starts at 0.
    device, dtype : optional
        Of the parameters.

    Notes
    -----
    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450. The call raises the errors of
    `lnlearn.accelerated.layer_norm`.

    Examples
    --------
    >>> LayerNorm(3)(torch.tensor([0.5, 0.1, 0.1])).detach()
    tensor([ 1.4140, -0.7070, -0.7070])
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the layer norm of `input`, of shape (..., *normalized_shape)."""
        if torch.jit.is_scripting():  # which cannot read the argument checks
            return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)
        return accelerated.layer_norm(
            input, self.normalized_shape, self.weight, self.bias, self.eps
        )


class RMSNorm(torch.nn.RMSNorm):
    """`torch.nn.RMSNorm`, computed by `lnlearn.accelerated.rms_norm`.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The last dimensions of the input, those that share one mean square.
    eps : float, optional
        Left out: the machine epsilon of the dtype in which it computes, float32 at least.
    elementwise_affine : bool, default True
        Whether there is a `weight`, which starts at 1.
    device, dtype : optional
        Of the parameters.

    Notes
    -----
    Source: Zhang and Sennrich 2019, arXiv:1910.07467. The call raises the errors of
    `lnlearn.accelerated.rms_norm`.

    Examples
    --------
    >>> RMSNorm(2)(torch.tensor([3.0, 4.0])).detach()
    tensor([0.8485, 1.1314])
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the RMS norm of `x`, of shape (..., *normalized_shape)."""
        if torch.jit.is_scripting():
            return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)
        return accelerated.rms_norm(x, self.normalized_shape, self.weight, self.eps)


class AddLayerNorm(LayerNorm):
    """Add & Norm: a `LayerNorm` of ``x + residual`` that returns the sum as well.

    The constructor and the state_dict are those of `LayerNorm`; the errors and the source are
    those of `lnlearn.accelerated.add_layer_norm`.

    Examples
    --------
    >>> y, total = AddLayerNorm(3)(torch.tensor([0.5, 0.1, 0.0]), torch.tensor([0.0, 0.0, 0.1]))
    >>> total
    tensor([0.5000, 0.1000, 0.1000])
    """

    def forward(self, x: torch.Tensor, residual: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (layer norm of total, total) with ``total = x + residual``."""
        return accelerated.add_layer_norm(
            x, residual, self.normalized_shape, self.weight, self.bias, self.eps
        )


class AddRMSNorm(RMSNorm):
    """An `RMSNorm` of ``x + residual`` that returns the sum as well.

    The constructor and the state_dict are those of `RMSNorm`; the errors and the source are those
    of `lnlearn.accelerated.add_rms_norm`.

    Examples
    --------
    >>> y, total = AddRMSNorm(2)(torch.tensor([1.0, 4.0]), torch.tensor([2.0, 0.0]))
    >>> y.detach(), total
    (tensor([0.8485, 1.1314]), tensor([3., 4.]))
    """

    def forward(self, x: torch.Tensor, residual: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (RMS norm of total, total) with ``total = x + residual``."""
        return accelerated.add_rms_norm(x, residual, self.normalized_shape, self.weight, self.eps)
