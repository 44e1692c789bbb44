"""A trained network as a float ONNX file with a symbolic batch dimension."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from nets import Conv, Flatten, Linear, MaxPool, Relu

OPSET = 17
IR_VERSION = 8
INPUT = "input"
OUTPUT = "logits"


def export(layers, *, name, size, path):
    """Writes `layers` for an input [batch, 1, size, size] and an output [batch, 10]."""
    nodes, weights, counts = [], [], {}
    tensor = INPUT
    for index, layer in enumerate(layers):
        op, attributes = operator(layer)
        counts[op] = counts.get(op, 0) + 1
        label = f"{op.lower()}{counts[op]}"
        result = OUTPUT if index == len(layers) - 1 else f"{label}_out"
        inputs = [tensor]
        for value, suffix in zip(layer.params, ("weight", "bias"), strict=False):
            inputs.append(f"{label}_{suffix}")
            weights.append(numpy_helper.from_array(np.ascontiguousarray(value), inputs[-1]))
        nodes.append(helper.make_node(op, inputs, [result], label, **attributes))
        tensor = result
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", 1, size, size])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", 10])],
        weights,
    )
    model = helper.make_model(
        graph, producer_name="zkonnx scripts/models", opset_imports=[helper.make_opsetid("", OPSET)]
    )
    model.ir_version = IR_VERSION
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def operator(layer):
    match layer:
        case Conv():
            return "Conv", {"kernel_shape": [layer.kernel] * 2, "pads": [layer.pad] * 4, "strides": [1, 1]}
        case Linear():
            return "Gemm", {"alpha": 1.0, "beta": 1.0, "transB": 1}
        case Relu():
            return "Relu", {}
        case MaxPool():
            return "MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]}
        case Flatten():
            return "Flatten", {"axis": 1}
    raise TypeError(f"no ONNX operator for {layer!r}")
