"""Artifacts as files: what a SavedModel holds, whether it is sound, and its repair.

May import the standard library and protobuf, and nothing of ours: it works beside any TensorFlow,
never starts one, and runs nothing of the artifact.
"""
