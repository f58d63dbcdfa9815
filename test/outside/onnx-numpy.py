"""An ONNX file evaluated by NumPy, operator by operator: a second reading of the specification, shared with nobody.

usage: onnx-numpy.py MODEL.onnx INPUTS.npz numpy|onnxruntime     (outputs as JSON on standard output)
"""

import json
import sys

import numpy as np


def slice_(x, starts, ends, axes):
    index = [slice(None)] * x.ndim
    for start, end, axis in zip(starts, ends, axes):
        index[axis] = slice(start, end)
    return x[tuple(index)]


def pad(x, pads, _, axes):
    widths = [(0, 0)] * x.ndim
    for k, axis in enumerate(axes):
        widths[axis] = (pads[k], pads[k + len(axes)])
    return np.pad(x, widths)


def softmax(x, axis):
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def layer_normalization(x, scale, bias=None, axis=-1, epsilon=1e-5):
    axes = tuple(range(axis % x.ndim, x.ndim))
    mean = x.mean(axis=axes, keepdims=True)
    inverse = 1 / np.sqrt(np.square(x - mean).mean(axis=axes, keepdims=True) + np.float32(epsilon))
    y = (x - mean) * inverse * scale
    return (y if bias is None else y + bias), mean, inverse


OPERATORS = {
    "Identity": lambda x: x,
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Neg": np.negative,
    "Exp": np.exp,
    "Log": np.log,
    "Sqrt": np.sqrt,
    "MatMul": np.matmul,
    "Greater": np.greater,
    "Where": np.where,
    "LeakyRelu": lambda x, alpha: np.where(x < 0, np.float32(alpha) * x, x),
    "Softmax": softmax,
    "Clip": np.clip,
    "LayerNormalization": layer_normalization,
    "Transpose": lambda x, perm: np.transpose(x, perm),
    "Reshape": lambda x, shape: np.reshape(x, shape),
    "Expand": lambda x, shape: np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(shape))),
    "ReduceSum": lambda x, axes: x.sum(axis=tuple(axes), keepdims=True),
    "Concat": lambda *xs, axis: np.concatenate(xs, axis=axis),
    "Slice": slice_,
    "Pad": pad,
}


def run(path, feeds):
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    graph = model.graph
    assert [o.version for o in model.opset_import] == [18]
    values = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    values[""] = None
    asked = [i.name for i in graph.input]
    assert sorted(asked) == sorted(feeds), (asked, list(feeds))
    values.update(feeds)
    for node in graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        results = OPERATORS[node.op_type](*[values[i] for i in node.input], **attributes)
        for name, result in zip(node.output, results if isinstance(results, tuple) else (results,)):
            values[name] = result
    return {o.name: values[o.name] for o in graph.output}


def run_onnxruntime(path, feeds):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds)))


model, inputs, engine = sys.argv[1:]
with np.load(inputs) as file:
    feeds = {name: file[name].astype(np.float32) for name in file.files}
outputs = {"numpy": run, "onnxruntime": run_onnxruntime}[engine](model, feeds)
assert all(x.dtype == np.float32 for x in outputs.values())
json.dump({name: {"shape": x.shape, "values": x.ravel().tolist()} for name, x in outputs.items()}, sys.stdout)
