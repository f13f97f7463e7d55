"""The machine code for a GPU of compute capability 9.0: a test of speed that needs no GPU.

Nothing here is timed. A kernel that keeps registers in memory, accesses less than 16 bytes at a
time or reads a tensor twice cannot run at the speed of memory; these hold that none does so.
"""

import re
from importlib.util import find_spec

import pytest
import torch

from lnlearn.accelerated.triton import launch

if find_spec("triton") is None:  # no wheels for macOS
    pytest.skip("Triton cannot be had for this system", allow_module_level=True)

from lnlearn.accelerated.triton import ladder, ladder_backward, machine_code, norms

WIDTHS = [768, 1024, 1536, 3072, 4096, 5120, 8192, 12288, 16384, 32768, 65536]
SHARED = 227 * 1024  # bytes that a program can have on an H100 or H200
# In `make test`, the kernels that need the most registers; in `make test-kernels`, all of them.
EVERY = [
    pytest.param(torch.bfloat16, torch.bfloat16, True),
    *(
        pytest.param(*kind, marks=pytest.mark.slow)
        for kind in [
            (torch.bfloat16, torch.bfloat16, False),
            (torch.bfloat16, torch.float32, True),
            (torch.bfloat16, torch.float32, False),
            (torch.float16, torch.float16, True),
            (torch.float16, torch.float16, False),
            (torch.float32, torch.float32, True),
            (torch.float32, torch.float32, False),
        ]
    ),
]


def meta(*shape, dtype=torch.float32):
    return torch.empty(shape, dtype=dtype, device="meta")


def forward(width, dtype, parameters, add):
    x, w = meta(4096, width, dtype=dtype), meta(width, dtype=parameters)
    function, inputs = (norms.add_layer_norm, (x, x)) if add else (norms.layer_norm, (x,))
    (code,) = machine_code.codes(function, *inputs, [width], w, w, 1e-5)
    return code


def backward(width, dtype, parameters, add):
    x, w, mean = meta(4096, width, dtype=dtype), meta(width, dtype=parameters), meta(4096, 1)
    arguments = x, x, [width], mean, mean, w, w, x if add else None
    return machine_code.codes(norms.layer_norm_backward, *arguments)


def both_ways(width):
    """The code of a forward pass, of a backward pass and of its sums, with all there can be."""
    arguments = width, torch.bfloat16, torch.bfloat16, True
    return [forward(*arguments), *backward(*arguments)]


# Bytes of a thread that wide backward kernels keep in memory: with larger slices they keep some,
# and were measured to be faster than with slices that keep none.
SPILLED_WHERE_WIDE = 144


def assert_little_is_spilled(code, how, most=0):
    assert code.stack <= most
    assert most or code.count(r"LDL\S*|STL\S*") == 0
    assert code.registers <= how.registers
    assert code.shared * max(1, how.programs) <= SHARED


def transfers(code, how, width, dtype, tensors):
    """How many 16-byte accesses a thread needs to transfer a tile of so many tensors."""
    lanes = how.rows * how.block * how.pieces
    return tensors * lanes * dtype.itemsize // (16 * code.threads)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("dtype", "parameters", "add"), EVERY)
def test_the_forward_kernel(width, dtype, parameters, add):
    code = forward(width, dtype, parameters, add)
    how = launch.forward(width, dtype.itemsize)
    assert_little_is_spilled(code, how)
    wide_loads = code.count(r"LDG\.E\.EF\.128|LDGSTS\.E\.BYPASS\.128")
    assert code.count(r"LDG\.E\.EF(\.(64|U16|U8))?") == 0
    if how.wide:  # three times through the row, from a cache twice
        assert wide_loads
        a_piece = 3 * (1 + add) * dtype.itemsize + 2 * parameters.itemsize  # bytes, all times
        assert code.count(r"LDGSTS\S*") == how.stages * a_piece * how.block // (16 * code.threads)
        assert code.count(r"STG\.E\.128") >= 1
        return
    assert code.count(r"LDG\.E\.EL\S*")  # weight and bias: to stay in the cache
    assert wide_loads == transfers(code, how, width, dtype, 1 + add)
    assert code.count(r"STG\.E\.128") == transfers(code, how, width, dtype, 1 + add)
    assert code.count(r"STG\S*") == code.count(r"STG\.E\.128") + 2  # mean and rstd


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("dtype", "parameters", "add"), EVERY)
def test_the_backward_kernel(width, dtype, parameters, add):
    code, sums = backward(width, dtype, parameters, add)
    how = launch.backward(width, dtype.itemsize)
    assert_little_is_spilled(code, how, SPILLED_WHERE_WIDE if how.wide else 0)
    assert code.count(r"ATOM\S*|RED\.\S*|REDG\S*") == 0
    assert code.count(r"LDG\.E\.EL\S*")
    assert code.count(r"LDG\.E\.EF(\.(64|U16|U8))?") == 0
    wide_loads = code.count(r"LDG\.E\.EF\.128|LDGSTS\.E\.BYPASS\.128")
    if how.wide:  # two times through the row, from a cache once; ahead for the sums alone
        a_piece = 2 * dtype.itemsize + parameters.itemsize
        assert wide_loads
        assert code.count(r"LDGSTS\S*") == how.stages * a_piece * how.block // (16 * code.threads)
    else:  # the tiles that run ahead are loaded before the loop as well as in it
        assert wide_loads == how.stages * transfers(code, how, width, dtype, 2 + add)
    assert code.count(r"STG\.E\.128") >= transfers(code, how, width, dtype, 1)
    assert sums.stack == 0
    assert sums.count(r"LDG\.E\.128") >= 2


@pytest.mark.parametrize("width", [1000, 40001])
def test_masked_lanes_are_zeros_in_the_code(width):
    """Not what a register held before: 0 times NaN is NaN. The interpreter has zeros anyway."""
    for code in both_ways(width):
        zeros = set(re.findall(r"(%\w+) = arith\.constant dense<0\.0+e\+00>", code.ttir))
        loads = [line for line in code.ttir.splitlines() if "tt.load" in line]
        assert loads
        for line in loads:
            mask, other = re.search(r"tt\.load %\w+(?:, (%\w+))?(?:, (%\w+))?", line).groups()
            assert other in zeros if mask else other is None, line
            kept = re.search(r"(?:evictionPolicy = (\w+) )?: tensor<([x\d]+)!tt.ptr<bf16", line)
            if kept:  # rows make room in the cache, parameters stay there
                assert kept[1] == ("evict_first" if kept[2].count("x") == 2 else "evict_last")


@pytest.mark.parametrize("width", [768, 65536])
def test_programs_share_the_rows(width):
    """Each begins at its own and leaves out those of the others."""
    one_each = {"program_id x"}
    share = {"program_id x", "num_programs x"}
    # Where wide rows are cut into slices as well, x counts the slices.
    share_slices = {"program_id x", "program_id y", "num_programs y"}
    wanted = [one_each, share_slices if launch.backward(width, 2).wide else share, one_each]
    for code, asked in zip(both_ways(width), wanted, strict=True):
        assert set(re.findall(r"tt\.get_(\w+ \w)", code.ttir)) == asked


def test_another_batch_size_compiles_nothing_again():
    """What changes with it is never looked at for being 1 or a multiple of 16."""
    for kernel, names in [
        (norms.forward_kernel, ["N"]),
        (norms.wide_forward_kernel, ["N", "pieces"]),
        (norms.backward_kernel, ["N"]),
        (norms.wide_backward_kernel, ["N", "pieces"]),
        (norms.sum_kernel, ["P"]),
    ]:
        assert [p.name for p in kernel.params if p.do_not_specialize] == names


def test_the_compiled_code_would_show_a_spill_and_a_narrow_access():
    """The same checks see both where they are: 128 elements a thread, and rows of odd length."""
    how = launch.forward(4096, 2)._replace(block=8192, pieces=2)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(launch, "forward", lambda width, size: how)
        code = forward(16384, torch.bfloat16, torch.bfloat16, True)
    assert code.stack > 0
    assert code.count(r"LDL\S*") > 0
    code = forward(1023, torch.bfloat16, torch.bfloat16, False)
    assert code.count(r"LDG\.E\.EF\.128|LDGSTS\.E\.BYPASS\.128") == 0


def test_offsets_of_rows_are_64_bit_in_the_code():
    """pytorch #181555, flashinfer #3391, vllm #22419."""
    codes = [forward(768, torch.bfloat16, torch.bfloat16, True)]
    codes += backward(768, torch.bfloat16, torch.bfloat16, True)[:1]
    codes += backward(16384, torch.bfloat16, torch.bfloat16, True)[:1]
    for code in codes:
        offsets = [line for line in code.ttir.splitlines() if "tt.addptr" in line]
        assert any("xi64>" in line for line in offsets)
        products = [line for line in code.ttir.splitlines() if "arith.muli" in line]
        assert products
        assert all("i64" in line for line in products if "tensor" in line)


def test_every_rung_reads_and_writes_each_tensor_once_16_bytes_at_a_time():
    """A row of x, weight and bias in, a row of y out; dy and the partial sums backward."""
    rungs = [(kernel, 1024) for kernel in ladder.FORWARD] + [(ladder.pieces_of_a_row, 768)]
    for kernel, width in rungs:
        x, w = meta(4096, width, dtype=torch.bfloat16), meta(width, dtype=torch.bfloat16)
        (code,) = machine_code.codes(ladder.layer_norm, kernel, x, w, w)
        rows = ladder.how(kernel, width, 2)[0].get("ROWS", 1)
        assert code.stack == 0
        assert code.bytes_of("LDG") == (rows + 2) * 2 * width, kernel.__name__
        assert code.bytes_of("STG") == rows * 2 * width, kernel.__name__
        assert set(code.accesses("LDG")) == set(code.accesses("STG")) == {16}
    for kernel, atomics in zip(ladder_backward.BACKWARD, (True, False), strict=True):
        x, w, mean = meta(4096, 1024, dtype=torch.bfloat16), meta(1024), meta(4096)
        found = machine_code.codes(ladder_backward.layer_norm_backward, kernel, x, x, w, mean, mean)
        assert len(found) == (1 if atomics else 3)
        assert bool(found[0].accesses("REDG|ATOMG")) == atomics
        assert found[0].accesses("LDG")[16] * found[0].threads == 1024 * (2 + 2 + 4) / 16
        assert found[0].stack == 0


def test_the_ladder_is_compiled_where_kernels_are_interpreted(monkeypatch):
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    ours, wide = machine_code.of_the_ladder([("ours", 768), ("any_width", 65536)])
    assert (ours.name, ours.stack) == ("forward_kernel", 0)
    assert wide.stack > 0
    with pytest.raises(RuntimeError, match=r"no rung 'a_column'; there are a_row, any_width, "):
        machine_code.of_the_ladder([("a_column", 8)])


def test_every_instruction_is_counted_once():
    """They lie 16 bytes apart, from address 0 to the last."""
    (code,) = machine_code.of_the_ladder([("a_row", 64)])
    last = max(int(at, 16) for at in re.findall(r"/\*(\w+)\*/ .*;", code.assembly))
    assert code.instructions() + code.count("NOP") == last // 16 + 1
