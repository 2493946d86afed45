/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"

G_BEGIN_DECLS

/* the memory in bytes that a value of a text takes at most, measured with integers below keys that
 * all differ
 */
#define RUNCONFD_READ_VALUE_BYTES 256
#define RUNCONFD_CHANGE_VALUE_BYTES 160

/**
 * RunconfdRoom:
 *
 * A reservation of memory for the work on a large text, within the limit of the process.
 */
typedef struct _RunconfdRoom RunconfdRoom;

RunconfdRoom *runconfd_room_new (GBytes *text, guint value_bytes, const char *name, GError **error);
void runconfd_room_free (RunconfdRoom *self);

RunconfDocument *runconfd_room_read (GBytes *text, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRoom, runconfd_room_free)

G_END_DECLS
