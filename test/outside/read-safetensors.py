"""A safetensors file read by NumPy as the format's page says, or by the package `safetensors`.

usage: read-safetensors.py FILE numpy|safetensors     (metadata, shapes and values as JSON on standard output)
"""

import json
import struct
import sys

import numpy as np

KINDS = {"F64": "<f8", "F32": "<f4", "I32": "<i4", "U8": "u1"}


def read(path):
    raw = open(path, "rb").read()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    data = raw[8 + length :]
    metadata = header.pop("__metadata__")
    spans = sorted(tuple(entry["data_offsets"]) for entry in header.values())
    # The format allows no holes.
    assert spans[0][0] == 0 and spans[-1][1] == len(data)
    assert all(a[1] == b[0] for a, b in zip(spans, spans[1:]))
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        assert begin % np.dtype(KINDS[entry["dtype"]]).itemsize == 0
        tensors[name] = np.frombuffer(data[begin:end], KINDS[entry["dtype"]]).reshape(entry["shape"])
    return metadata, tensors


def read_by_package(path):
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        return file.metadata(), {name: file.get_tensor(name) for name in file.keys()}


path, reader = sys.argv[1:]
metadata, tensors = {"numpy": read, "safetensors": read_by_package}[reader](path)
json.dump(
    {
        "metadata": metadata,
        "tensors": {
            name: {"kind": str(x.dtype), "shape": x.shape, "values": x.ravel().tolist()} for name, x in tensors.items()
        },
    },
    sys.stdout,
)
