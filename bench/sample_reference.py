"""Sampling networks of src/generative/gan in PyTorch, their weights those of Nestwave.

Usage: sample_reference.py THREADS CONFIG, then commands on the input:
    check NAME HIDDEN GIVEN SHAPES OUT    keeps a network of so many hidden units per block and the latents z and conditions
                                          theta, all from the arrays of a file; its samples go to another
    sample NAME BATCH                     the same samples in batches
"""
import json
import sys

import torch
from torch_networks import Generator, blas, load, read, serve, write

torch.set_num_threads(int(sys.argv[1]))
config = json.loads(sys.argv[2])
networks, inputs = {}, {}


@torch.inference_mode()
def samples(name, batch):
    z, theta = inputs["z"], inputs["theta"]
    out = torch.empty_like(z)
    for some_z, some_theta, part in zip(z.split(batch), theta.split(batch), out.split(batch)):
        part.copy_(networks[name](some_z, some_theta))
    return out


def check(name, hidden, given, shapes, target):
    arrays = read(given, json.loads(shapes))
    networks[name] = Generator(config, hidden).eval()
    load(networks[name], "g.", arrays)
    inputs.update(z=arrays["z"], theta=arrays["theta"])
    write(target, [samples(name, 64)])


def sample(name, batch):
    samples(name, batch)


serve({"check": check, "sample": sample, "blas": blas})
