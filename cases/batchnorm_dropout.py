"""BatchNormalization and Dropout in a tf.Module.

The user trains a network with normalisation and dropout and wraps it in a tf.Module that always
calls it with training=False. The moving mean and variance are weights that no optimizer trains.
"""

import numpy as np
import tensorflow as tf

group = "Random state and non-trainable variables"
issue = [
    "https://github.com/keras-team/keras/issues/20096",
    "https://github.com/kserve/kserve/issues/3801",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(10).normal(2, 3, size=(4, 10)).astype("float32")}


class Served(tf.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    @tf.function(input_signature=[tf.TensorSpec([None, 10], tf.float32, name="x")])
    def serve(self, x):
        return self.model(x, training=False)


def build():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((10,), name="x"),
            tf.keras.layers.Dense(32, activation="relu"),
            tf.keras.layers.BatchNormalization(momentum=0.5),
            tf.keras.layers.Dropout(0.4),
            tf.keras.layers.Dense(32, activation="relu"),
            tf.keras.layers.BatchNormalization(momentum=0.5),
            tf.keras.layers.Dropout(0.4),
            tf.keras.layers.Dense(1),
        ]
    )
    # Eagerly: a traced training step takes longer than all the rest, and none of it is saved.
    model.compile(optimizer="adam", loss="mse", run_eagerly=True)
    rng = np.random.default_rng(100)
    x = rng.normal(2, 3, size=(128, 10)).astype("float32")
    model.fit(x, x.sum(axis=1, keepdims=True), epochs=3, verbose=0)
    return Served(model)


def signatures(served):
    return served.serve


def as_model(served):
    return served.model
