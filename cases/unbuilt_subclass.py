"""A subclassed model that was never called.

The user defines a model as a subclass of Model and wants an artifact of it before there are data,
so that others can begin to work on the server. Nothing has told the model what its input is.
"""

import keras
import numpy as np

group = "Models saved directly"
issue = "https://github.com/tensorflow/tensorflow/issues/36461"
inputs = {"inputs": np.random.default_rng(25).normal(size=(3, 4)).astype("float32")}


class Regressor(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.hidden = [
            keras.layers.Dense(n, activation="relu", bias_initializer="random_normal")
            for n in units
        ]
        self.result = keras.layers.Dense(2, bias_initializer="random_normal")

    def call(self, inputs):
        x = inputs
        for layer in self.hidden:
            x = layer(x)
        return self.result(x)


def build():
    model = Regressor([16, 16])
    model.compile(optimizer="adam", loss="mse")
    return model


def keras_objects(model):
    return [model]


def as_model(model):
    model(inputs["inputs"])
    return model
