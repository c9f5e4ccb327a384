# SPDX-License-Identifier: GPL-2.0-or-later
"""Load the QMP client of the QEMU tree in use."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from .errors import VmError


def connect(path: Path, build: Path) -> Any:
    """A connected QEMUMonitorProtocol for the socket at @path."""
    directory = Path(
        os.environ.get("CXL_VM_QEMU_PYTHON", build / "base" / "python")
    )
    if not (directory / "qemu" / "qmp").is_dir():
        raise VmError(
            f"no QEMU Python package in {directory}: run ./configure"
        )
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    module = importlib.import_module("qemu.qmp.legacy")
    client = module.QEMUMonitorProtocol(str(path))
    client.connect()
    return client
