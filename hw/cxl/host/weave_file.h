/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Woven files: where the bytes of an interleave are while it is woven, if its
 * memory is in files that have to survive a killed machine.
 *
 * Beside the file of each member lies one with the suffix ".woven": that of
 * member 0 holds the bytes, the others only say which set they belong to.
 * core/weave_header.h has the format.  They exist from before the first byte
 * has left a member until after the last one is back, so that at any moment
 * each byte is where the boundary says it is.
 */
#ifndef HW_CXL_HOST_WEAVE_FILE_H
#define HW_CXL_HOST_WEAVE_FILE_H

#include "hw/cxl/core/weave_header.h"

typedef struct CXLWeaveFile CXLWeaveFile;

/* To be freed. */
char *cxl_weave_file_name(const char *mem_path);

/*
 * Make the files of @header's set beside those of @path, one for each member,
 * and map the bytes over the range's size at @host, a part of a RAM block.
 * NULL, and nothing is left behind, with an error that says what is wrong.
 */
CXLWeaveFile *cxl_weave_file_create(const CXLWeaveHeader *header,
                                    char *const *path, uint8_t *host,
                                    Error **errp);
/*
 * What a machine that was killed has left beside @path, a NULL-terminated
 * list: the set that the first belongs to.  All members have to be among
 * them, unless nothing has moved: @order[n] is the index in @path of member
 * n.  *@header is for the caller to finish, and cxl_weave_file_host() shows
 * the bytes.  NULL, with an error and nothing changed, if they are not there.
 */
CXLWeaveFile *cxl_weave_file_open(char *const *path, CXLWeaveHeader *header,
                                  unsigned *order, Error **errp);
uint8_t *cxl_weave_file_host(CXLWeaveFile *file);
/* Is the file of member @n there? */
bool cxl_weave_file_has(const CXLWeaveFile *file, unsigned n);
/* The file that has the bytes. */
const char *cxl_weave_file_path(const CXLWeaveFile *file);

/* Bytes of each member that are in the woven file, from its share's start. */
uint64_t cxl_weave_file_boundary(const CXLWeaveFile *file);
/* After this the boundary is there, whatever happens; false if it is not. */
bool cxl_weave_file_set_boundary(CXLWeaveFile *file, uint64_t boundary);
/* Room in file @fd, whose holes are filled; false if there is none. */
bool cxl_weave_reserve(int fd, uint64_t offset, uint64_t len);
/* Room for [@offset, @offset + @len) of the range; false if there is none. */
bool cxl_weave_file_reserve(CXLWeaveFile *file, uint64_t offset,
                            uint64_t len);
/* Bytes of the range; false if they cannot be read. */
bool cxl_weave_file_read(CXLWeaveFile *file, uint64_t offset, void *buf,
                         uint64_t len);
/* These bytes become zeroes and take no room. */
void cxl_weave_file_punch(CXLWeaveFile *file, uint64_t offset, uint64_t len);
/* The next bytes of [@start, @end) that may not be zeroes. */
bool cxl_weave_file_next(CXLWeaveFile *file, uint64_t start, uint64_t end,
                         uint64_t *first, uint64_t *last);

/* The bytes are back: the files go, and the block is anonymous again. */
void cxl_weave_file_remove(CXLWeaveFile *file);
/* Leave the files for the next start. */
void cxl_weave_file_close(CXLWeaveFile *file);

#endif
