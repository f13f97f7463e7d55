"""Compile the kernels as a GPU of compute capability 9.0 would have them, without one.

A call of `norms` with tensors on the meta device runs up to the launch. There the kernel, with
these very arguments, is handed to Triton's compiler, and what that made is read: how many
registers, how much of them had to be kept in memory, how wide the accesses are.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from lnlearn.accelerated.triton import norms

H100 = GPUTarget("cuda", 90, 32)
TOOLS = Path(triton.__file__).parent / "backends/nvidia/bin"
NAMES = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}
KERNELS = [
    "forward_kernel", "wide_forward_kernel", "backward_kernel", "wide_backward_kernel", "sum_kernel"
]  # fmt: skip


class Recorder:
    """Stands in for a kernel: launching it compiles it."""

    def __init__(self, kernel, codes):
        self.kernel, self.codes = kernel, codes

    def __getitem__(self, grid):
        """Return what is called with the arguments of a launch."""
        return self.launch

    def launch(self, *arguments, num_warps, maxnreg=None, **switches):
        values = dict(zip(self.kernel.arg_names, arguments, strict=False)) | switches
        constants = {p.name for p in self.kernel.params if p.is_constexpr}
        signature, attributes = {}, {}
        for index, name in enumerate(self.kernel.arg_names):
            value = values[name]
            if isinstance(value, torch.Tensor):
                assert value.device.type == "meta", f"{name} is not on the device of the input"
                signature[name] = f"*{NAMES[value.dtype]}"
            elif name in constants or value is None:
                signature[name] = "constexpr"
            else:
                signature[name] = "fp32" if isinstance(value, float) else "i32"
            # What a launch finds out: addresses, and strides like them, that 16 divides.
            if signature[name][0] == "*" or (name.endswith("stride") and value % 16 == 0):
                attributes[(index,)] = [["tt.divisibility", 16]]
        constants = {name: values[name] for name, kind in signature.items() if kind == "constexpr"}
        source = ASTSource(self.kernel, signature, constants, attributes)
        options = {"num_warps": num_warps} | ({"maxnreg": maxnreg} if maxnreg else {})
        self.codes.append(Code(triton.compile(source, target=H100, options=options)))


class Code:
    """Machine code of a kernel."""

    def __init__(self, compiled):
        self.name = compiled.metadata.name
        self.threads = 32 * compiled.metadata.num_warps
        self.shared = compiled.metadata.shared  # bytes of shared memory
        self.ttir = compiled.asm["ttir"]
        with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
            file.write(compiled.asm["cubin"])
            file.flush()
            usage = run("cuobjdump", "--dump-resource-usage", file.name)
            self.assembly = run("nvdisasm", file.name)
        self.registers, self.stack = (
            int(re.search(rf"{what}:(\d+)", usage)[1]) for what in ("REG", "STACK")
        )

    def count(self, pattern):
        """Count the instructions whose name matches."""
        return len(re.findall(rf"\b(?:{pattern})(?=[ ;])", self.assembly))


def run(tool, *arguments):
    return subprocess.run(
        [TOOLS / tool, *arguments], capture_output=True, text=True, check=True
    ).stdout


def compiled(monkeypatch, function, *arguments):
    """Call a function of `norms` on meta tensors; return the code of the kernels it launched."""
    codes = []
    for name in KERNELS:
        monkeypatch.setattr(norms, name, Recorder(getattr(norms, name), codes))
    getattr(norms, function)(*arguments)
    monkeypatch.undo()
    return codes
