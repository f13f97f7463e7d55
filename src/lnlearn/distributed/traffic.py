"""Count what processes send each other."""

import torch
from torch.distributed.tensor import DTensor
from torch.utils._python_dispatch import TorchDispatchMode

# What an operator is called here, and which of its arguments is what one process brings to it.
OPERATORS = {
    "c10d::allreduce_": ("all-reduce", 0),
    "c10d::allgather_": ("all-gather", 1),
    "c10d::_allgather_base_": ("all-gather", 1),
    "c10d::_reduce_scatter_base_": ("reduce-scatter", 1),
    "_c10d_functional::all_reduce": ("all-reduce", 0),
    "_c10d_functional::all_gather_into_tensor": ("all-gather", 0),
    "_c10d_functional::reduce_scatter_tensor": ("reduce-scatter", 0),
}


class Traffic(TorchDispatchMode):
    """Record the exchanges that this process takes part in while it is active.

    It sees those of `torch.distributed`, of `DTensor` and of FSDP, because all of them end in the
    operators ``c10d`` or ``_c10d_functional``, of which it knows those of `OPERATORS`.

    Attributes
    ----------
    seen : list of (str, int)
        For each exchange its name, and how many bytes this process brought to it. How many bytes
        then travel depends on how the exchange is done: see `lnlearn.distributed.network`.

    Examples
    --------
    >>> with Traffic() as traffic:
    ...     x = torch.ones(3).sum()
    >>> traffic.seen  # nobody was asked
    []
    """

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        if any(issubclass(kind, DTensor) for kind in types):
            return NotImplemented  # let it take the operator apart, and come back with the pieces
        name = operator.name().partition(".")[0]
        if name in OPERATORS:
            exchange, place = OPERATORS[name]
            brought = args[place]
            tensors = [brought] if isinstance(brought, torch.Tensor) else brought
            self.seen.append((exchange, sum(tensor.nbytes for tensor in tensors)))
        return operator(*args, **(kwargs or {}))
