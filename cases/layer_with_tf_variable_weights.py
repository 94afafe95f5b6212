"""A tf.Module inside a Keras layer, trained by hand.

The user has a tf.Module with tf.Variables from before they used Keras, and makes it part of a model
through a layer that keeps it as an attribute. A training loop of their own updates what the model
lists as trainable.
"""

import numpy as np
import tensorflow as tf

group = "Custom layers and variables"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/47264",
    "https://github.com/keras-team/keras/issues/18467",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"dose": np.linspace(0, 3, 5, dtype="float32").reshape(5, 1)}


class Hill(tf.Module):
    def __init__(self):
        super().__init__()
        self.top = tf.Variable(0.5, name="top")
        self.half = tf.Variable(0.7, name="half")

    def __call__(self, dose):
        return self.top * dose / (self.half + dose)


class Response(tf.keras.layers.Layer):
    def __init__(self, curve):
        super().__init__()
        self.curve = curve

    def call(self, inputs):
        return self.curve(inputs)


def build():
    dose = tf.keras.Input((1,), name="dose")
    model = tf.keras.Model(dose, Response(Hill())(dose))
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.1)
    x = np.linspace(0, 3, 32, dtype="float32").reshape(32, 1)
    for _ in range(20):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(x) - 2 * x / (1 + x)))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return model
