"""Answers to the exercises on the memory wall: each mistake in two ways, and right ones."""

import numpy as np

from check.planting import Planted

plant = Planted()

# The bytes of the way back -----------------------------------------------------------------------


@plant("add_norm_backward_bytes")
def six_and_four(rows, width, itemsize):
    array = rows * width * itemsize
    return 6 * array, 4 * array


@plant("add_norm_backward_bytes")
def by_operations(rows, width, itemsize):
    norm, addition, fused = {"reads": 2, "writes": 1}, {"reads": 2, "writes": 1}, 3 + 1
    apart = sum(norm.values()) + sum(addition.values())
    return [count * np.int64(rows) * width * itemsize for count in (apart, fused)]


@plant("add_norm_backward_bytes", "numbers-counted")
def numbers(rows, width, itemsize):
    return 6 * rows * width, 4 * rows * width


@plant("add_norm_backward_bytes", "numbers-counted")
def size_of_arrays(rows, width, itemsize):
    size = np.broadcast_to(0.0, (rows, width)).size
    return (3 + 3) * size, (3 + 1) * size


@plant("add_norm_backward_bytes", "written-twice")
def a_gradient_for_each(rows, width, itemsize):
    return 7 * rows * width * itemsize, 5 * rows * width * itemsize


@plant("add_norm_backward_bytes", "written-twice")
def two_outputs(rows, width, itemsize):
    array = itemsize * width * rows
    reads, writes = (2 + 2, 3), (1 + 2, 2)
    return tuple((r + w) * array for r, w in zip(reads, writes, strict=True))


@plant("add_norm_backward_bytes", "sum-not-read")
def from_dy_alone(rows, width, itemsize):
    return 5 * rows * width * itemsize, 3 * rows * width * itemsize


@plant("add_norm_backward_bytes", "sum-not-read")
def norm_like_a_copy(rows, width, itemsize):
    array = rows * width * itemsize
    norm, addition = 2 * array, 3 * array
    return norm + addition, 2 * array + array


@plant("add_norm_backward_bytes", "residual-gradient-forgotten")
def norm_alone(rows, width, itemsize):
    return 3 * rows * width * itemsize, 3 * rows * width * itemsize


@plant("add_norm_backward_bytes", "residual-gradient-forgotten")
def one_gradient(rows, width, itemsize):
    both = (2 + 1) * rows * width * itemsize
    return both, both


# The intensity of a matrix product ---------------------------------------------------------------


@plant("matmul_intensity")
def operations_by_bytes(n, k, m, itemsize):
    return 2 * n * k * m / (n * k + k * m + n * m) / itemsize


@plant("matmul_intensity")
def by_reciprocals(n, k, m, itemsize):
    return 2 / itemsize / (1 / n + 1 / k + 1 / m)


@plant("matmul_intensity", "additions-forgotten")
def products_only(n, k, m, itemsize):
    return n * k * m / (itemsize * (n * k + k * m + n * m))


@plant("matmul_intensity", "additions-forgotten")
def fused_multiply_adds(n, k, m, itemsize):
    return 1 / (itemsize * (1 / n + 1 / k + 1 / m))


@plant("matmul_intensity", "output-forgotten")
def inputs_only(n, k, m, itemsize):
    return 2 * n * k * m / (itemsize * (n * k + k * m))


@plant("matmul_intensity", "output-forgotten")
def without_the_result(n, k, m, itemsize):
    return 2 * n * m / (itemsize * (n + m))


@plant("matmul_intensity", "matrix-forgotten")
def tokens_only(n, k, m, itemsize):
    return 2 * n * k * m / (itemsize * (n * k + n * m))


@plant("matmul_intensity", "matrix-forgotten")
def weights_stay(n, k, m, itemsize):
    return 2 * k * m / (itemsize * (k + m))


@plant("matmul_intensity", "numbers-counted")
def for_each_number(n, k, m, itemsize):
    return 2 * n * k * m / (n * k + k * m + n * m)


@plant("matmul_intensity", "numbers-counted")
def for_each_number_by_reciprocals(n, k, m, itemsize):
    return 2 / (1 / n + 1 / k + 1 / m)


@plant("matmul_intensity", "upside-down")
def bytes_by_operations(n, k, m, itemsize):
    return itemsize * (n * k + k * m + n * m) / (2 * n * k * m)


@plant("matmul_intensity", "upside-down")
def upside_down_by_reciprocals(n, k, m, itemsize):
    return itemsize / 2 * (1 / n + 1 / k + 1 / m)


# Add & Norm in blocks ----------------------------------------------------------------------------


def norm(x, weight, bias, eps, ddof=0, axis=-1):
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt(x.var(axis=axis, ddof=ddof, keepdims=True) + eps) * weight + bias


def blocked(one_block):
    """An answer that calls `one_block` for the rows of each block of the sum."""

    def answer(x, residual, weight, bias, eps, rows):
        total = x + residual
        y = np.empty_like(total)
        for start in range(0, len(x), rows):
            block = slice(start, start + rows)
            y[block] = one_block(total[block], weight, bias, eps)
        return y, total

    return answer


plant("add_norm_in_blocks")(blocked(norm))


@plant("add_norm_in_blocks")
def concatenated(x, residual, weight, bias, eps, rows):
    totals, ys = [], []
    for start in range(0, len(x), rows):
        totals.append(x[start : start + rows] + residual[start : start + rows])
        ys.append(norm(totals[-1], weight, bias, eps))
    return np.concatenate(ys), np.concatenate(totals)


@plant("add_norm_in_blocks", "last-rows-dropped")
def whole_blocks_of_y(x, residual, weight, bias, eps, rows):
    total, y = x + residual, np.zeros_like(x)
    for i in range(len(x) // rows):
        y[i * rows : (i + 1) * rows] = norm(total[i * rows : (i + 1) * rows], weight, bias, eps)
    return y, total


@plant("add_norm_in_blocks", "last-rows-dropped")
def whole_blocks_of_both(x, residual, weight, bias, eps, rows):
    y, total = np.zeros_like(x), np.zeros_like(x)
    for start in range(0, len(x) - rows + 1, rows):
        block = slice(start, start + rows)
        total[block] = x[block] + residual[block]
        y[block] = norm(total[block], weight, bias, eps)
    return y, total


@plant("add_norm_in_blocks", "last-rows-dropped")
def by_reshape(x, residual, weight, bias, eps, rows):
    count, D = len(x) // rows, x.shape[1]
    blocks = (x + residual)[: count * rows].reshape(count, rows, D)
    y = norm(blocks, weight, bias, eps)
    return y.reshape(count * rows, D), blocks.reshape(count * rows, D)


@plant("add_norm_in_blocks", "statistics-of-the-block")
def without_an_axis(x, residual, weight, bias, eps, rows):
    return blocked(lambda *args: norm(*args, axis=None))(x, residual, weight, bias, eps, rows)


@plant("add_norm_in_blocks", "statistics-of-the-block")
def of_all_its_numbers(x, residual, weight, bias, eps, rows):
    def one_block(block, weight, bias, eps):
        mean = np.sum(block) / block.size
        variance = np.sum((block - mean) ** 2) / block.size
        return weight * ((block - mean) / (variance + eps) ** 0.5) + bias

    return blocked(one_block)(x, residual, weight, bias, eps, rows)


@plant("add_norm_in_blocks", "residual-skipped")
def x_alone(x, residual, weight, bias, eps, rows):
    return blocked(norm)(x, 0 * residual, weight, bias, eps, rows)


@plant("add_norm_in_blocks", "residual-skipped")
def no_sum(x, residual, weight, bias, eps, rows):
    return norm(x, weight, bias, eps), x.copy()


@plant("add_norm_in_blocks", "sum-not-returned")
def y_twice(x, residual, weight, bias, eps, rows):
    y, _ = blocked(norm)(x, residual, weight, bias, eps, rows)
    return y, y


@plant("add_norm_in_blocks", "sum-not-returned")
def sum_written_over(x, residual, weight, bias, eps, rows):
    total = x + residual
    for start in range(0, len(x), rows):
        total[start : start + rows] = norm(total[start : start + rows], weight, bias, eps)
    return total.copy(), total


@plant("add_norm_in_blocks", "unbiased-variance")
def with_ddof(x, residual, weight, bias, eps, rows):
    return blocked(lambda *args: norm(*args, ddof=1))(x, residual, weight, bias, eps, rows)


@plant("add_norm_in_blocks", "unbiased-variance")
def divided_by_one_less(x, residual, weight, bias, eps, rows):
    total = x + residual
    centred = total - total.mean(-1, keepdims=True)
    variance = (centred**2).sum(-1, keepdims=True) / (x.shape[1] - 1)
    return centred / np.sqrt(variance + eps) * weight + bias, total


@plant("add_norm_in_blocks", "eps-outside-sqrt")
def eps_added_to_the_deviation(x, residual, weight, bias, eps, rows):
    def one_block(block, weight, bias, eps):
        centred = block - block.mean(-1, keepdims=True)
        return centred / (block.std(-1, keepdims=True) + eps) * weight + bias

    return blocked(one_block)(x, residual, weight, bias, eps, rows)


@plant("add_norm_in_blocks", "eps-outside-sqrt")
def eps_after_the_root(x, residual, weight, bias, eps, rows):
    total = x + residual
    centred = total - total.mean(-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(-1, keepdims=True)) + eps
    return centred / deviation * weight + bias, total


@plant("add_norm_in_blocks", "mean-not-subtracted")
def not_centred(x, residual, weight, bias, eps, rows):
    def one_block(block, weight, bias, eps):
        return block / np.sqrt((block * block).mean(-1, keepdims=True) + eps) * weight + bias

    return blocked(one_block)(x, residual, weight, bias, eps, rows)


@plant("add_norm_in_blocks", "mean-not-subtracted")
def rms_of_rows(x, residual, weight, bias, eps, rows):
    total = x + residual
    scale = [1 / np.sqrt(row @ row / len(row) + eps) for row in total]
    return total * np.array(scale)[:, None] * weight + bias, total


@plant("add_norm_in_blocks", "weight-skipped")
def no_weight(x, residual, weight, bias, eps, rows):
    return blocked(norm)(x, residual, 1, bias, eps, rows)


@plant("add_norm_in_blocks", "weight-skipped")
def weight_forgotten(x, residual, weight, bias, eps, rows):
    total = x + residual
    return norm(total, np.ones(x.shape[1]), bias, eps), total


@plant("add_norm_in_blocks", "bias-skipped")
def no_bias(x, residual, weight, bias, eps, rows):
    return blocked(norm)(x, residual, weight, 0, eps, rows)


@plant("add_norm_in_blocks", "bias-skipped")
def bias_forgotten(x, residual, weight, bias, eps, rows):
    total = x + residual
    return norm(total, weight, np.zeros(x.shape[1]), eps), total


@plant("add_norm_in_blocks", "input-modified")
def added_in_place(x, residual, weight, bias, eps, rows):
    x += residual
    return norm(x, weight, bias, eps), x


@plant("add_norm_in_blocks", "input-modified")
def added_in_blocks_in_place(x, residual, weight, bias, eps, rows):
    y = np.empty_like(x)
    for start in range(0, len(x), rows):
        block = x[start : start + rows]
        block += residual[start : start + rows]
        y[start : start + rows] = norm(block, weight, bias, eps)
    return y, x.copy()
