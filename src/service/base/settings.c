/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/base/settings.h"

void
runconfd_settings_copy (RunconfdSettings *self, const RunconfdSettings *from)
{
  *self = *from;
  self->name = g_strdup (from->name);
  self->folders = g_strdupv (from->folders);
  self->defaults_path = g_strdup (from->defaults_path);
  self->runtime_path = g_strdup (from->runtime_path);
}

void
runconfd_settings_clear (RunconfdSettings *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->folders, g_strfreev);
  g_clear_pointer (&self->defaults_path, g_free);
  g_clear_pointer (&self->runtime_path, g_free);
}
