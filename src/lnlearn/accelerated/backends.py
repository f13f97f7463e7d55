"""Which backend computes for a tensor, and why not the other.

``"aten"``, PyTorch's own kernels, is always there. ``"triton"``, ours, needs a GPU. The environment
variable LNLEARN_BACKEND, read when this module is imported, asks for one of them; without it, it is
Triton wherever that can be had.
"""

import os

import torch
import torch.autograd.forward_ad
import torch.overrides
import torch.utils._device

from lnlearn.accelerated import aten

# Read once: looking it up in every call would take as long as all other checks together.
ASKED = os.environ.get("LNLEARN_BACKEND")
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"  # kernels run as Python, on a processor
OLDEST_TRITON = (3, 6)


def backend(x: torch.Tensor) -> str:
    """Name the backend that computes for `x`: ``"triton"``, our kernels, or ``"aten"``, PyTorch's.

    It is Triton for a float16, bfloat16 or float32 tensor on an NVIDIA GPU of compute capability
    8.0 or higher (a T4, which is 7.5, is not), where Triton is installed. On all else it is ATen.
    It is also ATen wherever something looks on that does not know our kernels: the transforms of
    `torch.func`, forward-mode differentiation, `torch.export`, `torch.jit.trace`, the modes of
    `__torch_dispatch__`, and subclasses of tensors.

    The environment variable LNLEARN_BACKEND, read when lnlearn is imported, overrides that with
    ``aten`` or ``triton``. With ``triton`` and TRITON_INTERPRET=1, tensors on the processor are
    computed by our kernels too, by Triton's interpreter, slowly.

    Raises
    ------
    RuntimeError
        LNLEARN_BACKEND asks for what cannot be had; the message says why and what to do.

    Examples
    --------
    >>> backend(torch.ones(3))
    'aten'
    """
    if ASKED == "aten" or (ASKED is None and not x.is_cuda):
        return "aten"
    if ASKED not in (None, "triton"):
        raise RuntimeError(
            f"LNLEARN_BACKEND is {ASKED!r}, but lnlearn has no such backend. "
            f"Set it to 'aten' or 'triton', or unset it for the better one."
        )
    why = obstacle(x.device, x.dtype)
    if why is None:
        return "aten" if observed(x) else "triton"
    if ASKED is None:
        return "aten"
    raise RuntimeError(
        f"LNLEARN_BACKEND is 'triton', but {why}, or unset LNLEARN_BACKEND, or set it to 'aten'."
    )


def obstacle(device, dtype):
    """Return why Triton cannot compute for tensors like these, and the remedy; None if it can."""
    key = device, dtype
    if key not in _OBSTACLES:
        _OBSTACLES[key] = _obstacle_of_dtype(dtype) or _obstacle_of_device(device)
    return _OBSTACLES[key]


# A compiled function takes the answer for a constant. This is what the decorator
# `torch.compiler.assume_constant_result` sets; the decorator would import the compiler.
obstacle._dynamo_marked_constant = True
_OBSTACLES = {}


def _obstacle_of_dtype(dtype):
    if dtype in (torch.float16, torch.bfloat16, torch.float32):
        return None
    return f"its kernels compute in float32 and x is {dtype}. Convert it, x.float()"


def _obstacle_of_device(device):
    try:
        import triton
    except ImportError as error:
        return f"Triton cannot be imported ({error}). Install it (Linux): pip install triton"
    version = tuple(int(part) for part in triton.__version__.split(".")[:2])
    if version < OLDEST_TRITON:
        return f"Triton {triton.__version__} is older than 3.6. Update it: pip install -U triton"
    if device.type == "cpu" and INTERPRETED:
        return None
    if device.type != "cuda":
        return (
            f"x is on {device}, and Triton compiles for GPUs. Move x to a GPU, "
            f"or set TRITON_INTERPRET=1 to have the kernels interpreted on the processor"
        )
    if torch.version.hip is not None:
        return "this PyTorch is built for ROCm, on which the kernels are untested. Use a CUDA build"
    capability = torch.cuda.get_device_capability(device)
    if capability < (8, 0):
        return (
            f"{torch.cuda.get_device_name(device)} has compute capability "
            f"{capability[0]}.{capability[1]}, and Triton needs 8.0. Use a newer GPU"
        )
    return None


def kernels(x):
    """Return the module that computes for `x` where nothing looks on: `aten`, or one like it."""
    if ASKED == "aten" or (ASKED is None and not x.is_cuda):
        return aten
    if obstacle(x.device, x.dtype) is not None:
        return aten
    from lnlearn.accelerated.triton import norms

    return norms


# Who looks on ------------------------------------------------------------------------------------

PLAIN = (torch.Tensor, torch.nn.Parameter)
# Before PyTorch 2.7 nobody can tell export from compilation.
_is_exporting = getattr(torch.compiler, "is_exporting", bool)


def left_to_pytorch(*tensors):
    """Return whether PyTorch has to see the call as it is, unchecked.

    So it is where a call is traced, for which sizes must not be compared, and where one of these is
    more than a plain tensor: a subclass, a nested tensor, or whatever answers to
    `__torch_function__`.
    """
    if torch.jit.is_tracing():
        return True
    for t in tensors:
        if t is not None:
            if type(t) in PLAIN:
                if t.is_nested:
                    return True
            elif hasattr(type(t), "__torch_function__"):
                return True
    return False


def transformed():
    """Return whether `torch.func` or forward-mode differentiation is at work."""
    return (
        torch._C._are_functorch_transforms_active() or torch.autograd.forward_ad._current_level >= 0
    )


def recorded():
    """Return whether operators are written down, to be run elsewhere or looked at."""
    if torch.compiler.is_compiling():  # itself it knows our operators
        return _is_exporting()
    return (
        torch._C._len_torch_dispatch_stack() > 0
        or torch.jit.is_tracing()
        or (torch._C._len_torch_function_stack() > 0 and not _only_devices())
    )


def _only_devices():
    """Return whether all modes of `__torch_function__` only say where new tensors are made."""
    modes = torch.overrides._get_current_function_mode_stack()
    return all(isinstance(mode, torch.utils._device.DeviceContext) for mode in modes)


def batched():
    """Return whether a backward pass runs for many gradients at a time.

    So it does for ``is_grads_batched=True`` and ``jacobian(vectorize=True)``, by a `vmap` of its
    own that is not one of `torch.func`.
    """
    return torch._C._dispatch_tls_is_dispatch_key_included("VmapMode")


def observed(*tensors):
    """Return whether more is wanted of an operator than values and gradients of plain tensors."""
    return transformed() or recorded() or left_to_pytorch(*tensors)
