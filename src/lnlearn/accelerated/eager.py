"""A shorter way to the operators in plain eager execution, where a small norm is mostly overhead.

Going through an operator of `torch.library` costs several times what a call of ATen's layer norm
does, before anything is computed. Its kernel can be called directly where no gradient is wanted,
and through a `torch.autograd.Function` with the operator's own formula where one is. The operator
itself is for those who need to see it: `torch.compile`, fake tensors, other modes and subclasses.
"""

import torch

from lnlearn.accelerated import backends, operators

PLAIN = (torch.Tensor, torch.nn.Parameter)


def shortcut(name, save, differentiate):
    """Return a function that does what the operator of that name does, in less time."""
    operator = getattr(operators, name)

    class Eager(torch.autograd.Function):
        """The operator, for eager autograd."""

        @staticmethod
        def forward(*arguments):
            """Compute."""
            return getattr(operators.kernels(arguments[0]), name)(*arguments)

        setup_context = staticmethod(save)
        backward = staticmethod(differentiate)

    def call(*arguments):
        if torch.compiler.is_compiling() or torch._C._len_torch_dispatch_stack():
            return operator(*arguments)
        if backends.transformed():
            return operator(*arguments)
        wanted = False
        for argument in arguments:
            if isinstance(argument, torch.Tensor):
                if type(argument) not in PLAIN:
                    return operator(*arguments)
                wanted = wanted or argument.requires_grad
        if wanted and torch.is_grad_enabled():
            return Eager.apply(*arguments)
        return Eager.forward(*arguments)

    return call


layer_norm = shortcut("layer_norm", operators.save_layer_norm, operators.differentiate_layer_norm)
layer_norm_backward = shortcut(
    "layer_norm_backward",
    operators.save_layer_norm_backward,
    operators.differentiate_layer_norm_backward,
)
rms_norm = shortcut("rms_norm", operators.save_rms_norm, operators.differentiate_rms_norm)
rms_norm_backward = shortcut(
    "rms_norm_backward", operators.save_rms_norm_backward, operators.differentiate_rms_norm_backward
)
add_layer_norm = shortcut(
    "add_layer_norm", operators.save_add_layer_norm, operators.differentiate_add_layer_norm
)
add_rms_norm = shortcut(
    "add_rms_norm", operators.save_add_rms_norm, operators.differentiate_add_rms_norm
)
