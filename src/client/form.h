/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/call.h"

G_BEGIN_DECLS

gboolean runconf_form_is_value (GVariant *value);
gboolean runconf_form_check_reply (RunconfMethod method, GVariant *reply, GError **error);
gboolean runconf_form_check_properties (GVariant *properties, GError **error);

G_END_DECLS
