"""Small feed-forward networks in NumPy: forward, backward, and nothing else."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Conv:
    """A square convolution of stride 1: weight [out, in, k, k], bias [out]."""

    inputs: int
    outputs: int
    kernel: int
    pad: int
    params: list = field(default_factory=list)

    def init(self, rng):
        fan_in = self.inputs * self.kernel**2
        shape = (self.outputs, self.inputs, self.kernel, self.kernel)
        self.params = [he_uniform(rng, shape, fan_in), np.zeros(self.outputs, np.float32)]

    def forward(self, x):
        k, p = self.kernel, self.pad
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(2, 3))
        n, _, h, w = windows.shape[:4]
        columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, -1)
        weight, bias = self.params
        y = columns @ weight.reshape(self.outputs, -1).T + bias
        return y.reshape(n, h, w, self.outputs).transpose(0, 3, 1, 2), (columns, padded.shape)

    def backward(self, saved, dy):
        columns, padded_shape = saved
        weight = self.params[0]
        k, p = self.kernel, self.pad
        n, _, h, w = dy.shape
        rows = dy.transpose(0, 2, 3, 1).reshape(-1, self.outputs)
        grads = [(rows.T @ columns).reshape(weight.shape), rows.sum(0)]
        dcolumns = (rows @ weight.reshape(self.outputs, -1)).reshape(n, h, w, self.inputs, k, k)
        dx = np.zeros(padded_shape, np.float32)
        for i in range(k):
            for j in range(k):
                dx[:, :, i : i + h, j : j + w] += dcolumns[..., i, j].transpose(0, 3, 1, 2)
        return dx[:, :, p : padded_shape[2] - p, p : padded_shape[3] - p], grads


@dataclass
class Linear:
    """A dense layer: weight [out, in] (as ONNX Gemm with transB = 1), bias [out]."""

    inputs: int
    outputs: int
    params: list = field(default_factory=list)

    def init(self, rng):
        shape = (self.outputs, self.inputs)
        self.params = [he_uniform(rng, shape, self.inputs), np.zeros(self.outputs, np.float32)]

    def forward(self, x):
        weight, bias = self.params
        return x @ weight.T + bias, x

    def backward(self, saved, dy):
        return dy @ self.params[0], [dy.T @ saved, dy.sum(0)]


@dataclass
class Relu:
    params: list = field(default_factory=list)

    def init(self, rng):
        pass

    def forward(self, x):
        return np.maximum(x, 0), x > 0

    def backward(self, saved, dy):
        return dy * saved, []


@dataclass
class MaxPool:
    """Windows of 2x2 with stride 2, on even sizes."""

    params: list = field(default_factory=list)

    def init(self, rng):
        pass

    def forward(self, x):
        n, c, h, w = x.shape
        blocks = x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h // 2, w // 2, 4)
        return blocks.max(-1), (blocks.argmax(-1), x.shape)

    def backward(self, saved, dy):
        index, (n, c, h, w) = saved
        blocks = np.zeros((n, c, h // 2, w // 2, 4), np.float32)
        np.put_along_axis(blocks, index[..., None], dy[..., None], axis=-1)
        dx = blocks.reshape(n, c, h // 2, w // 2, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h, w)
        return dx, []


@dataclass
class Flatten:
    params: list = field(default_factory=list)

    def init(self, rng):
        pass

    def forward(self, x):
        return x.reshape(len(x), -1), x.shape

    def backward(self, saved, dy):
        return dy.reshape(saved), []


def he_uniform(rng, shape, fan_in):
    bound = np.sqrt(6 / fan_in)
    return rng.uniform(-bound, bound, shape).astype(np.float32)
