"""An LSTM in mixed precision."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 5, 3)}


def build():
    return keras.Sequential([layers.Input((5, 3), name="x"), layers.LSTM(4, dtype="mixed_float16")])
