/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* SHA-256, so that two different texts with the same digest can't be made. */
#define RUNCONF_DIGEST_CHECKSUM G_CHECKSUM_SHA256
#define RUNCONF_DIGEST_BYTES 32

GBytes *runconf_digest_new (GBytes *text);

G_END_DECLS
