"""model.export(verbose=False)."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 4)}


def build():
    x = layers.Input((4,), name="x")
    return keras.Model(x, layers.Dense(3)(x))


def save(model, directory):
    model.export(directory, verbose=False)
