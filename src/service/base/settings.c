/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/base/settings.h"

void
runconfd_settings_copy (RunconfdSettings *self, const RunconfdSettings *from)
{
  *self = *from;
  self->name = g_strdup (from->name);
  self->folders = from->folders != NULL ? g_ptr_array_ref (from->folders) : NULL;
  self->defaults_path = g_strdup (from->defaults_path);
  self->runtime_path = g_strdup (from->runtime_path);
  self->boot_path = g_strdup (from->boot_path);
  self->session = g_strdup (from->session);
}

void
runconfd_settings_clear (RunconfdSettings *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->folders, g_ptr_array_unref);
  g_clear_pointer (&self->defaults_path, g_free);
  g_clear_pointer (&self->runtime_path, g_free);
  g_clear_pointer (&self->boot_path, g_free);
  g_clear_pointer (&self->session, g_free);
}
