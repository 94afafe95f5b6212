"""A subclassed model whose call takes two arguments.

The user writes a matcher of questions and answers as a subclass of Model; its call takes both as
arguments of their own, which reads better than a list. Called once, the model is saved directly.

Reported for TensorFlow 2.16.1 as an artifact without signatures, and mended since for models that
take one list or dict; with two arguments saving itself fails here.
"""

import keras
import numpy as np

group = "Models saved directly"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/69307",
    "https://github.com/keras-team/keras/pull/19948",
    "https://github.com/tensorflow/tensorflow/issues/44544",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {
    "question": np.random.default_rng(503).normal(size=(3, 8)).astype("float32"),
    "answer": np.random.default_rng(504).normal(size=(3, 8)).astype("float32"),
}


class Matcher(keras.Model):
    def __init__(self):
        super().__init__(name="matcher")
        self.read_question = keras.layers.Dense(16, "relu", bias_initializer="random_normal")
        self.read_answer = keras.layers.Dense(16, "relu", bias_initializer="random_normal")
        self.score = keras.layers.Dense(1, "sigmoid", bias_initializer="random_normal")

    def call(self, question, answer):
        return self.score(self.read_question(question) * self.read_answer(answer))


def build():
    model = Matcher()
    rng = np.random.default_rng(540)
    question = rng.normal(size=(2, 8)).astype("float32")
    answer = rng.normal(size=(2, 8)).astype("float32")
    model(question, answer)
    return model
