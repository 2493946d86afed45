/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Unpacking the reply of a call. Each function takes ownership of the reply, which is %NULL if the
 * call failed.
 */

gboolean runconf_reply_take_empty (GVariant *reply);
gboolean runconf_reply_take_version (GVariant *reply, guint64 *version);
GVariant *runconf_reply_take_value (GVariant *reply);
char *runconf_reply_take_text (GVariant *reply);
char **runconf_reply_take_changed (GVariant *reply, guint64 *version);

G_END_DECLS
