"""A sparse input.

The user's features are thousands of indicators of which a few are set, so the input is declared
sparse=True for training. The server is to get dense rows.
"""

import keras
import numpy as np

group = "Inputs and outputs"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/42018",
    "https://github.com/tensorflow/tensorflow/issues/37226",
]
inputs = {"indicators": np.eye(40, dtype="float32")[[3, 17, 39]]}


def build():
    indicators = keras.Input((40,), name="indicators", sparse=True)
    x = keras.layers.Dense(8, bias_initializer="random_normal")(indicators)
    x = keras.layers.Activation("relu")(x)
    interest = keras.layers.Dense(2, bias_initializer="random_normal")(x)
    return keras.Model(indicators, interest)


def save(model, directory):
    model.export(directory)
