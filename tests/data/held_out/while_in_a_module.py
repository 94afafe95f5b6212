"""A loop of TensorFlow around a Keras layer."""

import numpy as np
import tensorflow as tf

inputs = {"x": np.random.default_rng(7).normal(size=(2, 3)).astype("float32")}


class Iterated(tf.Module):
    def __init__(self):
        super().__init__()
        self.step = tf.keras.layers.Dense(3, activation="tanh", bias_initializer="ones")
        self.step.build((None, 3))

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def run(self, x):
        for _ in tf.range(4):
            x = self.step(x)
        return {"end": x}


def build():
    return Iterated()


def signatures(iterated):
    return iterated.run
