"""A Bidirectional that returns its states."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 5, 3)}


def build():
    x = layers.Input((5, 3), name="x")
    out = layers.Bidirectional(layers.LSTM(4, return_state=True, return_sequences=True))(x)
    return keras.Model(x, list(out))
