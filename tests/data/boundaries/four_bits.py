"""A Dense layer quantized to int4 and exported."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(3, 6)}


def build():
    x = layers.Input((6,), name="x")
    model = keras.Model(x, layers.Dense(5)(x))
    model.quantize("int4")
    return model
