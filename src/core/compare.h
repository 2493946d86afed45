/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/* Orders texts by their bytes, for g_ptr_array_sort() and qsort(): an element is a pointer to a text. */
static inline int
runconf_compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The same order for the keys of a GTree. */
static inline int
runconf_compare_keys (gconstpointer a, gconstpointer b, gpointer unused)
{
  return strcmp (a, b);
}

G_END_DECLS
