"""What a model file is and does, measured with ONNX Runtime: results, drift, operators, and whether optimisation changes bits."""

import hashlib

import numpy as np
import onnx
import onnxruntime as ort

from export import INPUT

LEVELS = {
    "disabled": ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "extended": ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}


def evaluate(path, images, task):
    """The row of accuracy.json for one file, and its outputs by optimisation level, every image run on its own."""
    outputs = {level: run(path, images.inputs, level) for level in LEVELS}
    bits = {level: values.view(np.uint32) for level, values in outputs.items()}
    different = bits["disabled"] != bits["all"]
    batched = {level: run(path, images.inputs, level, batch=len(images.inputs)) for level in LEVELS}
    return {
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "heldOut": task.measure(outputs["all"], images, images.held_out),
        "train": task.measure(outputs["all"], images, images.train),
        "optimisation": {
            "outputs": int(different.size),
            "differing": {
                level: int((bits["disabled"] != bits[level]).sum()) for level in LEVELS if level != "disabled"
            },
            "imagesWithDifference": int(different.reshape(len(different), -1).any(1).sum()),
        },
        # All images in one batch against one by one, at the same level.
        "batchDiffering": {level: int((batched[level].view(np.uint32) != bits[level]).sum()) for level in LEVELS},
        "operators": operators(path),
    }, outputs


def drift(outputs, reference, images):
    """How the outputs on the held-out images lie from those of the float model."""
    found = outputs[images.held_out].reshape(len(images.held_out), -1).astype(np.float64)
    exact = reference[images.held_out].reshape(len(images.held_out), -1).astype(np.float64)
    difference = np.abs(found - exact)
    lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(exact, axis=1)
    return {
        "maxAbsoluteError": round(float(difference.max()), 6),
        "meanAbsoluteError": round(float(difference.mean()), 6),
        "signalToNoiseDb": round(float(10 * np.log10((exact**2).sum() / (difference**2).sum())), 2),
        "meanCosine": round(float(((found * exact).sum(1) / lengths).mean()), 6),
        "sameLargest": round(float((found.argmax(1) == exact.argmax(1)).mean()), 4),
    }


def run(path, inputs, level, *, batch=1):
    """The float outputs [n, …] of the CPU provider on one thread."""
    options = ort.SessionOptions()
    options.graph_optimization_level = LEVELS[level]
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    starts = range(0, len(inputs), batch)
    return np.concatenate([session.run(None, {INPUT: inputs[start : start + batch]})[0] for start in starts])


def operators(path):
    """The operators in graph order, with the domain where it is not ONNX's own."""
    return [f"{node.domain}.{node.op_type}" if node.domain else node.op_type for node in onnx.load(path).graph.node]
