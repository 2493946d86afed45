/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/info-private.h"

#include <string.h>

#include "client/enums-private.h"

/**
 * RunconfInfo: (ref-func runconf_info_ref) (unref-func runconf_info_unref)
 *
 * A configuration in the list of [func@list_configurations].
 *
 * An item never changes. It can be used in any thread, and none of its functions blocks.
 *
 * Since: 1.0
 */
struct _RunconfInfo
{
  gint ref_count;       /* atomic */
  GVariant *properties; /* serialised, so that strings in it stay in place */
};

G_DEFINE_BOXED_TYPE (RunconfInfo, runconf_info, runconf_info_ref, runconf_info_unref)

/**
 * runconf_info_new: (skip)
 * @properties: the properties on the bus with a name, in the form that form.c checks
 *
 * Returns: (transfer full): the item
 */
RunconfInfo *
runconf_info_new (GVariant *properties)
{
  RunconfInfo *self = g_new0 (RunconfInfo, 1);

  self->ref_count = 1;
  self->properties = g_variant_ref (properties);
  g_variant_get_data (properties);

  return self;
}

/**
 * runconf_info_compare: (skip)
 *
 * Returns: the order of two items by their names, as strcmp() does
 */
int
runconf_info_compare (RunconfInfo *self, RunconfInfo *other)
{
  return strcmp (runconf_info_get_name (self), runconf_info_get_name (other));
}

/**
 * runconf_info_ref:
 * @self: an item
 *
 * Increases the reference count.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
RunconfInfo *
runconf_info_ref (RunconfInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * runconf_info_unref:
 * @self: (transfer full): an item
 *
 * Decreases the reference count, and frees the item when it is 0.
 *
 * Since: 1.0
 */
void
runconf_info_unref (RunconfInfo *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_variant_unref (self->properties);
  g_free (self);
}

static const char *
get_text (RunconfInfo *self, const char *key)
{
  const char *text = "";

  g_variant_lookup (self->properties, key, "&s", &text);

  return text;
}

/**
 * runconf_info_get_name:
 * @self: an item
 *
 * Gets the name of the configuration.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
runconf_info_get_name (RunconfInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "Name");
}

/**
 * runconf_info_get_version:
 * @self: an item
 *
 * Gets the version of the configuration.
 *
 * Returns: the version
 *
 * Since: 1.0
 */
guint64
runconf_info_get_version (RunconfInfo *self)
{
  guint64 version = 0;

  g_return_val_if_fail (self != NULL, 0);

  g_variant_lookup (self->properties, "Version", "t", &version);

  return version;
}

/**
 * runconf_info_get_state:
 * @self: an item
 *
 * Gets the state of the configuration.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
RunconfState
runconf_info_get_state (RunconfInfo *self)
{
  g_return_val_if_fail (self != NULL, RUNCONF_STATE_UNKNOWN);

  return (RunconfState) runconf_enums_find (RUNCONF_TYPE_STATE, get_text (self, "State"));
}

/**
 * runconf_info_get_state_message:
 * @self: an item
 *
 * Gets the description of the problem, if the state isn't %RUNCONF_STATE_OK.
 *
 * Returns: (transfer none): the message; empty while the state is %RUNCONF_STATE_OK
 *
 * Since: 1.0
 */
const char *
runconf_info_get_state_message (RunconfInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "StateMessage");
}

/**
 * runconf_info_get_properties:
 * @self: an item
 *
 * Gets all properties of the configuration by their names on the bus, also those that this version of the
 * library doesn't know: `Name` s, `Version` t, `LastModified` t (µs since the epoch), `HasOverrides` b,
 * `State` s, `StateMessage` s, `DefaultConfigPath` s, `RuntimeConfigPath` s and others.
 *
 * Returns: (transfer none): the properties, an `a{sv}`
 *
 * Since: 1.0
 */
GVariant *
runconf_info_get_properties (RunconfInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->properties;
}
