# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong with a virtual machine, and the exit status for it.

Statuses 0 to 120 are left to the command that runs in the guest.  125 means
"cannot tell" to 'git bisect run'; the others below it mean "bad".
"""

from __future__ import annotations

EXIT_PANIC = 121
EXIT_GUEST_GONE = 122
EXIT_QEMU_DIED = 123
EXIT_TIMEOUT = 124
EXIT_NO_VERDICT = 125


class VmError(Exception):
    """One message that says what is wrong and what to do."""

    status = EXIT_NO_VERDICT


class CommandFailed(VmError):
    """A command that had to succeed in the guest did not."""

    status = 1


class WrongAnswer(VmError):
    """The guest answered, but not what it should have."""

    status = 1


class GuestPanic(VmError):
    """The guest's kernel gave up."""

    status = EXIT_PANIC


class GuestGone(VmError):
    """The guest powered off or rebooted while it was expected to work."""

    status = EXIT_GUEST_GONE


class QemuDied(VmError):
    """QEMU was killed by a signal or left with an error after its start."""

    status = EXIT_QEMU_DIED


class GuestTimeout(VmError):
    """The guest did not answer in time."""

    status = EXIT_TIMEOUT
