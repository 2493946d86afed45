/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/link.h"

#include <string.h>

#include "client/bus.h"
#include "client/memory.h"
#include "client/opening.h"
#include "client/request.h"
#include "core/error.h"
#include "core/object-path.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/**
 * runconf_link_new:
 * @connection: (nullable): the connection of the program, %NULL for that of the library to a bus
 * @bus_type: the type of the bus, if there is no connection
 * @name: the name of a configuration
 *
 * Returns: (transfer full): a link that isn't open yet
 */
RunconfLink *
runconf_link_new (GDBusConnection *connection, GBusType bus_type, const char *name,
                  RunconfNotices *notices)
{
  RunconfLink *self = g_new0 (RunconfLink, 1);

  runconf_section_prepare ();
  self->ref_count = 1;
  self->bus_type = connection != NULL ? G_BUS_TYPE_NONE : bus_type;
  self->is_bus = connection == NULL || runconf_bus_is_there (connection);
  g_set_object (&self->connection, connection);
  self->name = g_strdup (name);
  self->object_path = runconf_object_path_new (name);
  self->complaints = runconf_complaints_new (name);
  self->notices = runconf_notices_ref (notices);
  g_mutex_init (&self->opening);
  g_mutex_init (&self->mutex);
  self->reason = g_strdup ("the service wasn't asked yet");
  self->state = g_strdup ("");
  self->state_message = g_strdup ("");
  self->default_config_path = g_strdup ("");
  self->locks = g_new0 (char *, 1);

  return self;
}

static void
mapping_free (RunconfMapping *self)
{
  runconf_arena_unref (self->arena);
  g_free (self->owner);
  g_free (self);
}

RunconfLink *
runconf_link_ref (RunconfLink *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

/* A reader holds a reference to the link, so no thread reads in the last arena here. */
void
runconf_link_unref (RunconfLink *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->memory, runconf_memory_free);
  g_clear_pointer (&self->newest, mapping_free);
  g_clear_object (&self->connection);
  g_free (self->name);
  g_free (self->object_path);
  runconf_complaints_unref (self->complaints);
  runconf_notices_unref (self->notices);
  g_mutex_clear (&self->opening);
  g_mutex_clear (&self->mutex);
  g_free (self->reason);
  g_free (self->state);
  g_free (self->state_message);
  g_free (self->default_config_path);
  g_strfreev (self->locks);
  g_free (self);
}

/* @number: (out) (optional): the number of the connection */
static GDBusConnection *
dup_connection (RunconfLink *self, guint *number)
{
  GDBusConnection *connection;

  g_mutex_lock (&self->mutex);
  connection = self->connection != NULL ? g_object_ref (self->connection) : NULL;
  if (number != NULL)
    *number = self->n_connections;
  g_mutex_unlock (&self->mutex);

  return connection;
}

/**
 * runconf_link_dup_connection:
 *
 * Returns: (transfer full) (nullable): the newest connection, which may be closed; %NULL if there was
 *   no bus yet
 */
GDBusConnection *
runconf_link_dup_connection (RunconfLink *self)
{
  return dup_connection (self, NULL);
}

/**
 * runconf_link_set_connection:
 * @connection: a connection to the bus, which replaces a closed one
 */
void
runconf_link_set_connection (RunconfLink *self, GDBusConnection *connection)
{
  GDBusConnection *old;

  g_mutex_lock (&self->mutex);
  old = self->connection;
  self->connection = g_object_ref (connection);
  self->n_connections++;
  g_mutex_unlock (&self->mutex);

  g_clear_object (&old);
}

static gboolean
is_closed (RunconfLink *self)
{
  g_autoptr (GDBusConnection) connection = runconf_link_dup_connection (self);

  return connection == NULL || g_dbus_connection_is_closed (connection);
}

static GVariant *
call_bus (RunconfLink *self, const char *method, GVariant *parameters, const char *reply_type,
          int timeout, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusConnection) connection = runconf_link_dup_connection (self);

  return runconf_request_send (connection, BUS_NAME, BUS_PATH, BUS_NAME, method, parameters,
                               reply_type, timeout, cancellable, error);
}

static char *
find_peer (RunconfLink *self, GError **error)
{
  if (!is_closed (self))
    return g_strdup (RUNCONF_REQUEST_PEER);

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               "the connection to the service is closed");

  return NULL;
}

static char *
find_owner (RunconfLink *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  char *owner = NULL;

  if (!self->is_bus)
    return find_peer (self, error);

  if (is_closed (self))
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                   "the connection to the bus is closed");
      return NULL;
    }

  reply = call_bus (self, "GetNameOwner", g_variant_new ("(s)", RUNCONF_BUS_NAME), "(s)",
                    RUNCONF_REQUEST_TIMEOUT, cancellable, error);
  if (reply != NULL)
    g_variant_get (reply, "(s)", &owner);

  return owner;
}

/**
 * runconf_link_find_owner:
 *
 * May block until the bus replies, at most 5 s.
 *
 * Returns: (transfer full): the unique name of the service, the empty string if the service is at
 *   the other end of the connection, or %NULL with %RUNCONF_ERROR_UNAVAILABLE
 */
char *
runconf_link_find_owner (RunconfLink *self, GError **error)
{
  return find_owner (self, NULL, error);
}

/* After any failure to start the service, the configuration is unavailable. */
static gboolean
start_service (RunconfLink *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GVariant) reply
      = call_bus (self, "StartServiceByName", g_variant_new ("(su)", RUNCONF_BUS_NAME, 0), "(u)",
                  -1, cancellable, &local_error);

  if (reply != NULL)
    return TRUE;

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (local_error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED))
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (is_closed (self))
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 "the connection to the bus is closed");
  else
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 "no service for configurations is on this bus, and the bus can't start one: start "
                 "runconfd, or install its D-Bus service file (%s)",
                 local_error->message);

  return FALSE;
}

/* Reports that values are now read in another way.
 *
 * @old: (nullable): the previous mapping
 * @refusal: (nullable): why they aren't shared
 */
static void
report_way (RunconfLink *self, const RunconfMapping *old, const GError *refusal)
{
  gboolean was_shared = old == NULL || old->is_shared;

  if (was_shared == (refusal == NULL) && (old == NULL || !old->is_fallback))
    return;

  if (refusal != NULL)
    g_message ("the configuration “%s” is read over the bus, since its shared memory can't be "
               "used; changes are seen later than in shared memory: %s",
               self->name, refusal->message);
  runconf_notices_add (self->notices, RUNCONF_NOTICE_SHARED);
}

/* @arena: (transfer full)
 *
 * Returns: (transfer full) (nullable): a mapping of the arena
 */
static RunconfMapping *
mapping_new (RunconfArena *arena, const char *owner, GError **error)
{
  static guint64 n_mappings;
  RunconfMapping *mapping = g_new0 (RunconfMapping, 1);

  mapping->arena = arena;
  mapping->id = __atomic_add_fetch (&n_mappings, 1, __ATOMIC_RELAXED);
  mapping->owner = g_strdup (owner);
  if (runconf_arena_get_view (arena, &mapping->first))
    return mapping;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               "the shared memory of the service is damaged");
  mapping_free (mapping);

  return NULL;
}

/**
 * runconf_link_use_fallback:
 * @defaults: the values of the program
 *
 * Lets readers use the values of the program until there are those of a service.
 *
 * Returns: %FALSE with an error if there is no memory for them
 */
gboolean
runconf_link_use_fallback (RunconfLink *self, const RunconfNode *defaults, GError **error)
{
  RunconfMapping *none = NULL;
  RunconfArena *arena = runconf_opening_make_fallback (defaults, error);
  RunconfMapping *mapping = arena != NULL ? mapping_new (arena, "", error) : NULL;

  if (mapping == NULL)
    return FALSE;

  mapping->is_fallback = TRUE;
  if (!__atomic_compare_exchange_n (&self->newest, &none, mapping, FALSE, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST))
    mapping_free (mapping);

  return TRUE;
}

/**
 * runconf_link_report_fallback:
 * @error: why there are no values of a service
 *
 * Logs once that reads return the values of the program, if they do.
 */
void
runconf_link_report_fallback (RunconfLink *self, const GError *error)
{
  gboolean is_first;

  if (runconf_link_has_version (self, 0))
    return;

  g_mutex_lock (&self->mutex);
  is_first = !self->has_reported_fallback;
  self->has_reported_fallback = TRUE;
  g_mutex_unlock (&self->mutex);

  if (is_first)
    g_message ("the configuration “%s” can't be opened yet, and reads return the defaults of the "
               "program: %s",
               self->name, error->message);
}

/* From now on, readers use the mapping. @refusal: (nullable): why its arena isn't shared */
static void
use_mapping (RunconfLink *self, RunconfMapping *mapping, const GError *refusal)
{
  RunconfMapping *old = __atomic_exchange_n (&self->newest, mapping, __ATOMIC_SEQ_CST);

  if (self->memory == NULL)
    report_way (self, old, refusal);
  if (old != NULL)
    {
      runconf_section_synchronize ();
      mapping_free (old);
    }
  runconf_link_note_version (self);
}

static gboolean
exchange (RunconfLink *self, RunconfArena *arena, const char *owner, guint connection,
          const GError *refusal, GError **error)
{
  RunconfMapping *mapping = mapping_new (arena, owner, error);

  if (mapping == NULL)
    return FALSE;

  mapping->connection = connection;
  mapping->is_shared = refusal == NULL;
  use_mapping (self, mapping, refusal);

  return TRUE;
}

/**
 * runconf_link_show:
 * @arena: (transfer full): an arena that is in this process alone
 *
 * Lets readers use an arena of a configuration in memory.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE if the arena can't be read
 */
gboolean
runconf_link_show (RunconfLink *self, RunconfArena *arena, GError **error)
{
  RunconfMapping *mapping = mapping_new (arena, "", error);

  if (mapping == NULL)
    return FALSE;

  use_mapping (self, mapping, NULL);

  return TRUE;
}

/* The caller holds the mutex `opening`. */
static gboolean
open_newest (RunconfLink *self, const char *owner, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) refusal = NULL;
  guint number;
  g_autoptr (GDBusConnection) connection = dup_connection (self, &number);
  RunconfArena *arena = runconf_opening_run (self, owner, &refusal, cancellable, error);

  return arena != NULL && exchange (self, arena, owner, number, refusal, error);
}

static gboolean
connect_to_bus (RunconfLink *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusConnection) connection = runconf_link_dup_connection (self);

  if (connection != NULL)
    return TRUE;

  connection = runconf_bus_connect (self->bus_type, cancellable, error);
  if (connection == NULL)
    return FALSE;

  runconf_link_set_connection (self, connection);

  return TRUE;
}

/**
 * runconf_link_open:
 *
 * Connects to the bus, finds the service, starts it if the bus can do that, and opens the configuration.
 *
 * May block until the service has started and replied.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE if there is no service, %RUNCONF_ERROR_NOT_FOUND
 *   if it has no such configuration, or another error
 */
gboolean
runconf_link_open (RunconfLink *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *owner = NULL;
  gboolean is_open;

  if (!connect_to_bus (self, cancellable, error))
    return FALSE;

  owner = find_owner (self, cancellable, NULL);
  if (owner == NULL && self->is_bus)
    {
      if (!start_service (self, cancellable, error))
        return FALSE;
    }
  if (owner == NULL)
    owner = find_owner (self, cancellable, error);
  if (owner == NULL)
    return FALSE;

  g_mutex_lock (&self->opening);
  is_open = open_newest (self, owner, cancellable, error);
  g_mutex_unlock (&self->opening);

  if (!is_open || !runconf_link_fetch_state (self, owner, cancellable, error))
    return FALSE;

  runconf_link_set_connected (self);

  return TRUE;
}

/* Another bus may give the same unique name to another process. */
static gboolean
is_live (RunconfLink *self, const char *owner)
{
  guint number;
  g_autoptr (GDBusConnection) connection = dup_connection (self, &number);
  RunconfSection *section = runconf_section_enter ();
  const RunconfMapping *mapping = runconf_link_peek (self);
  gboolean live = mapping != NULL && mapping->is_shared && mapping->connection == number
                  && strcmp (mapping->owner, owner) == 0
                  && runconf_arena_get_stage (mapping->arena) == RUNCONF_ARENA_LIVE;

  runconf_section_leave (section);

  return live;
}

/**
 * runconf_link_renew:
 * @owner: the unique name of the service
 *
 * Opens the arena for new readers, unless it is mapped already, or fetches all values again if they
 * aren't shared.
 *
 * May block until the service replies, at most 5 s for each call.
 *
 * Returns: %FALSE with an error; the old arena is then still read
 */
gboolean
runconf_link_renew (RunconfLink *self, const char *owner, GError **error)
{
  gboolean is_new = TRUE;

  g_mutex_lock (&self->opening);
  if (!is_live (self, owner))
    is_new = open_newest (self, owner, NULL, error);
  g_mutex_unlock (&self->opening);

  return is_new;
}

static gboolean
open_version (RunconfLink *self, guint64 version, GCancellable *cancellable, GError **error)
{
  g_autofree char *owner = NULL;

  if (runconf_link_has_version (self, version))
    return TRUE;

  owner = find_owner (self, cancellable, error);
  if (owner == NULL || !open_newest (self, owner, cancellable, error))
    return FALSE;

  if (runconf_link_get_version (self) < version)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                   "the service went back from version %" G_GUINT64_FORMAT
                   " of “%s” to version %" G_GUINT64_FORMAT,
                   version, self->name, runconf_link_get_version (self));
      return FALSE;
    }

  return TRUE;
}

/**
 * runconf_link_catch_up:
 * @version: a version that the service has reported
 *
 * Makes sure that reads return at least this version.
 *
 * May block until the service replies, at most 5 s for each call, but only if the mapped arena is
 * closed or private.
 *
 * Returns: %FALSE with an error
 */
gboolean
runconf_link_catch_up (RunconfLink *self, guint64 version, GCancellable *cancellable,
                       GError **error)
{
  gboolean is_there;

  if (runconf_link_has_version (self, version))
    return TRUE;

  g_mutex_lock (&self->opening);
  is_there = open_version (self, version, cancellable, error);
  g_mutex_unlock (&self->opening);

  return is_there;
}

/**
 * runconf_link_fetch_state:
 * @owner: the unique name of the service
 *
 * Asks the service for the properties that aren't in the arena.
 *
 * May block until the service replies, at most 5 s.
 *
 * Returns: %FALSE with an error
 */
gboolean
runconf_link_fetch_state (RunconfLink *self, const char *owner, GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GVariant) properties
      = runconf_opening_get_properties (self, owner, cancellable, error);

  if (properties == NULL)
    return FALSE;

  runconf_link_take_properties (self, properties);

  return TRUE;
}

/**
 * runconf_link_get_snapshot:
 *
 * Returns: (transfer full) (nullable): a snapshot of the newest version, %NULL if the link was
 *   never open
 */
RunconfSnapshot *
runconf_link_get_snapshot (RunconfLink *self)
{
  RunconfSection *section = runconf_section_enter ();
  const RunconfMapping *mapping = runconf_link_peek (self);
  RunconfArena *arena = mapping != NULL ? runconf_arena_ref (mapping->arena) : NULL;
  RunconfArenaView view;

  /* if the service has damaged the arena, use the version at which it was mapped */
  if (arena != NULL && !runconf_arena_get_view (arena, &view))
    view = mapping->first;
  runconf_section_leave (section);

  return arena != NULL ? runconf_snapshot_new_take (arena, &view, self->complaints) : NULL;
}

/**
 * runconf_link_get_version:
 *
 * Returns: the version that reads return
 */
guint64
runconf_link_get_version (RunconfLink *self)
{
  RunconfSection *section = runconf_section_enter ();
  const RunconfMapping *mapping = runconf_link_peek (self);
  guint64 version = 0;
  RunconfArenaView view;

  if (mapping != NULL && runconf_arena_get_view (mapping->arena, &view))
    version = view.root->version;
  runconf_section_leave (section);

  return version;
}

/**
 * runconf_link_has_version:
 *
 * Returns: whether reads return values of the service, of this version or a newer one
 */
gboolean
runconf_link_has_version (RunconfLink *self, guint64 version)
{
  RunconfSection *section = runconf_section_enter ();
  const RunconfMapping *mapping = runconf_link_peek (self);
  RunconfArenaView view;
  gboolean has_version = mapping != NULL && !mapping->is_fallback
                         && runconf_arena_get_view (mapping->arena, &view)
                         && view.root->version >= version;

  runconf_section_leave (section);

  return has_version;
}

/**
 * runconf_link_is_newest:
 *
 * Returns: whether reads return the values of a snapshot
 */
gboolean
runconf_link_is_newest (RunconfLink *self, RunconfSnapshot *snapshot)
{
  RunconfSection *section = runconf_section_enter ();
  const RunconfMapping *mapping = runconf_link_peek (self);
  RunconfArenaView view;
  gboolean is_newest = mapping != NULL && mapping->arena == snapshot->arena
                       && runconf_arena_get_view (mapping->arena, &view)
                       && view.root->version == runconf_snapshot_get_version (snapshot);

  runconf_section_leave (section);

  return is_newest;
}

/**
 * runconf_link_is_shared:
 *
 * Returns: whether reads use the memory that the service shares
 */
gboolean
runconf_link_is_shared (RunconfLink *self)
{
  RunconfSection *section = runconf_section_enter ();
  const RunconfMapping *mapping = runconf_link_peek (self);
  gboolean is_shared = mapping != NULL && mapping->is_shared;

  runconf_section_leave (section);

  return is_shared;
}

/**
 * runconf_link_note_version:
 *
 * Notifies the program of the version, if it has changed since the last notification.
 */
void
runconf_link_note_version (RunconfLink *self)
{
  guint64 version = runconf_link_get_version (self);
  gboolean is_new;

  g_mutex_lock (&self->mutex);
  is_new = self->told_version != version;
  self->told_version = version;
  g_mutex_unlock (&self->mutex);

  if (is_new)
    runconf_notices_add (self->notices, RUNCONF_NOTICE_VERSION | RUNCONF_NOTICE_METADATA);
}

/* The state depends on it, too. */
static void
note_connected (RunconfLink *self)
{
  runconf_notices_add (self->notices, RUNCONF_NOTICE_CONNECTED | RUNCONF_NOTICE_STATE
                                          | RUNCONF_NOTICE_STATE_MESSAGE);
}

void
runconf_link_set_connected (RunconfLink *self)
{
  gboolean is_new;

  g_mutex_lock (&self->mutex);
  is_new = !self->is_connected;
  self->is_connected = TRUE;
  g_mutex_unlock (&self->mutex);

  if (is_new)
    note_connected (self);
}

/**
 * runconf_link_set_disconnected:
 * @reason: why the service can't be reached, for the program
 */
void
runconf_link_set_disconnected (RunconfLink *self, const char *reason)
{
  gboolean is_new, is_other;

  g_mutex_lock (&self->mutex);
  is_new = self->is_connected;
  is_other = strcmp (self->reason, reason) != 0;
  self->is_connected = FALSE;
  if (is_other)
    {
      g_free (self->reason);
      self->reason = g_strdup (reason);
    }
  g_mutex_unlock (&self->mutex);

  if (is_new)
    note_connected (self);
  else if (is_other)
    runconf_notices_add (self->notices, RUNCONF_NOTICE_STATE_MESSAGE);
}

/* The mutex must be held. A connection may close before this thread is informed. */
static gboolean
is_connected (RunconfLink *self)
{
  if (self->memory != NULL)
    return TRUE;

  return self->is_connected && self->connection != NULL
         && !g_dbus_connection_is_closed (self->connection);
}

/**
 * runconf_link_is_connected:
 *
 * Returns: whether the service can be reached, as far as is known
 */
gboolean
runconf_link_is_connected (RunconfLink *self)
{
  gboolean result;

  g_mutex_lock (&self->mutex);
  result = is_connected (self);
  g_mutex_unlock (&self->mutex);

  return result;
}

/**
 * runconf_link_dup_state:
 *
 * Returns: (transfer full): the state, `unavailable` if the service can't be reached
 */
char *
runconf_link_dup_state (RunconfLink *self)
{
  char *state;

  g_mutex_lock (&self->mutex);
  state = g_strdup (is_connected (self) ? self->state : "unavailable");
  g_mutex_unlock (&self->mutex);

  return state;
}

/**
 * runconf_link_dup_state_message:
 *
 * Returns: (transfer full): the description of the problem
 */
char *
runconf_link_dup_state_message (RunconfLink *self)
{
  const char *message;
  char *copy;

  g_mutex_lock (&self->mutex);
  if (is_connected (self))
    message = self->state_message;
  else
    message = self->is_connected ? "the connection is closed" : self->reason;
  copy = g_strdup (message);
  g_mutex_unlock (&self->mutex);

  return copy;
}

/**
 * runconf_link_dup_locks:
 *
 * Returns: (transfer full) (array zero-terminated=1): the locked paths
 */
char **
runconf_link_dup_locks (RunconfLink *self)
{
  char **locks;

  g_mutex_lock (&self->mutex);
  locks = g_strdupv (self->locks);
  g_mutex_unlock (&self->mutex);

  return locks;
}

/* Returns: whether the value changed */
static gboolean
take_string (GVariant *properties, const char *name, char **place)
{
  const char *value;

  if (!g_variant_lookup (properties, name, "&s", &value) || strcmp (value, *place) == 0)
    return FALSE;

  g_free (*place);
  *place = g_strdup (value);

  return TRUE;
}

static gboolean
take_number (GVariant *properties, const char *name, guint *place)
{
  guint value;

  if (!g_variant_lookup (properties, name, "u", &value) || value == *place)
    return FALSE;

  *place = value;

  return TRUE;
}

static gboolean
take_strings (GVariant *properties, const char *name, char ***place)
{
  g_auto (GStrv) value = NULL;

  if (!g_variant_lookup (properties, name, "^as", &value)
      || g_strv_equal ((const char *const *) value, (const char *const *) *place))
    return FALSE;

  g_strfreev (*place);
  *place = g_steal_pointer (&value);

  return TRUE;
}

/**
 * runconf_link_take_properties:
 * @properties: some or all properties of the object on the bus, an `a{sv}`
 */
void
runconf_link_take_properties (RunconfLink *self, GVariant *properties)
{
  RunconfNotice notice = 0;

  g_mutex_lock (&self->mutex);
  if (take_string (properties, "State", &self->state))
    notice |= RUNCONF_NOTICE_STATE;
  if (take_string (properties, "StateMessage", &self->state_message))
    notice |= RUNCONF_NOTICE_STATE_MESSAGE;
  if (take_string (properties, "DefaultConfigPath", &self->default_config_path))
    notice |= RUNCONF_NOTICE_METADATA;
  if (take_number (properties, "RulesRevision", &self->rules_revision))
    notice |= RUNCONF_NOTICE_RULES;
  if (take_strings (properties, "Locks", &self->locks))
    notice |= RUNCONF_NOTICE_LOCKS;
  g_mutex_unlock (&self->mutex);

  if (notice != 0)
    runconf_notices_add (self->notices, notice);
}
