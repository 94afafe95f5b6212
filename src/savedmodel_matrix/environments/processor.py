"""What an outcome can rest on besides its environment: the processor, and what it can compute with.

Libraries choose their instructions when they run. Some, left to themselves, also choose another
precision: bfloat16 where the processor has instructions for it.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

CPU_INFO = Path("/proc/cpuinfo")

# The vector extensions by which numerical libraries choose, as Linux names them on x86 and on Arm.
EXTENSIONS = (
    *("sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx_ne_convert"),
    *("avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16"),
    *("amx_tile", "amx_int8", "amx_bf16", "amx_fp16", "avx10_1", "avx10_2"),
    *("asimd", "asimdhp", "asimddp", "fphp", "bf16", "i8mm", "sve", "sve2", "svebf16", "sme"),
)


def processor(cpu_info: Path = CPU_INFO) -> dict[str, Any]:
    """Return the processor's architecture, model and vector extensions, as JSON data.

    ``extensions`` is None where the system does not say which there are: only Linux is asked.
    """
    try:
        text = cpu_info.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {
            "architecture": platform.machine(),
            "model": _model_elsewhere(),
            "extensions": None,
        }
    flags = set(" ".join(_values(text, "flags") or _values(text, "Features")).split())
    models = _values(text, "model name") or _arm_models(text)
    return {
        "architecture": platform.machine(),
        "model": " ".join((models or [""])[0].split()),
        "extensions": [name for name in EXTENSIONS if name in flags] if flags else None,
    }


def _values(text: str, name: str) -> list[str]:
    """Return the values under a name, of each core."""
    return re.findall(rf"(?m)^{re.escape(name)}[ \t]*:[ \t]*(.*)$", text)


def _arm_models(text: str) -> list[str]:
    """Return the number of maker and part, which is all that Linux says of an Arm core."""
    makers, parts = _values(text, "CPU implementer"), _values(text, "CPU part")
    return [f"implementer {m} part {p}" for m, p in zip(makers, parts, strict=False)]


def _model_elsewhere() -> str:
    if sys.platform != "darwin":
        return platform.processor()
    asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return platform.processor()
    return done.stdout.strip() or platform.processor()
