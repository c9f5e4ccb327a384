# SPDX-License-Identifier: GPL-2.0-or-later
"""Run groups of checks, each group in a guest of its own."""
