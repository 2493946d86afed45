/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

/* A private bus, a service on it with its own files, and two connections: that of the program under
 * test, and that of another program.
 */
typedef struct
{
  char *directory;
  const char *program; /* the service to start; NULL for RUNCONFD */
  const char *name;    /* of the configuration; NULL for `default` */
  gboolean is_session; /* whether the bus is that of the session of this process, too */
  char *address;
  char *slow_address; /* a connection to it passes no file descriptors */
  GSubprocess *bus;
  GSubprocess *service;
  GDBusConnection *connection;
  GDBusConnection *other;
} World;

#define WORLD_DEFAULTS                                                                             \
  "chat:\n"                                                                                        \
  "  websocket: {host: localhost, port: 8000, secure: false, timeout: 20}\n"                       \
  "  greeting: hello\n"                                                                            \
  "numbers: {big: 18446744073709551615, ratio: 0.5, negative: -7}\n"                               \
  "features: [search, browse, code]\n"                                                             \
  "mixed: [1, two]\n"                                                                              \
  "servers:\n"                                                                                     \
  "  - {name: one, port: 1}\n"                                                                     \
  "  - {name: two, port: 2}\n"                                                                     \
  "nothing: null\n"                                                                                \
  "\"it's\": {quoted: 1}\n"                                                                        \
  "empty: {}\n"                                                                                    \
  "data: !!binary aGVsbG8=\n"

void world_set_up (World *world, gconstpointer defaults);
void world_tear_down (World *world, gconstpointer unused);

/* No process that a test started outlives it, even if it fails: the setup of a child. */
void world_end_with_parent (gpointer user_data);
GSubprocess *world_start_process (GSubprocessFlags flags, const char *const *argv);

void world_start_service (World *world);
void world_stop_service (World *world);
void world_kill_service (World *world);
void world_signal_service (World *world, int signal);
void world_write (World *world, const char *name, const char *text);

GDBusConnection *world_connect (const char *address);
RunconfConfiguration *world_open (World *world);

/* by the other connection: a method of the interface, and a Set, which returns the version */
GVariant *world_call (World *world, const char *method, GVariant *parameters);
guint64 world_put (World *world, const char *path, GVariant *value);

/* Runs the main context until the condition is true; nearly all waits end within milliseconds. */
#define world_wait_until(condition)                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 world_deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;                         \
    while (!(condition) && g_get_monotonic_time () < world_deadline)                               \
      world_turn (5);                                                                              \
    g_assert_true (condition);                                                                     \
  }                                                                                                \
  G_STMT_END

void world_turn (guint ms);

void assert_locks (RunconfConfiguration *configuration, const char *expected);

/* The paths that `changed` reported, of each change with spaces in between. */
typedef struct
{
  GPtrArray *told;
  gulong id;
  GObject *object;
} Ears;

void ears_note (GObject *object, RunconfChange *change, Ears *ears);
void ears_open (Ears *ears, gpointer object);
void ears_close (Ears *ears);
const char *ears_wait (Ears *ears, guint number);

/* Warnings of the code under test; criticals still abort. */
void messages_catch (void);
guint messages_count (const char *part);

G_END_DECLS
