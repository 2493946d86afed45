/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/configuration-class.h"

#include <runconf/error.h>

#include "client/base.h"
#include "client/bus.h"
#include "client/change-private.h"
#include "client/fork.h"
#include "client/hearing.h"
#include "core/object-path.h"
#include "core/variant.h"

/* Opening a configuration: the initialisation of the object. */

/* runs init_sync() in a thread, which is right here */
static void (*init_in_thread) (GAsyncInitable *, int, GCancellable *, GAsyncReadyCallback,
                               gpointer);

/* The threads of a pool don't exist in a child of fork() either. */
static void
init_async (GAsyncInitable *initable, int priority, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
  GError *error = NULL;

  if (runconf_fork_check (&error))
    init_in_thread (initable, priority, cancellable, callback, user_data);
  else
    g_task_report_error (initable, callback, user_data, (gpointer) init_async, error);
}

void
runconf_configuration_async_initable_iface_init (GAsyncInitableIface *iface)
{
  init_in_thread = iface->init_async;
  iface->init_async = init_async;
}

static void
emit_changed (GObject *object, RunconfChange *change)
{
  const RunconfConfigurationLink *peek
      = runconf_configuration_peek (RUNCONF_CONFIGURATION (object));
  g_autoptr (RunconfChange) seen = peek->whole != NULL
                                       ? runconf_change_new_in_part (change, peek->base)
                                       : runconf_change_ref (change);

  g_signal_emit (object, runconf_configuration_changed_signal, 0, seen);
}

static void
hear_all (GObject *object, RunconfSnapshot *base)
{
  RunconfConfigurationPrivate *priv
      = runconf_configuration_get_private (RUNCONF_CONFIGURATION (object));

  priv->listener
      = runconf_listener_new (priv->peek.whole != NULL ? priv->peek.base : "", base, object,
                              runconf_notices_get_context (priv->notices), emit_changed, NULL);
  runconf_receiver_add (priv->peek.receiver, priv->listener);
}

/* A class that overrides the default handler always listens. */
static void
prepare_changed (RunconfConfiguration *self)
{
  RunconfConfigurationPrivate *priv = runconf_configuration_get_private (self);
  g_autoptr (RunconfSnapshot) base = NULL;

  if (RUNCONF_CONFIGURATION_GET_CLASS (self)->changed != NULL)
    {
      base = runconf_link_get_snapshot (priv->peek.link);
      hear_all (G_OBJECT (self), base);
      return;
    }

  priv->hearing = runconf_hearing_source_new (G_OBJECT (self), runconf_configuration_changed_signal,
                                              priv->peek.link, hear_all);
  g_source_attach (priv->hearing, runconf_notices_get_context (priv->notices));
}

/* All properties of the library that change are those of the whole. */
static void
on_whole_notify (GObject *whole, GParamSpec *pspec, GObject *self)
{
  if (pspec->owner_type == RUNCONF_TYPE_CONFIGURATION)
    g_object_notify_by_pspec (self, pspec);
}

static void
on_whole_writable_changed (RunconfConfiguration *whole, const char *path,
                           RunconfConfiguration *self)
{
  const char *base = runconf_configuration_get_private (self)->peek.base;
  const char *seen = runconf_base_strip (base, path);

  if (seen == NULL && runconf_base_strip (path, base) != NULL)
    seen = "";
  if (seen != NULL)
    g_signal_emit_by_name (self, "writable-changed", seen);
}

/**
 * runconf_configuration_use_whole: (skip)
 * @self: a new configuration
 * @whole: an initialised configuration that isn't a part of another one
 * @base: a path in it
 *
 * Makes the configuration usable as a part of another one.
 */
void
runconf_configuration_use_whole (RunconfConfiguration *self, RunconfConfiguration *whole,
                                 const char *base)
{
  RunconfConfigurationPrivate *priv = runconf_configuration_get_private (self);

  priv->object_path = g_strdup (runconf_configuration_get_private (whole)->object_path);
  priv->peek = runconf_configuration_get_private (whole)->peek;
  priv->peek.whole = g_object_ref (whole);
  priv->peek.base = g_strdup (base);
  g_signal_connect_object (whole, "notify", G_CALLBACK (on_whole_notify), self, 0);
  g_signal_connect_object (whole, "writable-changed", G_CALLBACK (on_whole_writable_changed), self,
                           0);
  if (priv->peek.link != NULL)
    prepare_changed (self);
}

/* Returns: (transfer full) (nullable): the values of the program */
static RunconfNode *
read_defaults (RunconfConfigurationPrivate *priv, GError **error)
{
  g_autoptr (GVariant) values = priv->defaults != NULL
                                    ? g_variant_ref (priv->defaults)
                                    : g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autoptr (GError) failure = NULL;
  RunconfNode *node = NULL;

  if (g_variant_is_of_type (values, G_VARIANT_TYPE_VARDICT))
    node = runconf_node_from_variant (values, "", &failure);
  else
    g_set_error (&failure, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                 "they are of the type %s, and have to be of the type a{sv}",
                 g_variant_get_type_string (values));
  if (node == NULL)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                 "the defaults for the configuration “%s”: %s", priv->name, failure->message);

  return node;
}

/**
 * runconf_configuration_check_name: (skip)
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_VALUE if a configuration can't have this name
 */
gboolean
runconf_configuration_check_name (const char *name, GError **error)
{
  if (runconf_object_path_is_name (name))
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "“%s” can't be the name of a configuration: a name begins with a letter or a "
               "digit, and has at most 64 letters, digits, “_”, “.” and “-”",
               name);

  return FALSE;
}

/**
 * runconf_configuration_use_link: (skip)
 * @link: (transfer full): an open link
 *
 * Makes the configuration usable: it reads and receives changes through the link.
 */
void
runconf_configuration_use_link (RunconfConfiguration *self, RunconfLink *link)
{
  RunconfConfigurationPrivate *priv = runconf_configuration_get_private (self);

  priv->object_path = runconf_object_path_new (priv->name);
  priv->peek.link = link;
  priv->peek.receiver
      = runconf_receiver_new (link, (priv->flags & RUNCONF_OPEN_IN_BACKGROUND) != 0);
  runconf_notices_start (priv->notices);
  runconf_receiver_start (priv->peek.receiver);
  prepare_changed (self);
}

static gboolean
check_arguments (RunconfConfigurationPrivate *priv, GError **error)
{
  const RunconfOpenFlags both = RUNCONF_OPEN_REQUIRE_SERVICE | RUNCONF_OPEN_IN_BACKGROUND;

  if (!runconf_configuration_check_name (priv->name, error))
    return FALSE;

  if ((priv->flags & both) == both)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "the configuration “%s” can't be opened in the background if the service is "
                   "required: leave one of the flags out",
                   priv->name);
      return FALSE;
    }

  if (priv->connection == NULL && priv->bus_type == G_BUS_TYPE_NONE)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                   "no bus to find the service on: give a connection, or the type of a bus");
      return FALSE;
    }

  return runconf_fork_check (error);
}

/* The service isn't asked, so only a call reports whether it is there. */
static gboolean
open_for_calls (RunconfConfigurationPrivate *priv, GCancellable *cancellable, GError **error)
{
  if (priv->connection == NULL)
    priv->connection = runconf_bus_connect (priv->bus_type, cancellable, error);

  return priv->connection != NULL;
}

static gboolean
open_link (RunconfConfigurationPrivate *priv, RunconfLink *link, const RunconfNode *defaults,
           GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if ((priv->flags & RUNCONF_OPEN_IN_BACKGROUND) == 0)
    {
      if (runconf_link_open (link, cancellable, &failure))
        return TRUE;

      if ((priv->flags & RUNCONF_OPEN_REQUIRE_SERVICE) != 0
          || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }

      runconf_link_set_disconnected (link, failure->message);
      runconf_link_report_fallback (link, failure);
    }

  return runconf_link_use_fallback (link, defaults, error);
}

static gboolean
init_sync (GInitable *initable, GCancellable *cancellable, GError **error)
{
  RunconfConfiguration *self = RUNCONF_CONFIGURATION (initable);
  RunconfConfigurationPrivate *priv = runconf_configuration_get_private (self);
  g_autoptr (RunconfNode) defaults = NULL;
  RunconfLink *link;

  if (priv->object_path != NULL)
    return TRUE;

  if (!check_arguments (priv, error))
    return FALSE;

  defaults = read_defaults (priv, error);
  if (defaults == NULL)
    return FALSE;

  runconf_fork_note_bus ();
  if (priv->calls_only)
    {
      if (!open_for_calls (priv, cancellable, error))
        return FALSE;
      priv->object_path = runconf_object_path_new (priv->name);
      return TRUE;
    }

  link = runconf_link_new (priv->connection, priv->bus_type, priv->name, priv->notices);
  if (!open_link (priv, link, defaults, cancellable, error))
    {
      runconf_link_unref (link);
      return FALSE;
    }

  runconf_configuration_use_link (self, link);

  return TRUE;
}

void
runconf_configuration_initable_iface_init (GInitableIface *iface)
{
  iface->init = init_sync;
}
