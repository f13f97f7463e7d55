"""What our kernels promise beyond what every backend does; run where they compute.

Interpreted, programs are Python and shapes are small. `gpu` marks what only a GPU can show.
"""

import pytest
import torch
import torch.nn.functional as F

from computing import DEVICE
from lnlearn import accelerated
from lnlearn.accelerated.triton import launch, norms

pytestmark = pytest.mark.triton
TOLERANCE = {torch.float16: 5e-4, torch.bfloat16: 4e-3, torch.float32: 3e-7}


def draw(*shape, dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator).to(DEVICE, dtype)


def off(got, expected):
    """The distance from a float64 result, relative to its length."""
    return ((got.double() - expected).norm() / expected.norm()).item()


def problem(rows, width, dtype=torch.float32):
    """Inputs of a forward and a backward pass; x has another mean than 0."""
    x = draw(rows, width, dtype=dtype) + 3
    return (
        x,
        *(draw(*s, dtype=dtype, seed=i) for i, s in enumerate([x.shape] * 3, 1)),
        *(draw(width, dtype=dtype, seed=i) for i in (4, 5)),
    )


def expected(x, dy, dtotal, weight, bias, rms):
    """y, dx, dweight and dbias in float64, by PyTorch."""
    x, dy, dtotal, weight, bias = (t.double() for t in (x, dy, dtotal, weight, bias))
    leaves = [t.requires_grad_() for t in (x, weight, bias)]
    shape = (x.shape[-1],)
    y = F.rms_norm(x, shape, weight, 0.1) + 0 * bias if rms else F.layer_norm(
        x, shape, weight, bias, 0.1
    )  # fmt: skip
    return y, *torch.autograd.grad((y, x * 1), leaves, (dy, dtotal))


@pytest.mark.parametrize("rms", [False, True], ids=["layer", "rms"])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    ("rows", "width"),
    [(70, 1), (70, 3), (9, 31), (9, 96), (5, 257), (20, 768), (3, 1025), (3, 5120), (2, 8193)],
)
def test_values_and_gradients_at_every_kind_of_width(monkeypatch, rows, width, dtype, rms):
    monkeypatch.setattr(norms, "aten", None)  # the kernels compute it all
    x, residual, dy, dtotal, weight, bias = problem(rows, width, dtype)
    if rms:
        y, total, rstd = norms.add_rms_norm(x, residual, [width], weight, 0.1)
        dx, dw = norms.rms_norm_backward(dy, total, [width], rstd, weight, dtotal)
        got = y, dx, dw
        assert all(map(torch.equal, norms.rms_norm(total, [width], weight, 0.1), (y, rstd)))
    else:
        y, total, mean, rstd = norms.add_layer_norm(x, residual, [width], weight, bias, 0.1)
        got = y, *norms.layer_norm_backward(
            dy, total, [width], mean, rstd, weight, bias, dtotal
        )  # fmt: skip
        plain = norms.layer_norm(total, [width], weight, bias, 0.1)
        assert all(map(torch.equal, plain, (y, mean, rstd)))
    assert torch.equal(total, x + residual)
    wanted = expected(total, dy, dtotal, weight, bias, rms)
    for g, e in zip(got, wanted, strict=False):
        assert g.dtype == dtype
        scale = e.norm() + (1e-3 if width == 1 else 0)  # at width 1, x_hat and its sums are 0
        assert (g.double() - e).norm() <= 4 * TOLERANCE[dtype] * scale


@pytest.mark.parametrize("rows", [0, 2])
def test_without_elements_nothing_is_launched(monkeypatch, rows):
    """A grid of 0 programs, or a mean over 0 elements, is left to ATen, which knows the shapes."""
    width = 0 if rows else 3
    x, w, s = torch.ones(rows, width), torch.ones(width), torch.ones(rows, 1)
    for name in ("forward_kernel", "backward_kernel", "sum_kernel"):
        monkeypatch.setattr(norms, name, None)
    for name, arguments in [
        ("layer_norm", (x, [width], w, w, 0.1)),
        ("rms_norm", (x, [width], w, 0.1)),
        ("add_layer_norm", (x, x, [width], w, w, 0.1)),
        ("add_rms_norm", (x, x, [width], w, 0.1)),
        ("layer_norm_backward", (x, x, [width], s, s, w, w, None)),
        ("rms_norm_backward", (x, x, [width], s, w, None)),
    ]:
        found, wanted = (getattr(module, name)(*arguments) for module in (norms, norms.aten))
        assert [t.shape for t in found] == [t.shape for t in wanted], name


@pytest.mark.parametrize("rms", [False, True], ids=["layer", "rms"])
@pytest.mark.parametrize(("rows", "width"), [(37, 5), (21, 33), (20, 768), (3, 9000), (1, 33000)])
def test_nothing_beyond_a_tensor_is_read_or_written(monkeypatch, rows, width, rms):
    """NaN stands around every tensor, and in results before: it would show, or be gone."""
    around = []

    def guarded(values):
        """The same values between NaNs."""
        whole = values.new_full((values.numel() + 2048,), torch.nan)
        inner = whole[1024:-1024].view(values.shape)
        around.append((whole, values.numel()))
        return inner.copy_(values)

    inputs = [guarded(t) for t in problem(rows, width)]
    x, residual, dy, dtotal, weight, bias = inputs
    empty = torch.empty
    monkeypatch.setattr(
        torch, "empty", lambda *size, **how: guarded(empty(*size, **how).fill_(torch.nan))
    )
    monkeypatch.setattr(torch, "empty_like", lambda t: guarded(torch.full_like(t, torch.nan)))
    if rms:
        y, total, rstd = norms.add_rms_norm(x, residual, [width], weight, 0.1)
        results = y, *norms.rms_norm_backward(dy, total, [width], rstd, weight, dtotal)
    else:
        y, total, mean, rstd = norms.add_layer_norm(x, residual, [width], weight, bias, 0.1)
        results = y, *norms.layer_norm_backward(
            dy, total, [width], mean, rstd, weight, bias, dtotal
        )  # fmt: skip
    assert all(t.isfinite().all() for t in results)
    for whole, count in around:
        assert whole[:1024].isnan().all()
        assert whole[1024 + count :].isnan().all()


@pytest.mark.parametrize("width", [32769, 65536, 65537, 131072])
def test_rows_wider_than_the_registers(width):
    assert launch.forward(width, 4).wide
    x, residual, dy, dtotal, weight, bias = problem(1, width)
    y, total, mean, rstd = norms.add_layer_norm(x, residual, [width], weight, bias, 0.1)
    assert torch.equal(total, x + residual)
    wanted = expected(total, dy, dtotal, weight, bias, False)
    assert off(y, wanted[0]) < 1e-6
    if width == 131072:  # 16 slices go through the row: interpreted, half a minute with all of it
        x_hat = (total.double() - mean) * rstd
        dx, *_ = norms.layer_norm_backward(dy, total, [width], mean, rstd, None, None, None)
        g = dy.double()
        assert off(dx, (g - g.mean() - x_hat * (g * x_hat).mean()) * rstd) < 1e-6
        return
    found = norms.layer_norm_backward(dy, total, [width], mean, rstd, weight, bias, dtotal)
    for got, want in zip(found, wanted[1:], strict=True):
        assert off(got, want) < 1e-6


@pytest.mark.parametrize("width", [5, 96, 1100, 9000])
def test_a_row_gives_the_same_bits_in_every_batch(width):
    """Whatever tile and program it falls to."""
    rows = 4 if width > 2000 else 2 * launch.forward(width, 4).rows + 3
    x, residual, dy, dtotal, weight, bias = problem(rows, width)
    whole = norms.add_layer_norm(x, residual, [width], weight, bias, 0.1)
    dx, *_ = norms.layer_norm_backward(dy, whole[1], [width], *whole[2:], weight, bias, dtotal)
    for part in (slice(0, 1), slice(rows - 1, rows), slice(1, 4)):
        alone = norms.add_layer_norm(x[part], residual[part], [width], weight, bias, 0.1)
        for got, all_rows in zip(alone, whole, strict=True):
            assert torch.equal(got, all_rows[part])
        got, *_ = norms.layer_norm_backward(
            dy[part], alone[1], [width], *alone[2:], weight, bias, dtotal[part]
        )
        assert torch.equal(got, dx[part])


def test_gradients_are_the_same_bits_every_time():
    x, _, dy, _, weight, bias = problem(50, 96)
    _, mean, rstd = norms.layer_norm(x, [96], weight, bias, 0.1)
    runs = [norms.layer_norm_backward(dy, x, [96], mean, rstd, weight, bias, None) for _ in "ab"]
    assert all(map(torch.equal, *runs))


@pytest.mark.parametrize("offset", [1, 8])
def test_rows_of_a_larger_tensor_are_read_where_they_are(offset, monkeypatch):
    """No copy where each row is contiguous, whatever its stride and where the first begins."""
    whole = draw(6, 40 + offset)
    x = whole[::2, offset:]
    assert not x.is_contiguous()
    wanted = norms.layer_norm(x.contiguous(), [40], None, None, 0.1)
    monkeypatch.setattr(torch.Tensor, "contiguous", None)
    assert all(map(torch.equal, norms.layer_norm(x, [40], None, None, 0.1), wanted))


def test_row_offsets_beyond_2_to_the_31_are_64_bit():
    """Strides so large that an offset kept in 32 bits would fall below 0.

    pytorch #181555, flashinfer #3391, vllm #22419. The tensors have two rows, and memory for what
    lies between them that is reserved but never written.
    """
    width, stride = 8, 2**31 + 16
    far = torch.empty(stride + width, dtype=torch.float16, device=DEVICE)
    rows = far.as_strided((2, width), (stride, 1))
    rows.copy_(draw(2, width, dtype=torch.float16))
    near = rows.contiguous()
    y, mean, rstd = norms.layer_norm(near, [width], None, None, 0.1)
    assert torch.equal(norms.layer_norm(rows, [width], None, None, 0.1)[0], y)
    arguments = [width], mean, rstd, None, None
    wanted, *_ = norms.layer_norm_backward(near, near, *arguments, near)
    assert torch.equal(norms.layer_norm_backward(rows, rows, *arguments, rows)[0], wanted)


@pytest.mark.parametrize("width", [768, 33000])
def test_a_constant_row_near_the_largest_float_stays_finite(width):
    """pytorch #173793: its sum overflows, and so does the square of the error of its mean."""
    x = torch.full((3, width), 8.5071e37, device=DEVICE)
    x[1] = 3.4e38
    x[2] = draw(width)
    y = accelerated.layer_norm(x, width)
    assert y.isfinite().all()
    assert y[:2].abs().max() < 1.01  # that error, normalized
    assert torch.equal(y[2:], accelerated.layer_norm(x[2:], width))


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid:RuntimeWarning")
@pytest.mark.parametrize("size", [1e30, 3e38])
def test_a_variance_that_overflows_is_nan_and_not_a_row_of_zeros(size):
    x = torch.tensor([[size, -size, size, -size], [1.0, 2, 3, 4]], device=DEVICE)
    for y in (accelerated.layer_norm(x, 4), accelerated.rms_norm(x, 4)):
        assert y[0].isnan().all()
        assert y[1].isfinite().all()


def test_lanes_beyond_the_row_stay_out_of_the_variance_whatever_the_mean():
    """unsloth #1867: they were masked before the mean was subtracted, not after."""
    x = draw(3, 33) + 1000
    assert off(accelerated.layer_norm(x, 33), F.layer_norm(x.double(), (33,))) < 1e-4


@pytest.mark.parametrize("width", [768, 33, launch.WIDEST_FORWARD + 8])
@pytest.mark.parametrize("mean", [1e3, 1e4, -3e6])
def test_a_large_mean_costs_y_no_digits(width, mean):
    """The rounding of a float32 mean alone would: 3e-5 of a standard deviation at 1000."""
    x = draw(3, width) + mean
    y, saved, _ = norms.layer_norm(x, [width], None, None, 1e-5)
    assert off(y, F.layer_norm(x.double(), (width,))) < 1e-6
    exact = x.double().mean(-1, keepdim=True)
    assert torch.allclose(saved.double(), exact, rtol=6e-8, atol=0)  # a rounding to float32


@pytest.mark.parametrize("width", [768, launch.WIDEST_FORWARD + 8])
@pytest.mark.parametrize("mean", [1e18, 3e18, 1e37])  # about 2^60, where squares are scaled
def test_a_huge_mean_costs_no_digits_either(width, mean):
    x = (1 + draw(3, width) / 1000) * mean
    assert off(accelerated.layer_norm(x, width), F.layer_norm(x.double(), (width,))) < 1e-5


@pytest.mark.parametrize("value", [0.1, 1e4 + 0.3, 1e37])
def test_a_constant_row_becomes_zero(value):
    y = accelerated.layer_norm(torch.full((2, 777), value, device=DEVICE), 777, eps=1e-12)
    assert y.abs().max() < 1e-5


def test_statistics_are_float32_whatever_the_default_dtype_is():
    x = draw(3, 33, dtype=torch.float32)
    torch.set_default_dtype(torch.float64)
    try:
        y, mean, rstd = norms.layer_norm(x, [33], None, None, 1e-5)
        dx, *others = norms.layer_norm_backward(x, x, [33], mean, rstd, None, None, None)
    finally:
        torch.set_default_dtype(torch.float32)
    assert y.dtype == mean.dtype == rstd.dtype == dx.dtype == torch.float32
    assert [t.numel() for t in others] == [0, 0]  # gradients of what is not there


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_errors_are_those_of_pytorch_at_most(dtype):
    for mean in (0, 10, 1e3, 1e4):
        x = (draw(16, 768) + mean).to(dtype)
        weight, bias, dy = (draw(*s, dtype=dtype, seed=3) for s in [(768,), (768,), (16, 768)])

        def run(function, *tensors):
            x, weight, bias, dy = tensors
            leaves = [t.detach().requires_grad_() for t in (x, weight, bias)]
            y = function(leaves[0], (768,), *leaves[1:])
            return y.detach(), *torch.autograd.grad(y, leaves, dy)

        reference = run(F.layer_norm, *(t.double() for t in (x, weight, bias, dy)))
        ours = run(accelerated.layer_norm, x, weight, bias, dy)
        theirs = run(F.layer_norm, x, weight, bias, dy)
        for name, a, b, r in zip(("y", "dx", "dw", "db"), ours, theirs, reference, strict=True):
            if r.norm() > 0:
                assert off(a, r) <= 1.05 * off(b, r) + 1e-7, (mean, name)


# On a GPU ----------------------------------------------------------------------------------------


@pytest.mark.gpu
def test_calls_can_be_captured_in_a_graph():
    x, _, dy, _, weight, bias = problem(64, 768, torch.bfloat16)
    x.requires_grad_()

    def step():
        return torch.autograd.grad(accelerated.layer_norm(x, 768, weight, bias), x, dy)[0]

    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        wanted = step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        got = step()
    got.zero_()
    graph.replay()
    torch.cuda.synchronize()
    assert torch.equal(got, wanted)


@pytest.mark.gpu
def test_work_goes_to_the_current_stream():
    x = draw(4096, 4096)
    wanted = accelerated.layer_norm(x, 4096)
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        later = torch.empty_like(x)
        torch.cuda._sleep(50_000_000)
        later.copy_(x)
        got = accelerated.layer_norm(later, 4096)
    stream.synchronize()
    assert torch.equal(got, wanted)


@pytest.mark.gpu
@pytest.mark.filterwarnings("ignore:.torch.jit.script_method. is deprecated:DeprecationWarning")
def test_the_whole_compiled_by_inductor_gives_the_same():
    """Liger-Kernel #871."""
    x, _, dy, _, weight, bias = problem(64, 768, torch.bfloat16)
    leaves = [t.requires_grad_() for t in (x, weight, bias)]

    def step(x, weight, bias):
        return accelerated.layer_norm(x * 1, 768, weight, bias)

    wanted = torch.autograd.grad(step(*leaves), leaves, dy)
    compiled = torch.compile(step, fullgraph=True)
    for got, want in zip(torch.autograd.grad(compiled(*leaves), leaves, dy), wanted, strict=True):
        assert torch.equal(got, want)


@pytest.mark.gpu
def test_a_device_that_is_not_the_current_one():
    if torch.cuda.device_count() < 2:
        pytest.skip("needs two GPUs")
    x = draw(8, 768).to("cuda:1")
    assert torch.equal(
        accelerated.layer_norm(x, 768).cpu(), accelerated.layer_norm(x.to(0), 768).cpu()
    )


@pytest.mark.gpu
@pytest.mark.parametrize("rows", [2**19 + 1, 2**20 + 1])  # of 4096: just above 2^31 and 2^32
def test_more_elements_than_32_bits_count(rows):
    needed = rows * 4096 * 2 * 3
    if torch.cuda.mem_get_info()[0] < needed:
        pytest.skip(f"needs {needed / 2**30:.0f} GiB of free GPU memory")
    x = torch.empty(rows, 4096, dtype=torch.float16, device=DEVICE).normal_()
    y = accelerated.layer_norm(x, 4096)
    dx, *_ = norms.layer_norm_backward(
        x[-1:],
        x[-1:],
        [4096],
        *norms.layer_norm(x[-1:], [4096], None, None, 1e-5)[1:],
        None,
        None,
        None,
    )
    assert dx.isfinite().all()
    for row in (0, rows // 2, rows - 1):
        assert torch.equal(y[row], accelerated.layer_norm(x[row : row + 1], 4096)[0])
