"""Patches of installed packages, and that one fits exactly or changes nothing."""

import base64
import difflib
import hashlib
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.environments.integrity import damage
from savedmodel_matrix.environments.patching import (
    DoesNotFit,
    apply_patches,
    changed,
    changes_in,
)

PATCH = """A description.

--- a/keras/core.py
+++ b/keras/core.py
@@ -1,3 +1,3 @@ def f():
 one
-two
+2
 three
"""
# Lines as Python files have them, the last one perhaps without its end.
LINES = st.lists(st.text("ab -+@\\\x0c\r", max_size=3), max_size=12)


def joined(lines, *, ended):
    text = "".join(f"{line}\n" for line in lines)
    return text if ended else text.removesuffix("\n")


def unified(before, after):
    """Write a patch as diff and git do, with their note on a last line that has no end."""
    old, new = (io.StringIO(one, newline="\n").readlines() for one in (before, after))
    lines = difflib.unified_diff(old, new, "a/x.py", "b/x.py", n=1)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


@given(LINES, LINES, st.booleans(), st.booleans())
def test_what_a_diff_says_is_what_comes_out(old, new, old_ended, new_ended):
    before, after = joined(old, ended=old_ended), joined(new, ended=new_ended)
    if before != after:
        [change] = changes_in(unified(before, after))
        assert change.path == "x.py"
        assert changed(before, change) == after


def installed(place: Path, text: str = "one\ntwo\nthree\n") -> Path:
    """Install a package as uv does: hard links to a cache, and a RECORD."""
    cache = place / "cache.py"
    packages = place / "packages"
    (packages / "keras").mkdir(parents=True)
    (packages / "keras-3.15.1.dist-info").mkdir()
    cache.write_text(text)
    os.link(cache, packages / "keras" / "core.py")
    (packages / "keras-3.15.1.dist-info" / "RECORD").write_text(
        f"keras/core.py,sha256=0,{len(text)}\nkeras-3.15.1.dist-info/RECORD,,\n"
    )
    return packages


def patch_of(place: Path, text: str = PATCH, name: str = "keras.diff") -> Path:
    (place / "patches").mkdir(exist_ok=True)
    (place / "patches" / name).write_text(text)
    return place / "patches" / name


def test_a_patched_file_is_no_longer_the_installers(tmp_path):
    packages = installed(tmp_path)
    apply_patches(packages, [patch_of(tmp_path)])
    assert (packages / "keras" / "core.py").read_text() == "one\n2\nthree\n"
    assert (tmp_path / "cache.py").read_text() == "one\ntwo\nthree\n"


def test_the_record_has_the_patched_file_so_that_damage_shows(tmp_path):
    packages = installed(tmp_path)
    apply_patches(packages, [patch_of(tmp_path)])
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"one\n2\nthree\n").digest())
    record = (packages / "keras-3.15.1.dist-info" / "RECORD").read_text()
    assert record == (
        f"keras/core.py,sha256={digest.decode().rstrip('=')},12\nkeras-3.15.1.dist-info/RECORD,,\n"
    )
    assert damage(tmp_path) == ""
    (packages / "keras" / "core.py").write_text("one")
    assert damage(tmp_path) == "keras/core.py has 3 bytes instead of 12"


def test_patches_of_one_file_are_applied_one_after_the_other(tmp_path):
    packages = installed(tmp_path)
    second = PATCH.replace("-two\n+2", "-2\n+zwei")
    apply_patches(packages, [patch_of(tmp_path), patch_of(tmp_path, second, "again.diff")])
    assert (packages / "keras" / "core.py").read_text() == "one\nzwei\nthree\n"


def test_lines_that_an_earlier_patch_has_moved_are_found_where_they_are(tmp_path):
    packages = installed(tmp_path)
    first = "--- a/keras/core.py\n+++ b/keras/core.py\n@@ -0,0 +1,2 @@\n+zero\n+half\n"
    apply_patches(packages, [patch_of(tmp_path, first, "first.diff"), patch_of(tmp_path)])
    assert (packages / "keras" / "core.py").read_text() == "zero\nhalf\none\n2\nthree\n"


def test_lines_that_have_moved_and_are_in_two_places_are_not_guessed(tmp_path):
    packages = installed(tmp_path, "zero\n" + "one\ntwo\nthree\n" * 2)
    with pytest.raises(DoesNotFit, match=r"core\.py has other text at line 1\.$"):
        apply_patches(packages, [patch_of(tmp_path)])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is no unified diff: it has no line that begins with ---"),
        (PATCH.replace("-two", "-zwei"), "keras/core.py has other text at line 1"),
        (PATCH.replace("-1,3 ", "-1,9 "), "its line 5 states another number of lines than follow"),
        (PATCH.replace("/core.py", "/gone.py"), "keras/gone.py is not installed there"),
        (
            PATCH.replace("--- a/keras/core.py", "--- /dev/null"),
            "it does more than change a file that is there: /dev/null → b/keras/core.py",
        ),
        (
            PATCH.replace("a/keras", "a/../keras").replace("b/keras", "b/../keras"),
            "it does more than change a file that is there: a/../keras/core.py → b/../keras/core.py",
        ),
        ("--- a/x.py\n+++ b/x.py\n", "it has no hunk (@@ … @@) for x.py"),
    ],
)
def test_a_patch_that_does_not_fit_changes_nothing(tmp_path, text, reason):
    packages = installed(tmp_path)
    with pytest.raises(DoesNotFit) as raised:
        apply_patches(packages, [patch_of(tmp_path), patch_of(tmp_path, text, "bad.diff")])
    if "other text" not in reason:
        assert str(raised.value) == f"patches/bad.diff does not fit: {reason}."
    assert (packages / "keras" / "core.py").read_text() == "one\ntwo\nthree\n"
    with pytest.raises(DoesNotFit) as raised:
        apply_patches(packages, [patch_of(tmp_path, text, "bad.diff")])
    assert str(raised.value) == f"patches/bad.diff does not fit: {reason}."


def test_line_ends_are_kept(tmp_path):
    packages = installed(tmp_path)
    (packages / "keras" / "core.py").unlink()
    (packages / "keras" / "core.py").write_bytes(b"one\r\ntwo\r\nthree\r\n")
    patch = tmp_path / "crlf.diff"
    patch.write_bytes(PATCH.replace("\n", "\r\n").encode())
    apply_patches(packages, [patch])
    assert (packages / "keras" / "core.py").read_bytes() == b"one\r\n2\r\nthree\r\n"
