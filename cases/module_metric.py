"""A Keras metric in a tf.Module.

The user watches a model in production: the server is to keep the running mean of what it has
seen, so the tf.Module holds a keras.metrics.Mean and serves its result next to the prediction.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Keras inside tf.Module"
issue = "https://github.com/keras-team/keras/issues/19321"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(23).normal(size=(5, 4)).astype("float32")}


class Monitored(tf.Module):
    def __init__(self):
        super().__init__()
        self.weight = tf.Variable(np.random.default_rng(230).normal(size=4), dtype=tf.float32)
        self.seen = keras.metrics.Mean(name="seen")
        self.seen.update_state([1.0, 2.0, 6.0])

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
    def predict(self, x):
        score = tf.linalg.matvec(x, self.weight)
        return {"score": score, "above": score > self.seen.result()}


def build():
    return Monitored()


def signatures(monitored):
    return monitored.predict
