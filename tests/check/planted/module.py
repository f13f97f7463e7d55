"""Wrong modules whose values are wrong: statistics and eps."""

import math

import torch
import torch.nn.functional as F

from check.planting import Planted
from check.torch_modules import Own, Theirs, wide

plant = Planted()
MODULE = "module"


@plant(MODULE, "unbiased-variance")
class DefaultOfVar(Own):
    def normalize(self, h):
        return (h - h.mean(self.axes, True)) / (h.var(self.axes, keepdim=True) + self.eps).sqrt()


@plant(MODULE, "unbiased-variance")
class VarMean(Theirs):
    def forward(self, x):
        var, mean = torch.var_mean(wide(x), self.axes, keepdim=True)
        x_hat = (wide(x) - mean) * torch.rsqrt(var + self.eps)
        return torch.addcmul(self.bias, self.weight, x_hat).to(x.dtype)


@plant(MODULE, "eps-outside-sqrt")
class AnnotatedTransformer(Theirs):
    """With the other variance, but with eps where that text has it."""

    def forward(self, x):
        h = wide(x)
        mean, std = h.mean(self.axes, True), h.std(self.axes, correction=0, keepdim=True)
        return (self.weight * (h - mean) / (std + self.eps) + self.bias).to(x.dtype)


@plant(MODULE, "eps-outside-sqrt")
class ReciprocalOfSigma(Own):
    def normalize(self, h):
        h = h - h.mean(self.axes, True)
        n = math.prod(self.normalized_shape)
        sigma = torch.linalg.vector_norm(h, dim=self.axes, keepdim=True) / n**0.5
        return h * torch.reciprocal(sigma + self.eps)


@plant(MODULE, "root-missing")
class OverTheVariance(Own):
    def normalize(self, h):
        centred = h - h.mean(self.axes, True)
        return centred / (centred.square().mean(self.axes, True) + self.eps)


@plant(MODULE, "root-missing")
class SquareRootForgotten(Theirs):
    def forward(self, x):
        mean, var = self.moments(wide(x))
        x_hat = (wide(x) - mean) * torch.reciprocal(var + self.eps)
        return torch.addcmul(self.bias, self.weight, x_hat).to(x.dtype)


@plant(MODULE, "eps-missing")
class BareRoot(Own):
    def normalize(self, h):
        h = h - h.mean(self.axes, True)
        return h * h.pow(2).mean(self.axes, True).rsqrt()


@plant(MODULE, "eps-missing")
class ZeroEps(Theirs):
    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__(normalized_shape, eps=0.0)

    def forward(self, x):
        mean, var = self.moments(wide(x))
        return ((wide(x) - mean) / var.sqrt() * self.weight + self.bias).to(x.dtype)


@plant(MODULE, "eps-ignored")
class EpsNotPassedOn(torch.nn.LayerNorm):
    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__(normalized_shape)


@plant(MODULE, "eps-ignored")
class ConstantEps(Own):
    EPS = 1e-12

    def normalize(self, h):
        var, mean = torch.var_mean(h, self.axes, correction=0, keepdim=True)
        return (h - mean) / (var + self.EPS).sqrt()


@plant(MODULE, "wrong-axis")
class BatchNorm(Own):
    def normalize(self, h):
        var, mean = torch.var_mean(h, 0, correction=0, keepdim=True)
        return (h - mean) / (var + self.eps).sqrt()


@plant(MODULE, "wrong-axis")
class FirstAxes(Theirs):
    """As many axes as normalized_shape has, counted from the wrong end."""

    def forward(self, x):
        axes = tuple(range(len(self.normalized_shape)))
        h = wide(x) - wide(x).mean(axes, keepdim=True)
        h = h * (h.square().mean(axes, keepdim=True) + self.eps) ** -0.5
        return (h * self.weight + self.bias).to(x.dtype)


@plant(MODULE, "batch-mixed")
class WholeBatch(Own):
    def normalize(self, h):
        h = h - h.mean()
        return h / torch.sqrt((h * h).mean() + self.eps)


@plant(MODULE, "batch-mixed")
class OneAxisMore(Theirs):
    def forward(self, x):
        axes = tuple(range(x.ndim))[-1 - len(self.normalized_shape) :]
        var, mean = torch.var_mean(wide(x), axes, correction=0, keepdim=True)
        return ((wide(x) - mean) / (var + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)


@plant(MODULE, "mean-not-subtracted")
class RMSNorm(Own):
    def normalize(self, h):
        return h * torch.rsqrt(h.pow(2).mean(self.axes, keepdim=True) + self.eps)


@plant(MODULE, "mean-not-subtracted")
class RMSNormWithBias(torch.nn.LayerNorm):
    def forward(self, x):
        gain = self.weight.to(wide(x).dtype)
        y = F.rms_norm(wide(x), self.normalized_shape, gain, self.eps)
        return (y + self.bias).to(x.dtype)


@plant(MODULE, "not-scaled")
class Centres(Own):
    def normalize(self, h):
        return h - h.mean(self.axes, keepdim=True)


@plant(MODULE, "not-scaled")
class ForgetsSigma(Theirs):
    def forward(self, x):
        mean, var = self.moments(wide(x))
        _ = torch.sqrt(var + self.eps)
        return torch.addcmul(self.bias, wide(x) - mean, self.weight).to(x.dtype)


@plant(MODULE, "one-pass-variance")
class DifferenceOfMeans(Own):
    def normalize(self, h):
        mean, second = h.mean(self.axes, True), (h * h).mean(self.axes, True)
        return (h - mean) / torch.sqrt(second - mean * mean + self.eps)


@plant(MODULE, "one-pass-variance")
class TwoSums(Theirs):
    def forward(self, x):
        n = math.prod(self.normalized_shape)
        h = wide(x).reshape(-1, n)
        s1, s2 = torch.einsum("nd->n", h), torch.einsum("nd,nd->n", h, h)
        var = torch.clamp(s2 / n - (s1 / n) ** 2, min=0)
        x_hat = (h - s1[:, None] / n) * torch.rsqrt(var + self.eps)[:, None]
        return (x_hat.reshape(x.shape) * self.weight + self.bias).to(x.dtype)


@plant(MODULE, "padded-lanes")
class PowerOfTwo(Own):
    def normalize(self, h):
        n = math.prod(self.normalized_shape)
        rows = h.reshape(-1, n)
        mean = rows.mean(-1, keepdim=True)
        lanes = F.pad(rows, (0, 2 ** (n - 1).bit_length() - n)) - mean
        rstd = (lanes.pow(2).sum(-1, keepdim=True) / n + self.eps).rsqrt()
        return ((rows - mean) * rstd).reshape(h.shape)


@plant(MODULE, "padded-lanes")
class MaskForgotten(Theirs):
    def forward(self, x):
        n, lanes = self.weight.numel(), 1
        while lanes < n:
            lanes *= 2
        mean, var = self.moments(wide(x))
        var = var + (lanes / n - 1) * mean**2
        return ((wide(x) - mean) / (var + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)
