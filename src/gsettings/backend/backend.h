/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * RunconfSettingsBackend:
 *
 * The backend of GSettings that keeps settings in the configuration `gsettings` of the session.
 */
GType runconf_settings_backend_get_type (void);

G_END_DECLS
