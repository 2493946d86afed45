/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/watch.h>

#include <runconf/configuration.h>
#include <runconf/error.h>

#include "client/base.h"
#include "client/change-private.h"
#include "client/configuration-link.h"
#include "client/usable.h"
#include "core/escape.h"
#include "core/path.h"

/**
 * RunconfWatch:
 *
 * Reports the changes at and below a path.
 *
 * A watch is created with [method@Configuration.watch], and reports changes until
 * [method@Watch.stop] is called or it is disposed. It keeps its configuration alive.
 *
 * The bus wakes the program for changes of the watched part, and rarely for other changes, as long as
 * the watches of the configuration have at most 16 different paths. With more, the bus wakes the
 * program for each change of the configuration, so that thousands of watches need only one match
 * rule; each watch still reports its own changes only. A configuration takes at most 17 match rules
 * of a connection. A bus limits these, the system bus to 512, and the subscriptions of the program
 * count too. If the bus refuses a match rule, see [signal@Watch::failed].
 *
 * Since: 1.0
 */
struct _RunconfWatch
{
  GObject parent_instance;

  RunconfConfiguration *configuration;
  char *path;
  GMainContext *context;
  RunconfListener *listener; /* atomic; %NULL after the end */
};

enum
{
  PROP_PATH = 1,
  PROP_CONFIGURATION,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];
static guint changed_signal;
static guint failed_signal;

G_DEFINE_FINAL_TYPE (RunconfWatch, runconf_watch, G_TYPE_OBJECT)

static void
emit_changed (GObject *object, RunconfChange *change)
{
  const RunconfConfigurationLink *peek
      = runconf_configuration_peek (RUNCONF_WATCH (object)->configuration);
  g_autoptr (RunconfChange) seen = peek->whole != NULL
                                       ? runconf_change_new_in_part (change, peek->base)
                                       : runconf_change_ref (change);

  g_signal_emit (object, changed_signal, 0, seen);
}

static void
emit_failed (GObject *object, const GError *error)
{
  g_signal_emit (object, failed_signal, 0, error);
}

/* @full: the path in the whole configuration
 *
 * Returns: (transfer full): a watch that reports changes from now on
 */
static RunconfWatch *
watch_new (RunconfConfiguration *configuration, const char *path, const char *full)
{
  RunconfLink *link = runconf_configuration_get_link (configuration);
  g_autoptr (RunconfSnapshot) base = runconf_link_get_snapshot (link);
  RunconfWatch *self = g_object_new (RUNCONF_TYPE_WATCH, NULL);

  self->configuration = g_object_ref (configuration);
  self->path = g_strdup (path);
  self->context = g_main_context_ref_thread_default ();
  self->listener = runconf_listener_new (full, base, G_OBJECT (self), self->context, emit_changed,
                                         emit_failed);
  runconf_receiver_add (runconf_configuration_get_receiver (configuration), self->listener);

  return self;
}

/**
 * runconf_configuration_watch:
 * @self: a configuration
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 * @error: return location for an error
 *
 * Watches the values at and below a path. There may be no value yet.
 *
 * The watch reports all changes after this call, in the thread-default main context of the calling
 * thread. So a value that is read after this call is in force until the watch reports a change of
 * it.
 *
 * Never blocks.
 *
 * Returns: (transfer full): a watch, or %NULL with %RUNCONF_ERROR_INVALID_PATH if the path isn't a
 *   JSON Pointer, %RUNCONF_ERROR_TOO_LARGE if it is deeper than a configuration can be, or
 *   %RUNCONF_ERROR_UNAVAILABLE if @self isn't initialised or receives no changes
 *
 * Since: 1.0
 */
RunconfWatch *
runconf_configuration_watch (RunconfConfiguration *self, const char *path, GError **error)
{
  const RunconfConfigurationLink *peek;
  g_autoptr (RunconfPath) parsed = NULL;
  g_autofree char *full = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!runconf_configuration_check_watchable (self, error))
    return NULL;

  if (!g_utf8_validate (path, -1, NULL))
    {
      g_autofree char *shown = runconf_escape (path, -1);

      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                   "%s: a path has to be in UTF-8", shown);
      return NULL;
    }

  peek = runconf_configuration_peek (self);
  full = runconf_base_join (peek->whole != NULL ? peek->base : "", path);
  parsed = runconf_path_new (full, error);

  return parsed != NULL ? watch_new (self, path, full) : NULL;
}

/**
 * runconf_watch_get_path: (attributes org.gtk.Method.get_property=path)
 * @self: a watch
 *
 * Gets the path that is watched. Never blocks.
 *
 * Returns: (transfer none): the path, as a JSON Pointer
 *
 * Since: 1.0
 */
const char *
runconf_watch_get_path (RunconfWatch *self)
{
  g_return_val_if_fail (RUNCONF_IS_WATCH (self), NULL);

  return self->path;
}

/* Keeps the other handlers of a signal from being called, if the thread emits one now. */
static void
stop_emission (RunconfWatch *self)
{
  GSignalInvocationHint *hint;

  if (!g_main_context_is_owner (self->context))
    return;

  hint = g_signal_get_invocation_hint (self);
  if (hint != NULL && (hint->signal_id == changed_signal || hint->signal_id == failed_signal))
    g_signal_stop_emission (self, hint->signal_id, 0);
}

static void
end (RunconfWatch *self)
{
  RunconfListener *listener = g_atomic_pointer_exchange (&self->listener, NULL);

  if (listener == NULL)
    return;

  runconf_listener_close (listener);
  runconf_receiver_remove (runconf_configuration_get_receiver (self->configuration), listener);
  runconf_listener_unref (listener);
}

/**
 * runconf_watch_stop:
 * @self: a watch
 *
 * Ends the watch: it reports no more changes, and those that it hasn't reported yet are dropped.
 *
 * In the thread whose main context the watch reports to, no handler is called after this function
 * returns, and if a handler calls it, neither are the handlers after that one. In another thread, a
 * handler that is running may still end. A program that only drops its reference to a watch ends it as
 * well, unless another part, such as a garbage collector, still has one.
 *
 * A watch that has ended stays so. Never blocks. Can be called from any thread, and more than once.
 *
 * Since: 1.0
 */
void
runconf_watch_stop (RunconfWatch *self)
{
  g_return_if_fail (RUNCONF_IS_WATCH (self));

  end (self);
  stop_emission (self);
}

static void
runconf_watch_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RunconfWatch *self = RUNCONF_WATCH (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_CONFIGURATION:
      g_value_set_object (value, self->configuration);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
runconf_watch_dispose (GObject *object)
{
  RunconfWatch *self = RUNCONF_WATCH (object);

  end (self);
  g_clear_object (&self->configuration);

  G_OBJECT_CLASS (runconf_watch_parent_class)->dispose (object);
}

static void
runconf_watch_finalize (GObject *object)
{
  RunconfWatch *self = RUNCONF_WATCH (object);

  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self->path);

  G_OBJECT_CLASS (runconf_watch_parent_class)->finalize (object);
}

static void
runconf_watch_class_init (RunconfWatchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = runconf_watch_get_property;
  object_class->dispose = runconf_watch_dispose;
  object_class->finalize = runconf_watch_finalize;

  /**
   * RunconfWatch:path: (attributes org.gtk.Property.get=runconf_watch_get_path)
   *
   * The path that is watched, as a JSON Pointer.
   *
   * Since: 1.0
   */
  properties[PROP_PATH]
      = g_param_spec_string ("path", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * RunconfWatch:configuration:
   *
   * The configuration that is watched.
   *
   * Since: 1.0
   */
  properties[PROP_CONFIGURATION]
      = g_param_spec_object ("configuration", NULL, NULL, RUNCONF_TYPE_CONFIGURATION,
                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * RunconfWatch::changed:
   * @self: the watch
   * @change: the change
   *
   * Emitted once for each change, in order, as soon as reads return the new values.
   *
   * [method@Change.get_paths] returns the paths that changed at and below the watched path, leaf by
   * leaf; or the watched path itself, if a value that contains it changed or if more than 1,024 leaves
   * changed. A change of an element of a sequence that is watched, such as `/servers/0/port`, is
   * reported with the path of that element.
   *
   * A read returns the values in force, which may be those of a later change;
   * [method@Change.get_new_value] returns those of this change.
   *
   * If changes could not be reported in time, they are reported as one change with all the
   * differences. Its version is the newest one, and it has no origin, user, caller and message. The
   * reasons are: the service was away, the main context didn't run, or the watch is new and the bus
   * didn't have its match rule yet, which takes some milliseconds.
   *
   * Since: 1.0
   */
  changed_signal = g_signal_new ("changed", RUNCONF_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, RUNCONF_TYPE_CHANGE);

  /**
   * RunconfWatch::failed:
   * @self: the watch
   * @error: the error of the bus, usually %RUNCONF_ERROR_LIMITS_EXCEEDED
   *
   * Emitted if the bus refuses the match rule of the watch, because the program already has as many
   * as the bus allows.
   *
   * From then on the watch reports changes late. The library asks the bus again, after 0.1 seconds
   * at first and after a minute at most, and each time the watch reports all changes until then as
   * one. When the bus accepts the rule, the watch is as fast as before; so a program that drops
   * other match rules needs to do nothing else. A refusal also logs one warning, for programs that
   * don't use this signal, and for [signal@Configuration::changed] and [method@Configuration.bind].
   *
   * Since: 1.0
   */
  failed_signal = g_signal_new ("failed", RUNCONF_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
runconf_watch_init (RunconfWatch *self)
{
}
