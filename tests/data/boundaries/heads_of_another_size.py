"""MultiHeadAttention with an output shape in a Keras file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 5, 8), "v": real(2, 5, 6)}


def build():
    x = layers.Input((5, 8), name="x")
    v = layers.Input((5, 6), name="v")
    return keras.Model([x, v], layers.MultiHeadAttention(2, 4, value_dim=3, output_shape=7)(x, v))
