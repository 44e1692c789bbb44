"""The handwritten digits that ship with scikit-learn, split once, at 8x8 and scaled up to 28x28."""

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SPLIT_SEED = 2024
HELD_OUT = 360


@dataclass(frozen=True)
class ImageSet:
    """Images as the integers they are stored as, and as the float32 tensor the models read.

    `pixels` is [n, size, size] of integers, `inputs` is `pixels / divisor` as float32 [n, 1, size, size]. The divisor is
    a power of two, so the division is exact and every float has a short exact decimal form.
    """

    pixels: np.ndarray
    divisor: int
    labels: np.ndarray
    train: np.ndarray
    held_out: np.ndarray

    @property
    def inputs(self) -> np.ndarray:
        return (self.pixels[:, None].astype(np.float32) / np.float32(self.divisor)).astype(np.float32)


def digits() -> ImageSet:
    """All 1,797 digits: 8x8 pixels of 0..16, divided by 16."""
    bunch = load_digits()
    pixels = bunch.images.astype(np.int64)
    labels = bunch.target.astype(np.int64)
    train, held_out = train_test_split(
        np.arange(len(labels)), test_size=HELD_OUT, stratify=labels, random_state=SPLIT_SEED
    )
    return ImageSet(pixels, 16, labels, np.sort(train), np.sort(held_out))


def digits_28() -> ImageSet:
    """The same digits at 28x28: bilinear with half-pixel centres, in integers, pixels of 0..255, divided by 256."""
    small = digits()
    # Output pixel i lies at (i + 1/2) * 8/28 - 1/2 = (4i - 5)/14 of the source: weights in fourteenths are integers.
    weights = np.zeros((28, 8), dtype=np.int64)
    for i in range(28):
        position = 4 * i - 5
        left = position // 14
        right_weight = position - 14 * left
        weights[i, min(max(left, 0), 7)] += 14 - right_weight
        weights[i, min(max(left + 1, 0), 7)] += right_weight
    # Each sum is 196 times a pixel value of 0..16. Rounded half up to 0..255.
    sums = weights @ small.pixels @ weights.T
    full = 196 * 16
    pixels = (2 * 255 * sums + full) // (2 * full)
    return ImageSet(pixels, 256, small.labels, small.train, small.held_out)
