"""Run PyTorch's own sample inputs through every path of lnlearn; print how many there were.

A program and not a test, because importing PyTorch's test library changes settings of the whole
process. `test_pytorch_samples.py` runs it.
"""

import itertools
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore", category=DeprecationWarning)
from torch.testing._internal.common_methods_invocations import op_db  # noqa: E402
from torch.testing._internal.common_modules import module_db  # noqa: E402

from computing import DEVICE, DTYPES, TRITON  # noqa: E402
from lnlearn import accelerated, nn, scratch  # noqa: E402

OPERATORS = ("nn.functional.layer_norm", "native_layer_norm", "nn.functional.rms_norm")
MODULES = {torch.nn.LayerNorm: nn.LayerNorm, torch.nn.RMSNorm: nn.RMSNorm}


def arguments(sample, rms):
    """A sample's x and its other arguments, named as ours."""
    names = (
        ["normalized_shape", "weight", "eps"]
        if rms
        else ["normalized_shape", "weight", "bias", "eps"]
    )
    found = dict(zip(names, sample.args, strict=False)) | sample.kwargs
    return sample.input, {name: value for name, value in found.items() if value is not None}


def apart(t):
    """The same numbers, not contiguous."""
    if not isinstance(t, torch.Tensor):
        return t
    return torch.stack([t, t], dim=-1)[..., 0].detach()


def as_array(value):
    """A tensor as an array; NumPy has no bfloat16, so float32 stands in for it."""
    if not isinstance(value, torch.Tensor):
        return value
    value = value.detach().cpu()
    return (value.float() if value.dtype == torch.bfloat16 else value).numpy()


def close(got, expected, dtype):
    tolerance = 1e-9 if dtype == torch.float64 else 8 * torch.finfo(dtype).eps
    torch.testing.assert_close(
        torch.as_tensor(got).double().cpu(), expected.double().cpu(), rtol=tolerance, atol=tolerance
    )


def by_module(rms, x, normalized_shape, eps=None, **parameters):
    """What a module with these parameters gives."""
    cls, defaults = (nn.RMSNorm, {"eps": eps}) if rms else (nn.LayerNorm, {"eps": eps or 1e-5})
    module = cls(normalized_shape, elementwise_affine=False, **defaults)
    for name, value in parameters.items():
        setattr(module, name, torch.nn.Parameter(value))
    return module(x).detach()


def must_refuse(function, x, options):
    try:
        function(x, **options)
    except (TypeError, ValueError):
        return
    raise AssertionError(f"{function} accepts {x.shape}, {options}")


def check_operator(info, dtype):
    """Every sample, contiguous and not, on the scratch and the accelerated path."""
    rms = "rms" in info.name
    name = "rms_norm" if rms else "layer_norm"
    reference = getattr(torch.nn.functional, name)
    ours, by_hand = getattr(accelerated, name), getattr(scratch, name)
    count = 0
    for sample, change in itertools.product(
        info.sample_inputs(DEVICE, dtype), (lambda t: t, apart)
    ):
        x, options = arguments(sample, rms)
        x, options = change(x), {key: change(value) for key, value in options.items()}
        arrays = {key: as_array(value) for key, value in options.items()}
        if options.get("eps", 0) < 0:  # PyTorch has no objection to a negative eps; we have
            must_refuse(ours, x, options)
            must_refuse(by_hand, as_array(x), arrays)
            options["eps"] = arrays["eps"] = -options["eps"]
        eps = options.get("eps", torch.finfo(dtype).eps if rms else 1e-5)
        double = {k: v.double() if isinstance(v, torch.Tensor) else v for k, v in options.items()}
        expected = reference(x.double(), **double | {"eps": eps})
        close(ours(x, **options), expected, dtype)
        close(by_module(rms, x, **options), expected, dtype)
        close(by_hand(as_array(x), **arrays | {"eps": eps}), expected, dtype)
        count += 1
    return count


def check_errors(info):
    """Every error input is refused, by a TypeError or ValueError of ours."""
    rms = "rms" in info.name
    count = 0
    for error in info.error_inputs(DEVICE) if info.error_inputs_func else []:
        x, options = arguments(error.sample_input, rms)
        name = "rms_norm" if rms else "layer_norm"
        must_refuse(getattr(accelerated, name), x, options)
        must_refuse(lambda x, rms=rms, **options: by_module(rms, x, **options), x, options)
        arrays = {key: as_array(value) for key, value in options.items()}
        must_refuse(getattr(scratch, name), as_array(x), arrays)
        count += 1
    return count


def check_module(info, dtype):
    cls, count = MODULES[info.module_cls], 0
    inputs = info.module_inputs_func(
        info, device=DEVICE, dtype=dtype, requires_grad=False, training=True
    )
    for sample, change in itertools.product(inputs, (lambda t: t, apart)):
        built = sample.constructor_input
        theirs = info.module_cls(*built.args, **built.kwargs, dtype=dtype, device=DEVICE)
        ours = cls(*built.args, **built.kwargs, dtype=dtype, device=DEVICE)
        for parameter in theirs.parameters():
            torch.nn.init.normal_(parameter)
        ours.load_state_dict(theirs.state_dict())
        given = [change(value) for value in sample.forward_input.args]
        assert repr(ours) == repr(theirs)
        close(ours(*given), theirs(*given), dtype)
        count += 1
    return count


if __name__ == "__main__":
    if not TRITON:  # whose interpreter computes with NumPy and rounds to 0 where a GPU does
        np.seterr(all="raise")
    torch.manual_seed(0)
    operators = [info for info in op_db if info.name in OPERATORS]
    modules = [info for info in module_db if info.module_cls in MODULES]
    assert len(operators) == len(OPERATORS)
    assert len(modules) == len(MODULES)
    print("samples", sum(check_operator(i, d) for i, d in itertools.product(operators, DTYPES)))
    print("errors", sum(check_errors(info) for info in operators))
    print("modules", sum(check_module(i, d) for i, d in itertools.product(modules, DTYPES)))
