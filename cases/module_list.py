"""Layers in a list of a tf.Module.

The user writes a multilayer perceptron of any depth by hand: the layers are in a Python list, and
a loop of their own trains them. Only the prediction function is meant to be served.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Sequential, layers, optimizers

group = "Keras inside tf.Module"
issue = "https://github.com/keras-team/keras/issues/20095"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"features": np.random.default_rng(2).normal(size=(5, 13)).astype("float32")}


class Perceptron(tf.Module):
    def __init__(self, units):
        super().__init__(name="perceptron")
        self.layers = [layers.Dense(n, activation="relu") for n in units]
        self.layers.append(layers.Dense(1))

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    @tf.function(input_signature=[tf.TensorSpec([None, 13], tf.float32, name="features")])
    def predict(self, features):
        return self(features)


def build():
    rng = np.random.default_rng(20)
    x = rng.normal(size=(64, 13)).astype("float32")
    y = x[:, :1] * 2 + 3
    module = Perceptron([32, 16])
    module(x)
    weights = [w for layer in module.layers for w in layer.trainable_weights]
    optimizer = optimizers.SGD(learning_rate=0.05)
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(module(x) - y))
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
    return module


def signatures(module):
    return {"serving_default": module.predict}


def as_model(module):
    return Sequential([Input((13,), name="features"), *module.layers])
