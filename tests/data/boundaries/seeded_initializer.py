"""An initializer with a SeedGenerator in a Keras file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 4)}


def build():
    x = layers.Input((4,), name="x")
    seed = keras.random.SeedGenerator(3)
    return keras.Model(
        x, layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(seed=seed))(x)
    )
