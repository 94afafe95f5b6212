"""Write `vocabulary/`: ``python make_vocabulary.py DIRECTORY``. A table that an asset initialises."""

import sys
from pathlib import Path

import tensorflow as tf

Path("words.txt").write_text("a\nb\n", encoding="utf-8")


class Vocabulary(tf.Module):
    def __init__(self):
        super().__init__()
        source = tf.lookup.TextFileInitializer(
            "words.txt", tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, -1
        )
        self.table = tf.lookup.StaticHashTable(source, -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "words")])
    def __call__(self, words):
        return self.table.lookup(words)


vocabulary = Vocabulary()
tf.saved_model.save(vocabulary, sys.argv[1], signatures=vocabulary.__call__)
