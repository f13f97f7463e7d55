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
