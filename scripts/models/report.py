"""accuracy.json and the README files beside the models, all from the same rows."""

import json
from itertools import groupby

import numpy as np
import onnx
import onnxruntime
import sklearn

PROVENANCE = """\
The images are the 1,797 handwritten digits that ship with scikit-learn (`sklearn.datasets.load_digits`): the test part of
*Optical Recognition of Handwritten Digits*, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998,
<https://doi.org/10.24432/C50P49>, licensed [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/).{changes} The models were
trained on them by `scripts/models/train.py` and are part of this project.
"""


def compare(outputs):
    """How a QDQ file's outputs differ from those of the QOperator file made from the same float model."""
    reference = outputs["qoperator"]["all"].view(np.uint32)
    return {level: int((outputs["qdq"][level].view(np.uint32) != reference).sum()) for level in ("disabled", "all")}


def accuracy_json(images, rows, path):
    document = {
        "madeBy": "scripts/models/train.py",
        "versions": {
            "numpy": np.__version__,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "images": {"all": len(images.labels), "train": len(images.train), "heldOut": len(images.held_out)},
        "models": rows,
    }
    path.write_text(json.dumps(document, indent=2) + "\n")


def digits_readme(images, rows, folder):
    folder.joinpath("README.md").write_text(
        f"""\
# Handwritten digits, 8×8

Small models with real weights, and the images to run them on. Everything here, this page included, is written by
`python scripts/models/train.py` (see `scripts/models/README.md`).

* `mlp`: 64-32-10 with ReLU. `cnn`: convolution 3×3 1→8, ReLU, max-pool 2×2, convolution 3×3 8→16, ReLU, max-pool 2×2,
  dense 64→10. `resnet`: two residual blocks of two convolutions 3×3 (8 and 16 channels), max-pool, average-pool, dense.
  `separable`: convolution 3×3, then three times a depthwise and a pointwise convolution, each with batch norm and HardSwish,
  global average, dense 32→10. Input `input`, float32 [batch, 1, 8, 8], pixels divided by 16; output `logits`, float32 [batch, 10].
* `autoencoder`: convolutions and max-pools down to 8×2×2, up again by a transposed convolution and by repeated pixels with a
  convolution, Sigmoid; output `reconstruction`, float32 [batch, 1, 8, 8].
* `NAME.float.onnx` is the trained model. `NAME.TYPE.FORM.onnx` is what ONNX Runtime's static quantizer made of it, untouched:
  TYPE is the type of the activations (the weights are int8, per channel), FORM is `qoperator` or `qdq`. Calibration (MinMax)
  saw the training images only. It leaves operators that it does not know in float, which cannot be proven.
* `inputs/digit-NNN.json`: the {len(images.held_out)} held-out images, one file each, by input name with shape;
  `inputs/digit-000.pb` is the first as an ONNX TensorProto. `labels.json` lists each file with its label.
* `digits.json`: all {len(images.labels):,} images as integers 0 to 16 with labels, and the indices of the held-out ones.
* `accuracy.json`: the figures below, with file hashes, for scripts.

## Accuracy

{accuracy_table(images, rows)}
{differing_table(images, rows)}
## Operators

{operator_list(rows)}
## Where the data comes from

{PROVENANCE.format(changes=" The pixels are unchanged.")}"""
    )


def bench_readme(images, rows, folder):
    folder.joinpath("README.md").write_text(
        f"""\
# Models for the benchmarks, 28×28

The shapes that published figures use, trained on the digits of `examples/digits` scaled up to 28×28 (they are *not* MNIST).
Everything here, this page included, is written by `python scripts/models/train.py` (see `scripts/models/README.md`).

* `mlp-784-56-10`: one hidden layer with ReLU. `lenet5`: convolution 5×5 with padding 2 1→6, ReLU, max-pool 2×2, convolution
  5×5 6→16, ReLU, max-pool 2×2, dense 400-120-84-10 with ReLU. Input `input`, float32 [batch, 1, 28, 28], pixels 0 to 255
  divided by 256; output `logits`, float32 [batch, 10].
* File names as in `examples/digits`. `inputs/`: the first ten held-out images, with `labels.json`.

## Accuracy

{accuracy_table(images, rows)}
{differing_table(images, rows)}
## Operators

{operator_list(rows)}
## Where the data comes from

{PROVENANCE.format(changes=" They were scaled up to 28×28 (bilinear, rounded to 0 to 255).")}"""
    )


def accuracy_table(images, rows):
    lines = [
        f"On the {len(images.held_out)} held-out images, with ONNX Runtime {onnxruntime.__version__}. The result of a classifier is the share of",
        "images that it gets right; that of an autoencoder is one minus the root of the mean squared error of a pixel in 0 to 1. The",
        "rest compares the outputs with those of the float model: signal-to-noise, the largest error, the same largest output.\n",
        "| file | bytes | right | result | signal-to-noise | largest error | same class |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in rows.items():
        result, drift = row["heldOut"], row.get("drift")
        classes = drift is not None and "correct" in result
        cells = [
            f"{row['bytes']:,}",
            str(result.get("correct", "")),
            f"{result['score']:.2%}",
            f"{drift['signalToNoiseDb']:.1f} dB" if drift else "",
            f"{drift['maxAbsoluteError']:.3f}" if drift else "",
            f"{drift['sameLargest']:.2%}" if classes else "",
        ]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def differing_table(images, rows):
    lines = [
        "## What changes the bits\n",
        f"Outputs of all {len(images.labels):,} images whose bits differ: between graph optimisation off and all; between the images run",
        "one by one and in one batch, with optimisation off and all; and, for QDQ files, from the QOperator file of the same type, with",
        "optimisation off and all. ONNX Runtime's float kernels differ between processors, so the figures of float and QDQ files may too.\n",
        "| file | off ≠ all | share | batch, off | batch, all | ≠ QOperator, off | ≠ QOperator, all |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in rows.items():
        differing = row["optimisation"]["differing"]["all"]
        against = row.get("againstQOperator")
        cells = [
            f"{differing:,}",
            f"{differing / row['optimisation']['outputs']:.3%}",
            f"{row['batchDiffering']['disabled']:,}",
            f"{row['batchDiffering']['all']:,}",
            *([f"{against['disabled']:,}", f"{against['all']:,}"] if against else ["", ""]),
        ]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def operator_list(rows):
    return "".join(f"* `{name}`: {chain(row['operators'])}\n" for name, row in rows.items())


def chain(operators):
    """Graph order, with a run of the same operator (a QDQ file begins with its weights) written once."""
    runs = [(name, len(list(run))) for name, run in groupby(operators)]
    return " → ".join(name if count == 1 else f"{count} × {name}" for name, count in runs)
