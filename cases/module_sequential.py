"""A Sequential model in a tf.Module.

The user trains a regression with Keras and serves it in the unit of the data: the tf.Module
around the model keeps the mean and scale of the target and undoes the standardisation.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Keras inside tf.Module"
issue = "https://github.com/tensorflow/tensorflow/issues/72963"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"measurements": np.random.default_rng(7).normal(size=(4, 9)).astype("float32")}


class Regression(tf.Module):
    def __init__(self, model, mean, scale):
        super().__init__(name="regression")
        self.model = model
        self.mean = float(mean)
        self.scale = float(scale)

    @tf.function(input_signature=[tf.TensorSpec([None, 9], tf.float32, name="measurements")])
    def predict(self, measurements):
        return self.model(measurements) * self.scale + self.mean


def build():
    rng = np.random.default_rng(70)
    x = rng.normal(size=(64, 9)).astype("float32")
    y = 50 + 4 * x.sum(axis=1, keepdims=True)
    model = keras.Sequential(
        [
            keras.Input((9,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse", run_eagerly=True)
    model.fit(x, (y - y.mean()) / y.std(), epochs=3, verbose=0)
    return Regression(model, y.mean(), y.std())


def signatures(regression):
    return regression.predict


def as_model(regression):
    undo = keras.layers.Rescaling(regression.scale, offset=regression.mean)
    return keras.Sequential([keras.Input((9,), name="measurements"), regression.model, undo])
