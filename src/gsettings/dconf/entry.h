/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DconfEntry:
 * @key: the full name of a key, such as `/org/gnome/desktop/interface/clock-format`
 * @value: its value
 *
 * A key that has a value in a database of dconf.
 */
typedef struct
{
  char *key;
  GVariant *value;
} DconfEntry;

GPtrArray *dconf_entries_new (void);
void dconf_entries_add (GPtrArray *entries, const char *key, GVariant *value);

GPtrArray *dconf_entries_parse (GBytes *text, const char *name, GError **error);
char *dconf_entries_print (GPtrArray *entries);

G_END_DECLS
