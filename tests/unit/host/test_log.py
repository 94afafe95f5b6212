"""A step may print what it likes; its beginning and end are kept."""

import os
import threading

from savedmodel_matrix.host.log import CHUNK, HEAD, TAIL, BoundedLog


def collect(data, file):
    reader, writer = os.pipe()
    log = BoundedLog(reader)

    def write():
        left = memoryview(data)
        while left:
            left = left[os.write(writer, left) :]
        os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    while log.read():
        pass
    thread.join()
    log.write(file)
    return file.read_bytes() if file.exists() else None


def test_a_silent_step_leaves_no_log(tmp_path):
    assert collect(b"", tmp_path / "log") is None


def test_what_is_short_is_kept_whole(tmp_path):
    for size in (1, HEAD, HEAD + 1, HEAD + TAIL):
        data = os.urandom(size)
        assert collect(data, tmp_path / "log") == data


def test_a_flood_is_cut_in_the_middle(tmp_path):
    data = b"begin" + b"x" * (8 << 20) + b"end"
    kept = collect(data, tmp_path / "log")
    assert len(kept) <= HEAD + TAIL + CHUNK + 100
    assert kept.startswith(b"beginx")
    assert kept.endswith(b"xend")
    assert b"bytes left out" in kept


def test_a_survivor_that_holds_the_pipe_open_does_not_hold_up_the_end(tmp_path):
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    log = BoundedLog(reader)
    os.write(writer, b"words")
    log.write(tmp_path / "log")
    os.close(writer)
    assert (tmp_path / "log").read_bytes() == b"words"
