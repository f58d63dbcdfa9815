"""Milliseconds per critic step and per generator step of the default recipe, by PyTorch on one thread.

Usage: train_reference.py OPTIONS    (JSON: the training options, samples, steps, repeats); prints JSON
"""
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)
options = json.loads(sys.argv[1])
sizes = options["generator"]
latent, conditions, width, hidden, blocks = (
    sizes[k] for k in ("latent", "conditionCount", "width", "hidden", "blocks")
)
batch, steps, repeats = options["batch"], options["steps"], options["repeats"]


SKIP_SCALE = 10


class Block(torch.nn.Module):
    """h + W2 LeakyReLU(W1 LN h) with the leading `units` hidden units."""

    def __init__(self):
        super().__init__()
        self.norm = torch.nn.LayerNorm(width)
        self.up = torch.nn.Linear(width, hidden)
        self.down = torch.nn.Linear(hidden, width)

    def forward(self, h, units):
        a = F.leaky_relu(F.linear(self.norm(h), self.up.weight[:units], self.up.bias[:units]), 0.1)
        return h + F.linear(a, self.down.weight[:, :units], self.down.bias)


class Generator(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Linear(latent + conditions, width)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(blocks))
        self.norm = torch.nn.LayerNorm(width)
        self.head = torch.nn.Linear(width, latent)
        self.skip = torch.nn.Parameter(torch.full((latent,), 1 / SKIP_SCALE))

    def forward(self, z, theta, units=hidden):
        h = self.embed(torch.cat([z, theta], 1))
        for block in self.blocks:
            h = block(h, units)
        return SKIP_SCALE * self.skip * z + self.head(self.norm(h))


class Critic(torch.nn.Module):
    def __init__(self):
        super().__init__()
        widths = [latent + conditions, *options["criticHidden"]]
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.score = torch.nn.Linear(widths[-1], 1, bias=False)

    def forward(self, x, theta):
        h = torch.cat([x, theta], 1)
        for layer in self.layers:
            h = F.leaky_relu(layer(h), 0.2)
        return self.score(h)[:, 0]


generator, critic = Generator(), Critic()
adam = lambda network, rate: torch.optim.Adam(network.parameters(), lr=rate, betas=(0, 0.9), eps=1e-8)
generator_adam, critic_adam = adam(generator, options["generatorRate"]), adam(critic, options["criticRate"])
data_x = torch.randn(options["samples"], latent)
data_theta = 2 * torch.rand(options["samples"], conditions) - 1


def noisy(x):
    return x + options["instanceNoise"] * torch.randn_like(x)


def norm_of(x):
    return torch.sqrt((x**2).sum(1) + 1e-12).mean()


def critic_step(_):
    rows = torch.randint(options["samples"], (batch,))
    real, theta = data_x[rows], data_theta[rows]
    with torch.no_grad():
        fake = noisy(generator(torch.randn(batch, latent), theta))
    real = noisy(real)
    between = (fake + torch.rand(batch, 1) * (real - fake)).requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(between, theta).sum(), between, create_graph=True)
    penalty = ((torch.sqrt((slope**2).sum(1) + 1e-12) - 1) ** 2).mean()
    gap = critic(real, theta).mean() - critic(fake, theta).mean()
    critic_adam.zero_grad(set_to_none=True)
    (options["penaltyWeight"] * penalty - gap).backward()
    critic_adam.step()


def generator_step(number):
    rows = torch.randint(options["samples"], (batch,))
    theta, z = data_theta[rows], torch.randn(batch, latent)
    teacher = generator(z, theta)
    student = generator(z, theta, (hidden // 8, hidden // 4, hidden // 2)[number % 3])
    second = generator(torch.randn(batch, latent), theta)
    to_real = 0.5 * (norm_of(data_x[rows] - teacher) + norm_of(data_x[rows] - second))
    score = to_real - 0.5 * norm_of(teacher - second)
    distance = ((student - teacher.detach()) ** 2).mean()
    loss = (
        options["distillationWeight"] * distance
        + options["energyWeight"] * score
        - critic(noisy(teacher), theta).mean()
    )
    generator_adam.zero_grad(set_to_none=True)
    names = list(generator.parameters())
    for parameter, slope in zip(names, torch.autograd.grad(loss, names)):
        parameter.grad = slope
    generator_adam.step()


def milliseconds(step):
    rounds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        for number in range(steps):
            step(number)
        rounds.append(1000 * (time.perf_counter() - start) / steps)
    return statistics.median(rounds[1:])


count = lambda network: sum(p.numel() for p in network.parameters())
print(
    json.dumps(
        {
            "critic": milliseconds(critic_step),
            "generator": milliseconds(generator_step),
            "parameters": [count(critic), count(generator)],
        }
    )
)
