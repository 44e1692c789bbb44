"""Training: Adam, a cosine learning rate, images shifted by at most `shift` pixels."""

import numpy as np

from blocks import Residual

BATCH = 32
RATE = 1e-2
DECAY = 1e-4


def fit(layers, inputs, labels, *, loss, epochs, shift, seed):
    """Trains `layers` in place on `inputs` [n, 1, h, w] (float32) and `labels` [n].

    `loss` is one of the functions below: the gradient of what is to become small.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    for layer in every(layers):
        layer.init(rng)
    params = [(layer, i) for layer in every(layers) for i in range(len(layer.params))]
    first = [np.zeros_like(layer.params[i]) for layer, i in params]
    second = [np.zeros_like(layer.params[i]) for layer, i in params]
    steps = epochs * (len(inputs) // BATCH)
    step = 0
    for _ in range(epochs):
        order = rng.permutation(len(inputs))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            step += 1
            grads = gradients(layers, shifted(inputs[batch], shift, rng), labels[batch], loss)
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            for slot, ((layer, i), grad) in enumerate(zip(params, grads, strict=True)):
                first[slot] = 0.9 * first[slot] + 0.1 * grad
                second[slot] = 0.999 * second[slot] + 0.001 * grad**2
                update = (first[slot] / (1 - 0.9**step)) / (np.sqrt(second[slot] / (1 - 0.999**step)) + 1e-8)
                layer.params[i] = (layer.params[i] - rate * (update + DECAY * layer.params[i])).astype(np.float32)


def every(layers):
    """All layers, those inside of others in their place."""
    for layer in layers:
        yield layer
        if isinstance(layer, Residual):
            yield from every(layer.body)


def cross_entropy(outputs, images, labels):
    """Outputs [n, 10] are logits of the labels."""
    exp = np.exp(outputs - outputs.max(1, keepdims=True))
    dy = (exp / exp.sum(1, keepdims=True)).astype(np.float32)
    dy[np.arange(len(labels)), labels] -= 1
    return dy / np.float32(len(labels))


def squared_error(outputs, images, labels):
    """Outputs [n, 1, h, w] are to be the images: half the square of each pixel's error, summed, per image."""
    return (outputs - images) / np.float32(len(images))


def gradients(layers, images, labels, loss):
    x, saved = images, []
    for layer in layers:
        x, kept = layer.forward(x)
        saved.append(kept)
    dy = loss(x, images, labels)
    grads = []
    for layer, kept in zip(reversed(layers), reversed(saved), strict=True):
        dy, own = layer.backward(kept, dy)
        grads = own + grads
    return grads


def shifted(images, most, rng):
    """Each image moved by up to `most` pixels (a fraction is bilinear) in both directions, zeros coming in."""
    if most == 0:
        return images
    size = images.shape[-1]
    border = int(np.ceil(most))
    padded = np.pad(images, ((0, 0), (0, 0), (border, border + 1), (border, border + 1)))
    moves = rng.uniform(border - most, border + most, (len(images), 2))
    out = np.empty_like(images)
    for i, move in enumerate(moves):
        y, x = np.floor(move).astype(int)
        right_y, right_x = (move % 1).astype(np.float32)
        window = padded[i, :, y : y + size + 1, x : x + size + 1]
        rows = (1 - right_y) * window[:, :-1] + right_y * window[:, 1:]
        out[i] = (1 - right_x) * rows[:, :, :-1] + right_x * rows[:, :, 1:]
    return out
