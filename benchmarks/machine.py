"""The machine that figures were measured on, named so that they can be judged."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = ("lightgbm", "numpy", "pandas", "pydantic")


def machine() -> str:
    """Processor, cores, system, Python and libraries in one line, with the load of the moment."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {libraries}; load average "
        f"{os.getloadavg()[0]:.1f} when measured"
    )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.is_file():
        for line in described.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unnamed processor"
