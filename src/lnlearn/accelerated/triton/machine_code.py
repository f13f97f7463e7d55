"""What the compiler makes of a kernel for a GPU of compute capability 9.0, without a GPU.

Triton compiles without a GPU if it is told for which, and its package has NVIDIA's disassembler. So
what decides the speed of a kernel that waits for memory can be read on any machine with Linux: how
many registers a thread needs, how many bytes of them did not fit and are kept in memory, how many
bytes an instruction loads or stores, and how often.

`codes` compiles what a function launches. It needs kernels that are not interpreted, and where
TRITON_INTERPRET is set, `of_the_ladder` asks another Python for them.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest import mock

import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from triton.runtime.jit import KernelInterface

from lnlearn.accelerated.triton import ladder, ladder_backward, norms

H100 = GPUTarget("cuda", 90, 32)
TOOLS = Path(triton.__file__).parent / "backends/nvidia/bin"
NAMES = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}
OURS = "ours"  # the name of our own kernels among those of the ladder


@dataclass(frozen=True)
class Code:
    """Machine code of a kernel."""

    name: str
    threads: int  # of a program
    registers: int  # of a thread, 32 bits each
    stack: int  # bytes of a thread that are kept in memory
    shared: int  # bytes of shared memory of a program
    assembly: str  # an instruction a line
    ttir: str  # Triton's own intermediate form, before anything is said of threads

    def count(self, pattern):
        """Count the instructions whose name matches."""
        return len(re.findall(rf"\b(?:{pattern})(?=[ ;])", self.assembly))

    def instructions(self):
        """Count all instructions but NOP, which fills up the end of a kernel."""
        return len(re.findall(r"\*/ +(?:@\S+ +)?(?!NOP)[A-Z]", self.assembly))

    def accesses(self, operation):
        """Count the accesses to memory by the bytes of each.

        `operation` is LDG, a load, STG, a store, or REDG or ATOMG, an addition in memory.

        Each is one instruction of a thread, so a program transfers `threads` times as many bytes,
        for code without loops.
        """
        names = re.findall(rf"\b(?:{operation})(?:\.\w+)+", self.assembly)
        widths = {"128": 16, "F32x4": 16, "64": 8, "F32x2": 8, "U16": 2, "S16": 2, "U8": 1, "S8": 1}
        return Counter(
            next((widths[part] for part in name.split(".") if part in widths), 4) for name in names
        )

    def bytes_of(self, operation):
        """Return how many bytes a program transfers by such accesses, for code without loops."""
        return self.threads * sum(w * count for w, count in self.accesses(operation).items())


def codes(function, *arguments):
    """Return the code of every kernel that a call launches, in order, for an H100.

    Parameters
    ----------
    function : callable
        It gets to its launches with tensors on the meta device, which have shapes and no numbers.
    arguments
        Its arguments; tensors among them are on the meta device.
    """
    found = []

    def launched(kernel, grid):
        return lambda *given, **switches: found.append(compiled(kernel, *given, **switches))

    with mock.patch.object(KernelInterface, "__getitem__", launched):
        function(*arguments)
    return found


def compiled(kernel, *arguments, num_warps, maxnreg=None, **switches):
    """Return the code of a kernel for the arguments of a launch."""
    values = dict(zip(kernel.arg_names, arguments, strict=False)) | switches
    constants = {p.name for p in kernel.params if p.is_constexpr}
    signature, attributes = {}, {}
    for index, name in enumerate(kernel.arg_names):
        value = values[name]
        if isinstance(value, torch.Tensor):
            if value.device.type != "meta":
                raise ValueError(f"{name} needs to be on the meta device, got {value.device}")
            signature[name] = f"*{NAMES[value.dtype]}"
        elif name in constants or value is None:
            signature[name] = "constexpr"
        else:
            signature[name] = "fp32" if isinstance(value, float) else "i32"
        # What a launch finds out: addresses, and strides like them, that 16 divides.
        if signature[name][0] == "*" or (name.endswith("stride") and value % 16 == 0):
            attributes[(index,)] = [["tt.divisibility", 16]]
    constants = {name: values[name] for name, kind in signature.items() if kind == "constexpr"}
    source = ASTSource(kernel, signature, constants, attributes)
    options = {"num_warps": num_warps} | ({"maxnreg": maxnreg} if maxnreg else {})
    return _read(triton.compile(source, target=H100, options=options))


def of_the_ladder(rungs, dtype="bfloat16"):
    """Compile rungs of the ladder, forward and backward, in another Python; return their codes.

    Parameters
    ----------
    rungs : sequence of (str, int)
        The name of a kernel in `ladder.FORWARD` or `ladder_backward.BACKWARD`, or ``"ours"`` for
        our forward kernel, and the width of a row.
    dtype : str
        Of all tensors but the statistics: ``"float32"``, ``"bfloat16"`` or ``"float16"``.
    """
    command = [sys.executable, "-m", "lnlearn.accelerated.triton.machine_code"]
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    done = subprocess.run(
        [*command, json.dumps([list(rungs), dtype])],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the kernels could not be compiled:\n{done.stderr}")
    return [Code(**fields) for fields in json.loads(done.stdout)]


def _rung(name, width, dtype):
    """Return the code of a rung for 4096 rows; without the second kernel of a backward pass."""

    def meta(*shape, dtype=dtype):
        return torch.empty(shape, dtype=dtype, device="meta")

    x, w, mean = meta(4096, width), meta(width), meta(4096, dtype=torch.float32)
    kernels = {k.__name__: k for k in (*ladder.FORWARD, *ladder_backward.BACKWARD)}
    if name == OURS:
        return codes(norms.layer_norm, x, [width], w, w, 1e-5)[0]
    if name not in kernels:
        raise ValueError(f"there is no rung {name!r}; there are {', '.join([*kernels, OURS])}")
    if kernels[name] in ladder.FORWARD:
        return codes(ladder.layer_norm, kernels[name], x, w, w)[0]
    arguments = kernels[name], x, x, w, mean, mean
    return codes(ladder_backward.layer_norm_backward, *arguments)[0]


def _read(kernel):
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(kernel.asm["cubin"])
        file.flush()
        usage = _run("cuobjdump", "--dump-resource-usage", file.name)
        assembly = _run("nvdisasm", file.name)
    registers, stack = (int(re.search(rf"{what}:(\d+)", usage)[1]) for what in ("REG", "STACK"))
    threads = 32 * kernel.metadata.num_warps
    return Code(
        kernel.metadata.name, threads, registers, stack, kernel.metadata.shared,
        assembly, kernel.asm["ttir"],
    )  # fmt: skip


def _run(tool, *arguments):
    return subprocess.run(
        [TOOLS / tool, *arguments], capture_output=True, text=True, check=True
    ).stdout


if __name__ == "__main__":
    rungs, dtype = json.loads(sys.argv[1])
    found = [_rung(name, width, getattr(torch, dtype)) for name, width in rungs]
    print(json.dumps([asdict(code) for code in found]))
