"""Wrong and right answers to the exercises on layer norm in the Transformer."""

import math

import numpy as np

from check.planting import Planted

plant = Planted()

KEYS = [
    f"{kind}, {where}"
    for kind in ("encoder", "decoder")
    for where in ("before attention", "between attention and Add & Norm")
]


def answers(*texts):
    return lambda: dict(zip(KEYS, texts, strict=True))


plant("which_tokens_move")(answers("ABCD", "B", "BCD", "B"))
plant("which_tokens_move")(
    lambda: {key: "ABCD"["dec" in key :] if "before" in key else "B" for key in KEYS}
)
plant("which_tokens_move")(answers("abcd", ["B"], "B, C, D", "b"))
plant("which_tokens_move", "norm-mixes-tokens")(answers("ABCD", "ABCD", "BCD", "ABCD"))
plant("which_tokens_move", "norm-mixes-tokens")(answers("ABCD", "ABCD", "BCD", "BCD"))
plant("which_tokens_move", "norm-mixes-tokens")(answers("ABCD", "ABCD", "BCD", "B"))
plant("which_tokens_move", "norm-mixes-tokens")(
    lambda: {key: "BCD" if key == "decoder, before attention" else "ABCD" for key in KEYS}
)
plant("which_tokens_move", "attention-keeps-apart")(answers("B", "B", "B", "B"))
plant("which_tokens_move", "attention-keeps-apart")(lambda: dict.fromkeys(KEYS, "B"))
plant("which_tokens_move", "mask-forgotten")(answers("ABCD", "B", "ABCD", "B"))
plant("which_tokens_move", "mask-forgotten")(
    lambda: {key: "B" if "between" in key else "ABCD" for key in KEYS}
)
plant("which_tokens_move", "mask-reversed")(answers("ABCD", "B", "AB", "B"))
plant("which_tokens_move", "mask-reversed")(
    lambda: {
        key: "B" if "between" in key else "ABCD"[: 4 if key.startswith("enc") else 2]
        for key in KEYS
    }
)
plant("which_tokens_move", "itself-left-out")(answers("ABCD", "B", "CD", "B"))
plant("which_tokens_move", "itself-left-out")(answers("ACD", "B", "CD", "B"))
plant("which_tokens_move", "itself-left-out")(
    lambda: {KEYS[0]: "ABCD", KEYS[1]: "B", KEYS[2]: "ABCD"[2:], KEYS[3]: "B"}
)


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


plant("turned_by_norm")(lambda mean, deviation: math.degrees(math.atan(abs(mean) / deviation)))
plant("turned_by_norm")(
    lambda mean, deviation: np.degrees(np.arccos(deviation / np.hypot(mean, deviation)))
)
plant("turned_by_norm", "upside-down")(
    lambda mean, deviation: 90 - math.degrees(math.atan(abs(mean) / deviation))
)
plant("turned_by_norm", "upside-down")(
    lambda mean, deviation: math.degrees(math.acos(abs(mean) / math.hypot(mean, deviation)))
)
plant("turned_by_norm", "radians")(lambda mean, deviation: math.atan(abs(mean) / deviation))
plant("turned_by_norm", "radians")(
    lambda mean, deviation: math.acos(deviation / math.hypot(mean, deviation))
)
plant("turned_by_norm", "sign-kept")(
    lambda mean, deviation: math.degrees(math.atan(mean / deviation))
)
plant("turned_by_norm", "sign-kept")(
    lambda mean, deviation: math.asin(mean / math.hypot(mean, deviation)) * 180 / math.pi
)
plant("turned_by_norm", "deviation-as-hypotenuse")(
    lambda mean, deviation: math.degrees(math.asin(abs(mean) / deviation))
)
plant("turned_by_norm", "deviation-as-hypotenuse")(
    lambda mean, deviation: np.degrees(np.arcsin(abs(mean) / deviation))
)
plant("turned_by_norm", "tangent-returned")(lambda mean, deviation: abs(mean) / deviation)
plant("turned_by_norm", "tangent-returned")(
    lambda mean, deviation: math.tan(math.atan2(abs(mean), deviation))
)
plant("turned_by_norm", "upside-down", "sign-kept")(
    lambda mean, deviation: math.degrees(math.acos(mean / math.hypot(mean, deviation)))
)
plant("turned_by_norm", "cosine-returned")(
    lambda mean, deviation: deviation / math.hypot(mean, deviation)
)
plant("turned_by_norm", "cosine-returned")(
    lambda mean, deviation: 1 / math.sqrt(1 + (mean / deviation) ** 2)
)
