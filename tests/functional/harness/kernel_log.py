# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the CXL drivers' debug messages."""

from __future__ import annotations

import re

_SENT = re.compile(r"cxl_pci (\S+): Sending command: (0x\w+)")
_OFFERED = re.compile(r"cxl_pci (\S+): Opcode (0x\w+) (?:enabled|unsupp)")
_ERROR = re.compile(r"cxl_pci (\S+): Mailbox operation had an error: (.*)")
_BAD = re.compile(
    r"mailbox timeout|queue busy|DOE timeout|ABORT timed out"
    r"|Failed to read/validate CDAT|Media not active"
    r"|cxl_(?:mem|port) \S+ probe: -(?!517)"
)


def trouble(log: str) -> list[str]:
    """Lines that tell of a device that did not answer as it should.

    Linux asks for some optional commands without looking whether the
    device has them: that one says so is in order.
    """
    found = []
    last: dict[str, str] = {}
    offered = set(_OFFERED.findall(log))
    for line in log.splitlines():
        if match := _SENT.search(line):
            last[match.group(1)] = match.group(2)
        elif match := _ERROR.search(line):
            function, why = match.groups()
            opcode = last.get(function, "")
            known = (function, opcode) in offered
            if known or why != "cmd is not supported":
                found.append(f"{opcode}: {line}")
        elif _BAD.search(line):
            found.append(line)
    return found
