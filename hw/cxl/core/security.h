/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passphrases that persistent memory is locked with.  Only salted hashes of
 * them are kept, and no function here hands one out.
 * CXL r3.2: Persistent Memory Data-at-rest Security.
 */
#ifndef HW_CXL_CORE_SECURITY_H
#define HW_CXL_CORE_SECURITY_H

#include "hw/cxl/core/media.h"
#include "hw/cxl/spec/cci.h"
#include "hw/cxl/spec/cmd_security.h"

#define CXL_SECURITY_SALT 16            /* bytes */
#define CXL_SECURITY_HASH 32            /* bytes */
#define CXL_SECURITY_ATTEMPTS 3         /* wrong ones, until a power cycle */

/* @len bytes that nobody can foretell */
typedef void CXLRandom(void *buf, size_t len);

typedef struct CXLSecret {
    bool set;
    uint8_t salt[CXL_SECURITY_SALT];
    uint8_t hash[CXL_SECURITY_HASH];
    uint8_t failures;           /* since the last right one */
    bool limit;                 /* no more attempts */
} CXLSecret;

/* Whether it is locked is the media's: CXLMediaState.locked */
typedef struct CXLSecurity {
    CXLMediaState *media;
    CXLRandom *random;
    CXLSecret secret[CXL_PASSPHRASES];
    bool frozen;
    CXLMetadata *metadata;      /* keeps the secrets, or NULL */
} CXLSecurity;

void cxl_security_init(CXLSecurity *security, CXLMediaState *media,
                       CXLRandom *random);
/* A power cycle locks, thaws and allows new attempts; nothing else does. */
void cxl_security_reset(CXLSecurity *security, CXLResetKind kind);
/* CXL_SECURITY_*, as Get Security State answers */
uint32_t cxl_security_state(const CXLSecurity *security);
bool cxl_security_has_user(const CXLSecurity *security);

/*
 * The commands; passphrases have CXL_PASSPHRASE_SIZE bytes.  Each gives
 * Invalid Input, Invalid Security State, Incorrect Passphrase, or Success.
 * @current does not matter while none is set.
 */
CXLRetCode cxl_security_set(CXLSecurity *security, uint8_t type,
                            const uint8_t *current, const uint8_t *next);
CXLRetCode cxl_security_disable(CXLSecurity *security, uint8_t type,
                                const uint8_t *passphrase);
CXLRetCode cxl_security_unlock(CXLSecurity *security,
                               const uint8_t *passphrase);
void cxl_security_freeze(CXLSecurity *security);
/*
 * All persistent memory is erased and unlocked, and the user passphrase is
 * gone.  Takes as long as it takes.  Internal Error, and nothing is unlocked,
 * if the media fails.
 */
CXLRetCode cxl_security_erase(CXLSecurity *security, uint8_t type,
                              const uint8_t *passphrase);
/* What is kept without power: who has set which passphrase, as hashes. */
extern const CXLMetadataSection cxl_security_section;
/* Can what was loaded have come about?  If not, forget it. */
bool cxl_security_valid(const CXLSecurity *security);

#endif
