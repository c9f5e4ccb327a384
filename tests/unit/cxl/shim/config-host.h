/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Empty: stands for the header that the base's configure makes. */
