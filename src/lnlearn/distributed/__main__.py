"""Run every scheme on processes of one machine, beside one device, and print what comes out.

``torchrun --nproc-per-node 3 -m lnlearn.distributed`` prints a line of JSON for each of the
functions below. Process k of p holds k + 1 shares of the features or of the tokens.
"""

import json

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import Shard, distribute_tensor
from torch.distributed.tensor.parallel import SequenceParallel, parallelize_module

from lnlearn import nn
from lnlearn.distributed import Traffic, features, tokens

EPS = 1e-5


def features_cut(N=32, D=768, offset=10_000):
    """Cut the features: the largest errors of outputs and gradients, and what was sent."""
    report = {}
    for dtype in (torch.float64, torch.float32):
        x, dy, weight, bias = (a.to(dtype) for a in drawn((N, D), (N, D), (D,), (D,)))
        x += offset
        exact = one_device(x, dy, weight, bias)
        alone = one_device(x, dy, weight, bias, dtype)
        report[f"one device, {dtype}"] = {
            "errors": [error(a, b) for a, b in zip(alone, exact, strict=True)]
        }
        here = [share(a, dim=-1) for a in (x, dy, weight, bias)]
        for way in (features.by_gathering, features.by_two_sums, features.by_sums):
            with Traffic() as forward:
                y, mean, rstd = features.forward(here[0], *here[2:], EPS, way)
            with Traffic() as backward:
                found = features.backward(here[1], here[0], here[2], mean, rstd, D)
            report[f"{way.__name__}, {dtype}"] = {
                "errors": [error(a, share(b, -1)) for a, b in zip((y, *found), exact, strict=True)],
                "forward": forward.seen,
                "backward": backward.seen,
            }
    return report


def tokens_cut(N=48, D=8, steps=20, rate=0.3):
    """Cut between tokens and train: the weight of every process after each step of descent.

    The norm is to learn the weight and bias of another one from its outputs, to which noise was
    added. The gradients are reduced, or that is forgotten, or they are averaged.
    """
    x, noise, weight, bias = drawn((N, D), (N, D), (D,), (D,))
    wanted = F.layer_norm(x, (D,), weight, bias, EPS) + noise
    weights, losses = train(x, wanted, N, steps, rate, lambda norm: None)
    report = {"one device": {"weights": weights.tolist(), "losses": losses.tolist()}}

    def average(norm):
        tokens.reduce_gradients([norm])
        for p in norm.parameters():
            p.grad /= dist.get_world_size()

    ways = {
        "reduced": lambda norm: tokens.reduce_gradients([norm]),
        "forgotten": lambda norm: None,
        "averaged": average,
    }
    for name, way in ways.items():
        with Traffic() as traffic:
            weights, losses = train(share(x, 0), share(wanted, 0), N, steps, rate, way)
        report[name] = {
            "weights": from_everyone(weights),
            "losses": features.everyone(losses).tolist(),
            "sent in a step": traffic.seen[:1],
        }
    return report


def train(x, wanted, N, steps, rate, reduce):
    """Return the weight of a norm before and after each step, and the loss before each step.

    N counts the tokens of everyone, so the losses of all processes add up to the mean over tokens.
    """
    norm = nn.LayerNorm(x.shape[1], EPS, dtype=x.dtype)
    descent = torch.optim.SGD(norm.parameters(), rate)
    weights, losses = [norm.weight.detach().clone()], []
    for _ in range(steps):
        descent.zero_grad()
        loss = ((norm(x) - wanted) ** 2).sum() / N
        loss.backward()
        losses.append(loss.detach())
        reduce(norm)
        descent.step()
        weights.append(norm.weight.detach().clone())
    return torch.stack(weights), torch.stack(losses)


def modules(B=2, T=7, D=8):
    """Let PyTorch cut our module: under DTensor's SequenceParallel and under FSDP2."""
    x, dy, weight, bias = drawn((B, T, D), (B, T, D), (D,), (D,))
    _, dx, dweight, dbias = one_device(x, dy, weight, bias)
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))

    norm = parallelize_module(module(weight, bias), mesh, SequenceParallel())
    x_cut, dy_cut = (distribute_tensor(a, mesh, [Shard(1)]) for a in (x, dy))
    x_cut.requires_grad_()
    with Traffic() as before:
        norm(x_cut).backward(dy_cut)
    unreduced = norm.weight.grad
    with Traffic() as after:
        found = [a.grad.full_tensor() for a in (norm.weight, norm.bias)]
    with Traffic() as step:
        torch.optim.SGD(norm.parameters(), 0.1).step()
    moved = norm.weight.full_tensor()
    report = {
        "SequenceParallel": {
            "gradient is": type(unreduced.placements[0]).__name__,
            "local error": error(unreduced.to_local(), dweight),
            "errors": [error(a, b) for a, b in zip(found, (dweight, dbias), strict=True)],
            "dx error": error(x_cut.grad.full_tensor(), dx),
            "sent before it is asked for": before.seen,
            "sent then": after.seen,
            "sent by the step": step.seen,
            "step error": error(moved, weight - 0.1 * dweight),
        }
    }

    norm = module(weight, bias)
    fully_shard(norm, mesh=mesh)
    with Traffic() as traffic:
        norm(share(x, 1)).backward(share(dy, 1))
    p = dist.get_world_size()  # FSDP divides by it: it takes losses to be means
    found = [a.grad.full_tensor() * p for a in (norm.weight, norm.bias)]
    report["FSDP2"] = {
        "weight is": type(norm.weight.placements[0]).__name__,
        "errors": [error(a, b) for a, b in zip(found, (dweight, dbias), strict=True)],
        "sent": traffic.seen,
    }
    return report


def module(weight, bias):
    """Our module with these parameters."""
    norm = nn.LayerNorm(len(weight), EPS, dtype=weight.dtype)
    norm.load_state_dict({"weight": weight, "bias": bias})
    return norm


def one_device(x, dy, weight, bias, dtype=torch.float64):
    """Output and gradients by PyTorch, in one process."""
    given = [a.to(dtype).detach().requires_grad_() for a in (x, weight, bias)]
    y = F.layer_norm(given[0], weight.shape, *given[1:], EPS)
    return y.detach(), *torch.autograd.grad(y, given, dy.to(dtype))


def drawn(*shapes):
    """Arrays of normal numbers in float64, the same ones in every process."""
    rng = np.random.default_rng(0)
    return [torch.from_numpy(rng.standard_normal(shape)) for shape in shapes]


def share(a, dim):
    """What this process holds of an array that is cut along a dimension."""
    p, k = dist.get_world_size(), dist.get_rank()
    size, shares = a.shape[dim], p * (p + 1) // 2
    start, stop = (size * (i * (i + 1) // 2) // shares for i in (k, k + 1))
    return a.narrow(dim, start, stop - start)


def error(found, exact):
    """The largest error on any process, relative to the largest number; NaN counts as infinite."""
    largest = (found - exact).abs().nan_to_num(nan=torch.inf).max() / exact.abs().max()
    dist.all_reduce(largest, dist.ReduceOp.MAX)
    return largest.item()


def from_everyone(a):
    """A list of the arrays of all processes, as lists."""
    gathered = [torch.empty_like(a) for _ in range(dist.get_world_size())]
    dist.all_gather(gathered, a)
    return [part.tolist() for part in gathered]


def main():
    """Run all three and let the first process print them."""
    if not dist.is_torchelastic_launched():
        raise SystemExit("Start me by: torchrun --nproc-per-node 3 -m lnlearn.distributed")
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    for function in (features_cut, tokens_cut, modules):
        report = function()
        if dist.get_rank() == 0:
            print(json.dumps({function.__name__: report}))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
