"""Wrong modules, second part: the affine step, precision, memory, dtype, and gradients."""

import torch
import torch.nn.functional as F

from check.planting import Planted
from check.torch_modules import Own, Theirs, wide

plant = Planted()
MODULE = "module"


def standard(h, shape, eps):
    """The right x_hat."""
    return F.layer_norm(h, shape, None, None, eps)


@plant(MODULE, "weight-skipped")
class NoGain(Own):
    def affine(self, x_hat):
        return x_hat + self.bias


@plant(MODULE, "weight-skipped")
class GainOfOnes(torch.nn.LayerNorm):
    def forward(self, x):
        shift = self.bias.to(wide(x).dtype)
        return F.layer_norm(wide(x), self.normalized_shape, None, shift, self.eps).to(x.dtype)


@plant(MODULE, "bias-skipped")
class NoShift(Own):
    def affine(self, x_hat):
        return self.weight * x_hat


@plant(MODULE, "bias-skipped")
class ShiftOfZeros(torch.nn.LayerNorm):
    def forward(self, x):
        gain = self.weight.to(wide(x).dtype)
        return F.layer_norm(wide(x), self.normalized_shape, gain, None, self.eps).to(x.dtype)


@plant(MODULE, "weight-and-bias-swapped")
class ShiftTimes(Own):
    def affine(self, x_hat):
        return x_hat * self.bias + self.weight


@plant(MODULE, "weight-and-bias-swapped")
class PassedInTheWrongOrder(torch.nn.LayerNorm):
    def forward(self, x):
        given = self.bias.to(wide(x).dtype), self.weight.to(wide(x).dtype)
        return F.layer_norm(wide(x), self.normalized_shape, *given, eps=self.eps).to(x.dtype)


@plant(MODULE, "affine-before-norm")
class AffineFirst(Own):
    def forward(self, x):
        return self.normalize(self.affine(wide(x))).to(x.dtype)


@plant(MODULE, "affine-before-norm")
class LinearThenNorm(Theirs):
    def forward(self, x):
        h = torch.addcmul(self.bias, wide(x), self.weight)
        mean, var = self.moments(h)
        return ((h - mean) * (var + self.eps).rsqrt()).to(x.dtype)


@plant(MODULE, "scalar-affine")
class FirstGain(Own):
    def affine(self, x_hat):
        return x_hat * self.weight.flatten()[0] + self.bias


@plant(MODULE, "scalar-affine")
class MeanGain(torch.nn.LayerNorm):
    def forward(self, x):
        x_hat = standard(wide(x), self.normalized_shape, self.eps)
        return (self.weight.mean() * x_hat + self.bias).to(x.dtype)


@plant(MODULE, "low-precision-statistics")
class StaysHalf(Theirs):
    def forward(self, x):
        h = x - x.mean(self.axes, keepdim=True)
        var = torch.mean(h * h, dim=self.axes, keepdim=True)
        return (h / torch.sqrt(var + self.eps) * self.weight + self.bias).to(x.dtype)


@plant(MODULE, "low-precision-statistics")
class AlwaysFloat(Own):
    def forward(self, x):
        return super().forward(x.float()).to(x.dtype)


@plant(MODULE, "low-precision-statistics")
class FloatInside(Theirs):
    def forward(self, x):
        parameters = self.weight.float(), self.bias.float()
        y = F.layer_norm(x.to(torch.float32), self.weight.shape, *parameters, self.eps)
        return y.type_as(x)


@plant(MODULE, "low-precision-statistics")
class SumsOneByOne(Own):
    def forward(self, x):
        rows, total, squares = x.reshape(-1, self.weight.numel()), 0, 0
        for column in rows.unbind(-1):
            total = total + column
        mean = (total / self.weight.numel()).unsqueeze(-1)
        for column in (rows - mean).unbind(-1):
            squares = squares + column**2
        rstd = (squares / self.weight.numel() + self.eps).unsqueeze(-1).rsqrt()
        return self.affine(((rows - mean) * rstd).reshape(x.shape)).to(x.dtype)


@plant(MODULE, "input-modified")
class WritesThroughData(Own):
    def forward(self, x):
        y = super().forward(x.clone())
        x.data.copy_(y.detach())
        return y


@plant(MODULE, "input-modified")
class CentresInPlace(torch.nn.LayerNorm):
    def forward(self, x):
        kept = x * 1
        with torch.no_grad():
            x.sub_(x.mean())
        h = wide(kept)
        parameters = self.weight.to(h.dtype), self.bias.to(h.dtype)
        return F.layer_norm(h, self.normalized_shape, *parameters, self.eps).to(x.dtype)


@plant(MODULE, "wrong-dtype")
class AlwaysDouble(Own):
    def forward(self, x):
        return self.affine(self.normalize(x.double()))


@plant(MODULE, "wrong-dtype")
class AlwaysSingle(torch.nn.LayerNorm):
    """Casts to float32, and forgets to cast back."""

    def forward(self, x):
        y = F.layer_norm(
            x.float(), self.normalized_shape, self.weight.float(), self.bias.float(), self.eps
        )
        return y


@plant(MODULE, "wrong-dtype")
class StaysWide(Own):
    def forward(self, x):
        return self.affine(self.normalize(wide(x))).to(wide(x).dtype)


# Right values, wrong gradients -------------------------------------------------------------------


@plant(MODULE, "detached-statistics")
class UnderNoGrad(Own):
    def normalize(self, h):
        with torch.no_grad():
            var, mean = torch.var_mean(h, self.axes, correction=0, keepdim=True)
            rstd = torch.rsqrt(var + self.eps)
        return (h - mean) * rstd


@plant(MODULE, "detached-statistics")
class FromData(Theirs):
    def forward(self, x):
        mean, var = self.moments(wide(x).data)
        return ((wide(x) - mean) / (var + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)


class Straight(torch.autograd.Function):
    """Its backward takes the chain rule through the division alone."""

    @staticmethod
    def forward(ctx, h, axes, eps):
        var, mean = torch.var_mean(h, axes, correction=0, keepdim=True)
        rstd = (var + eps).rsqrt()
        ctx.save_for_backward(rstd)
        return (h - mean) * rstd

    @staticmethod
    def backward(ctx, g):
        (rstd,) = ctx.saved_tensors
        return g * rstd, None, None


@plant(MODULE, "detached-statistics")
class HandWrittenBackward(Own):
    def normalize(self, h):
        return Straight.apply(h, self.axes, self.eps)


@plant(MODULE, "detached-mean")
class MeanOfDetached(Own):
    def normalize(self, h):
        h = h - h.detach().mean(self.axes, keepdim=True)
        return h / (h.square().mean(self.axes, keepdim=True) + self.eps).sqrt()


@plant(MODULE, "detached-mean")
class RunningMean(Theirs):
    """Keeps the mean in an attribute, as batch norm does."""

    def forward(self, x):
        with torch.no_grad():
            self.running_mean = wide(x).mean(self.axes, keepdim=True)
        rstd = torch.rsqrt(wide(x).var(self.axes, correction=0, keepdim=True) + self.eps)
        x_hat = (wide(x) - self.running_mean) * rstd
        return (x_hat * self.weight + self.bias).to(x.dtype)


@plant(MODULE, "detached-variance")
class SigmaAsNumber(Own):
    def normalize(self, h):
        h = h - h.mean(self.axes, keepdim=True)
        sigma = torch.tensor((h.detach().numpy() ** 2).mean(self.axes, keepdims=True)) + self.eps
        return h / sigma.sqrt()


@plant(MODULE, "detached-variance")
class DetachedRstd(Theirs):
    def forward(self, x):
        mean, var = self.moments(wide(x))
        rstd = (var + self.eps).rsqrt().detach()
        return torch.addcmul(self.bias, (wide(x) - mean) * rstd, self.weight).to(x.dtype)


# Several mistakes at once ------------------------------------------------------------------------


@plant(MODULE, "unbiased-variance", "eps-outside-sqrt")
class AsInTheAnnotatedTransformer(Own):
    def normalize(self, h):
        return (h - h.mean(self.axes, True)) / (h.std(self.axes, keepdim=True) + self.eps)


@plant(MODULE, "detached-variance", "bias-skipped")
class ConstantSigmaWithoutShift(Theirs):
    def forward(self, x):
        mean, var = self.moments(wide(x))
        rstd = torch.rsqrt(var + self.eps).detach()
        return ((wide(x) - mean) * rstd * self.weight).to(x.dtype)
