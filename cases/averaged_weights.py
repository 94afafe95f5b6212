"""Moving averages of weights.

The user keeps a moving average of the weights beside the trained ones, with the class that
TensorFlow has for it, and serves both: the averages give smoother forecasts. A training loop of
their own updates the averages after every step.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, optimizers

group = "Training, optimizers, checkpoints"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/76771",
    "https://github.com/tensorflow/tensorflow/issues/57930",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"history": np.random.default_rng(501).normal(size=(4, 12)).astype("float32")}


class Forecast(tf.Module):
    def __init__(self):
        super().__init__(name="forecast")
        self.dense = layers.Dense(3, bias_initializer="random_normal")
        self.dense.build((None, 12))
        self.average = tf.train.ExponentialMovingAverage(decay=0.8)
        self.average.apply(self.dense.trainable_variables)
        self.averages = [self.average.average(v) for v in self.dense.trainable_variables]

    def train(self, x, y, optimizer):
        weights = self.dense.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.dense(x) - y))
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        self.average.apply(weights)

    @tf.function(input_signature=[tf.TensorSpec([None, 12], tf.float32, name="history")])
    def predict(self, history):
        kernel, bias = self.averages
        return {"latest": self.dense(history), "smooth": tf.matmul(history, kernel) + bias}


def build():
    rng = np.random.default_rng(510)
    x = rng.normal(size=(64, 12)).astype("float32")
    forecast = Forecast()
    optimizer = optimizers.SGD(0.1)
    for _ in range(5):
        forecast.train(x, x[:, :3] * 2 + 1, optimizer)
    return forecast


def signatures(forecast):
    return forecast.predict
