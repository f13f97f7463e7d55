"""The launch configurations: what they cover and what they need of a multiprocessor."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lnlearn.accelerated.triton import launch

WIDTHS = st.integers(1, 200_000) | st.sampled_from(
    [2**n + d for n in range(1, 18) for d in (-1, 0)]
)
SIZES = st.sampled_from([2, 4])


def power_of_two(n):
    return n & (n - 1) == 0


def power_of_two_from(n):
    """The least that is not smaller."""
    return next(2**i for i in range(20) if 2**i >= n)


@given(WIDTHS, SIZES)
def test_every_column_lies_in_one_piece_and_no_piece_is_empty(width, size):
    for how in (launch.forward(width, size), launch.backward(width, size)):
        assert power_of_two(how.block)
        assert power_of_two(how.rows)
        covered = how.block * how.pieces * how.slices
        assert covered >= width
        if how.slices == 1:
            assert covered - width < how.block
        else:  # the last slice may have pieces beyond the end, but not only such
            assert (how.slices - 1) * how.block * how.pieces < width


@given(WIDTHS, SIZES)
def test_programs_fit_on_a_multiprocessor(width, size):
    for how in (launch.forward(width, size), launch.backward(width, size)):
        assert power_of_two(how.warps)
        assert how.warps * how.programs * 32 * how.registers <= 65536
        assert how.warps * how.programs <= 64
        assert 1 <= how.registers <= 255


@given(WIDTHS, SIZES)
def test_a_thread_has_16_bytes_at_a_time_and_as_many_elements_as_registers_allow(width, size):
    for how, most in ((launch.forward(width, size), 32), (launch.backward(width, size), 16)):
        if how.wide:
            continue
        elements = how.block * how.pieces * how.rows / (how.warps * 32)
        assert elements <= most
        threads_of_a_row = how.warps * 32 // how.rows
        assert how.block in (threads_of_a_row * 16 // size, power_of_two_from(width))
        assert how.block <= power_of_two_from(width)  # no lanes that no row of this width has
        if threads_of_a_row > 1:  # the fewest that do: half as many would hold too much
            half = threads_of_a_row // 2 * 16 // size
            assert -(-width // half) * 16 // size > most


@given(WIDTHS, SIZES)
def test_registers_hold_what_stays_in_them(width, size):
    """Counted in tiles of float32: of a row and, where kept, what stays beside it."""
    for how, tiles in (
        (launch.forward(width, size), 3 if width <= 16384 else 1),  # x; weight and bias as well
        (launch.backward(width, size), 5),  # x_hat, g, dweight, dbias and weight
    ):
        if how.wide:
            continue
        elements = how.block * how.pieces * how.rows / (how.warps * 32)
        assert how.registers >= tiles * elements + 24  # and addresses, strides, statistics


@pytest.mark.parametrize("size", [2, 4])
def test_wide_rows_are_loaded_one_by_one_16_bytes_a_thread(size):
    how = launch.forward(32769, size)
    assert how.rows == launch.backward(8193, size).rows == 1
    assert how.block == how.warps * 32 * 16 // size
    assert launch.SUM_WARPS * 32 * 4 == 512  # four bytes each: what `sums` gives a program


@pytest.mark.parametrize("size", [2, 4])
def test_wide_rows_begin_where_registers_end(size):
    assert not launch.forward(32768, size).wide
    assert launch.forward(32769, size).wide
    assert launch.forward(16384, size).keep
    assert not launch.forward(16385, size).keep
    assert not launch.forward(32769, size).keep
    assert launch.backward(8192, size).keep
    assert not launch.backward(8193, size).keep
    assert not launch.backward(8192, size).wide
    assert launch.backward(8193, size).wide
    assert [launch.backward(width, size).slices for width in (8192, 16384, 16385)] == [1, 2, 3]


def test_common_odd_widths_leave_no_lane_idle():
    for width, pieces in [(768, 3), (1536, 3), (3072, 3), (12288, 3)]:
        how = launch.forward(width, 2)
        assert how.block * how.pieces == width
        assert how.pieces == pieces


@given(WIDTHS, SIZES, st.integers(1, 10**6), st.sampled_from([2, 108, 132]))
def test_programs_are_as_many_as_there_is_room_or_work_for(width, size, rows, multiprocessors):
    for how in (launch.forward(width, size), launch.backward(width, size)):
        programs = launch.grid(how, rows, multiprocessors)
        assert 1 <= programs <= max(1, multiprocessors * how.programs)
        assert (programs - 1) * how.rows < rows  # none without a tile
        room = max(1, multiprocessors * how.programs // how.slices)
        assert programs == room or programs * how.rows >= rows


@given(WIDTHS, st.sampled_from([2, 108, 132]))
def test_sums_have_512_elements_and_columns_for_every_multiprocessor(width, multiprocessors):
    rows, columns = launch.sums(width, multiprocessors)
    assert rows * columns == 512
    assert 8 <= columns <= 512
    assert columns == 8 or columns // 2 * 4 * multiprocessors < width
    assert columns == 512 or columns * 4 * multiprocessors >= width


@given(WIDTHS)
def test_a_row_shrunk_by_a_power_of_two_cannot_overflow(width):
    found = launch.shrink(width)
    assert found == 2.0 ** round(__import__("math").log2(found))
    assert found * width <= 1 < 2 * found * width + 1e-12


def test_the_configuration_is_known_without_triton():
    code = (
        "import sys, importlib.util, pathlib, lnlearn\n"
        "path = pathlib.Path(lnlearn.__file__).parent / 'accelerated/triton/launch.py'\n"
        "spec = importlib.util.spec_from_file_location('launch', path)\n"
        "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)\n"
        "module.forward(768, 2), module.backward(768, 2)\n"
        "assert not {'torch', 'triton'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@given(WIDTHS, SIZES)
def test_loads_run_one_tile_ahead_unless_that_would_spill(width, size):
    assert launch.backward(width, size).stages == 2
    held_without_parameters = 16384 < width <= 32768
    assert launch.forward(width, size).stages == (1 if held_without_parameters else 2)
