/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/reply.h"

/**
 * runconf_reply_take_empty:
 * @reply: (transfer full) (nullable): the reply of a method without results
 *
 * Returns: whether there is a reply
 */
gboolean
runconf_reply_take_empty (GVariant *reply)
{
  g_autoptr (GVariant) owned = reply;

  return owned != NULL;
}

/**
 * runconf_reply_take_version:
 * @reply: (transfer full) (nullable): the reply of a method that returns a version, and possibly more
 * @version: (out) (optional): the version
 *
 * Returns: whether there is a reply
 */
gboolean
runconf_reply_take_version (GVariant *reply, guint64 *version)
{
  g_autoptr (GVariant) owned = reply;

  if (reply != NULL && version != NULL)
    g_variant_get_child (reply, 0, "t", version);

  return reply != NULL;
}

/**
 * runconf_reply_take_value:
 * @reply: (transfer full) (nullable): the reply of a method with one result
 *
 * Returns: (transfer full) (nullable): the result; if it is a variant, its content
 */
GVariant *
runconf_reply_take_value (GVariant *reply)
{
  g_autoptr (GVariant) owned = reply;
  g_autoptr (GVariant) value = NULL;

  if (reply == NULL)
    return NULL;

  value = g_variant_get_child_value (reply, 0);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    return g_variant_get_variant (value);

  return g_steal_pointer (&value);
}

/**
 * runconf_reply_take_text:
 * @reply: (transfer full) (nullable): the reply of a method that returns a text
 *
 * Returns: (transfer full) (nullable): the text
 */
char *
runconf_reply_take_text (GVariant *reply)
{
  g_autoptr (GVariant) owned = reply;
  char *text;

  if (reply == NULL)
    return NULL;

  g_variant_get (reply, "(s)", &text);

  return text;
}

/**
 * runconf_reply_take_changed:
 * @reply: (transfer full) (nullable): the reply of a method that returns a version and paths
 * @version: (out) (optional): the version
 *
 * Returns: (transfer full) (nullable): the paths
 */
char **
runconf_reply_take_changed (GVariant *reply, guint64 *version)
{
  g_autoptr (GVariant) owned = reply;
  char **changed;
  guint64 at;

  if (reply == NULL)
    return NULL;

  g_variant_get (reply, "(t^as)", &at, &changed);
  if (version != NULL)
    *version = at;

  return changed;
}
