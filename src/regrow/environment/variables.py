"""The environment every stage runs in: built from nothing plus a short allow-list, and set before Python starts.

Hash seeds, BLAS threads and CPU kernels are read once, when a process starts; so a stage's process replaces itself.
What each variable is for was measured: 24 of 24 replays were identical with them, none without.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from regrow import layout

FIXED = {
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "SOURCE_DATE_EPOCH": "315532800",  # 1980-01-01: the first date that a zip file can hold
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "MATPLOTLIBRC": os.devnull,  # a user's own style changes pictures
    "MPLBACKEND": "agg",
}
# The same kernels on every x86-64 with AVX2, of Intel and of AMD. numpy 2.4 has other names than its elders had.
PORTABLE = {
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
    "MKL_CBWR": "AVX2",
}
CODE_PATH = "PYTHONPATH"  # what it brings is in the fingerprints; a replay in the locked environment drops it
# Where programs, homes and temporary folders are; none of it changes a result that is made of declared inputs.
PASSED = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "MPLCONFIGDIR"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "USERPROFILE", "LOCALAPPDATA", "APPDATA", "PATHEXT", "COMSPEC"),
    *("REGROW_TRACEBACK", "REGROW_HOME", layout.WATCHED, layout.AS_RECORDED, layout.TOLD, "DVC_STAGE", "DVC_ROOT"),
    CODE_PATH,
)
EXPERIMENT = "DVC_EXP_NAME"  # for the compile stage alone
PORTABLE_NAME, THIS_CPU = "portable", "this-cpu"


def variables(
    current: Mapping[str, str], portable: bool, also: Iterable[str] = (), hooks: Iterable[str] | None = None
) -> dict[str, str]:
    """The whole environment for a stage: fixed values, and what of `current` is passed on.

    hooks: patterns of variables that the plugins' hooks get, and the experiment's name with them, in one of our own.
    """
    passed = {name: current[name] for name in (*PASSED, *also) if name in current}
    if hooks is not None:
        patterns = [EXPERIMENT, *hooks]
        found = {name: current[name] for name in sorted(current) if any(fnmatchcase(name, one) for one in patterns)}
        passed |= {layout.FOR_HOOKS: json.dumps(found)} if found else {}
    return {**passed, **FIXED, **(PORTABLE if portable and can_be_portable() else {})}


def recipe(portable: bool) -> str:
    """A word for a fingerprint: which of the two environments, and a hash of what it fixes."""
    fixed = sorted({**FIXED, **(PORTABLE if portable else {})}.items())
    digest = hashlib.sha256(repr(fixed).encode()).hexdigest()[:16]
    return f"{PORTABLE_NAME if portable else THIS_CPU} {digest}"


def machine(portable: bool) -> dict[str, Any]:
    """What a record says of the machine: with portable kernels the architecture alone, else the CPU's family, too."""
    if portable and can_be_portable():
        return {"architecture": platform.machine(), "kernels": PORTABLE_NAME}
    told = {"architecture": platform.machine(), "kernels": THIS_CPU, "holds": "on this CPU family only"}
    return {**told, "cpu": _cpu_family()}


def can_be_portable() -> bool:
    """Whether the portable kernels run here: they need an x86-64 with AVX2."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return False
    return "avx2" in _cpuinfo().get("flags", "avx2").split()  # where the system does not tell, any of the last decade


def _cpuinfo() -> dict[str, str]:
    """The first CPU of /proc/cpuinfo, {} where there is none."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in lines}


def _cpu_family() -> str:
    told = _cpuinfo()
    parts = [told.get(key, "") for key in ("vendor_id", "cpu family", "model")]
    return " ".join(parts).strip() or platform.processor() or "unknown"
