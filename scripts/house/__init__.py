# SPDX-License-Identifier: GPL-2.0-or-later
"""How the project is laid over a stock QEMU tree and built."""
