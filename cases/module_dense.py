"""A Dense layer in a tf.Module.

The user has one trained Keras layer and wants a serving function with a fixed input signature, so
they keep the layer in an attribute of a tf.Module and save the module. The model server or the
C++ program that gets the directory has no Keras.
"""

import numpy as np
import tensorflow as tf

group = "Keras inside tf.Module"
issue = [
    "https://github.com/keras-team/keras/issues/20095",
    "https://github.com/tensorflow/tensorflow/issues/72963",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(1).normal(size=(3, 4)).astype("float32")}


class Scorer(tf.Module):
    def __init__(self):
        super().__init__()
        self.dense = tf.keras.layers.Dense(2, bias_initializer="random_normal")
        self.dense.build((None, 4))

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
    def serve(self, x):
        return self.dense(x)


def build():
    return Scorer()


def signatures(scorer):
    return scorer.serve


def as_model(scorer):
    return tf.keras.Sequential([tf.keras.Input((4,), name="x"), scorer.dense])
