"""The layers of the larger examples: batch norm, depthwise and transposed convolutions, residual sums, smooth activations."""

from dataclasses import dataclass, field

import numpy as np

from layers import he_uniform


@dataclass
class BatchNorm:
    """Each channel scaled to mean 0 and variance 1: scale [c], shift [c]; `mean` and `variance` follow the batches."""

    EPSILON = 1e-5
    MOMENTUM = 0.95

    channels: int
    params: list = field(default_factory=list)
    mean: np.ndarray = None
    variance: np.ndarray = None

    def init(self, rng):
        self.params = [np.ones(self.channels, np.float32), np.zeros(self.channels, np.float32)]
        self.mean, self.variance = np.zeros(self.channels, np.float32), np.ones(self.channels, np.float32)

    def forward(self, x):
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
        keep = np.float32(self.MOMENTUM)
        self.mean = keep * self.mean + (1 - keep) * mean
        self.variance = keep * self.variance + (1 - keep) * variance
        inverse = 1 / np.sqrt(variance + np.float32(self.EPSILON))
        unit = (x - channels(mean)) * channels(inverse)
        scale, shift = self.params
        return unit * channels(scale) + channels(shift), (unit, inverse)

    def backward(self, saved, dy):
        unit, inverse = saved
        dscale, dshift = (dy * unit).sum((0, 2, 3)), dy.sum((0, 2, 3))
        count = np.float32(dy.size // self.channels)
        centred = dy - channels(dshift / count) - unit * channels(dscale / count)
        return centred * channels(self.params[0] * inverse), [dscale, dshift]


@dataclass
class Depthwise:
    """A 3x3 convolution of each channel for itself, padding 1: weight [c, 1, 3, 3], bias [c]."""

    channels: int
    stride: int
    params: list = field(default_factory=list)

    def init(self, rng):
        self.params = [he_uniform(rng, (self.channels, 1, 3, 3), 9), np.zeros(self.channels, np.float32)]

    def forward(self, x):
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        weight, bias = self.params
        y = sum(self.tap(padded, i, j) * channels(weight[:, 0, i, j]) for i in range(3) for j in range(3))
        return y + channels(bias), padded

    def backward(self, padded, dy):
        weight = self.params[0]
        dweight, dx = np.zeros_like(weight), np.zeros_like(padded)
        for i in range(3):
            for j in range(3):
                dweight[:, 0, i, j] = (self.tap(padded, i, j) * dy).sum((0, 2, 3))
                self.tap(dx, i, j)[...] += dy * channels(weight[:, 0, i, j])
        return dx[:, :, 1:-1, 1:-1], [dweight, dy.sum((0, 2, 3))]

    def tap(self, padded, i, j):
        """The elements that kernel position (i, j) sees."""
        height, width = padded.shape[2] - 2, padded.shape[3] - 2
        return padded[:, :, i : i + height : self.stride, j : j + width : self.stride]


@dataclass
class ConvTranspose:
    """Twice the size: each pixel becomes a block of 2x2. Weight [in, out, 2, 2], bias [out]."""

    inputs: int
    outputs: int
    params: list = field(default_factory=list)

    def init(self, rng):
        self.params = [he_uniform(rng, (self.inputs, self.outputs, 2, 2), self.inputs), np.zeros(self.outputs, np.float32)]

    def forward(self, x):
        weight, bias = self.params
        n, _, h, w = x.shape
        rows = x.transpose(0, 2, 3, 1).reshape(-1, self.inputs)
        blocks = (rows @ weight.reshape(self.inputs, -1)).reshape(n, h, w, self.outputs, 2, 2)
        y = blocks.transpose(0, 3, 1, 4, 2, 5).reshape(n, self.outputs, 2 * h, 2 * w)
        return y + channels(bias), (rows, x.shape)

    def backward(self, saved, dy):
        rows, (n, _, h, w) = saved
        weight = self.params[0]
        blocks = dy.reshape(n, self.outputs, h, 2, w, 2).transpose(0, 2, 4, 1, 3, 5).reshape(n * h * w, -1)
        dx = (blocks @ weight.reshape(self.inputs, -1).T).reshape(n, h, w, self.inputs).transpose(0, 3, 1, 2)
        return dx, [(rows.T @ blocks).reshape(weight.shape), dy.sum((0, 2, 3))]


@dataclass
class Residual:
    """x + body(x)."""

    body: list
    params: list = field(default_factory=list)

    def init(self, rng):
        pass

    def forward(self, x):
        y, saved = x, []
        for layer in self.body:
            y, kept = layer.forward(y)
            saved.append(kept)
        return x + y, saved

    def backward(self, saved, dy):
        dx, grads = dy, []
        for layer, kept in zip(reversed(self.body), reversed(saved), strict=True):
            dx, own = layer.backward(kept, dx)
            grads = own + grads
        return dy + dx, grads


@dataclass
class AveragePool:
    """Windows of 2x2 with stride 2, on even sizes."""

    params: list = field(default_factory=list)

    def init(self, rng):
        pass

    def forward(self, x):
        n, c, h, w = x.shape
        return x.reshape(n, c, h // 2, 2, w // 2, 2).mean((3, 5)), None

    def backward(self, saved, dy):
        return repeat(dy) / np.float32(4), []


@dataclass
class GlobalAveragePool:
    params: list = field(default_factory=list)

    def init(self, rng):
        pass

    def forward(self, x):
        return x.mean((2, 3), keepdims=True), x.shape

    def backward(self, shape, dy):
        return np.broadcast_to(dy / np.float32(shape[2] * shape[3]), shape), []


@dataclass
class Upsample:
    """Twice the size by repeating each pixel."""

    params: list = field(default_factory=list)

    def init(self, rng):
        pass

    def forward(self, x):
        return repeat(x), None

    def backward(self, saved, dy):
        n, c, h, w = dy.shape
        return dy.reshape(n, c, h // 2, 2, w // 2, 2).sum((3, 5)), []


@dataclass
class HardSwish:
    """x * clip(x / 6 + 1/2, 0, 1)."""

    params: list = field(default_factory=list)

    def init(self, rng):
        pass

    def forward(self, x):
        return x * np.clip(x / np.float32(6) + np.float32(0.5), 0, 1), x

    def backward(self, x, dy):
        slope = np.where(x <= -3, np.float32(0), np.where(x >= 3, np.float32(1), x / np.float32(3) + np.float32(0.5)))
        return dy * slope, []


@dataclass
class Sigmoid:
    params: list = field(default_factory=list)

    def init(self, rng):
        pass

    def forward(self, x):
        y = 1 / (1 + np.exp(-x))
        return y, y

    def backward(self, y, dy):
        return dy * y * (1 - y), []


def channels(values):
    """[c] as [c, 1, 1], to go with [n, c, h, w]."""
    return values[:, None, None]


def repeat(x):
    return x.repeat(2, axis=2).repeat(2, axis=3)
