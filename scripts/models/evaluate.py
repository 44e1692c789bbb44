"""What a model file is and does, measured with ONNX Runtime: accuracy, operators, and whether optimisation changes bits."""

import hashlib

import numpy as np
import onnx
import onnxruntime as ort

from export import INPUT, OUTPUT

LEVELS = {
    "disabled": ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "extended": ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}


def evaluate(path, images):
    """The row of accuracy.json for one file, and its outputs by optimisation level, every image run on its own."""
    outputs = {level: logits(path, images.inputs, level) for level in LEVELS}
    right = outputs["all"].argmax(1) == images.labels
    bits = {level: values.view(np.uint32) for level, values in outputs.items()}
    different = bits["disabled"] != bits["all"]
    batched = {level: logits(path, images.inputs, level, batch=len(images.inputs)) for level in LEVELS}
    return {
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "heldOutCorrect": int(right[images.held_out].sum()),
        "heldOutAccuracy": round(float(right[images.held_out].mean()), 4),
        "trainAccuracy": round(float(right[images.train].mean()), 4),
        "optimisation": {
            "outputs": int(different.size),
            "differing": {
                level: int((bits["disabled"] != bits[level]).sum()) for level in LEVELS if level != "disabled"
            },
            "imagesWithDifference": int(different.any(1).sum()),
            "classesChanged": int((outputs["disabled"].argmax(1) != outputs["all"].argmax(1)).sum()),
        },
        # All images in one batch against one by one, at the same level.
        "batchDiffering": {level: int((batched[level].view(np.uint32) != bits[level]).sum()) for level in LEVELS},
        "operators": operators(path),
    }, outputs


def logits(path, inputs, level, *, batch=1):
    """The float outputs [n, 10] of the CPU provider on one thread."""
    options = ort.SessionOptions()
    options.graph_optimization_level = LEVELS[level]
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    starts = range(0, len(inputs), batch)
    return np.concatenate([session.run([OUTPUT], {INPUT: inputs[start : start + batch]})[0] for start in starts])


def operators(path):
    """The operators in graph order, with the domain where it is not ONNX's own."""
    return [f"{node.domain}.{node.op_type}" if node.domain else node.op_type for node in onnx.load(path).graph.node]
