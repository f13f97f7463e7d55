"""Gradients by PyTorch's autograd in float64, for functions that have a NumPy twin."""

import numpy as np
import torch


def gradients(function, dy, *arguments):
    """The output of `function` and the gradients of sum(dy * output), as arrays of float64.

    Arrays among the arguments become float64 tensors that require a gradient; everything else is
    passed on. There is one gradient for each array, in order.
    """
    tensors = [
        torch.tensor(np.array(a, np.float64), requires_grad=True)
        if isinstance(a, np.ndarray)
        else a
        for a in arguments
    ]
    y = function(*tensors)
    inputs = [t for t in tensors if isinstance(t, torch.Tensor)]
    found = torch.autograd.grad(y, inputs, torch.tensor(np.array(dy, np.float64)))
    return y.detach().numpy(), [g.numpy() for g in found]
