"""The processor, from what Linux says of one on x86 and on Arm, and where nothing is said."""

import platform

import pytest

from savedmodel_matrix.environments.processor import EXTENSIONS, processor

X86 = """\
processor\t: 0
model name\t: Intel(R) Xeon(R)  Platinum 8481C CPU
flags\t\t: fpu sse4_1 avx2 fma amx_bf16 avx512_bf16 avx512f hypervisor

processor\t: 1
model name\t: Intel(R) Xeon(R)  Platinum 8481C CPU
flags\t\t: fpu sse4_1 avx2 fma amx_bf16 avx512_bf16 avx512f hypervisor
"""
ARM = """\
processor\t: 0
BogoMIPS\t: 2100.00
Features\t: fp asimd evtstrm aes asimdhp sve bf16 i8mm
CPU implementer\t: 0x41
CPU part\t: 0xd40
"""


@pytest.mark.parametrize(
    ("text", "model", "extensions"),
    [
        (
            X86,
            "Intel(R) Xeon(R) Platinum 8481C CPU",
            ["sse4_1", "fma", "avx2", "avx512f", "avx512_bf16", "amx_bf16"],
        ),
        (
            ARM,
            "implementer 0x41 part 0xd40",
            ["asimd", "asimdhp", "bf16", "i8mm", "sve"],
        ),
        ("something else\n", "", None),
    ],
)
def test_what_linux_says(tmp_path, text, model, extensions):
    file = tmp_path / "cpuinfo"
    file.write_text(text)
    found = processor(file)
    assert (found["model"], found["extensions"]) == (model, extensions)
    assert found["architecture"] == platform.machine()


def test_without_it_the_extensions_are_unknown_and_not_none_at_all(tmp_path):
    assert processor(tmp_path / "missing")["extensions"] is None


def test_each_extension_is_named_once():
    assert len(EXTENSIONS) == len(set(EXTENSIONS))
