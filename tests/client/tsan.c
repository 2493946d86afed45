/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>

#include <glib.h>
#include <sanitizer/tsan_interface.h>

/* ThreadSanitizer sees the order of events in threads only through code that it was compiled into,
 * and the installed GLib isn't. So the GLib functions by which the library and its tests pass data
 * to another thread are annotated here. Races in between are still found.
 */

#define NEXT(name) ((typeof (&(name))) dlsym (RTLD_NEXT, #name))

void (g_mutex_lock) (GMutex *mutex)
{
  static void (*next) (GMutex *);

  if (next == NULL)
    next = NEXT (g_mutex_lock);
  next (mutex);
  __tsan_acquire (mutex);
}

void (g_mutex_unlock) (GMutex *mutex)
{
  static void (*next) (GMutex *);

  if (next == NULL)
    next = NEXT (g_mutex_unlock);
  __tsan_release (mutex);
  next (mutex);
}

/* It unlocks the mutex and locks it again. */
void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  static void (*next) (GCond *, GMutex *);

  if (next == NULL)
    next = NEXT (g_cond_wait);
  __tsan_release (mutex);
  next (cond, mutex);
  __tsan_acquire (mutex);
}

/* So does this. */
gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  static gboolean (*next) (GCond *, GMutex *, gint64);
  gboolean is_signalled;

  if (next == NULL)
    next = NEXT (g_cond_wait_until);
  __tsan_release (mutex);
  is_signalled = next (cond, mutex, end_time);
  __tsan_acquire (mutex);

  return is_signalled;
}

void (g_once_init_leave) (volatile void *location, gsize result)
{
  static void (*next) (volatile void *, gsize);

  if (next == NULL)
    next = NEXT (g_once_init_leave);
  __tsan_release ((void *) location);
  next (location, result);
}

/* The callback of a source, called by the thread of its context. */
typedef struct
{
  GSource *source;
  GSourceFunc function;
  gpointer data;
  GDestroyNotify destroy;
} Callback;

__attribute__ ((no_sanitize ("thread"))) static gboolean
call_back (gpointer user_data)
{
  Callback *callback = user_data;

  __tsan_acquire (callback->source);

  return callback->function (callback->data);
}

__attribute__ ((no_sanitize ("thread"))) static void
callback_free (gpointer data)
{
  Callback *callback = data;

  __tsan_acquire (callback->source);
  if (callback->destroy != NULL)
    callback->destroy (callback->data);
  g_free (callback);
}

void
g_source_set_callback (GSource *source, GSourceFunc function, gpointer data, GDestroyNotify destroy)
{
  static void (*next) (GSource *, GSourceFunc, gpointer, GDestroyNotify);
  Callback *callback;

  if (next == NULL)
    next = NEXT (g_source_set_callback);

  /* other sources have callbacks with other arguments */
  if (source->source_funcs != &g_idle_funcs && source->source_funcs != &g_timeout_funcs)
    {
      next (source, function, data, destroy);
      return;
    }

  callback = g_new (Callback, 1);
  *callback = (Callback){ source, function, data, destroy };
  next (source, call_back, callback, callback_free);
}

guint
g_source_attach (GSource *source, GMainContext *context)
{
  static guint (*next) (GSource *, GMainContext *);

  if (next == NULL)
    next = NEXT (g_source_attach);
  __tsan_release (source);

  return next (source, context);
}
