/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CDAT from a user's file: the cdat= of devices and switches. */
#ifndef HW_CXL_MODEL_GLUE_CDAT_H
#define HW_CXL_MODEL_GLUE_CDAT_H

#include "hw/cxl/core/cdat.h"

/* False, with an error that names the file, if it is not a sound table. */
bool cxl_glue_cdat_load(CXLCdat *cdat, const char *path, Error **errp);

#endif
