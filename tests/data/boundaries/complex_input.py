"""A complex input."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": (real(2, 4) + 1j * real(2, 4)).astype("complex64")}


def build():
    x = layers.Input((4,), dtype="complex64", name="x")
    return keras.Model(x, keras.ops.real(x))
