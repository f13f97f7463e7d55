"""What runs in each process of `test_processes`: other shapes than the chapter's, and bad input.

Prints, from the first process, a line of JSON with what each process has found, by name, and one
with the reports of the chapter, which need not start processes of their own.
"""

import json

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Partial

from lnlearn.distributed import Traffic, __main__, features, tokens

WIDTHS = (1, 6, 2)
WAYS = (features.by_gathering, features.by_two_sums, features.by_sums)
D = sum(WIDTHS)


def drawn(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_autograd(x, weight, bias, dy, eps):
    """Output and gradients of the textbook expression in one process."""
    given = [a.clone().requires_grad_() for a in (x, weight, bias)]
    x, weight, bias = given
    variance, mean = torch.var_mean(x, 1, correction=0, keepdim=True)
    y = (x - mean) / (variance + eps).sqrt() * weight + bias
    return y.detach(), *torch.autograd.grad(y, given, dy)


def cut_by_features(rank):
    found = {}
    for eps in (0.0, 0.1):
        whole = [drawn(1, 5, D), drawn(2, D), drawn(3, D), drawn(4, 5, D)]
        expected = [a.split(WIDTHS, -1)[rank] for a in by_autograd(*whole, eps)]
        x, weight, bias, dy = (a.split(WIDTHS, -1)[rank] for a in whole)
        for way in WAYS:
            y, mean, rstd = features.forward(x, weight, bias, eps, way)
            got = [y, *features.backward(dy, x, weight, mean, rstd, D)]
            errors = [(a - b).abs().max().item() for a, b in zip(got, expected, strict=True)]
            found[f"{way.__name__}, eps {eps}"] = max(errors)
            found[f"{way.__name__}, eps {eps}, D"] = way(x)[0]
    return found


def same_bits(rank):
    x = drawn(5, 7, D).float().split(WIDTHS, -1)[rank] + 1000
    equal = []
    for way in WAYS:
        _, _, m2 = way(x)
        everyone = [torch.empty_like(m2) for _ in WIDTHS]
        dist.all_gather(everyone, m2)
        equal.append(all(torch.equal(other, m2) for other in everyone))
    return {"same bits": all(equal)}


def reduced(rank):
    """The gradients of two norms, one of them a matrix: rank 0 brings 1, rank 1 brings 2, ..."""
    norms = [torch.nn.LayerNorm((2, 3)), torch.nn.RMSNorm(4)]
    for norm in norms:
        for p in norm.parameters():
            p.grad = torch.full_like(p, rank + 1)
    with Traffic() as traffic:
        tokens.reduce_gradients(norms)
    values = {v for norm in norms for p in norm.parameters() for v in p.grad.flatten().tolist()}
    return {"reduced to": sorted(values), "sent": traffic.seen}


def partial_squared(rank):
    """The square of a sum needs the sum: DTensor asks for it inside of the product."""
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    part = DTensor.from_local(torch.ones(4), mesh, [Partial()])
    with Traffic() as traffic:
        square = part * part
    return {"square": square.full_tensor().tolist(), "sent for the square": traffic.seen}


def refused(rank):
    x, one, two = torch.ones(2, 3), torch.ones(1), torch.ones(3)
    texts = []
    for arguments in [(x[0], two, two), (x[:, :0], two, two), (x, one, two), (x, two, one)]:
        try:
            features.forward(*arguments)
        except ValueError as error:
            texts.append(str(error))
    norms = [torch.nn.LayerNorm(2, elementwise_affine=False), torch.nn.LayerNorm(2)]
    try:
        tokens.reduce_gradients(norms)
    except ValueError as error:
        texts.append(str(error))
    return {"refused": texts}


if __name__ == "__main__":
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    results = {}
    for function in (cut_by_features, same_bits, reduced, partial_squared, refused):
        results |= function(dist.get_rank())
    gathered = [None] * dist.get_world_size()
    dist.all_gather_object(gathered, results)
    chapter = (__main__.features_cut, __main__.tokens_cut, __main__.modules)
    reports = {function.__name__: function() for function in chapter}
    if dist.get_rank() == 0:
        print(json.dumps(gathered), json.dumps(reports), sep="\n")
    dist.destroy_process_group()
