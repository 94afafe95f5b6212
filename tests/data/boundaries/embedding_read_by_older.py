"""A plain Embedding in a Keras file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


inputs = {"x": np.ones((2, 4), "int32")}


def build():
    x = layers.Input((4,), dtype="int32", name="x")
    return keras.Model(x, layers.Embedding(9, 3)(x))
