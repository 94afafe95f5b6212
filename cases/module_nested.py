"""Layers in a nested tf.Module.

The user builds a larger tf.Module from smaller ones, an encoder and a head, as the guide to
tf.Module shows. Each of them owns Keras layers, and the outermost one is saved.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Sequential, layers

group = "Keras inside tf.Module"
issue = [
    "https://github.com/keras-team/keras/issues/20095",
    "https://github.com/tensorflow/tensorflow/issues/74297",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"signal": np.random.default_rng(5).normal(size=(2, 32, 3)).astype("float32")}


class Encoder(tf.Module):
    def __init__(self):
        super().__init__(name="encoder")
        self.conv = layers.Conv1D(8, 5, activation="relu", bias_initializer="random_normal")
        self.pool = layers.GlobalAveragePooling1D()

    def __call__(self, signal):
        return self.pool(self.conv(signal))


class Head(tf.Module):
    def __init__(self, classes):
        super().__init__(name="head")
        self.dense = layers.Dense(classes, activation="softmax", bias_initializer="random_normal")

    def __call__(self, code):
        return self.dense(code)


class Classifier(tf.Module):
    def __init__(self):
        super().__init__(name="classifier")
        self.encoder = Encoder()
        self.head = Head(classes=4)

    @tf.function(input_signature=[tf.TensorSpec([None, 32, 3], tf.float32)])
    def classify(self, signal):
        return {"probabilities": self.head(self.encoder(signal))}


def build():
    classifier = Classifier()
    classifier.classify(tf.zeros([1, 32, 3]))
    return classifier


def signatures(classifier):
    return classifier.classify


def as_model(classifier):
    encoder, head = classifier.encoder, classifier.head
    return Sequential([Input((32, 3), name="signal"), encoder.conv, encoder.pool, head.dense])
