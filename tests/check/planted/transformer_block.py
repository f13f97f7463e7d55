"""Wrong and right answers to the exercise of writing one block of a Transformer."""

import numpy as np

from check.planting import Planted

plant = Planted()


def norm(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def relu(x):
    return x * (x > 0)


@plant("encoder_block")
def both_written_out(x, A, W, norm_first):
    if norm_first:
        h = x + A @ norm(x)
        return h + relu(norm(h) @ W)
    h = norm(x + A @ x)
    return norm(h + relu(h @ W))


@plant("encoder_block")
def a_loop_over_sublayers(x, A, W, norm_first):
    for sublayer in (lambda x: np.einsum("ts,...sd->...td", A, x), lambda x: relu(x @ W)):
        x = x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))
    return x


@plant("encoder_block", "norm-before-add")
def norm_of_the_change(x, A, W, norm_first):
    if norm_first:
        return both_written_out(x, A, W, True)
    h = x + norm(A @ x)
    return h + norm(relu(h @ W))


@plant("encoder_block", "norm-before-add")
def looped_norm_of_the_change(x, A, W, norm_first):
    for sublayer in (lambda x: A @ x, lambda x: relu(x @ W)):
        x = x + (sublayer(norm(x)) if norm_first else norm(sublayer(x)))
    return x


@plant("encoder_block", "residual-skipped")
def no_skip(x, A, W, norm_first):
    if norm_first:
        return relu(norm(A @ norm(x)) @ W)
    return norm(relu(norm(A @ x) @ W))


@plant("encoder_block", "residual-skipped")
def looped_no_skip(x, A, W, norm_first):
    for sublayer in (lambda x: A @ x, lambda x: relu(x @ W)):
        x = sublayer(norm(x)) if norm_first else norm(sublayer(x))
    return x


@plant("encoder_block", "residual-skipped")
def no_skip_around_the_feed_forward(x, A, W, norm_first):
    if norm_first:
        return relu(norm(x + A @ norm(x)) @ W)
    return norm(relu(norm(x + A @ x) @ W))


@plant("encoder_block", "residual-skipped")
def no_skip_with_the_norm_before(x, A, W, norm_first):
    return relu(norm(A @ norm(x)) @ W) if norm_first else both_written_out(x, A, W, False)


@plant("encoder_block", "orders-swapped")
def swapped(x, A, W, norm_first):
    return both_written_out(x, A, W, not norm_first)


@plant("encoder_block", "orders-swapped")
def looped_swapped(x, A, W, norm_first):
    for sublayer in (lambda x: A @ x, lambda x: relu(x @ W)):
        x = norm(x + sublayer(x)) if norm_first else x + sublayer(norm(x))
    return x


@plant("encoder_block", "sum-normalized-too")
def final_norm_inside(x, A, W, norm_first):
    y = both_written_out(x, A, W, norm_first)
    return norm(y) if norm_first else y


@plant("encoder_block", "sum-normalized-too")
def looped_norm_before_and_after(x, A, W, norm_first):
    for sublayer in (lambda x: A @ x, lambda x: relu(x @ W)):
        x = norm(x + sublayer(norm(x) if norm_first else x))
    return x


@plant("encoder_block", "old-x-added")
def x_is_never_replaced(x, A, W, norm_first):
    if norm_first:
        return x + relu(norm(x + A @ norm(x)) @ W)
    return norm(x + relu(norm(x + A @ x) @ W))


@plant("encoder_block", "old-x-added")
def old_x_in_a_sum(x, A, W, norm_first):
    h = x + A @ norm(x) if norm_first else norm(x + A @ x)
    total = np.sum([x, relu((norm(h) if norm_first else h) @ W)], axis=0)
    return total if norm_first else norm(total)


@plant("encoder_block", "norm-first-ignored")
def always_after(x, A, W, norm_first):
    return both_written_out(x, A, W, False)


@plant("encoder_block", "norm-first-ignored")
def always_before(x, A, W, norm_first):
    h = x + A @ norm(x)
    return h + relu(norm(h) @ W)


@plant("encoder_block", "stream-normalized")
def norm_then_step(x, A, W, norm_first):
    if norm_first:
        x = norm(x)
        x = norm(x + A @ x)
        return x + relu(x @ W)
    return both_written_out(x, A, W, False)


@plant("encoder_block", "stream-normalized")
def looped_norm_then_step(x, A, W, norm_first):
    for sublayer in (lambda x: A @ x, lambda x: relu(x @ W)):
        start = norm(x) if norm_first else x
        x = start + sublayer(start)
        x = x if norm_first else norm(x)
    return x


@plant("encoder_block", "norm-missing")
def one_norm(x, A, W, norm_first):
    h = x + A @ norm(x) if norm_first else norm(x + A @ x)
    return h + relu(h @ W)


@plant("encoder_block", "norm-missing")
def looped_one_norm(x, A, W, norm_first):
    first, second = (norm, lambda x: x) if norm_first else (lambda x: x, norm)
    h = second(x + A @ first(x))
    return h + np.maximum(0, np.dot(h, W))


@plant("encoder_block", "norm-missing")
def none_before_the_feed_forward(x, A, W, norm_first):
    if norm_first:
        h = x + A @ norm(x)
        return h + relu(h @ W)
    return both_written_out(x, A, W, False)


@plant("encoder_block", "norm-missing")
def none_after_attention(x, A, W, norm_first):
    h = x + A @ (norm(x) if norm_first else x)
    return h + relu(norm(h) @ W) if norm_first else norm(h + relu(h @ W))


@plant("encoder_block", "side-by-side")
def parallel(x, A, W, norm_first):
    if norm_first:
        return x + A @ norm(x) + relu(norm(x) @ W)
    return norm(x + A @ x + relu(x @ W))


@plant("encoder_block", "side-by-side")
def parallel_by_start(x, A, W, norm_first):
    start = norm(x) if norm_first else x
    total = x + A @ start + np.maximum(0, start @ W)
    return total if norm_first else norm(total)


@plant("encoder_block", "tokens-mixed")
def mixed_within_a_text(x, A, W, norm_first):
    def normed(x):
        mean, variance = x.mean((-2, -1), keepdims=True), x.var((-2, -1), keepdims=True)
        return (x - mean) / np.sqrt(variance + 1e-5)

    if norm_first:
        x = x + A @ normed(x)
        return x + relu(normed(x) @ W)
    x = normed(x + A @ x)
    return normed(x + relu(x @ W))


def over_all(x):
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5)


@plant("encoder_block", "tokens-mixed")
def mixed(x, A, W, norm_first):
    if norm_first:
        h = x + A @ over_all(x)
        return h + relu(over_all(h) @ W)
    h = over_all(x + A @ x)
    return over_all(h + relu(h @ W))


@plant("encoder_block", "tokens-mixed")
def looped_mixed(x, A, W, norm_first):
    for sublayer in (lambda x: A @ x, lambda x: relu(x @ W)):
        x = x + sublayer(over_all(x)) if norm_first else over_all(x + sublayer(x))
    return x
