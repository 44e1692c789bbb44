"""A trained network as a float ONNX file with a symbolic batch dimension."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from blocks import AveragePool, BatchNorm, ConvTranspose, Depthwise, GlobalAveragePool, HardSwish, Residual, Sigmoid, Upsample
from layers import Conv, Flatten, Linear, MaxPool, Relu

OPSET = 17
IR_VERSION = 8
INPUT = "input"


def export(layers, *, name, size, output, shape, path):
    """Writes `layers` for an input [batch, 1, size, size] and an output called `output` of [batch, *shape]."""
    writer = Writer()
    result = writer.chain(layers, INPUT)
    writer.nodes[-1].output[:] = [output if tensor == result else tensor for tensor in writer.nodes[-1].output]
    graph = helper.make_graph(
        writer.nodes,
        name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", 1, size, size])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", *shape])],
        writer.weights,
    )
    model = helper.make_model(
        graph, producer_name="zkonnx scripts/models", opset_imports=[helper.make_opsetid("", OPSET)]
    )
    model.ir_version = IR_VERSION
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


class Writer:
    """Nodes and weights in graph order."""

    def __init__(self):
        self.nodes, self.weights, self.counts = [], [], {}

    def chain(self, layers, tensor):
        """Writes layers one after the other from `tensor` on and returns the name of the last tensor."""
        for layer in layers:
            if isinstance(layer, Residual):
                tensor = self.node("Add", [tensor, self.chain(layer.body, tensor)], [], {})
            else:
                tensor = self.node(*operator(layer, tensor))
        return tensor

    def node(self, op, inputs, weights, attributes):
        """Writes one node; `weights` are pairs of a suffix and an array. Returns the name of its output."""
        self.counts[op] = self.counts.get(op, 0) + 1
        label = f"{op.lower()}{self.counts[op]}"
        inputs = list(inputs)
        for suffix, value in weights:
            inputs.append(f"{label}_{suffix}" if suffix else "")
            if suffix:
                self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), inputs[-1]))
        self.nodes.append(helper.make_node(op, inputs, [f"{label}_out"], label, **attributes))
        return f"{label}_out"


def operator(layer, tensor):
    """The operator, inputs, weights and attributes of a layer that reads `tensor`."""
    weighted = list(zip(("weight", "bias"), layer.params, strict=False))
    match layer:
        case Conv():
            attributes = {"kernel_shape": [layer.kernel] * 2, "pads": [layer.pad] * 4, "strides": [1, 1]}
            return "Conv", [tensor], weighted, attributes
        case Depthwise():
            attributes = {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [layer.stride] * 2, "group": layer.channels}
            return "Conv", [tensor], weighted, attributes
        case ConvTranspose():
            return "ConvTranspose", [tensor], weighted, {"kernel_shape": [2, 2], "strides": [2, 2]}
        case Linear():
            return "Gemm", [tensor], weighted, {"alpha": 1.0, "beta": 1.0, "transB": 1}
        case BatchNorm():
            values = (*layer.params, layer.mean, layer.variance)
            names = ("scale", "shift", "mean", "variance")
            return "BatchNormalization", [tensor], list(zip(names, values, strict=True)), {"epsilon": layer.EPSILON}
        case Upsample():
            scales = np.array([1, 1, 2, 2], np.float32)
            attributes = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}
            return "Resize", [tensor], [("", None), ("scales", scales)], attributes
        case MaxPool() | AveragePool():
            return type(layer).__name__, [tensor], [], {"kernel_shape": [2, 2], "strides": [2, 2]}
        case Flatten():
            return "Flatten", [tensor], [], {"axis": 1}
        case Relu() | HardSwish() | Sigmoid() | GlobalAveragePool():
            return type(layer).__name__, [tensor], [], {}
    raise TypeError(f"no ONNX operator for {layer!r}")
