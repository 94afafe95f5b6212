"""A metric in a tf.Module.

The user watches a service for drift: a keras.metrics.Mean beside the model keeps the mean score of
all requests so far, and each answer tells how far it lies from that. The mean over the training
data is where the metric starts.

Reported for layers, which are saved and then cannot be run; a metric here cannot even be saved.
"""

import numpy as np
import tensorflow as tf
from tensorflow import keras

group = "Keras inside tf.Module"
issue = "https://github.com/keras-team/keras/issues/20095"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(23).normal(1, 1, size=(4, 6)).astype("float32")}


class WatchedScorer(tf.Module):
    def __init__(self):
        super().__init__()
        self.model = keras.Sequential(
            [
                keras.Input((6,)),
                keras.layers.Dense(8, activation="relu", bias_initializer="random_normal"),
                keras.layers.Dense(1, bias_initializer="random_normal"),
            ]
        )
        self.seen = keras.metrics.Mean(name="seen")

    @tf.function(input_signature=[tf.TensorSpec([None, 6], tf.float32, name="x")])
    def score(self, x):
        scores = self.model(x)
        drift = scores - self.seen.result()
        self.seen.update_state(scores)
        return {"score": scores, "drift": drift, "mean": self.seen.result()}


def build():
    scorer = WatchedScorer()
    training = np.random.default_rng(230).normal(size=(64, 6)).astype("float32")
    scorer.seen.update_state(scorer.model(training))
    return scorer


def signatures(scorer):
    return scorer.score
