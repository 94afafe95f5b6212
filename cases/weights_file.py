"""Weights kept in a file of their own.

The user keeps only the weights of the best epoch, in a file called best.h5, and the code of the
network beside it. To deploy, the network is made anew, gets these weights and is saved directly.
"""

import numpy as np
import tensorflow as tf

group = "Keras file formats"
issue = [
    "https://github.com/lululxvi/deepxde/issues/1693",
    "https://github.com/keras-team/keras-io/issues/1568",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"flow": np.random.default_rng(38).normal(3, 1, size=(4, 6)).astype("float32")}


def network():
    flow = tf.keras.Input((6,), name="flow")
    x = tf.keras.layers.BatchNormalization(momentum=0.5)(flow)
    x = tf.keras.layers.Dense(12, activation="relu", bias_initializer="random_normal")(x)
    pressure = tf.keras.layers.Dense(1, bias_initializer="random_normal", name="pressure")(x)
    return tf.keras.Model(flow, pressure)


def train():
    rng = np.random.default_rng(380)
    flow = rng.normal(3, 1, size=(32, 6)).astype("float32")
    model = network()
    model.compile(optimizer="adam", loss="mean_absolute_error")
    model.fit(flow, flow.prod(axis=1, keepdims=True), epochs=1, verbose=0)
    model.save_weights("best.h5")


def build():
    train()
    model = network()
    model.load_weights("best.h5")
    return model
