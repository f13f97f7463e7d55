"""Layer norm of tokens that lie on several processes, each whole: sequence parallelism.

Source: V. Korthikanti et al., "Reducing Activation Recomputation in Large Transformer Models",
2022, arXiv:2205.05198, section 4.2.2.
"""

import torch
import torch.distributed as dist

from lnlearn import _arguments


def reduce_gradients(norms):
    """Add up the gradients of the parameters of norms over all processes, in place.

    A process has seen some of the tokens, so its gradients are parts of sums. Those of all norms
    go in one message, because what a small message costs is mostly its start.

    Parameters
    ----------
    norms : iterable of torch.nn.Module
        Whose parameters have gradients of one dtype. Every process has the same norms.

    Raises
    ------
    ValueError
        A parameter has no gradient. Nothing has been sent then.
    """
    gradients = _arguments.gradients(norms)
    message = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(message)
    sizes = [gradient.numel() for gradient in gradients]
    for gradient, total in zip(gradients, message.split(sizes), strict=True):
        gradient.copy_(total.view_as(gradient))
