"""LayerNormalization with rms_scaling in a Keras file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(4, 6)}


def build():
    x = layers.Input((6,), name="x")
    return keras.Model(x, layers.LayerNormalization(rms_scaling=True)(layers.Dense(6)(x)))
