"""Damaged copies of real artifacts, and what must hold for whatever reads them.

``python -m tests.unit.savedmodel.mutations 100000 --seed 1`` tries that many and prints what it
found; a test tries a few hundred of them. An input is a seed, damaged by one to three of the ways
below: of bytes as they come, and within what a checksum protects, so that what lies behind the
checksum is reached too.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import shutil
import sys
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import text_format

from savedmodel_matrix.savedmodel import diagnosis
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.table import read_table
from savedmodel_matrix.savedmodel.table_writing import table
from tests.unit.savedmodel.graph_mutations import graph_damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis

DATA = Path(__file__).parents[2] / "data"
SEEDS = (
    *(f"savedmodels/{name}" for name in ("dense-2.15", "dense-2.21", "export-2.21")),
    *("savedmodels/lookup-2.21", "savedmodels/tf1", "savedmodels/vocabulary"),
    *("safety/hostile", "safety/fills_tables", "safety/reads_assets"),
    *(f"keras_files/{name}" for name in ("checkpoint-2.15", "checkpoint-2.21")),
    *(f"keras_files/dense-2.15{end}" for end in (".keras", ".h5", ".weights.h5", ".tflite")),
    *(f"keras_files/dense-2.21{end}" for end in (".keras", ".h5", ".weights.h5", ".tflite")),
    *("keras_files/lambda-2.21.keras", "keras_files/lambda-2.21.h5", "keras_files/wide.h5"),
    *("keras_files/links.h5", "keras_files/flex-2.21.tflite"),
)
AS_TEXT = ("savedmodels/dense-2.21", "savedmodels/tf1")  # with a saved_model.pbtxt too
SECONDS = 10  # of the processor, for one input
MEMORY = 600  # MiB more than before the first input
LINE = 2000  # characters of a message
STEP = 5000  # inputs, after which it says how far it is
VERDICTS = {diagnosis.SOUND, diagnosis.DEFECT, diagnosis.UNREADABLE}
_VARINTS = (b"\xff" * 9 + b"\x01", b"\xff\xff\xff\xff\x0f", b"\x80" * 10, b"\x00", b"\x7f")
_WORDS = (
    b"../" * 8 + b"etc/passwd",
    b"\x00",
    b"\xff\xfe",
    b"\x1b[2J",
    b"9" * 40,
    b"-1",
    b"[]",
    b"{}",
)


@dataclass(frozen=True)
class Trouble:
    """An input that broke a rule: which one, and how to make the input again."""

    number: int
    seed: str
    rule: str


def cut(data: bytearray, chance: random.Random) -> None:
    """Take the end away, or the beginning."""
    place = chance.randrange(len(data) + 1)
    if chance.random() < 0.8:
        del data[place:]
    else:
        del data[:place]


def flip(data: bytearray, chance: random.Random) -> None:
    """Change some bits."""
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def put(data: bytearray, chance: random.Random) -> None:
    """Overwrite or insert a number or a word that means something to a parser."""
    place = chance.randrange(len(data) + 1)
    what = chance.choice(_VARINTS + _WORDS)
    data[place : place + chance.choice((0, len(what)))] = what


def move(data: bytearray, chance: random.Random) -> None:
    """Copy a span over another place, or repeat it, or leave it out."""
    if not data:
        return
    start = chance.randrange(len(data))
    span = data[start : start + chance.choice((1, 4, 16, 100, 1000))]
    place = chance.randrange(len(data) + 1)
    how = chance.randrange(3)
    if how == 0:
        data[place : place + len(span)] = span
    elif how == 1:
        data[place:place] = span * chance.choice((1, 1, 50))
    else:
        del data[start : start + len(span)]


def rename(data: bytearray, chance: random.Random) -> None:
    """Give everything of one name another name of the same length that is in the file."""
    names: dict[int, list[bytes]] = {}
    for word in set(bytes(data).replace(b"\0", b" ").split()):
        for name in word.split(b"\n"):
            if 3 <= len(name) <= 40 and name.isascii():
                names.setdefault(len(name), []).append(name)
    lengths = sorted(length for length, of in names.items() if len(of) > 1)
    if lengths:
        one, other = chance.sample(sorted(names[chance.choice(lengths)]), 2)
        data[:] = data.replace(one, other)


WAYS: tuple[Callable[[bytearray, random.Random], None], ...] = (cut, flip, flip, put, move, rename)


def damaged(content: bytes, name: str, chance: random.Random) -> bytes:
    """Return a file damaged, within its members or entries where it has such."""
    if chance.random() < 0.5:
        if name.endswith(".keras"):
            return _zip_damaged(content, chance)
        if name.endswith(".index"):
            return _index_damaged(content, chance)
        if name.endswith("saved_model.pb"):
            return graph_damaged(content, chance)
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3))):
        chance.choice(WAYS)(data, chance)
    return bytes(data)


def _zip_damaged(content: bytes, chance: random.Random) -> bytes:
    """Damage a member of an archive, whose checksum is right again."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            data = bytearray(old.read(name))
            if name == chosen:
                chance.choice(WAYS)(data, chance)
            new.writestr(zipfile.ZipInfo(name, old.getinfo(name).date_time), bytes(data))
    return out.getvalue()


def _index_damaged(content: bytes, chance: random.Random) -> bytes:
    """Damage an entry of a checkpoint's index, whose checksums are right again."""
    entries = read_table(content, "index")
    data = bytearray(entries[chosen := chance.choice(sorted(entries))])
    chance.choice(WAYS)(data, chance)
    return table(sorted({**entries, chosen: bytes(data)}.items()))


def inputs(count: int, seed: int, place: Path) -> Iterator[tuple[int, str, Path]]:
    """Yield (number, name of the seed, path) of damaged copies in a directory, one at a time."""
    known = {name: _files(DATA / name) for name in SEEDS}
    known |= {f"{name} as text": _as_text(known[name]) for name in AS_TEXT}
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        name = chance.choice(sorted(known))
        files = known[name]
        chosen = chance.choice(sorted(files))
        content = damaged(files[chosen], chosen or name, chance)
        target = place / str(number) / Path(name).name
        target.parent.mkdir()
        for inner, data in files.items():
            file = target / inner if inner else target
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if inner == chosen else data)
        yield number, name, target
        shutil.rmtree(target.parent)


def _files(path: Path) -> dict[str, bytes]:
    """Return the files of an artifact by their place in it, "" where it is one file."""
    if path.is_file():
        return {"": path.read_bytes()}
    found = (file for file in path.rglob("*") if file.is_file())
    return {str(file.relative_to(path)): file.read_bytes() for file in found}


def _as_text(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return a SavedModel whose graph is a saved_model.pbtxt."""
    proto = message("SavedModel")()
    proto.ParseFromString(files["saved_model.pb"])
    others = {name: data for name, data in files.items() if name != "saved_model.pb"}
    return others | {"saved_model.pbtxt": text_format.MessageToString(proto).encode()}


class Watch:
    """Notes files that are opened outside of the artifact at hand, by way of an audit hook."""

    def __init__(self) -> None:
        self.within: Path | None = None
        self.outside: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.within is None or event not in {"open", "os.listdir", "os.scandir", "shutil.move"}:
            return
        opened = str(arguments[0])
        ours = (str(self.within), sys.prefix, sys.base_prefix, str(DATA.parents[1] / "src"))
        if not opened.startswith(ours) and not opened.isdecimal():
            self.outside.append(opened)


def answered(path: Path, watch: Watch) -> tuple[str, str]:
    """Diagnose one input; return the verdict, and the rule that this broke, "" if none."""
    start = time.process_time()
    watch.within, watch.outside = path.parent, []
    try:
        found = diagnose(path)
    except UnreadableArtifact as error:
        return "", f"raises {error!r} instead of a diagnosis"
    except Exception as error:  # noqa: BLE001
        return "", f"raises {error!r}"
    finally:
        watch.within = None
    return found.verdict, _rule(path, found, watch.outside, time.process_time() - start)


def _rule(path: Path, found: Diagnosis, outside: list[str], seconds: float) -> str:
    """Return the rule that an answer broke, "" if none."""
    said = [one.message for one in found.findings]
    try:
        json.dumps(found.to_json(), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        return f"no JSON: {error}"
    rules = {
        f"opens {outside[:1]}": not outside,
        f"takes {seconds:.1f} s": seconds < SECONDS,
        f"verdict {found.verdict!r}": found.verdict in VERDICTS,
        f"names no file: {said}": found.verdict != diagnosis.UNREADABLE
        or any(path.name in one for one in said),
        f"an empty message, or one without end: {said}": all(
            one.strip() and len(one) <= LINE for one in said
        ),
    }
    return next((rule for rule, holds in rules.items() if not holds), "")


def tried(
    count: int, seed: int, say: Callable[[str], None] = lambda _: None
) -> tuple[list[Trouble], Counter[str]]:
    """Try so many inputs; return those that broke a rule, and how many got which verdict.

    ``say`` hears of each broken rule at once, and how far it is: an end is a quarter of an hour
    away.
    """
    watch, verdicts, troubles, before = Watch(), Counter[str](), [], _mebibytes()
    with tempfile.TemporaryDirectory() as place:
        for number, name, path in inputs(count, seed, Path(place)):
            verdict, rule = answered(path, watch)
            if rule:
                troubles.append(Trouble(number, name, rule))
                say(f"{number} {name}: {rule}")
            verdicts[verdict] += 1
            if verdicts.total() % STEP == 0:
                say(f"{verdicts.total()} of {count}, {len(troubles)} broke a rule")
            used = _mebibytes() - before
            if used > MEMORY:
                troubles.append(Trouble(number, name, f"{used} MiB"))
                break
    return troubles, verdicts


def _mebibytes() -> int:
    """Return the most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main() -> int:
    """Try as many inputs as are asked for; 1 if one broke a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    start = time.process_time()
    troubles, verdicts = tried(given.count, given.seed, lambda said: print(said, flush=True))
    took = f"{time.process_time() - start:.0f} s of processor time, {_mebibytes()} MiB"
    print(f"{dict(verdicts)}, {took}")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
