"""Several signatures on one tf.Module.

The user serves one model in three ways: class names for people, the probabilities behind them for
programs, and an embedding to search by similarity. Each way is a signature with its own outputs.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, layers

group = "Signatures and their names"
issue = "https://github.com/keras-team/keras/issues/19131"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
FLOWERS = np.random.default_rng(16).normal(size=(5, 4)).astype("float32")
inputs = {
    "classify": {"flowers": FLOWERS, "threshold": np.array(0.34, dtype="float32")},
    "probabilities": {"flowers": FLOWERS[:2]},
    "embed": {"flowers": FLOWERS},
}
SPECIES = ["setosa", "versicolor", "virginica"]
BATCH = tf.TensorSpec([None, 4], tf.float32, name="flowers")


class Iris(tf.Module):
    def __init__(self):
        super().__init__(name="iris")
        flowers = Input((4,))
        code = layers.Dense(16, activation="tanh", bias_initializer="random_normal")(flowers)
        scores = layers.Dense(3, activation="softmax", bias_initializer="random_normal")(code)
        self.encoder = Model(flowers, code)
        self.classifier = Model(flowers, scores)

    @tf.function(input_signature=[BATCH, tf.TensorSpec([], tf.float32, name="threshold")])
    def classify(self, flowers, threshold):
        scores = self.classifier(flowers)
        species = tf.gather(SPECIES, tf.argmax(scores, axis=1))
        return {"species": species, "certain": tf.reduce_max(scores, axis=1) > threshold}

    @tf.function(input_signature=[BATCH])
    def probabilities(self, flowers):
        return self.classifier(flowers)

    @tf.function(input_signature=[BATCH])
    def embed(self, flowers):
        code = self.encoder(flowers)
        return {"embedding": code, "length": tf.norm(code, axis=1)}


def build():
    return Iris()


def signatures(iris):
    names = ("classify", "probabilities", "embed")
    return {name: getattr(iris, name) for name in names}
