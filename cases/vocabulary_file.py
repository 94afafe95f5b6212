"""A lookup table from a file.

The user's vocabulary is a text file with a word a line, which a table reads when it is initialised.
The file has to travel as an asset of the artifact, since the server has no other copy.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

group = "Preprocessing, tables and assets"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/32770",
    "https://github.com/tensorflow/tensorflow/issues/57806",
]
inputs = {"ingredient": np.array([b"flour", b"saffron", b"milk", b"egg"], dtype=object)}

INGREDIENTS = ["milk", "egg", "flour", "sugar", "butter"]


class Allergens(tf.Module):
    def __init__(self, vocabulary):
        super().__init__()
        initializer = tf.lookup.TextFileInitializer(
            vocabulary,
            key_dtype=tf.string,
            key_index=tf.lookup.TextFileIndex.WHOLE_LINE,
            value_dtype=tf.int64,
            value_index=tf.lookup.TextFileIndex.LINE_NUMBER,
        )
        self.table = tf.lookup.StaticVocabularyTable(initializer, num_oov_buckets=2)
        self.encode = tf.keras.layers.CategoryEncoding(7, output_mode="one_hot")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="ingredient")])
    def serve(self, ingredient):
        number = self.table.lookup(ingredient)
        return {"number": number, "one_hot": self.encode(number)}


def build():
    path = Path("ingredients.txt").resolve()
    path.write_text("\n".join(INGREDIENTS) + "\n", encoding="utf-8")
    return Allergens(str(path))


def signatures(allergens):
    return allergens.serve
