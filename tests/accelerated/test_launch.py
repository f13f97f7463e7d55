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
        programs = max(1, how.programs)
        assert how.warps * programs * 32 * how.registers <= 65536
        assert how.warps * programs <= 64
        assert 1 <= how.registers <= 255


@given(WIDTHS, SIZES)
def test_a_thread_has_16_bytes_at_a_time_and_as_many_elements_as_registers_allow(width, size):
    for how, most, tiles in (
        (launch.forward(width, size), 32, 1),  # x
        (launch.backward(width, size), 16, 5),  # x_hat, g, dweight, dbias and weight
    ):
        if how.wide:
            continue
        elements = how.block * how.pieces * how.rows / (how.warps * 32)
        assert elements <= most
        assert how.registers >= tiles * elements + 24  # and addresses, strides, statistics
        assert how.block <= power_of_two_from(width)  # no lanes that no row of this width has
    how = launch.forward(width, size)
    threads_of_a_row = how.warps * 32 // how.rows
    if not how.wide and threads_of_a_row > 1:  # the fewest that do: half as many hold too much
        assert how.block in (threads_of_a_row * 16 // size, power_of_two_from(width))
        half = threads_of_a_row // 2 * 16 // size
        assert -(-width // half) * 16 // size > 32


def test_programs_of_the_backward_pass_fill_a_multiprocessor_and_a_tile_is_one_row():
    for width in (1, 33, 768, 1025, 4096, 8192, 8193, 65536):
        how = launch.backward(width, 2)
        assert how.rows == 1
        assert how.warps * how.programs == 16


@pytest.mark.parametrize("size", [2, 4])
def test_wide_rows_begin_where_registers_end(size):
    assert launch.forward(32768, size).wide < launch.forward(32769, size).wide
    assert launch.backward(8192, size).wide < launch.backward(8193, size).wide
    assert [launch.backward(w, size).slices for w in (8192, 16384, 16385, 32769)] == [1, 1, 2, 3]
    how = launch.forward(32769, size)
    assert how.block == how.warps * 32 * 16 // size
    assert launch.SUM_WARPS * 32 * 4 == 512  # four bytes each: what `sums` gives a program


def test_common_odd_widths_leave_no_lane_idle():
    for width, pieces in [(768, 3), (1536, 3), (3072, 3), (12288, 3)]:
        how = launch.forward(width, 2)
        assert how.block * how.pieces == width
        assert how.pieces == pieces


@given(WIDTHS, SIZES, st.integers(1, 10**6), st.sampled_from([2, 108, 132]))
def test_programs_are_as_many_as_there_is_room_or_work_for(width, size, rows, multiprocessors):
    for how in (launch.forward(width, size), launch.backward(width, size)):
        programs = launch.grid(how, rows, multiprocessors)
        assert (programs - 1) * how.rows < rows  # none without a tile
        if how.programs == 0:  # a program for each tile
            assert programs * how.rows >= rows
            continue
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
