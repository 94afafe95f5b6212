"""A Dense layer of four bits."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 5)}


def build():
    model = keras.Sequential([layers.Input((5,), name="x"), layers.Dense(3)])
    model.quantize("int4")
    return model
