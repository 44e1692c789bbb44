"""The example networks, layer by layer."""

from blocks import AveragePool, BatchNorm, ConvTranspose, Depthwise, GlobalAveragePool, HardSwish, Residual, Sigmoid, Upsample
from layers import Conv, Flatten, Linear, MaxPool, Relu


def digits_mlp():
    return [Flatten(), Linear(64, 32), Relu(), Linear(32, 10)]


def digits_cnn():
    return [
        Conv(1, 8, 3, 1), Relu(), MaxPool(),
        Conv(8, 16, 3, 1), Relu(), MaxPool(),
        Flatten(), Linear(64, 10),
    ]  # fmt: skip


def mnist_mlp():
    return [Flatten(), Linear(784, 56), Relu(), Linear(56, 10)]


def lenet5():
    return [
        Conv(1, 6, 5, 2), Relu(), MaxPool(),
        Conv(6, 16, 5, 0), Relu(), MaxPool(),
        Flatten(), Linear(400, 120), Relu(), Linear(120, 84), Relu(), Linear(84, 10),
    ]  # fmt: skip


def digits_resnet():
    return [
        Conv(1, 8, 3, 1), Relu(),
        Residual([Conv(8, 8, 3, 1), Relu(), Conv(8, 8, 3, 1)]), Relu(), MaxPool(),
        Conv(8, 16, 3, 1), Relu(),
        Residual([Conv(16, 16, 3, 1), Relu(), Conv(16, 16, 3, 1)]), Relu(), AveragePool(),
        Flatten(), Linear(64, 10),
    ]  # fmt: skip


def digits_separable():
    return [
        Conv(1, 8, 3, 1), BatchNorm(8), HardSwish(),
        *separable(8, 16, 1), *separable(16, 32, 2), *separable(32, 32, 1),
        GlobalAveragePool(), Flatten(), Linear(32, 10),
    ]  # fmt: skip


def separable(inputs, outputs, stride):
    """A convolution of each channel for itself, then one of 1x1 across channels."""
    return [
        Depthwise(inputs, stride), BatchNorm(inputs), HardSwish(),
        Conv(inputs, outputs, 1, 0), BatchNorm(outputs), HardSwish(),
    ]  # fmt: skip


def digits_autoencoder():
    """8x8 to 32 numbers and back: up once by a transposed convolution and once by repeating pixels."""
    return [
        Conv(1, 16, 3, 1), Relu(), MaxPool(),
        Conv(16, 8, 3, 1), Relu(), MaxPool(),
        ConvTranspose(8, 16), Relu(),
        Upsample(), Conv(16, 1, 3, 1), Sigmoid(),
    ]  # fmt: skip
