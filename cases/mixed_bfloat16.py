"""Mixed precision with bfloat16 inputs and outputs.

The user trains on a TPU or a recent CPU with the mixed_bfloat16 policy, and the services around
the model exchange bfloat16 tensors too. The tf.Module's signature says so on both sides.
"""

import keras
import numpy as np
import tensorflow as tf

issue = "https://github.com/keras-team/keras/issues/20095"
inputs = {
    "x": np.random.default_rng(19).normal(size=(3, 16)).astype(tf.bfloat16.as_numpy_dtype),
}


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

    @tf.function(input_signature=[tf.TensorSpec([None, 16], tf.bfloat16, name="x")])
    def rank(self, x):
        return self.score(self.hidden(x))


def build():
    return Ranker()


def signatures(ranker):
    return ranker.rank


def as_model(ranker):
    x = keras.Input((16,), dtype="bfloat16", name="x")
    return keras.Model(x, ranker.score(ranker.hidden(x)))
