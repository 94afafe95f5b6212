"""A function compiled with XLA.

The user has the serving function of a tf.Module compiled with jit_compile=True, for speed. Whoever
loads the artifact compiles it anew, before the first answer.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Control flow, XLA"
issue = [
    "https://github.com/tensorflow/serving/issues/2214",
    "https://github.com/huggingface/transformers/issues/18357",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(41).normal(size=(4, 16)).astype("float32")}


class Fast(tf.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    @tf.function(jit_compile=True, input_signature=[tf.TensorSpec([4, 16], tf.float32, name="x")])
    def serve(self, x):
        return {"score": self.model(x, training=False)}


def build():
    model = keras.Sequential(
        [
            keras.Input((16,), name="x"),
            keras.layers.Dense(32, activation="gelu", bias_initializer="random_normal"),
            keras.layers.LayerNormalization(),
            keras.layers.Dense(1, bias_initializer="random_normal"),
        ]
    )
    model.compile("adam", "mse", jit_compile=True)
    return Fast(model)


def signatures(fast):
    return fast.serve


def as_model(fast):
    return fast.model
