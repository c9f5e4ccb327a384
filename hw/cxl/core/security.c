/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passphrases that persistent memory is locked with. */
#include "qemu/osdep.h"
#include "hw/cxl/core/security.h"

/* Of PBKDF2: what a guess at a poor passphrase costs. */
#define ROUNDS 1000

void cxl_security_init(CXLSecurity *security, CXLMediaState *media,
                       CXLRandom *random)
{
    *security = (CXLSecurity) { .media = media, .random = random };
}

void cxl_security_reset(CXLSecurity *security, CXLResetKind kind)
{
    if (kind != CXL_RESET_COLD) {
        return;
    }
    security->frozen = false;
    for (unsigned type = 0; type < CXL_PASSPHRASES; type++) {
        security->secret[type].failures = 0;
        security->secret[type].limit = false;
    }
    cxl_media_set_locked(security->media, cxl_security_has_user(security));
}

uint32_t cxl_security_state(const CXLSecurity *security)
{
    const CXLSecret *user = &security->secret[CXL_PASSPHRASE_USER];
    const CXLSecret *master = &security->secret[CXL_PASSPHRASE_MASTER];

    return (user->set ? CXL_SECURITY_USER_SET : 0) |
           (master->set ? CXL_SECURITY_MASTER_SET : 0) |
           (security->media->locked ? CXL_SECURITY_LOCKED : 0) |
           (security->frozen ? CXL_SECURITY_FROZEN : 0) |
           (user->limit ? CXL_SECURITY_USER_LIMIT : 0) |
           (master->limit ? CXL_SECURITY_MASTER_LIMIT : 0);
}

bool cxl_security_has_user(const CXLSecurity *security)
{
    return security->secret[CXL_PASSPHRASE_USER].set;
}

/* HMAC-SHA256 with a key that @keyed has been given */
static void mac(const GHmac *keyed, const uint8_t *in, size_t len,
                uint8_t *out)
{
    g_autoptr(GHmac) hmac = g_hmac_copy(keyed);
    gsize size = CXL_SECURITY_HASH;

    g_hmac_update(hmac, in, len);
    g_hmac_get_digest(hmac, out, &size);
}

/* PBKDF2 with HMAC-SHA256; the hash is its one block. */
static void derive(const CXLSecret *secret, const uint8_t *passphrase,
                   uint8_t *hash)
{
    g_autoptr(GHmac) keyed = g_hmac_new(G_CHECKSUM_SHA256, passphrase,
                                        CXL_PASSPHRASE_SIZE);
    uint8_t first[CXL_SECURITY_SALT + 4] = { 0 };
    uint8_t block[CXL_SECURITY_HASH];

    memcpy(first, secret->salt, CXL_SECURITY_SALT);
    first[sizeof(first) - 1] = 1;       /* number of the block, big-endian */
    mac(keyed, first, sizeof(first), block);
    memcpy(hash, block, sizeof(block));
    for (unsigned n = 1; n < ROUNDS; n++) {
        mac(keyed, block, sizeof(block), block);
        for (unsigned i = 0; i < sizeof(block); i++) {
            hash[i] ^= block[i];
        }
    }
}

/* In a time that does not tell how much of it is right */
static bool matches(const CXLSecret *secret, const uint8_t *passphrase)
{
    uint8_t hash[CXL_SECURITY_HASH], differ = 0;

    derive(secret, passphrase, hash);
    for (unsigned i = 0; i < sizeof(hash); i++) {
        differ |= hash[i] ^ secret->hash[i];
    }
    return !differ;
}

static void keep(CXLSecurity *security, CXLSecret *secret,
                 const uint8_t *passphrase)
{
    security->random(secret->salt, sizeof(secret->salt));
    derive(secret, passphrase, secret->hash);
    secret->set = true;
    secret->failures = 0;
}

static void forget(CXLSecret *secret)
{
    memset(secret->salt, 0, sizeof(secret->salt));
    memset(secret->hash, 0, sizeof(secret->hash));
    secret->set = false;
    secret->failures = 0;
}

/* What comes before any look at the state: frozen, then type, then limit */
static CXLRetCode check_type(const CXLSecurity *security, uint8_t type)
{
    if (security->frozen) {
        return CXL_RC_INVALID_SECURITY_STATE;
    }
    if (type >= CXL_PASSPHRASES) {
        return CXL_RC_INVALID_INPUT;
    }
    return security->secret[type].limit ?
        CXL_RC_INVALID_SECURITY_STATE : CXL_RC_SUCCESS;
}

/* An attempt; one that is wrong counts. */
static CXLRetCode try(CXLSecret *secret, const uint8_t *passphrase)
{
    if (matches(secret, passphrase)) {
        secret->failures = 0;
        return CXL_RC_SUCCESS;
    }
    secret->failures++;
    secret->limit = secret->failures >= CXL_SECURITY_ATTEMPTS;
    return CXL_RC_INCORRECT_PASSPHRASE;
}

CXLRetCode cxl_security_set(CXLSecurity *security, uint8_t type,
                            const uint8_t *current, const uint8_t *next)
{
    CXLRetCode rc = check_type(security, type);
    CXLSecret *secret;

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    /* The master passphrase opens what a user has yet to close. */
    if (security->media->locked ||
        (type == CXL_PASSPHRASE_MASTER && cxl_security_has_user(security))) {
        return CXL_RC_INVALID_SECURITY_STATE;
    }
    secret = &security->secret[type];
    rc = secret->set ? try(secret, current) : CXL_RC_SUCCESS;
    if (rc == CXL_RC_SUCCESS) {
        keep(security, secret, next);
        cxl_metadata_save(security->metadata);
    }
    return rc;
}

CXLRetCode cxl_security_disable(CXLSecurity *security, uint8_t type,
                                const uint8_t *passphrase)
{
    CXLRetCode rc = check_type(security, type);
    CXLSecret *secret;

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    secret = &security->secret[type];
    if (!secret->set ||
        (type == CXL_PASSPHRASE_USER && security->media->locked)) {
        return CXL_RC_INVALID_SECURITY_STATE;
    }
    rc = try(secret, passphrase);
    if (rc == CXL_RC_SUCCESS) {
        forget(secret);
        cxl_metadata_save(security->metadata);
    }
    return rc;
}

CXLRetCode cxl_security_unlock(CXLSecurity *security,
                               const uint8_t *passphrase)
{
    CXLRetCode rc = check_type(security, CXL_PASSPHRASE_USER);

    if (rc == CXL_RC_SUCCESS && !security->media->locked) {
        rc = CXL_RC_INVALID_SECURITY_STATE;
    }
    if (rc == CXL_RC_SUCCESS) {
        rc = try(&security->secret[CXL_PASSPHRASE_USER], passphrase);
    }
    if (rc == CXL_RC_SUCCESS) {
        cxl_media_set_locked(security->media, false);
    }
    return rc;
}

void cxl_security_freeze(CXLSecurity *security)
{
    security->frozen = true;
}

/* Without a user passphrase, a user's needs none: it is a Secure Erase. */
static CXLRetCode may_erase(CXLSecurity *security, uint8_t type,
                            const uint8_t *passphrase)
{
    CXLRetCode rc = check_type(security, type);

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (security->secret[type].set) {
        return try(&security->secret[type], passphrase);
    }
    return type == CXL_PASSPHRASE_USER ?
        CXL_RC_SUCCESS : CXL_RC_INVALID_INPUT;
}

CXLRetCode cxl_security_erase(CXLSecurity *security, uint8_t type,
                              const uint8_t *passphrase)
{
    CXLMediaState *media = security->media;
    CXLRetCode rc = may_erase(security, type, passphrase);

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (!cxl_media_erase_all(&media->store, media->volatile_size,
                             cxl_media_persistent(media))) {
        return CXL_RC_INTERNAL_ERROR;
    }
    forget(&security->secret[CXL_PASSPHRASE_USER]);
    cxl_media_set_locked(media, false);
    cxl_metadata_save(security->metadata);
    return CXL_RC_SUCCESS;
}

typedef struct {
    uint8_t set;
    uint8_t salt[CXL_SECURITY_SALT];
    uint8_t hash[CXL_SECURITY_HASH];
} QEMU_PACKED Kept;
CXL_WIRE(Kept, 49);

static size_t pack(const void *state, uint8_t *out)
{
    const CXLSecurity *security = state;
    Kept *kept = (Kept *)out;

    for (unsigned type = 0; type < CXL_PASSPHRASES; type++) {
        const CXLSecret *secret = &security->secret[type];

        kept[type].set = secret->set;
        memcpy(kept[type].salt, secret->salt, CXL_SECURITY_SALT);
        memcpy(kept[type].hash, secret->hash, CXL_SECURITY_HASH);
    }
    return CXL_PASSPHRASES * sizeof(Kept);
}

static bool unpack(void *state, const uint8_t *in, size_t len)
{
    CXLSecurity *security = state;
    const Kept *kept = (const Kept *)in;

    if (len != CXL_PASSPHRASES * sizeof(*kept)) {
        return false;
    }
    for (unsigned type = 0; type < CXL_PASSPHRASES; type++) {
        CXLSecret *secret = &security->secret[type];

        if (kept[type].set > 1) {
            return false;
        }
        secret->set = kept[type].set;
        memcpy(secret->salt, kept[type].salt, CXL_SECURITY_SALT);
        memcpy(secret->hash, kept[type].hash, CXL_SECURITY_HASH);
    }
    return true;
}

const CXLMetadataSection cxl_security_section = {
    .id = CXL_METADATA_SECURITY,
    .name = "the passphrases",
    .max = CXL_PASSPHRASES * sizeof(Kept),
    .pack = pack,
    .unpack = unpack,
};

static bool secret_valid(const CXLSecret *secret)
{
    return secret->failures <= CXL_SECURITY_ATTEMPTS &&
        (secret->set || !secret->failures);
}

bool cxl_security_valid(const CXLSecurity *security)
{
    return secret_valid(&security->secret[CXL_PASSPHRASE_MASTER]) &&
        secret_valid(&security->secret[CXL_PASSPHRASE_USER]) &&
        (!security->media->locked || cxl_security_has_user(security));
}
