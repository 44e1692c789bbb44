"""Input files: one JSON file (or ONNX TensorProto) per image, their labels, and all images in one file."""

import json

from onnx import numpy_helper

from export import INPUT


def write_inputs(images, folder, *, count, tensor_protos):
    """Writes the first `count` held-out images to inputs/digit-NNN.json, the first `tensor_protos` also as .pb.

    labels.json lists for each file the label and the index of the image in scikit-learn's order.
    """
    target = folder / "inputs"
    target.mkdir(parents=True, exist_ok=True)
    labels = []
    for position, index in enumerate(images.held_out[:count]):
        tensor = images.inputs[index : index + 1]
        name = f"digit-{position:03}"
        value = {"shape": list(tensor.shape), "data": [short(v) for v in tensor.ravel().tolist()]}
        (target / f"{name}.json").write_text(json.dumps({INPUT: value}, separators=(",", ":")) + "\n")
        if position < tensor_protos:
            (target / f"{name}.pb").write_bytes(numpy_helper.from_array(tensor, INPUT).SerializeToString())
        entry = {"file": f"inputs/{name}.json", "label": int(images.labels[index]), "index": int(index)}
        labels.append(json.dumps(entry))
    (folder / "labels.json").write_text("[\n" + ",\n".join(f"  {entry}" for entry in labels) + "\n]\n")


def write_all(images, path):
    """All images as integers, one line each: model input = pixel / divisor, reshaped to `shape`."""
    size = images.pixels.shape[1]
    lines = [json.dumps(row, separators=(",", ":")) for row in images.pixels.reshape(len(images.pixels), -1).tolist()]
    path.write_text(
        "{\n"
        f'"shape": [1, {size}, {size}],\n'
        f'"divisor": {images.divisor},\n'
        f'"heldOut": {json.dumps(images.held_out.tolist(), separators=(",", ":"))},\n'
        f'"labels": {json.dumps(images.labels.tolist(), separators=(",", ":"))},\n'
        '"images": [\n' + ",\n".join(lines) + "\n]\n}\n"
    )


def short(value):
    """Whole numbers without their point: 0 for 0.0."""
    return int(value) if value.is_integer() else value
