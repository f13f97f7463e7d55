"""A shorter way to the operators in plain eager execution, where a small norm is mostly overhead.

Going through an operator of `torch.library` costs several times what a call of ATen's layer norm
does, before anything is computed. Its kernel can be called directly where no gradient is wanted,
and through a `torch.autograd.Function` with the operator's own formula where one is. The operator
itself is for those who need to see it: `torch.compile`, and modes that look at each call.
"""

import torch

from lnlearn.accelerated import backends


def short_way(operator, save=None, differentiate=None):
    """Give an operator its gradient, if it has one; return a function that does the same sooner.

    `save` and `differentiate` are what `torch.library.register_autograd` takes.
    """

    def compute(*arguments):
        return getattr(backends.kernels(arguments[0]), operator._name)(*arguments)

    class Eager(torch.autograd.Function):
        """The operator, for eager autograd."""

        forward = staticmethod(compute)
        setup_context = staticmethod(save)
        backward = staticmethod(differentiate)

    def call(*arguments):
        if torch.compiler.is_compiling() or backends.recorded():
            return operator(*arguments)
        if differentiate is not None and torch.is_grad_enabled():
            for argument in arguments:
                if isinstance(argument, torch.Tensor) and argument.requires_grad:
                    return Eager.apply(*arguments)
        return compute(*arguments)

    if differentiate is not None:
        operator.register_autograd(differentiate, setup_context=save)
    return call
