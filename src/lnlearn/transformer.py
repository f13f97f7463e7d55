"""A small Transformer to be read in one sitting: an encoder, and a decoder that only looks back.

The parts are those of Vaswani et al. 2017, arXiv:1706.03762, without dropout and with learned
positions. What can be chosen is where the norms go, one of `PLACEMENTS`, and which norm they are.
In the comments on shapes, B texts have T tokens of D features, and attention has H heads.
"""

import math

import torch
from torch import nn

from lnlearn.nn import LayerNorm

# Where a block has a norm: before its sublayer F, on the output of F, or after the addition.
PLACEMENTS = {
    "none": (),  # x + F(x)
    "post": ("after",),  # N(x + F(x)): Vaswani et al. 2017
    "pre": ("before",),  # x + F(N(x)): Xiong et al. 2020, arXiv:2002.04745
    "sandwich": ("before", "output"),  # x + N(F(N(x))): also called Peri-LN, arXiv:2502.02732
    "olmo2": ("output",),  # x + N(F(x)): OLMo 2, arXiv:2501.00656
    "deepnorm": ("after",),  # N(αx + F(x)), α = (2L)^¼: arXiv:2203.00555
    "layernorm-scaling": ("before",),  # x + F(N(x)/√l) in block l: arXiv:2502.05795
    "keel": ("before", "after"),  # N(αx + F(N(x))), α = 2L: arXiv:2601.19895
    "mix": (),  # "post" in the first quarter of the blocks, "pre" in the others: arXiv:2412.13795
}


class Encoder(nn.Module):
    """Token embeddings and positions, then blocks, then one linear layer for each token.

    Parameters
    ----------
    embed : torch.nn.Module
        Turns what `forward` is given into one vector a token, of shape (B, T, width): an
        `nn.Embedding` for characters, an `nn.Linear` for tokens that are vectors already.
    length : int
        How many positions there are; texts may be shorter.
    classes : int
        How many numbers are returned for each token.
    width, heads, depth : int, default 32, 4, 2
        The number D of features, of attention heads and of blocks.
    placement : str, default "post"
        Where the norms go: a key of `PLACEMENTS`.
    norm : callable, default lnlearn.nn.LayerNorm
        Makes a norm over the last axis when it is called with `width`.

    Raises
    ------
    ValueError
        For an unknown placement, and for a width that the heads do not divide.

    Examples
    --------
    >>> model = Encoder(nn.Embedding(27, 32), length=8, classes=27, placement="pre")
    >>> model(torch.zeros(5, 8, dtype=torch.int64)).shape
    torch.Size([5, 8, 27])
    """

    causal = False

    def __init__(
        self,
        embed,
        length,
        classes,
        *,
        width=32,
        heads=4,
        depth=2,
        placement="post",
        norm=LayerNorm,
    ):
        super().__init__()
        self.embed = embed
        self.position = nn.Parameter(torch.empty(length, width))
        self.blocks = nn.ModuleList(
            Block(width, heads, self.causal, placement, norm, number, depth)
            for number in range(1, depth + 1)
        )
        normed = isinstance(self.blocks[-1].feed_forward.after, nn.Identity)
        self.final = norm(width) if normed and placement != "none" else nn.Identity()
        self.head = nn.Linear(width, classes)
        # Half of a vector's variance comes from the token and half from its position.
        nn.init.normal_(self.position, std=0.5**0.5)
        if isinstance(embed, nn.Embedding):
            nn.init.normal_(embed.weight, std=0.5**0.5)

    def stream(self, tokens):
        """Return a list of (B, T, D): the embedded tokens, then the output of each block."""
        x = self.embed(tokens)  # B, T, D
        states = [x + self.position[: x.shape[1]]]
        for block in self.blocks:
            states.append(block(states[-1]))
        return states

    def forward(self, tokens):
        """Return (B, T, classes) scores."""
        return self.head(self.final(self.stream(tokens)[-1]))


class Decoder(Encoder):
    """An `Encoder` whose tokens attend to themselves and to those before, but not to later ones.

    Examples
    --------
    >>> model = Decoder(nn.Embedding(27, 32), length=8, classes=27)
    >>> one, other = torch.zeros(2, 1, 8, dtype=torch.int64)
    >>> other[0, 7] = 5  # another last token
    >>> torch.equal(model(one)[:, :7], model(other)[:, :7])
    True
    """

    causal = True


class Block(nn.Module):
    """Attention and a feed-forward network, each with its residual connection and its norms.

    `number` counts the blocks from 1 to `depth`, which some placements depend on.
    """

    def __init__(
        self, width, heads, causal=False, placement="post", norm=LayerNorm, number=1, depth=1
    ):
        super().__init__()
        gain = (8 * depth) ** -0.25 if placement == "deepnorm" else 1.0
        where = (width, placement, norm, number, depth)
        self.attention = AddNorm(Attention(width, heads, causal, gain), *where)
        self.feed_forward = AddNorm(FeedForward(width, gain), *where)

    def forward(self, x):
        """Return the (B, T, D) tokens after both sublayers."""
        return self.feed_forward(self.attention(x))


class AddNorm(nn.Module):
    """A sublayer F between norms, and the addition: after(skip·x + output(F(scale·before(x)))).

    Where `placement` has no norm, `nn.Identity` stands in its place.
    """

    def __init__(self, sublayer, width, placement="post", norm=LayerNorm, number=1, depth=1):
        super().__init__()
        if placement not in PLACEMENTS:
            raise ValueError(
                f"placement is {placement!r}, but must be one of {', '.join(PLACEMENTS)}"
            )
        if placement == "mix":
            placement = "post" if number <= depth // 4 else "pre"
        self.sublayer = sublayer
        self.before, self.output, self.after = (
            norm(width) if place in PLACEMENTS[placement] else nn.Identity()
            for place in ("before", "output", "after")
        )
        self.skip = {"deepnorm": (2 * depth) ** 0.25, "keel": 2.0 * depth}.get(placement, 1.0)
        self.scale = number**-0.5 if placement == "layernorm-scaling" else 1.0

    def forward(self, x):
        """Return the tokens, of the (B, T, D) shape of x."""
        change = self.sublayer(self.before(x) * self.scale)
        return self.after(self.skip * x + self.output(change))


class Attention(nn.Module):
    """Multi-head attention: each token takes a weighted mean of what all tokens offer."""

    def __init__(self, width, heads, causal=False, gain=1.0):
        super().__init__()
        if width % heads:
            raise ValueError(f"width is {width}, which {heads} heads do not divide")
        self.heads, self.causal = heads, causal
        self.project = nn.Linear(width, 3 * width)  # queries, keys and values
        self.combine = nn.Linear(width, width)
        queries, keys, values = self.project.weight.detach().chunk(3)
        for weight in (queries, keys):
            nn.init.xavier_normal_(weight)
        for weight in (values, self.combine.weight):
            nn.init.xavier_normal_(weight, gain)
        nn.init.zeros_(self.project.bias)
        nn.init.zeros_(self.combine.bias)

    def split(self, x):
        """Return queries, keys and values, each of shape (B, H, T, D/H)."""
        B, T, D = x.shape
        return self.project(x).view(B, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)

    def weights(self, x):
        """Return (B, H, T, T) weights: how much of each token, in the last axis, another takes."""
        queries, keys, _ = self.split(x)
        return self._weights(queries, keys)

    def _weights(self, queries, keys):
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        if self.causal:
            later = torch.ones_like(scores, dtype=torch.bool).triu(1)
            scores = scores.masked_fill(later, -math.inf)
        return scores.softmax(-1)

    def forward(self, x):
        """Return (B, T, D) weighted means of the values, with the heads' results combined."""
        queries, keys, values = self.split(x)
        mixed = self._weights(queries, keys) @ values  # B, H, T, D/H
        return self.combine(mixed.transpose(1, 2).reshape(x.shape))


class FeedForward(nn.Module):
    """Two linear layers with a ReLU between, for each token on its own; D, then 4·D, then D."""

    def __init__(self, width, gain=1.0):
        super().__init__()
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        for linear in (self.up, self.down):
            nn.init.xavier_normal_(linear.weight, gain)
            nn.init.zeros_(linear.bias)

    def forward(self, x):
        """Return (B, T, D) tokens."""
        return self.down(self.up(x).relu())
