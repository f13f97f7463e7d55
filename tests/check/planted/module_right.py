"""Right modules in other styles: none may be failed."""

import math

import torch
import torch.nn.functional as F

import lnlearn.nn
from check.planting import Planted
from check.torch_modules import Own, Theirs, scripted, wide

plant = Planted()
MODULE = "module"

plant(MODULE)(torch.nn.LayerNorm)
plant(MODULE)(lnlearn.nn.LayerNorm)
plant(MODULE)(Own)


@plant(MODULE)
class VarMean(Theirs):
    def forward(self, x):
        var, mean = torch.var_mean(wide(x), self.axes, correction=0, keepdim=True)
        x_hat = (wide(x) - mean) * torch.rsqrt(var + self.eps)
        return torch.addcmul(self.bias, x_hat, self.weight).to(x.dtype)


@plant(MODULE)
class Native(torch.nn.LayerNorm):
    def forward(self, x):
        h, dtype = wide(x), wide(x).dtype
        parameters = self.weight.to(dtype), self.bias.to(dtype)
        return torch.native_layer_norm(h, self.normalized_shape, *parameters, self.eps)[0].to(
            x.dtype
        )


@plant(MODULE)
class Einsum(Own):
    def normalize(self, h):
        n = math.prod(self.normalized_shape)
        rows = h.reshape(-1, n)
        rows = rows - torch.einsum("nd->n", rows)[:, None] / n
        var = torch.einsum("nd,nd->n", rows, rows) / n
        return torch.einsum("nd,n->nd", rows, (var + self.eps).rsqrt()).reshape(h.shape)


@plant(MODULE)
class InDouble(torch.nn.Module):
    """Built by hand, its eps under another name, all sums in float64."""

    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__()
        self.epsilon, self.dims = eps, [-1 - i for i in range(len(normalized_shape))]
        self.register_parameter("weight", torch.nn.Parameter(torch.ones(*normalized_shape)))
        self.register_parameter("bias", torch.nn.Parameter(torch.zeros(*normalized_shape)))

    def forward(self, input):
        h = input.double()
        h = h - h.mean(self.dims, keepdim=True)
        h = h / torch.sqrt(h.pow(2).mean(self.dims, keepdim=True) + self.epsilon)
        return (h * self.weight.double() + self.bias.double()).to(input.dtype)


class Function(torch.autograd.Function):
    """Forward and backward by the formulas."""

    @staticmethod
    def forward(ctx, h, weight, bias, axes, eps):
        centred = h - h.mean(axes, keepdim=True)
        rstd = (centred.square().mean(axes, keepdim=True) + eps).rsqrt()
        x_hat = centred * rstd
        ctx.save_for_backward(x_hat, rstd, weight)
        ctx.axes = axes
        return x_hat * weight + bias

    @staticmethod
    def backward(ctx, dy):
        x_hat, rstd, weight = ctx.saved_tensors
        g, leading = dy * weight, tuple(range(dy.ndim - len(ctx.axes)))
        dx = g - g.mean(ctx.axes, True) - x_hat * (g * x_hat).mean(ctx.axes, True)
        dweight, dbias = dy * x_hat, dy
        if leading:
            dweight, dbias = dweight.sum(leading), dbias.sum(leading)
        return dx * rstd, dweight.to(weight.dtype), dbias.to(weight.dtype), None, None


@plant(MODULE)
class HandWrittenBackward(Own):
    def forward(self, x):
        return Function.apply(wide(x), self.weight, self.bias, self.axes, self.eps).to(x.dtype)


@plant(MODULE)
class GroupOfOne(torch.nn.LayerNorm):
    def forward(self, x):
        rows = wide(x).reshape(-1, math.prod(self.normalized_shape), 1)
        x_hat = F.group_norm(rows, 1, eps=self.eps).reshape(x.shape)
        return (x_hat * self.weight + self.bias).to(x.dtype)


@plant(MODULE)
class ParametersInTheirOwnModule(Own):
    """The state_dict is the same; the work is a jitted function's."""

    def normalize(self, h):
        return jitted(h, list(self.axes), self.eps)


@scripted
def jitted(h: torch.Tensor, axes: list[int], eps: float):
    centred = h - h.mean(axes, keepdim=True)
    return centred * torch.rsqrt((centred * centred).mean(axes, keepdim=True) + eps)
