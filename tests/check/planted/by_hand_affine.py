"""Wrong layer norms, second part: what is left out, the affine step, and the dtypes."""

import numpy as np
import torch

from check.planting import Planted

plant = Planted()
LN = "layer_norm"


def wide(x):
    return np.asarray(x, np.float32 if x.dtype.itemsize < 4 else x.dtype)


def standardized(x, eps):
    """x_hat, in float32 at least; the right one."""
    h = wide(x) - wide(x).mean(axis=-1, keepdims=True)
    return h / np.sqrt(np.mean(h * h, axis=-1, keepdims=True) + eps)


# A step is left out ------------------------------------------------------------------------------


@plant(LN, "mean-not-subtracted")
def rms_by_einsum(x, weight, bias, eps):
    h = wide(x)
    mean_square = np.einsum("...d,...d->...", h, h) / h.shape[-1]
    return (h * weight / np.sqrt(mean_square + eps)[..., None] + bias).astype(x.dtype)


@plant(LN, "mean-not-subtracted")
def rms_by_torch(x, weight, bias, eps):
    h = torch.from_numpy(wide(x))
    gain = torch.from_numpy(wide(weight)).to(h.dtype)
    h = torch.nn.functional.rms_norm(h, h.shape[-1:], gain, eps)
    return (h.numpy() + bias).astype(x.dtype)


@plant(LN, "mean-not-subtracted")
def divided_by_the_deviation(x, weight, bias, eps):
    h = wide(x)
    return (h / np.sqrt(h.var(-1, keepdims=True) + eps) * weight + bias).astype(x.dtype)


@plant(LN, "not-scaled")
def only_centred(x, weight, bias, eps):
    h = wide(x)
    return (weight * (h - np.average(h, axis=-1)[..., None]) + bias).astype(x.dtype)


@plant(LN, "not-scaled")
def variance_never_used(x, weight, bias, eps):
    y = np.zeros_like(x)
    for where in np.ndindex(x.shape[:-1]):
        row = wide(x[where])
        mean = row.sum() / row.size
        _ = np.sqrt(((row - mean) ** 2).sum() / row.size + eps)
        y[where] = (row - mean) * weight + bias
    return y


@plant(LN, "weight-skipped")
def no_gain(x, weight, bias, eps):
    return (standardized(x, eps) + bias).astype(x.dtype)


@plant(LN, "weight-skipped")
def gain_left_at_none(x, weight, bias, eps):
    h, shift = torch.from_numpy(wide(x)), torch.from_numpy(wide(bias))
    shift = shift.to(h.dtype)
    return torch.layer_norm(h, h.shape[-1:], None, shift, eps).numpy().astype(x.dtype)


@plant(LN, "bias-skipped")
def no_shift(x, weight, bias, eps):
    return np.multiply(standardized(x, eps), weight).astype(x.dtype)


@plant(LN, "bias-skipped")
def shift_left_at_none(x, weight, bias, eps):
    h, gain = torch.from_numpy(wide(x)), torch.from_numpy(wide(weight))
    gain = gain.to(h.dtype)
    return torch.layer_norm(h, h.shape[-1:], gain, None, eps).numpy().astype(x.dtype)


# The affine step is another ----------------------------------------------------------------------


@plant(LN, "weight-and-bias-swapped")
def arguments_in_the_other_order(x, bias, weight, eps):
    return (standardized(x, eps) * weight + bias).astype(x.dtype)


@plant(LN, "weight-and-bias-swapped")
class ShiftsByTheGain:
    def __call__(self, x, weight, bias, eps):
        gain, shift = bias, weight
        out = np.array(wide(x)).reshape(-1, x.shape[-1])
        for row in out:
            row -= row.mean()
            row[:] = row / np.sqrt(np.vdot(row, row) / row.size + eps) * gain + shift
        return out.reshape(x.shape).astype(x.dtype)


@plant(LN, "affine-before-norm")
def normalizes_last(x, weight, bias, eps):
    h = wide(x) * weight + bias
    mean, var = h.mean(-1, keepdims=True), h.var(-1, keepdims=True)
    return np.divide(h - mean, np.sqrt(var + eps)).astype(x.dtype)


@plant(LN, "affine-before-norm")
def affine_then_torch(x, weight, bias, eps):
    h = torch.from_numpy(np.multiply(wide(x), weight)) + torch.from_numpy(wide(bias))
    return torch.nn.functional.layer_norm(h, (x.shape[-1],), eps=eps).numpy().astype(x.dtype)


@plant(LN, "one-plus-weight")
def gain_around_one(x, weight, bias, eps):
    return ((1 + weight) * standardized(x, eps) + bias).astype(x.dtype)


@plant(LN, "one-plus-weight")
def adds_its_input_again(x, weight, bias, eps):
    y = standardized(x, eps)
    return (y + y * weight + bias).astype(x.dtype)


@plant(LN, "weight-twice")
def gain_in_both_steps(x, weight, bias, eps):
    y = standardized(x, eps) * weight
    return np.add(y * weight, bias).astype(x.dtype)


@plant(LN, "weight-twice")
def gain_squared(x, weight, bias, eps):
    h, gain = torch.from_numpy(standardized(x, eps)), torch.from_numpy(wide(weight))
    return (h * gain.square() + torch.from_numpy(wide(bias))).numpy().astype(x.dtype)


@plant(LN, "bias-before-weight")
def shifts_first(x, weight, bias, eps):
    return ((standardized(x, eps) + bias) * weight).astype(x.dtype)


@plant(LN, "bias-before-weight")
def bias_inside_the_bracket(x, weight, bias, eps):
    y = np.stack([standardized(x, eps)[..., i] + bias[i] for i in range(len(bias))], axis=-1)
    return np.einsum("...i,i->...i", y, weight).astype(x.dtype)


@plant(LN, "scalar-affine")
def first_gain_for_all(x, weight, bias, eps):
    return (float(weight.flat[0]) * standardized(x, eps) + bias).astype(x.dtype)


@plant(LN, "scalar-affine")
def mean_gain_for_all(x, weight, bias, eps):
    return (standardized(x, eps) * np.mean(wide(weight)) + bias).astype(x.dtype)


@plant(LN, "scalar-affine")
def two_numbers(x, weight, bias, eps):
    gain, shift = wide(weight)[0], wide(bias)[0]
    return (gain * standardized(x, eps) + shift).astype(x.dtype)


# Precision, memory, dtype ------------------------------------------------------------------------


@plant(LN, "low-precision-statistics")
def squares_in_the_dtype_of_x(x, weight, bias, eps):
    with np.errstate(all="ignore"):
        h = x - x.mean(axis=-1, keepdims=True)
        var = np.mean(h**2, axis=-1, keepdims=True, dtype=x.dtype)
        return (h / np.sqrt(var + eps) * weight + bias).astype(x.dtype)


@plant(LN, "low-precision-statistics")
def sum_divided_by_n(x, weight, bias, eps):
    n = x.shape[-1]
    mu = np.sum(x, axis=-1, keepdims=True) / n
    sigma2 = np.sum((x - mu) * (x - mu), axis=-1, keepdims=True) / n
    return (weight * ((x - mu) / np.sqrt(sigma2 + eps)) + bias).astype(x.dtype)


@plant(LN, "low-precision-statistics")
def scalars_of_the_dtype_of_x(x, weight, bias, eps):
    y = np.empty_like(x)
    for where in np.ndindex(x.shape[:-1]):
        mean = var = x.dtype.type(0)
        for value in x[where]:
            mean = mean + value
        mean = mean / x.dtype.type(x.shape[-1])
        for value in x[where]:
            var = var + (value - mean) ** 2
        var = var / x.dtype.type(x.shape[-1])
        y[where] = (x[where] - mean) / np.sqrt(var + x.dtype.type(eps)) * weight + bias
    return y


@plant(LN, "input-modified")
def subtracts_in_place(x, weight, bias, eps):
    h = wide(x).copy()
    mean = h.mean(-1, keepdims=True)
    h -= mean
    x -= mean.astype(x.dtype)
    h /= np.sqrt((h**2).mean(-1, keepdims=True) + eps)
    return (h * weight + bias).astype(x.dtype)


@plant(LN, "input-modified")
def writes_its_result_there(x, weight, bias, eps):
    for where in np.ndindex(x.shape[:-1]):
        x[where] = standardized(x[where], eps) * weight + bias
    return x


@plant(LN, "input-modified")
def shares_memory_with_a_tensor(x, weight, bias, eps):
    y = (standardized(x, eps) * weight + bias).astype(x.dtype)
    torch.from_numpy(x).zero_()
    return y


@plant(LN, "wrong-dtype")
def always_double(x, weight, bias, eps):
    h = np.array(x, dtype=float)
    return (h - h.mean(-1, keepdims=True)) / np.sqrt(h.var(-1, keepdims=True) + eps) * weight + bias


@plant(LN, "wrong-dtype")
def rows_of_python_floats(x, weight, bias, eps):
    rows = []
    for row in x.reshape(-1, x.shape[-1]).tolist():
        mean = sum(row) / len(row)
        rstd = (sum((v - mean) ** 2 for v in row) / len(row) + eps) ** -0.5
        pairs = zip(row, weight.tolist(), bias.tolist(), strict=True)
        rows.append([(v - mean) * rstd * w + b for v, w, b in pairs])
    return np.array(rows).reshape(x.shape)


@plant(LN, "wrong-dtype")
def stays_wide(x, weight, bias, eps):
    return standardized(x, eps) * weight + bias  # float32 where x is float16


# Several mistakes at once ------------------------------------------------------------------------


@plant(LN, "unbiased-variance", "eps-outside-sqrt")
def as_in_the_annotated_transformer(x, weight, bias, eps):
    h = wide(x)
    std = h.std(-1, keepdims=True, ddof=1)
    return (weight * (h - h.mean(-1, keepdims=True)) / (std + eps) + bias).astype(x.dtype)


@plant(LN, "batch-mixed", "bias-skipped")
def one_mean_and_no_shift(x, weight, bias, eps):
    return ((wide(x) - wide(x).mean()) / np.sqrt(wide(x).var() + eps) * weight).astype(x.dtype)


@plant(LN, "mean-not-subtracted", "eps-missing", "weight-skipped")
def over_the_root_mean_square(x, weight, bias, eps):
    h = wide(x)
    return (h / np.sqrt(np.mean(h**2, -1, keepdims=True)) + bias).astype(x.dtype)


@plant(LN, "wrong-axis", "input-modified")
def down_the_columns_in_place(x, weight, bias, eps):
    h = wide(x)
    h = (h - h.mean(0)) / np.sqrt(h.var(0) + eps)
    x[...] = h
    return (h * weight + bias).astype(x.dtype)


@plant(LN, "padded-lanes", "scalar-affine")
def four_lanes_and_one_gain(x, weight, bias, eps):
    h = wide(x)
    mean, squares, D = h.mean(-1, keepdims=True), np.square(h).sum(-1, keepdims=True), h.shape[-1]
    lanes = 1 << (D - 1).bit_length()
    variance = (squares - 2 * D * mean**2 + lanes * mean**2) / D
    return ((h - mean) / np.sqrt(variance + eps) * weight[0] + bias).astype(x.dtype)
