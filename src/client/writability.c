/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/writability.h"

#include <runconf/error.h>

struct _RunconfWritability
{
  GObject parent_instance;

  RunconfConfiguration *configuration; /* %NULL after the binding has ended, like @object */
  GMainContext *context;               /* in which the property is set */
  char *path;
  GObject *object; /* borrowed */
  GParamSpec *property;
  gboolean inverted;
  gulong handler;
};

G_DEFINE_FINAL_TYPE (RunconfWritability, runconf_writability, G_TYPE_OBJECT)

static void
runconf_writability_dispose (GObject *object)
{
  RunconfWritability *self = RUNCONF_WRITABILITY (object);

  self->object = NULL;
  if (self->configuration != NULL)
    g_clear_signal_handler (&self->handler, self->configuration);
  g_clear_object (&self->configuration);

  G_OBJECT_CLASS (runconf_writability_parent_class)->dispose (object);
}

static void
runconf_writability_finalize (GObject *object)
{
  RunconfWritability *self = RUNCONF_WRITABILITY (object);

  g_main_context_unref (self->context);
  g_free (self->path);
  g_param_spec_unref (self->property);

  G_OBJECT_CLASS (runconf_writability_parent_class)->finalize (object);
}

static void
runconf_writability_class_init (RunconfWritabilityClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = runconf_writability_dispose;
  object_class->finalize = runconf_writability_finalize;
}

static void
runconf_writability_init (RunconfWritability *self)
{
}

static void
show (RunconfWritability *self, gboolean is_writable)
{
  g_autoptr (GObject) object = g_object_ref (self->object);

  g_object_set (object, self->property->name, is_writable != self->inverted, NULL);
}

static void
on_answered (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfWritability) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_writable
      = runconf_configuration_is_writable_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (self->object != NULL
      && (error == NULL || g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH)))
    show (self, is_writable);
}

/**
 * runconf_writability_ask:
 *
 * Asks the service again. If the service is away, the property keeps its value.
 */
void
runconf_writability_ask (RunconfWritability *self)
{
  if (self->object != NULL)
    runconf_configuration_is_writable (self->configuration, self->path, NULL, on_answered,
                                       g_object_ref (self));
}

static gboolean
ask_in_context (gpointer data)
{
  runconf_writability_ask (data);

  return G_SOURCE_REMOVE;
}

/* This runs in the context of the configuration. */
static void
on_writable_changed (RunconfConfiguration *configuration, const char *path,
                     RunconfWritability *self)
{
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, ask_in_context,
                              g_object_ref (self), g_object_unref);
}

static void
unref_closure_data (gpointer data, GClosure *closure)
{
  g_object_unref (data);
}

/**
 * runconf_writability_new:
 * @property: a boolean property of @object that can be written
 * @inverted: whether the property is %TRUE while the path isn't writable
 *
 * Returns: (transfer full): an object that sets the property, in the thread-default main context,
 *   from now on
 */
RunconfWritability *
runconf_writability_new (RunconfConfiguration *configuration, const char *path, GObject *object,
                         GParamSpec *property, gboolean inverted)
{
  RunconfWritability *self = g_object_new (RUNCONF_TYPE_WRITABILITY, NULL);

  self->configuration = g_object_ref (configuration);
  self->context = g_main_context_ref_thread_default ();
  self->path = g_strdup (path);
  self->object = object;
  self->property = g_param_spec_ref (property);
  self->inverted = !!inverted;
  self->handler
      = g_signal_connect_data (configuration, "writable-changed", G_CALLBACK (on_writable_changed),
                               g_object_ref (self), unref_closure_data, 0);
  runconf_writability_ask (self);

  return self;
}
