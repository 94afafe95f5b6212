"""The ops of TensorFlow that touch files, the network, processes or Python, each with a reason.

Drawn from the ops that TensorFlow 2.15 to 2.21 register, those that TensorFlow 1 had, and those of
TensorFlow I/O. Ops that only pass on what one of these has opened (readers, writers, iterators) are
not listed: the op that opens it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from savedmodel_matrix.savedmodel.checkpoint import WIDTHS

FILE_READ, FILE_WRITE, NETWORK = "file-read", "file-write", "network"
PYTHON, HIDDEN, EXIT = "python-function", "hidden-code", "process-exit"
RESTORE, SAVE, TABLE = "restore-elsewhere", "save-elsewhere", "table-elsewhere"
RULES = (FILE_READ, FILE_WRITE, NETWORK, PYTHON, HIDDEN, EXIT, RESTORE, SAVE, TABLE)

# A paragraph begins with a rule and a reason. A line is an op, then what names the file or address:
# the numbers of inputs, or `@` and an attribute. Without either it always does what is said.
LIST = """
file-write: writes a file
WriteFile 0
PrintV2 @output_stream
CalibrationStatisticsSaver @output_file_path
DumpTensor @log_dir_path
DatasetToTFRecord 1
ExperimentalDatasetToTFRecord 1
SaveDataset 1
SaveDatasetV2 1
DistributedSave 1
IO>FileWrite 0

file-write: keeps what it computes in files
CacheDataset 1
CacheDatasetV2 1
SnapshotDataset 1
SnapshotDatasetV2 1

file-write: writes summaries into files
CreateSummaryFileWriter 1
CreateSummaryDbWriter 1

file-write: hands every tensor that passes to files or addresses, as a debugger wants it
DebugIdentity @debug_urls
DebugIdentityV2 @debug_urls
DebugIdentityV3 @debug_urls
DebugNanCount @debug_urls
DebugNumericSummary @debug_urls
Copy @debug_ops_spec
CopyHost @debug_ops_spec

file-read: reads a file
ReadFile 0
RecordInput @file_pattern
FixedUnigramCandidateSampler @vocab_file
Skipgram @filename
DecodeProtoV2 @descriptor_source
EncodeProto @descriptor_source
GenerateVocabRemapping 0 1
IO>FileRead 0

file-read: lists or reads files by a pattern
MatchingFiles 0
MatchingFilesDataset 0
ExperimentalMatchingFilesDataset 0

file-read: reads the files whose names it is given
TextLineDataset 0
TFRecordDataset 0
TFRecordDatasetV2 0
FixedLengthRecordDataset 0
FixedLengthRecordDatasetV2 0
CSVDataset 0
CSVDatasetV2 0
ExperimentalCSVDataset 0
LMDBDataset 0
ExperimentalLMDBDataset 0
LoadDataset 0
SnapshotDatasetReader 0
SnapshotChunkDataset 0
WholeFileReader
WholeFileReaderV2
TextLineReader
TextLineReaderV2
TFRecordReader
TFRecordReaderV2
FixedLengthRecordReader
FixedLengthRecordReaderV2
LMDBReader

file-read: reads a checkpoint
LoadAndRemapMatrix 0

restore-elsewhere: reads tensors from a checkpoint
RestoreV2 0
Restore 0
RestoreSlice 0
DTensorRestoreV2 0

save-elsewhere: writes a checkpoint
SaveV2 0
Save 0
SaveSlices 0

save-elsewhere: writes a checkpoint, and deletes the parts that it is made from
MergeV2Checkpoints 0 1

table-elsewhere: fills a table from a file
InitializeTableFromTextFile 1
InitializeTableFromTextFileV2 1

network: opens a database by the name or address that it is given
SqlDataset 1
ExperimentalSqlDataset 1

network: talks to another machine
RpcServer 0
RpcClient 0
RpcServerStart
RpcCall
Rpc 0
TryRpc 0
DataServiceDataset 2
DataServiceDatasetV2 2
DataServiceDatasetV3 2
DataServiceDatasetV4 2
RegisterDataset 1
RegisterDatasetV2 1
ConnectTPUEmbeddingHosts
BigQueryReader
BigtableClient
IO>KafkaReadableInit 0
IO>KafkaDataset 0

network: changes how files of a cloud are reached, and as whom
FileSystemSetConfiguration
GcsConfigureCredentials
GcsConfigureBlockCache

python-function: calls a Python function of the process
PyFunc
PyFuncStateless
EagerPyFunc

hidden-code: runs a graph that is stored in a string, where it cannot be seen
DatasetFromGraph 0
RemoteFusedGraphExecute

hidden-code: runs a compiled engine or module that is stored in a string
TRTEngineOp
CreateTRTResourceHandle
InitializeTRTResource
XlaHostComputeMlir
IfrtCall
TPUCompileMlirAndExecute

process-exit: ends the process
Abort
"""


@dataclass(frozen=True)
class Danger:
    """What an op does, and what of it names the file or address."""

    rule: str
    reason: str
    inputs: tuple[int, ...] = ()
    attribute: str = ""


def _listed() -> dict[str, Danger]:
    found = {}
    for paragraph in LIST.strip().split("\n\n"):
        head, *lines = paragraph.splitlines()
        rule, reason = head.split(": ", 1)
        for line in lines:
            op, *names = line.split()
            inputs = tuple(int(name) for name in names if not name.startswith("@"))
            attribute = next((name[1:] for name in names if name.startswith("@")), "")
            found[op] = Danger(rule, reason, inputs, attribute)
    return found


DANGEROUS = _listed()
# Ops for which an empty name means: in memory, so no file at all.
IN_MEMORY = {"CacheDataset", "CacheDatasetV2"}
# An attribute that names no file: the descriptors that are linked in, or written out in place.
_NO_FILE = ("local://", "bytes://")
MODULE = "XlaCallModule"  # StableHLO; its custom calls can be calls of Python functions
_CALLBACKS = (b"python_cpu_callback", b"python_gpu_callback", b"python_callback")
_CALLS_BACK = Danger(PYTHON, "has a custom call of a Python function of the process")
BOMB = "tensor-bomb"
_LARGEST = 1 << 33  # bytes that a constant may take in memory: four times those of a whole graph
_SWELLS = Danger(BOMB, "takes more than 8 GiB of memory, from a few bytes in the file")
WATCHED = DANGEROUS.keys() | {MODULE, "Const"}


def danger_of(node: Any) -> Danger | None:
    """Return what a node whose op is WATCHED does, None if its attributes say that it does not."""
    if node.op == MODULE:
        module = node.attr["module"].s if "module" in node.attr else b""
        return _CALLS_BACK if any(name in module for name in _CALLBACKS) else None
    if node.op == "Const":
        return _SWELLS if _swells(node) else None
    danger = DANGEROUS[node.op]
    if not danger.attribute:
        return danger
    named = named_by_attribute(node, danger)
    if node.op == "PrintV2":  # "stdout", "stderr", "log(info)", or a file
        named = [name for name in named if name.startswith("file://")]
    return danger if any(name and not name.startswith(_NO_FILE) for name in named) else None


def _swells(node: Any) -> bool:
    """Say whether a constant states a shape that no file holds: it may store one value for all."""
    if "value" not in node.attr:
        return False
    tensor = node.attr["value"].tensor
    dims = tensor.tensor_shape.dim
    if not dims:
        return False
    elements = math.prod(max(0, int(dim.size)) for dim in dims[:64])
    return elements * WIDTHS.get(int(tensor.dtype), 1) > _LARGEST


def named_by_attribute(node: Any, danger: Danger) -> list[str]:
    """Return the files or addresses that an attribute of a node names."""
    if danger.attribute not in node.attr:
        return []
    value = node.attr[danger.attribute]
    found = value.list.s if value.WhichOneof("kind") == "list" else [value.s]
    return [name.decode("utf-8", "backslashreplace") for name in found]
