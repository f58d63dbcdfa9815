"""The critic step and the generator step of src/generative/gan/losses.ts ("distillation") in PyTorch.

The same networks, losses (gradient penalty with double backward, energy score, distillation) and Adam, of the same sizes;
`check` proves it on Nestwave's weights and draws. Written for speed: autograd.grad asks for the wanted derivatives only,
gradients are set to none instead of zero, real and generated samples go through the critic together, and so do the two
samples of the energy score through the generator.

Usage: train_reference.py THREADS OPTIONS     (JSON: the training options and `samples`), then commands on the input:
    critic N, generator N    N steps
    check IN SHAPES OUT      gradients of one step of each (critic, then generator) from the arrays of a file, written to another
"""
import json
import sys

import torch
from torch_networks import Critic, Generator, blas, leaf, load, read, serve, write

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
options = json.loads(sys.argv[2])
config, batch = options["generator"], options["batch"]
latent, conditions, hidden = config["latent"], config["conditionCount"], config["hidden"]
generator, critic = Generator(config, hidden), Critic(latent + conditions, options["criticHidden"])
weights = {"g.": list(generator.parameters()), "d.": list(critic.parameters())}
adam = {
    prefix: torch.optim.Adam(weights[prefix], lr=options[rate], betas=(0, 0.9), eps=1e-8)
    for prefix, rate in (("g.", "generatorRate"), ("d.", "criticRate"))
}
data_x = torch.randn(options["samples"], latent)
data_theta = 2 * torch.rand(options["samples"], conditions) - 1


def norm_of(x):
    return torch.sqrt((x**2).sum(1) + 1e-12)


def critic_loss(x, theta, z, mix, real_noise, fake_noise):
    with torch.no_grad():
        fake = generator(z, theta) + fake_noise
    real = x + real_noise
    between = torch.lerp(fake, real, mix).requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(between, theta).sum(), between, create_graph=True)
    penalty = ((norm_of(slope) - 1) ** 2).mean()
    of_real, of_fake = critic(torch.cat([real, fake]), torch.cat([theta, theta])).split(len(x))
    return options["penaltyWeight"] * penalty - (of_real.mean() - of_fake.mean())


def generator_loss(x, theta, z, second_z, fake_noise, units):
    teacher, second = generator(torch.cat([z, second_z]), torch.cat([theta, theta])).split(len(x))
    student = generator(z, theta, units)
    to_real = 0.5 * (norm_of(x - teacher).mean() + norm_of(x - second).mean())
    score = to_real - 0.5 * norm_of(teacher - second).mean()
    distance = ((student - teacher.detach()) ** 2).mean()
    return (
        options["distillationWeight"] * distance
        + options["energyWeight"] * score
        - critic(teacher + fake_noise, theta).mean()
    )


def descend(prefix, loss):
    for weight, slope in zip(weights[prefix], torch.autograd.grad(loss, weights[prefix])):
        weight.grad = slope
    adam[prefix].step()
    adam[prefix].zero_grad(set_to_none=True)


def noise():
    return options["instanceNoise"] * torch.randn(batch, latent)


def critic_step(_):
    rows = torch.randint(options["samples"], (batch,))
    z, mix = torch.randn(batch, latent), torch.rand(batch, 1)
    descend("d.", critic_loss(data_x[rows], data_theta[rows], z, mix, noise(), noise()))


def generator_step(number):
    rows = torch.randint(options["samples"], (batch,))
    z, second_z = torch.randn(batch, latent), torch.randn(batch, latent)
    units = hidden >> (3 - number % 3)
    descend("g.", generator_loss(data_x[rows], data_theta[rows], z, second_z, noise(), units))


def repeat(step):
    def steps(count):
        for number in range(count):
            step(number)

    return steps


def check(source, shapes, target):
    """At 1/8, the first of the granularities that take turns."""
    shapes = json.loads(shapes)
    arrays = read(source, shapes)
    load(generator, "g.", arrays)
    load(critic, "d.", arrays)
    x, theta, z, second_z, mix, real_noise, fake_noise = (
        arrays[name] for name in ("x", "conditioning", "z", "secondZ", "mix", "realNoise", "fakeNoise")
    )
    losses = {
        "d.": (critic, critic_loss(x, theta, z, mix, real_noise, fake_noise)),
        "g.": (generator, generator_loss(x, theta, z, second_z, fake_noise, hidden // 8)),
    }
    slopes = []
    for prefix, (network, loss) in losses.items():
        names = [name for name, _ in shapes if name.startswith(prefix)]
        matrix = [name.endswith(".w") for name in names]
        leaves = [leaf(network, name[len(prefix) :]) for name in names]
        for is_matrix, slope in zip(matrix, torch.autograd.grad(loss, leaves)):
            slopes.append(slope.t() if is_matrix else slope)
    write(target, slopes)


serve(
    {
        "critic": repeat(critic_step),
        "generator": repeat(generator_step),
        "check": check,
        "blas": blas,
    }
)
