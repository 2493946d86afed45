/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean certificates_can_be_made (void);
void certificates_make_authority (const char *folder, const char *name);
void certificates_make (const char *folder, const char *authority, const char *name,
                        const char *subject, const char *address);
void certificates_make_key_pair (const char *folder, const char *name);

G_END_DECLS
