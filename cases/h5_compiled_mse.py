"""A model compiled with "mse" that went through an .h5 file.

The user compiles with loss="mse" and metrics=["mae"], as the tutorials do, and keeps the trained
regression in an .h5 file. The job that deploys loads the file and saves the model for the server.
"""

import numpy as np
import tensorflow as tf

group = "Keras file formats"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/70263",
    "https://github.com/keras-team/keras/issues/19330",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"house": np.random.default_rng(35).normal(size=(3, 7)).astype("float32")}


def train():
    rng = np.random.default_rng(350)
    houses = rng.normal(size=(32, 7)).astype("float32")
    model = tf.keras.models.Sequential(
        [
            tf.keras.layers.Input((7,), name="house"),
            tf.keras.layers.Dense(16, activation="relu"),
            tf.keras.layers.Dense(1, name="price", bias_initializer="random_normal"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    model.fit(houses, houses.sum(axis=1, keepdims=True), epochs=1, verbose=0)
    return model


def build():
    train().save("prices.h5")
    return tf.keras.models.load_model("prices.h5")
