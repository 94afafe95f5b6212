"""Mixed precision with bfloat16 outputs.

The user trains on a TPU or a recent CPU with the mixed_bfloat16 policy and keeps the layers in a
tf.Module. Nothing casts the scores back, so the signature gives bfloat16 for float32 features.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Numeric types"
issue = "https://github.com/keras-team/keras/issues/20095"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(19).normal(size=(3, 16)).astype("float32")}


class Ranker(tf.Module):
    def __init__(self):
        super().__init__(name="ranker")
        policy = "mixed_bfloat16"
        self.hidden = keras.layers.Dense(
            32, activation="relu", dtype=policy, bias_initializer="random_normal"
        )
        self.score = keras.layers.Dense(4, dtype=policy, bias_initializer="random_normal")
        self.hidden.build((None, 16))
        self.score.build((None, 32))

    @tf.function(input_signature=[tf.TensorSpec([None, 16], tf.float32, name="x")])
    def rank(self, x):
        return self.score(self.hidden(x))


def build():
    return Ranker()


def signatures(ranker):
    return ranker.rank


def as_model(ranker):
    x = keras.Input((16,), name="x")
    return keras.Model(x, ranker.score(ranker.hidden(x)))
