"""What a network is for: its output, its training, and how good a result is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fit import cross_entropy, squared_error


@dataclass(frozen=True)
class Task:
    """`output` is the name of the output and `shape` its shape without the batch.

    `loss` is a gradient as in fit.py. `measure` gives, from outputs and an ImageSet and the indices of images, the figures
    for accuracy.json; `score` is among them, 0 to 1, more is better.
    """

    output: str
    shape: tuple
    loss: Callable
    measure: Callable


def classified(outputs, images, which):
    right = outputs[which].argmax(1) == images.labels[which]
    return {"correct": int(right.sum()), "score": round(float(right.mean()), 4)}


def reconstructed(outputs, images, which):
    """The root of the mean squared error of a pixel in 0..1, and one minus it as the score."""
    difference = outputs[which].astype(np.float64) - images.inputs[which]
    error = float(np.sqrt((difference**2).mean()))
    return {"rootMeanSquaredError": round(error, 6), "score": round(1 - error, 6)}


CLASSIFY = Task("logits", (10,), cross_entropy, classified)
RECONSTRUCT = Task("reconstruction", (1, 8, 8), squared_error, reconstructed)
