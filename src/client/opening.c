/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/opening.h"

#include <string.h>

#include <glib/gstdio.h>

#include "arena/writer.h"
#include "client/form.h"
#include "client/remote-error.h"
#include "client/request.h"
#include "core/error.h"
#include "core/object-path.h"
#include "core/variant.h"

/* How the library gets the arena that it reads
 *
 * The service shares an arena, if it can write one in the format that this library reads, and if
 * the file descriptor arrives and can be mapped. Otherwise the service may be older or newer than
 * the library, or one of the two is in a sandbox that doesn't let the memory through. Then the
 * library fetches all values over the bus, and writes them into an arena of its own. All reads use
 * an arena, so they are the same, and as fast, in both cases.
 *
 * A private arena never changes. So it is replaced whenever the service reports a newer version, in
 * a signal or in the reply to a write. Each replacement first asks for the shared arena again: the
 * library returns to it as soon as there is one that it reads.
 */

/* Only one call can be answered at a time, so the version is asked before the values and after
 * them. If the version differs each time, the values are used as those of the version before them:
 * a newer version is fetched again with its signal.
 */
#define MAX_ATTEMPTS 8

static GVariant *
make_formats (void)
{
  guint32 format = runconf_arena_get_format ();

  return g_variant_new (
      "(@au)", g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, &format, 1, sizeof format));
}

/* Returns: a file descriptor from the reply, or -1 with an error */
static int
take_descriptor (GVariant *reply, GUnixFDList *descriptors, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gint32 index;
  int fd;

  g_variant_get (reply, "(h)", &index);
  if (descriptors == NULL)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                   "the service sent no descriptor of its shared memory");
      return -1;
    }

  /* the index is a number in the message, and GDBus doesn't check it */
  if (index < 0 || index >= g_unix_fd_list_get_length (descriptors))
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                   "the service's reply names descriptor %d of its shared memory, and carries %d",
                   index, g_unix_fd_list_get_length (descriptors));
      return -1;
    }

  fd = g_unix_fd_list_get (descriptors, index, &local_error);
  if (fd < 0)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 "the descriptor of the service's shared memory can't be received: %s",
                 local_error->message);

  return fd;
}

/* Returns: (transfer full) (nullable): the shared arena for new readers; the error is that of GDBus
 *   if the call failed, and else one of the library
 */
static RunconfArena *
open_shared (RunconfLink *link, const char *owner, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusConnection) connection = runconf_link_dup_connection (link);
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) reply = NULL;
  RunconfArena *arena;
  int fd;

  if ((g_dbus_connection_get_capabilities (connection) & G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING)
      == 0)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                   "this connection can't pass file descriptors, which the shared memory needs: "
                   "connect through a Unix socket");
      return NULL;
    }

  reply = runconf_request_send_raw (connection, owner, link->object_path, RUNCONF_INTERFACE,
                                    "OpenSnapshot", make_formats (), "(h)", RUNCONF_REQUEST_TIMEOUT,
                                    &descriptors, cancellable, error);
  if (reply == NULL)
    return NULL;

  fd = take_descriptor (reply, descriptors, error);
  if (fd < 0)
    return NULL;

  arena = runconf_arena_new_from_fd (fd, error);
  g_close (fd, NULL);

  return arena;
}

/**
 * runconf_opening_get_properties:
 * @owner: the unique name of the service
 *
 * May block until the service replies, at most 5 s.
 *
 * Returns: (transfer full) (nullable): the properties of the configuration on the bus, an `a{sv}`
 *   of the documented form
 */
GVariant *
runconf_opening_get_properties (RunconfLink *link, const char *owner, GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (GDBusConnection) connection = runconf_link_dup_connection (link);
  g_autoptr (GVariant) reply = runconf_request_send (
      connection, owner, link->object_path, "org.freedesktop.DBus.Properties", "GetAll",
      g_variant_new ("(s)", RUNCONF_INTERFACE), "(a{sv})", RUNCONF_REQUEST_TIMEOUT, cancellable,
      error);
  g_autoptr (GVariant) properties = NULL;

  if (reply == NULL)
    return NULL;

  properties = g_variant_get_child_value (reply, 0);

  return runconf_form_check_properties (properties, error) ? g_steal_pointer (&properties) : NULL;
}

/* All values of a configuration. */
typedef struct
{
  RunconfNode *values;
  RunconfNode
      *defaults; /* nullable: the service has none, or there are too many values for a reply */
} Tree;

static void
tree_clear (Tree *tree)
{
  g_clear_pointer (&tree->values, runconf_node_unref);
  g_clear_pointer (&tree->defaults, runconf_node_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tree, tree_clear)

/* Returns: (transfer full) (nullable): the values in a mapping */
static RunconfNode *
read_mapping (GVariant *value, GError **error)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    return runconf_node_from_variant (value, "", error);

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               "the service replied with a configuration that isn't a mapping");

  return NULL;
}

/* Returns: (transfer full) (nullable): the reply to a call with the empty path */
static GVariant *
ask (RunconfLink *link, const char *owner, RunconfMethod method, const char *reply_type,
     GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusConnection) connection = runconf_link_dup_connection (link);
  g_autoptr (GVariant) reply = runconf_request_send (
      connection, owner, link->object_path, RUNCONF_INTERFACE,
      method == RUNCONF_METHOD_GET ? "Get" : "Describe", g_variant_new ("(s)", ""), reply_type,
      RUNCONF_REQUEST_TIMEOUT, cancellable, error);

  if (reply == NULL || !runconf_form_check_reply (method, reply, error))
    return NULL;

  return g_steal_pointer (&reply);
}

static gboolean
get_values (RunconfLink *link, const char *owner, Tree *tree, GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GVariant) reply = ask (link, owner, RUNCONF_METHOD_GET, "(v)", cancellable, error);
  g_autoptr (GVariant) value = NULL;

  if (reply == NULL)
    return FALSE;

  g_variant_get (reply, "(v)", &value);
  tree->values = read_mapping (value, error);

  return tree->values != NULL;
}

/* A description has the values and the defaults, but it counts both, and the service sends users
 * without all rights only so many values.
 */
static gboolean
get_tree (RunconfLink *link, const char *owner, Tree *tree, GCancellable *cancellable,
          GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GVariant) reply
      = ask (link, owner, RUNCONF_METHOD_DESCRIBE, "(a{sv})", cancellable, &failure);
  g_autoptr (GVariant) description = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) fallback = NULL;

  if (g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE))
    return get_values (link, owner, tree, cancellable, error);
  if (reply == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  description = g_variant_get_child_value (reply, 0);
  value = g_variant_lookup_value (description, "value", NULL);
  fallback = g_variant_lookup_value (description, "default", NULL);
  if (value == NULL)
    return get_values (link, owner, tree, cancellable, error);

  tree->values = read_mapping (value, error);
  if (tree->values != NULL && fallback != NULL)
    tree->defaults = read_mapping (fallback, error);

  return tree->values != NULL && (fallback == NULL || tree->defaults != NULL);
}

static gboolean
get_version (GVariant *properties, guint64 *version, GError **error)
{
  if (g_variant_lookup (properties, "Version", "t", version))
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               "the service doesn't report the version of the configuration");

  return FALSE;
}

static RunconfArena *
make_private (GVariant *properties, const Tree *tree, GError **error)
{
  RunconfArenaContent content = { .effective = tree->values, .defaults = tree->defaults };
  guint64 time = 0;

  if (!get_version (properties, &content.version, error))
    return NULL;

  g_variant_lookup (properties, "HasOverrides", "b", &content.has_overrides);
  g_variant_lookup (properties, "LastModified", "t", &time);
  content.time = (gint64) time;

  return runconf_arena_new_private (&content, error);
}

/**
 * runconf_opening_make_fallback:
 * @defaults: the values of the program, a mapping
 *
 * Returns: (transfer full) (nullable): a private arena of version 0
 */
RunconfArena *
runconf_opening_make_fallback (const RunconfNode *defaults, GError **error)
{
  const RunconfArenaContent content = { .effective = defaults, .defaults = defaults };

  return runconf_arena_new_private (&content, error);
}

/* @is_there: (out): whether the service has the configuration, as far as is known
 *
 * Returns: (transfer full) (nullable): a private arena with all values of the service
 */
static RunconfArena *
fetch (RunconfLink *link, const char *owner, gboolean *is_there, GCancellable *cancellable,
       GError **error)
{
  g_autoptr (GVariant) properties
      = runconf_opening_get_properties (link, owner, cancellable, error);

  *is_there = properties != NULL;
  for (guint i = 1; properties != NULL; i++)
    {
      g_auto (Tree) tree = { 0 };
      g_autoptr (GVariant) after = NULL;
      guint64 version, version_after;

      if (get_tree (link, owner, &tree, cancellable, error))
        after = runconf_opening_get_properties (link, owner, cancellable, error);
      if (after == NULL || !get_version (properties, &version, error)
          || !get_version (after, &version_after, error))
        return NULL;

      if (version == version_after || i == MAX_ATTEMPTS)
        return make_private (properties, &tree, error);

      g_variant_unref (properties);
      properties = g_steal_pointer (&after);
    }

  return NULL;
}

/* Returns: (transfer full): the names of the configurations of the service, for an error message */
static char *
list_names (RunconfLink *link, const char *owner, gboolean *has_ours)
{
  g_autoptr (GDBusConnection) connection = runconf_link_dup_connection (link);
  g_autoptr (GVariant) reply = runconf_request_send (
      connection, owner, RUNCONF_MANAGER_PATH, "org.freedesktop.DBus.ObjectManager",
      "GetManagedObjects", NULL, "(a{oa{sa{sv}}})", RUNCONF_REQUEST_TIMEOUT, NULL, NULL);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GVariantIter) objects = NULL;
  GVariant *interfaces;

  *has_ours = FALSE;
  if (reply == NULL)
    return NULL;

  g_variant_get (reply, "(a{oa{sa{sv}}})", &objects);
  while (g_variant_iter_loop (objects, "{o@a{sa{sv}}}", NULL, &interfaces))
    {
      g_autoptr (GVariant) properties
          = g_variant_lookup_value (interfaces, RUNCONF_INTERFACE, G_VARIANT_TYPE_VARDICT);
      const char *name;

      if (properties == NULL || !g_variant_lookup (properties, "Name", "&s", &name))
        continue;
      *has_ours |= strcmp (name, link->name) == 0;
      g_string_append_printf (names, "%s“%s”", names->len > 0 ? ", " : "", name);
    }

  return g_string_free (g_steal_pointer (&names), FALSE);
}

/* Returns: whether the service has no such configuration; then that is the error */
static gboolean
is_missing (RunconfLink *link, const char *owner, GError **error)
{
  gboolean has_ours;
  g_autofree char *names = list_names (link, owner, &has_ours);

  if (!has_ours)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                 "the service has no configuration “%s”; it has %s", link->name,
                 names != NULL && *names != '\0' ? names : "none");

  return !has_ours;
}

/* The values can't be read in either way: adds the reason of the first failure to the second. */
static void
join (GError *failure, const GError *refusal)
{
  g_autofree char *message = failure->message;

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || strcmp (message, refusal->message) == 0)
    failure->message = g_steal_pointer (&message);
  else
    failure->message = g_strdup_printf ("%s; the shared memory can't be used either: %s", message,
                                        refusal->message);
}

/**
 * runconf_opening_run:
 * @owner: the unique name of the service
 * @refusal: (out) (nullable): the reason why the arena isn't shared, %NULL if it is
 *
 * Opens the shared arena for new readers, or fetches all values into a private one.
 *
 * May block until the service replies.
 *
 * Returns: (transfer full) (nullable): the arena, or %NULL with an error; @refusal is then %NULL
 */
RunconfArena *
runconf_opening_run (RunconfLink *link, const char *owner, GError **refusal,
                     GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_refusal = NULL;
  GError *failure = NULL;
  RunconfArena *arena = open_shared (link, owner, cancellable, &local_refusal);
  gboolean is_unknown, is_silent, is_there;

  *refusal = NULL;
  if (arena != NULL)
    return arena;

  is_unknown = runconf_error_is_unknown (local_refusal);
  is_silent = runconf_error_is_silent (local_refusal);
  runconf_error_take_remote (local_refusal, FALSE);
  if (is_silent)
    {
      g_propagate_error (error, g_steal_pointer (&local_refusal));
      return NULL;
    }

  arena = fetch (link, owner, &is_there, cancellable, &failure);
  if (arena != NULL)
    {
      *refusal = g_steal_pointer (&local_refusal);
      return arena;
    }

  if (is_unknown && !is_there && is_missing (link, owner, error))
    {
      g_error_free (failure);
      return NULL;
    }

  join (failure, local_refusal);
  g_propagate_error (error, failure);

  return NULL;
}
