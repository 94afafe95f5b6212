"""What the object graph of a SavedModel holds beyond what soundness rests on, and Keras 2's file.

A second view of the same bytes, in a pool of its own: functions by name, what is saved of each
object by Keras, the ops of constants. Field numbers are TensorFlow's (saved_object_graph.proto) and
Keras's (saved_metadata.proto).
"""

from __future__ import annotations

import functools
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from savedmodel_matrix.savedmodel import schema
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact

_SCHEMA = """
Objects
1 Object* nodes
2 string:ConcreteFunction concrete_functions

ConcreteFunction
2 int32* bound_inputs

Object
1 Reference* children
3 Reference* slot_variables
11 string:Saveable saveable_objects
4 UserObject | user_object
5 Asset | asset
6 Function | function
7 Variable | variable
8 BareFunction | bare_concrete_function
9 Constant | constant
10 Resource | resource
12 CapturedTensor | captured_tensor

Reference
1 int32 node_id
2 string local_name

Saveable
2 int32 save_function
3 int32 restore_function

UserObject
1 string identifier
2 Versions version
3 string metadata

Versions
1 int32 producer

Asset
1 int32 asset_file_def_index

Function
1 string* concrete_functions

Variable
1 DataType dtype
2 TensorShapeProto shape
3 bool trainable
6 string name

TensorShapeProto
2 Dim* dim
3 bool unknown_rank

Dim
1 int64 size

BareFunction
1 string concrete_function_name

Constant
1 string operation

Resource
1 string device

CapturedTensor
1 string name
2 string concrete_function

KerasMetadata
1 KerasObject* nodes

KerasObject
2 int32 node_id
3 string node_path
4 string identifier
5 string metadata
"""


@functools.cache
def view(name: str) -> Any:
    """Return the class of a message of this view."""
    return message_factory.GetMessageClass(
        _pool().FindMessageTypeByName(f"{schema.PACKAGE}.{name}")
    )


@functools.cache
def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(
        name="savedmodel_matrix/objects.proto", package=schema.PACKAGE, syntax="proto3"
    )
    enum = file.enum_type.add(name="DataType")
    for name, number in schema.ENUMS["DataType"].items():
        enum.value.add(name=name, number=number)
    for paragraph in _SCHEMA.strip().split("\n\n"):
        name, *fields = paragraph.splitlines()
        schema._add_message(file, name, fields)  # noqa: SLF001 - the notation is that module's
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return pool


def objects_of(proto: Any) -> Any:
    """Return the object graph of a MetaGraph in this view. Raises UnreadableArtifact."""
    try:
        return view("Objects").FromString(proto.object_graph_def.SerializeToString())
    except (DecodeError, ValueError) as error:
        raise UnreadableArtifact("the object graph of the artifact is damaged") from error
