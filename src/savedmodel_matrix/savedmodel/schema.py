"""The protocol buffers of a SavedModel, as far as they are read here.

The messages are built from this schema in a DescriptorPool of their own. Generated modules would
collide with TensorFlow's in one process, and are bound to releases of protobuf. Field numbers are
TensorFlow's; a field that is not named here is kept by protobuf as an unknown field.
"""

from __future__ import annotations

import functools
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "tensorflow"
_FIELD = descriptor_pb2.FieldDescriptorProto

# One message a paragraph; a field is `number type name`, `*` repeats it, `a:b` maps a to b, and
# `|` begins a oneof that lasts to the end of the paragraph.
SCHEMA = """
SavedModel
1 int64 saved_model_schema_version
2 MetaGraphDef* meta_graphs

MetaGraphDef
1 MetaInfoDef meta_info_def
2 GraphDef graph_def
3 SaverDef saver_def
4 string:CollectionDef collection_def
5 string:SignatureDef signature_def
6 AssetFileDef* asset_file_def
7 SavedObjectGraph object_graph_def

MetaInfoDef
4 string* tags
5 string tensorflow_version
6 string tensorflow_git_version

CollectionDef
1 NodeList | node_list
2 BytesList | bytes_list

NodeList
1 string* value

BytesList
1 bytes* value

AssetFileDef
1 TensorInfo tensor_info
2 string filename

SignatureDef
1 string:TensorInfo inputs
2 string:TensorInfo outputs
3 string method_name

TensorInfo
2 DataType dtype
3 TensorShapeProto tensor_shape
1 string | name
4 CooSparse | coo_sparse
5 CompositeTensor | composite_tensor

CooSparse
1 string values_tensor_name
2 string indices_tensor_name
3 string dense_shape_tensor_name

CompositeTensor
2 TensorInfo* components

TensorShapeProto
2 Dim* dim
3 bool unknown_rank

Dim
1 int64 size

SaverDef
1 string filename_tensor_name
2 string save_tensor_name
3 string restore_op_name

GraphDef
1 NodeDef* node
2 FunctionDefLibrary library

NodeDef
1 string name
2 string op
3 string* input
5 string:AttrValue attr

AttrValue
1 ListValue | list
2 bytes | s
3 int64 | i
5 bool | b
6 DataType | type
7 TensorShapeProto | shape
8 TensorProto | tensor
10 NameAttrList | func

ListValue
2 bytes* s
6 DataType* type
9 NameAttrList* func

NameAttrList
1 string name

TensorProto
1 DataType dtype
2 TensorShapeProto tensor_shape
8 bytes* string_val

FunctionDefLibrary
1 FunctionDef* function

FunctionDef
1 OpDef signature
3 NodeDef* node_def
4 string:string ret
6 string:string control_ret

OpDef
1 string name
2 ArgDef* input_arg
3 ArgDef* output_arg

ArgDef
1 string name
3 DataType type
5 string number_attr
6 string type_list_attr

SavedObjectGraph
1 SavedObject* nodes
2 string:SavedConcreteFunction concrete_functions

SavedConcreteFunction
2 int32* bound_inputs

SavedObject
1 ObjectReference* children
4 SavedUserObject | user_object
5 SavedAsset | asset
6 Empty | function
7 SavedVariable | variable
8 Empty | bare_concrete_function
9 Empty | constant
10 SavedResource | resource
12 Empty | captured_tensor

ObjectReference
1 int32 node_id
2 string local_name

SavedUserObject
1 string identifier

SavedAsset
1 int32 asset_file_def_index

SavedVariable
1 DataType dtype
2 TensorShapeProto shape
6 string name

SavedResource
1 string device

Empty

BundleHeaderProto
1 int32 num_shards
2 Endianness endianness

BundleEntryProto
1 DataType dtype
2 TensorShapeProto shape
3 int32 shard_id
4 int64 offset
5 int64 size
6 fixed32 crc32c
7 TensorSliceProto* slices

TensorSliceProto
1 Empty* extent
"""

DATA_TYPES = (
    *("INVALID", "FLOAT", "DOUBLE", "INT32", "UINT8", "INT16", "INT8", "STRING", "COMPLEX64"),
    *("INT64", "BOOL", "QINT8", "QUINT8", "QINT32", "BFLOAT16", "QINT16", "QUINT16", "UINT16"),
    *("COMPLEX128", "HALF", "RESOURCE", "VARIANT", "UINT32", "UINT64", "FLOAT8_E5M2"),
    *("FLOAT8_E4M3FN", "FLOAT8_E4M3FNUZ", "FLOAT8_E4M3B11FNUZ", "FLOAT8_E5M2FNUZ", "INT4"),
    *("UINT4", "INT2", "UINT2"),
)
ENUMS = {
    "DataType": {
        **{f"DT_{name}": number for number, name in enumerate(DATA_TYPES)},
        **{f"DT_{name}_REF": number + 100 for number, name in enumerate(DATA_TYPES) if number},
    },
    "Endianness": {"LITTLE": 0, "BIG": 1},
}
RESOURCE, VARIANT = DATA_TYPES.index("RESOURCE"), DATA_TYPES.index("VARIANT")


def data_type(number: int) -> str:
    """Return the name of a data type without its prefix, in lower case: "float", "float_ref"."""
    kind = DATA_TYPES[number % 100].lower() if number % 100 < len(DATA_TYPES) else str(number)
    return f"{kind}_ref" if number > 100 else kind


@functools.cache
def message(name: str) -> type[Any]:
    """Return the class of a message of the schema."""
    found: type[Any] = message_factory.GetMessageClass(
        _pool().FindMessageTypeByName(f"{PACKAGE}.{name}")
    )
    return found


@functools.cache
def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(_file().SerializeToString())
    return pool


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="savedmodel_matrix/saved_model.proto", package=PACKAGE, syntax="proto3"
    )
    for name, values in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for key, number in values.items():
            enum.value.add(name=key, number=number)
    for paragraph in SCHEMA.strip().split("\n\n"):
        name, *fields = paragraph.splitlines()
        _add_message(file, name, fields)
    return file


def _add_message(file: descriptor_pb2.FileDescriptorProto, name: str, fields: list[str]) -> None:
    message_type = file.message_type.add(name=name)
    if any("|" in field for field in fields):
        message_type.oneof_decl.add(name="kind")
    for line in fields:
        number, kind, *rest = line.replace(" | ", " |").split()
        repeated = kind.endswith("*") or ":" in kind
        field = message_type.field.add(
            name=rest[-1].lstrip("|"),
            number=int(number),
            label=_FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL,
        )
        if ":" in kind:
            entry = _entry(field.name)
            nested = message_type.nested_type.add(name=entry)
            nested.options.map_entry = True
            for position, part in enumerate(kind.split(":")):
                inner = nested.field.add(
                    name=("key", "value")[position],
                    number=position + 1,
                    label=_FIELD.LABEL_OPTIONAL,
                )
                _set_type(inner, part)
            _set_type(field, f"{name}.{entry}")
        else:
            _set_type(field, kind.rstrip("*"))
        if rest[-1].startswith("|"):
            field.oneof_index = 0


def _entry(field: str) -> str:
    return "".join(part.capitalize() for part in field.split("_")) + "Entry"


def _set_type(field: descriptor_pb2.FieldDescriptorProto, kind: str) -> None:
    if kind in ENUMS:
        field.type, field.type_name = _FIELD.TYPE_ENUM, f".{PACKAGE}.{kind}"
    elif kind[0].isupper():
        field.type, field.type_name = _FIELD.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    else:
        field.type = _FIELD.Type.Value(f"TYPE_{kind.upper()}")
