"""Trains, exports, quantizes and measures every example model. See README.md.

    python scripts/models/train.py            write examples/digits and bench/models again
    python scripts/models/train.py --check    make them in a temporary folder and name the files that differ
"""

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# One thread and one kernel family (x86), so that sums come in the same order everywhere. Read when NumPy loads.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")

import data  # noqa: E402
import networks  # noqa: E402
from evaluate import drift, evaluate  # noqa: E402
from export import export  # noqa: E402
from fit import fit  # noqa: E402
from inputs import write_all, write_inputs  # noqa: E402
from quantize import ACTIVATIONS, FORMATS, quantize  # noqa: E402
from report import accuracy_json, bench_readme, compare, digits_readme  # noqa: E402
from tasks import CLASSIFY, RECONSTRUCT, Task  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Recipe:
    name: str
    layers: callable
    epochs: int
    shift: float
    seed: int
    task: Task = CLASSIFY
    # Types of the activations, a quantized file of each form for each.
    activations: tuple = ("int8",)


DIGITS = [
    Recipe("mlp", networks.digits_mlp, 60, 0.25, 1, activations=tuple(ACTIVATIONS)),
    Recipe("cnn", networks.digits_cnn, 60, 0.25, 1, activations=tuple(ACTIVATIONS)),
    Recipe("resnet", networks.digits_resnet, 40, 0.5, 1),
    Recipe("separable", networks.digits_separable, 60, 0.5, 1),
    Recipe("autoencoder", networks.digits_autoencoder, 120, 0.25, 1, RECONSTRUCT),
]
BENCH = [Recipe("mlp-784-56-10", networks.mnist_mlp, 40, 1, 1), Recipe("lenet5", networks.lenet5, 15, 1, 1)]


def build(recipes, images, folder):
    """Makes every file of every recipe in `folder` and returns their rows for accuracy.json, by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    for recipe in recipes:
        layers, task = recipe.layers(), recipe.task
        train_inputs, train_labels = images.inputs[images.train], images.labels[images.train]
        fit(layers, train_inputs, train_labels, loss=task.loss, epochs=recipe.epochs, shift=recipe.shift, seed=recipe.seed)
        float_path = folder / f"{recipe.name}.float.onnx"
        size = images.pixels.shape[1]
        export(layers, name=recipe.name, size=size, output=task.output, shape=task.shape, path=float_path)
        rows[float_path.name], reference = evaluate(float_path, images, task)
        for activation in recipe.activations:
            outputs = {}
            for form in FORMATS:
                path = folder / f"{recipe.name}.{activation}.{form}.onnx"
                quantize(float_path, path, activation=activation, form=form, train_inputs=train_inputs)
                rows[path.name], outputs[form] = evaluate(path, images, task)
                rows[path.name]["drift"] = drift(outputs[form]["all"], reference["all"], images)
            rows[f"{recipe.name}.{activation}.qdq.onnx"]["againstQOperator"] = compare(outputs)
    for name, row in rows.items():
        print(f"{name:36} {row['heldOut']['score']:7.2%} differing {row['optimisation']['differing']} in a batch {row['batchDiffering']} drift {row.get('drift')}")
        # Integer operators leave optimisation nothing to reorder. The tests rely on it, so a file that differs is no example.
        counts = [*row["optimisation"]["differing"].values(), *row["batchDiffering"].values()]
        if ".qoperator." in name and any(counts):
            raise SystemExit(f"{name}: its outputs depend on the optimisation level or on the batch size")
    return rows


def write_everything(root):
    digits, digits_28 = data.digits(), data.digits_28()

    folder = root / "examples" / "digits"
    rows = build(DIGITS, digits, folder)
    write_all(digits, folder / "digits.json")
    write_inputs(digits, folder, count=len(digits.held_out), tensor_protos=1)
    accuracy_json(digits, rows, folder / "accuracy.json")
    digits_readme(digits, rows, folder)

    folder = root / "bench" / "models"
    rows = build(BENCH, digits_28, folder)
    write_inputs(digits_28, folder, count=10, tensor_protos=0)
    accuracy_json(digits_28, rows, folder / "accuracy.json")
    bench_readme(digits_28, rows, folder)


def check():
    """Returns the number of files that a fresh run makes otherwise than they stand in the repository."""
    with tempfile.TemporaryDirectory() as temporary:
        fresh_root = Path(temporary)
        write_everything(fresh_root)
        different = [
            fresh.relative_to(fresh_root)
            for fresh in sorted(fresh_root.rglob("*"))
            if fresh.is_file() and not same(fresh, ROOT / fresh.relative_to(fresh_root))
        ]
    for path in different:
        print(f"differs: {path}")
    print(f"{len(different)} files differ")
    return len(different)


def same(fresh, committed):
    return committed.is_file() and fresh.read_bytes() == committed.read_bytes()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare a fresh run with the files of the repository")
    if parser.parse_args().check:
        sys.exit(1 if check() else 0)
    write_everything(ROOT)
