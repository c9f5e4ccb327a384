# SPDX-License-Identifier: GPL-2.0-or-later
"""The checks; every module here is found by the runner."""
