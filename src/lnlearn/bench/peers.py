"""What the GPU benchmark times: layer norm by us, by our ladder and by others, and plain traffic.

A method takes a `Problem` and returns the results of its task, in the order of `expected`. Others
than PyTorch are timed where they are installed, and the rungs of the ladder where they can run.
"""

from importlib import metadata
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from lnlearn.accelerated import backends, functional

EPS = 1e-5


class Problem(NamedTuple):
    """Inputs of a task; x, residual, dy and dtotal are (N, H)."""

    task: str
    x: Tensor
    residual: Tensor
    dy: Tensor
    dtotal: Tensor
    weight: Tensor
    bias: Tensor


def methods(task, slow=True):
    """Return by name what makes a method out of a first problem; torch.compile only if `slow`."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    can_run = backends.obstacle(device, torch.float32) is None
    # Where our kernels cannot run, lnlearn calls ATen, which would be timed twice.
    found = {"lnlearn": lambda problem: task_of(*OURS, task)} if can_run else {}
    found["ATen"] = lambda problem: task_of(*ATEN, task)
    if slow:  # it takes seconds for each shape
        found["torch.compile"] = lambda problem: task_of(*compiled(), task)
    if version("liger_kernel") is not None and "add" not in task:
        found["Liger"] = lambda problem: task_of(liger, None, task)
    if version("quack") is not None and task == "forward":
        found["quack"] = lambda problem: quack
    return found | rungs(task) if can_run else found


def rungs(task):
    """Return by name what makes a method out of each rung of the ladder; Add & Norm has none."""
    from lnlearn.accelerated.triton import ladder, ladder_backward

    def forward(kernel):
        return lambda p: ladder.layer_norm(kernel, p.x, p.weight, p.bias, EPS)

    def backward(kernel):
        statistics = {}  # of the forward pass, which is not what is timed

        def call(p):
            if id(p) not in statistics:
                x = p.x.float()
                variance = x.var(-1, correction=0)
                statistics[id(p)] = x.mean(-1), (variance + EPS).rsqrt()
            mean, rstd = statistics[id(p)]
            return ladder_backward.layer_norm_backward(kernel, p.dy, p.x, p.weight, mean, rstd)

        return call

    kernels, method = {
        "forward": (ladder.FORWARD, forward),
        "backward": (ladder_backward.BACKWARD, backward),
    }.get(task, ((), None))
    return {kernel.__name__: lambda _, kernel=kernel: method(kernel) for kernel in kernels}


def task_of(norm, add_norm, task):
    """Return the method for a task of a norm and an Add & Norm."""
    if task == "forward":
        return lambda p: norm(p.x, p.weight, p.bias)
    if task == "add forward":
        return lambda p: add_norm(p.x, p.residual, p.weight, p.bias)
    # The forward pass, once for each problem, is not what is timed. Its gradients are computed on
    # the stream on which it ran: a graph that is captured needs one on its own.
    graphs = {}

    def backward(p):
        key = id(p), torch.cuda.current_stream() if p.x.is_cuda else None
        if key not in graphs:
            leaves = [t.detach().requires_grad_() for t in (p.x, p.residual, p.weight, p.bias)]
            x, residual, weight, bias = leaves
            if task == "backward":
                outputs, upstream = (norm(x, weight, bias),), (p.dy,)
                leaves = [x, weight, bias]
            else:
                outputs = add_norm(x, residual, weight, bias)
                upstream, leaves = (p.dy, p.dtotal), [x, weight, bias]
            graphs[key] = outputs, leaves, upstream
        outputs, leaves, upstream = graphs[key]
        return torch.autograd.grad(outputs, leaves, upstream, retain_graph=True)

    return backward


def expected(p):
    """Return the results of a problem in float64."""
    wide = p._replace(
        **{name: value.double() for name, value in p._asdict().items() if name != "task"}
    )
    if "add" in p.task:  # the norm is that of the sum as it is stored
        total = (p.x + p.residual).double()
        wide = wide._replace(x=total, residual=torch.zeros_like(total))
    results = task_of(*ATEN, p.task)(wide)
    return results if isinstance(results, tuple) else (results,)


def layer_norm(x, weight, bias):
    """Layer norm, by us."""
    return functional.layer_norm(x, weight.shape, weight, bias, EPS)


def add_layer_norm(x, residual, weight, bias):
    """Add & Norm, by us."""
    return functional.add_layer_norm(x, residual, weight.shape, weight, bias, EPS)


def aten_layer_norm(x, weight, bias):
    """Layer norm, by PyTorch."""
    return F.layer_norm(x, weight.shape, weight, bias, EPS)


def aten_add_layer_norm(x, residual, weight, bias):
    """Add, then norm, by PyTorch."""
    total = x + residual
    return F.layer_norm(total, weight.shape, weight, bias, EPS), total


def compiled():
    """Return PyTorch's functions, compiled anew for the shape that comes next."""
    torch.compiler.reset()
    return [torch.compile(function, dynamic=False) for function in ATEN]


OURS = layer_norm, add_layer_norm
ATEN = aten_layer_norm, aten_add_layer_norm


def liger(x, weight, bias):
    """Layer norm, by Liger-Kernel."""
    from liger_kernel.ops.layer_norm import LigerLayerNormFunction

    return LigerLayerNormFunction.apply(x, weight, bias, EPS)


def quack(p):
    """Layer norm without gradients and with parameters in float32, by quack."""
    from quack.layernorm import layernorm_fwd

    return layernorm_fwd(p.x, p.weight.float(), p.bias.float(), eps=EPS)


def traffic(reads, writes):
    """Return a method that reads and writes so many tensors of x's size, and next to no more."""

    def move(p):
        tensors = (p.x, p.residual, p.dy)
        if reads == 1:
            return torch.empty_like(p.x).copy_(p.x)
        if (reads, writes) == (2, 1):
            return torch.add(*tensors[:2])
        if (reads, writes) == (3, 1):
            return torch.addcmul(*tensors)
        return [torch.empty_like(t).copy_(t) for t in tensors[:2]]

    return move


def version(module):
    """Return the version of an installed package, None if it is not there."""
    names = {"liger_kernel": "liger-kernel", "quack": "quack-kernels"}
    try:
        return metadata.version(names.get(module, module))
    except metadata.PackageNotFoundError:
        return None
