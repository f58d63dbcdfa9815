"""The networks of src/generative/gan in PyTorch, and what the two references share: `leaf` finds one by our name for it."""
import json
import sys

import torch
import torch.nn.functional as F
from torch import nn

SKIP_SCALE = 10


class Attention(nn.Module):
    """softmax(Q K' / sqrt(d)) V per head, over the tokens."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.add_module("in", nn.Linear(width, 3 * width))
        self.out = nn.Linear(width, width)

    def forward(self, h):
        batch, tokens, width = h.shape
        depth = width // self.heads
        qkv = getattr(self, "in")(self.norm(h)).view(batch, tokens, 3, self.heads, depth)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        weights = torch.softmax((q * depth**-0.5) @ k.transpose(-2, -1), -1)
        return self.out((weights @ v).transpose(1, 2).reshape(batch, tokens, width))


class Block(nn.Module):
    """h + Attention(LN h) with heads, then h + W2 LeakyReLU(W1 LN h) with the leading `units` hidden units."""

    def __init__(self, width, heads, hidden):
        super().__init__()
        self.attention = Attention(width, heads) if heads > 0 else None
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)

    def forward(self, h, units):
        if self.attention is not None:
            h = h + self.attention(h)
        if units == self.up.out_features:
            return h + self.down(F.leaky_relu(self.up(self.norm(h)), 0.1))
        a = F.leaky_relu(F.linear(self.norm(h), self.up.weight[:units], self.up.bias[:units]), 0.1)
        return h + F.linear(a, self.down.weight[:, :units], self.down.bias)


class Head(nn.Linear):
    def __init__(self, width, outputs, latent):
        super().__init__(width, outputs)
        self.norm = nn.LayerNorm(width)
        self.skip = nn.Parameter(torch.full((latent,), 1 / SKIP_SCALE))


class Generator(nn.Module):
    """`hidden`: units of the feed-forward layers, fewer than config["hidden"] for an extracted network."""

    def __init__(self, config, hidden):
        super().__init__()
        latent, width, self.tokens = config["latent"], config["width"], config["tokens"]
        conditions, self.hidden = config["conditionCount"], hidden
        self.transformer = config["form"] == "transformer"
        if self.transformer:
            self.position = nn.Parameter(0.5 * torch.randn(self.tokens, width))
            self.embed = nn.Linear(latent // self.tokens, width)
            self.latent = nn.Linear(latent, width)
            self.condition = nn.Linear(conditions, width)
        else:
            self.embed = nn.Linear(latent + conditions, width)
        self.names = [f"block{i}" for i in range(config["blocks"])]
        for name in self.names:
            self.add_module(name, Block(width, config["heads"] if self.transformer else 0, hidden))
        self.head = Head(width, latent // self.tokens if self.transformer else latent, latent)

    def start(self, z, theta):
        if not self.transformer:
            return self.embed(torch.cat([z, theta], 1))
        modes = self.embed(z.view(len(z), self.tokens, -1)) + self.position
        return torch.cat([modes, self.latent(z)[:, None], self.condition(theta)[:, None]], 1)

    def forward(self, z, theta, units=None):
        h = self.start(z, theta)
        for name in self.names:
            h = getattr(self, name)(h, units or self.hidden)
        if self.transformer:
            h = h[:, : self.tokens]
        return SKIP_SCALE * self.head.skip * z + self.head(self.head.norm(h)).reshape(z.shape)


class Critic(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.names = [f"layer{i}" for i in range(len(hidden))]
        for name, a, b in zip(self.names, [inputs, *hidden], hidden):
            self.add_module(name, nn.Linear(a, b))
        self.score = nn.Linear(hidden[-1], 1, bias=False)

    def forward(self, x, theta):
        h = torch.cat([x, theta], 1)
        for name in self.names:
            h = F.leaky_relu(getattr(self, name)(h), 0.2)
        return self.score(h)[:, 0]


def leaf(network, name):
    """The parameter that Nestwave calls `name`; a matrix is [outputs, inputs] here and [inputs, outputs] there."""
    *path, last = name.split(".")
    for part in path:
        network = getattr(network, part)
    return getattr(network, {"w": "weight", "b": "bias", "gain": "weight"}.get(last, last))


def read(file, shapes):
    """Arrays by name from one file of float32."""
    with open(file, "rb") as stream:
        flat = torch.frombuffer(bytearray(stream.read()), dtype=torch.float32)
    sizes = [torch.Size(shape).numel() for _, shape in shapes]
    return {name: part.view(shape) for (name, shape), part in zip(shapes, flat.split(sizes))}


def load(network, prefix, arrays):
    """Fills the network with the arrays whose names begin with the prefix."""
    with torch.no_grad():
        for name, values in arrays.items():
            if name.startswith(prefix):
                leaf(network, name[len(prefix) :]).copy_(values.t() if name.endswith(".w") else values)


def write(file, tensors):
    with open(file, "wb") as stream:
        for tensor in tensors:
            stream.write(tensor.detach().contiguous().numpy().tobytes())


def blas():
    """Which library multiplies the matrices: Debian's reference one is many times slower than OpenBLAS."""
    torch.ones(8, 8) @ torch.ones(8, 8)
    with open("/proc/self/maps") as maps:
        loaded = maps.read()
    return next((name for name in ("openblas", "mkl", "blis") if name in loaded), "reference BLAS")


def serve(commands):
    """Answers each line of the input, [name, argument, ...] in JSON, by a line of JSON."""
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(commands[name](*arguments)), flush=True)
