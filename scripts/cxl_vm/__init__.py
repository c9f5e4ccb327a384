# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine with CXL memory: topologies, guest, launcher."""
