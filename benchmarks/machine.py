"""The machine that figures were measured on, named so that they can be judged."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("lightgbm", "numpy", "pandas", "pydantic")
_MEASURED_AGAINST = ("shap", "bentoml", "mlflow", "xgboost-cpu", "catboost")
LOAD = "; load average "
"""What stands before the load in a machine's description: the rest stays the same."""
_INSTRUCTIONS = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512vl", "neon", "asimd", "sve")


def machine() -> str:
    """Processor, cores, instruction sets, system, Python and libraries, with the load just now."""
    libraries = ", ".join(_named(name) for name in _LIBRARIES)
    return (
        f"{processor()}, {os.cpu_count()} cores ({instruction_sets()}), {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, {libraries}{LOAD}"
        f"{os.getloadavg()[0]:.1f} when measured"
    )


def measured_against() -> str:
    """The libraries measured against with their versions, or that they are not installed."""
    return ", ".join(_named(name) for name in _MEASURED_AGAINST)


def processor() -> str:
    """The model name of the processor."""
    return _described("model name") or platform.processor() or "unnamed processor"


def instruction_sets() -> str:
    """The vector instructions that the processor offers, of those that matter here."""
    offered = (_described("flags") or _described("Features")).split()
    return " ".join(name for name in _INSTRUCTIONS if name in offered) or "not told"


def _described(name: str) -> str:
    """The first line of that name in the system's description of the processor; "" if none."""
    described = Path("/proc/cpuinfo")
    if described.is_file():
        for line in described.read_text(encoding="utf-8").splitlines():
            if line.partition(":")[0].strip() == name:
                return line.partition(":")[2].strip()
    return ""


def _named(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return f"{library} not installed"
