"""keras.ops.argmax with keepdims in an exported graph."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 6, 4)}


def build():
    x = layers.Input((6, 4), name="x")
    return keras.Model(x, keras.ops.argmax(x, axis=1, keepdims=True))
