/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QMP commands about memory devices share. */
#ifndef HW_CXL_HOST_QMP_TYPE3_H
#define HW_CXL_HOST_QMP_TYPE3_H

#include "hw/cxl/model/type3.h"

/* A realized cxl-type3 by id or QOM path; NULL and an error if there is none */
CXLType3 *cxl_qmp_find_type3(const char *path, Error **errp);

#endif
