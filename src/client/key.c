/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/key.h>

#include "client/base.h"
#include "client/configuration-link.h"
#include "client/typed.h"
#include "client/usable.h"
#include "core/path.h"

/**
 * RunconfKey:
 *
 * A path of a configuration that a program reads again and again.
 *
 * A key remembers the place of its value in memory as long as nothing changes, so in a hot loop it
 * is read several times faster than by its path. Each change is still seen at once.
 *
 * Any number of threads can read the same key at the same time. A key keeps its configuration
 * alive.
 *
 * Since: 1.0
 */
struct _RunconfKey
{
  gint ref_count;                      /* atomic */
  RunconfConfiguration *configuration; /* the whole one */
  RunconfLink *link;
  char *path; /* in the whole configuration */
  gsize length;
  gsize base; /* the bytes at its beginning that the program doesn't see */

  /* The place of the entry in one version of one mapping. All fields are atomic; they are
   * consistent if @sequence is even, and is the same before and after they are loaded.
   */
  guint sequence;
  guint64 id;
  guint64 word;
  const RunconfArenaEntry *entry;
};

G_DEFINE_BOXED_TYPE (RunconfKey, runconf_key, runconf_key_ref, runconf_key_unref)

/**
 * runconf_key_new: (constructor)
 * @configuration: the configuration to read
 * @path: a path, as a JSON Pointer
 * @error: return location for an error
 *
 * Creates a key. There may be no value at the path. Never blocks.
 *
 * Returns: (transfer full): the key, or %NULL with %RUNCONF_ERROR_INVALID_PATH if the path isn't a
 *   JSON Pointer, %RUNCONF_ERROR_TOO_LARGE if it is deeper than a configuration can be, or
 *   %RUNCONF_ERROR_UNAVAILABLE if @configuration isn't initialised or is for calls only
 *
 * Since: 1.0
 */
RunconfKey *
runconf_key_new (RunconfConfiguration *configuration, const char *path, GError **error)
{
  g_autoptr (RunconfPath) parsed = NULL;
  const RunconfConfigurationLink *peek;
  g_autofree char *full = NULL;
  RunconfKey *self;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (configuration), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!runconf_configuration_check_readable (configuration, error))
    return NULL;

  peek = runconf_configuration_peek (configuration);
  full = runconf_base_join (peek->whole != NULL ? peek->base : "", path);
  parsed = runconf_path_new (full, error);
  if (parsed == NULL)
    return NULL;

  self = g_new0 (RunconfKey, 1);
  self->ref_count = 1;
  self->configuration = g_object_ref (peek->whole != NULL ? peek->whole : configuration);
  self->link = runconf_configuration_get_link (configuration);
  self->path = g_steal_pointer (&full);
  self->length = strlen (self->path);
  self->base = self->length - strlen (path);

  return self;
}

/**
 * runconf_key_ref:
 * @self: a key
 *
 * Increases the reference count. Never blocks.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
RunconfKey *
runconf_key_ref (RunconfKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * runconf_key_unref:
 * @self: (transfer full): a key
 *
 * Decreases the reference count, and frees the key when it is 0. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_key_unref (RunconfKey *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_object_unref (self->configuration);
  g_free (self->path);
  g_free (self);
}

/**
 * runconf_key_get_path:
 * @self: a key
 *
 * Gets the path of the key. Never blocks.
 *
 * Returns: (transfer none): the path, as a JSON Pointer
 *
 * Since: 1.0
 */
const char *
runconf_key_get_path (RunconfKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path + self->base;
}

/* Returns: whether @entry is the remembered entry for a version of a mapping; %NULL may be
 *   remembered, too
 */
static inline gboolean
recall (RunconfKey *self, guint64 id, guint64 word, const RunconfArenaEntry **entry)
{
  guint sequence = __atomic_load_n (&self->sequence, __ATOMIC_ACQUIRE);
  gboolean is_known = __atomic_load_n (&self->id, __ATOMIC_ACQUIRE) == id
                      && __atomic_load_n (&self->word, __ATOMIC_ACQUIRE) == word;

  *entry = __atomic_load_n (&self->entry, __ATOMIC_ACQUIRE);

  return is_known && sequence % 2 == 0
         && __atomic_load_n (&self->sequence, __ATOMIC_RELAXED) == sequence;
}

/* If another thread is storing an entry at the same time, this one isn't stored. */
static void
remember (RunconfKey *self, guint64 id, guint64 word, const RunconfArenaEntry *entry)
{
  guint sequence = __atomic_load_n (&self->sequence, __ATOMIC_RELAXED);

  if (sequence % 2 != 0
      || !__atomic_compare_exchange_n (&self->sequence, &sequence, sequence + 1, FALSE,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    return;

  __atomic_store_n (&self->id, id, __ATOMIC_RELEASE);
  __atomic_store_n (&self->word, word, __ATOMIC_RELEASE);
  __atomic_store_n (&self->entry, entry, __ATOMIC_RELEASE);
  __atomic_store_n (&self->sequence, sequence + 2, __ATOMIC_RELEASE);
}

static const RunconfArenaEntry *
find (RunconfKey *self, const RunconfMapping *mapping)
{
  const RunconfArenaEntry *entry;
  RunconfArenaView view;
  guint64 word;

  /* the view belongs to the word if the word is the same afterwards, since no word occurs twice */
  word = runconf_mapping_get_word (mapping);
  if (!runconf_arena_get_view (mapping->arena, &view))
    return NULL;

  entry = runconf_arena_view_find (&view, self->path, self->length);
  if (runconf_mapping_get_word (mapping) == word)
    remember (self, mapping->id, word, entry);

  return entry;
}

/* Returns: (nullable): the entry at the path; valid until the section ends */
static inline const RunconfArenaEntry *
look_up (RunconfKey *self, const RunconfMapping *mapping, gboolean *is_closed)
{
  guint64 word = runconf_mapping_get_word (mapping);
  const RunconfArenaEntry *entry;

  *is_closed = (word & RUNCONF_ARENA_STAGE_MASK) == RUNCONF_ARENA_CLOSED;

  return G_LIKELY (recall (self, mapping->id, word, &entry)) ? entry : find (self, mapping);
}

static void
wake (RunconfKey *self)
{
  runconf_receiver_wake (runconf_configuration_get_receiver (self->configuration));
}

/**
 * runconf_key_get_boolean:
 * @self: a key
 * @fallback: the value to return if there is no boolean
 *
 * Gets a boolean, like [method@Configuration.get_boolean].
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
gboolean
runconf_key_get_boolean (RunconfKey *self, gboolean fallback)
{
  RunconfSection *section;
  gboolean is_found, is_closed, value;

  g_return_val_if_fail (self != NULL, fallback);

  section = runconf_section_enter ();
  is_found = runconf_typed_get_boolean (look_up (self, runconf_link_peek (self->link), &is_closed),
                                        &value);
  runconf_section_leave (section);
  if (G_UNLIKELY (is_closed))
    wake (self);

  return G_LIKELY (is_found)
             ? value
             : runconf_configuration_get_boolean (self->configuration, self->path, fallback);
}

/**
 * runconf_key_get_int64:
 * @self: a key
 * @fallback: the value to return if there is no integer
 *
 * Gets an integer, like [method@Configuration.get_int64].
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
gint64
runconf_key_get_int64 (RunconfKey *self, gint64 fallback)
{
  RunconfSection *section;
  gboolean is_found, is_closed;
  gint64 value;

  g_return_val_if_fail (self != NULL, fallback);

  section = runconf_section_enter ();
  is_found = runconf_typed_get_int64 (look_up (self, runconf_link_peek (self->link), &is_closed),
                                      &value);
  runconf_section_leave (section);
  if (G_UNLIKELY (is_closed))
    wake (self);

  return G_LIKELY (is_found)
             ? value
             : runconf_configuration_get_int64 (self->configuration, self->path, fallback);
}

/**
 * runconf_key_get_uint64:
 * @self: a key
 * @fallback: the value to return if there is no such integer
 *
 * Gets an integer of 0 or more, like [method@Configuration.get_uint64].
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
guint64
runconf_key_get_uint64 (RunconfKey *self, guint64 fallback)
{
  RunconfSection *section;
  gboolean is_found, is_closed;
  guint64 value;

  g_return_val_if_fail (self != NULL, fallback);

  section = runconf_section_enter ();
  is_found = runconf_typed_get_uint64 (look_up (self, runconf_link_peek (self->link), &is_closed),
                                       &value);
  runconf_section_leave (section);
  if (G_UNLIKELY (is_closed))
    wake (self);

  return G_LIKELY (is_found)
             ? value
             : runconf_configuration_get_uint64 (self->configuration, self->path, fallback);
}

/**
 * runconf_key_get_double:
 * @self: a key
 * @fallback: the value to return if there is no number
 *
 * Gets a number, like [method@Configuration.get_double].
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
double
runconf_key_get_double (RunconfKey *self, double fallback)
{
  RunconfSection *section;
  gboolean is_found, is_closed;
  double value;

  g_return_val_if_fail (self != NULL, fallback);

  section = runconf_section_enter ();
  is_found = runconf_typed_get_double (look_up (self, runconf_link_peek (self->link), &is_closed),
                                       &value);
  runconf_section_leave (section);
  if (G_UNLIKELY (is_closed))
    wake (self);

  return G_LIKELY (is_found)
             ? value
             : runconf_configuration_get_double (self->configuration, self->path, fallback);
}

/**
 * runconf_key_get_string:
 * @self: a key
 * @fallback: (nullable): the value to return a copy of if there is no string
 *
 * Gets a string, like [method@Configuration.get_string].
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable): a copy of the value, or of @fallback; %NULL only if
 *   @fallback is %NULL
 *
 * Since: 1.0
 */
char *
runconf_key_get_string (RunconfKey *self, const char *fallback)
{
  const RunconfMapping *mapping;
  const RunconfArenaEntry *entry;
  RunconfArenaView view;
  RunconfSection *section;
  gboolean is_closed;
  char *value = NULL;

  g_return_val_if_fail (self != NULL, g_strdup (fallback));

  section = runconf_section_enter ();
  mapping = runconf_link_peek (self->link);
  entry = look_up (self, mapping, &is_closed);
  /* a view that is newer than the entry contains it as well */
  if (G_LIKELY (runconf_arena_get_view (mapping->arena, &view)))
    value = runconf_typed_dup_string (&view, entry);
  runconf_section_leave (section);
  if (G_UNLIKELY (is_closed))
    wake (self);

  return G_LIKELY (value != NULL)
             ? value
             : runconf_configuration_get_string (self->configuration, self->path, fallback);
}

/**
 * runconf_key_get_strv:
 * @self: a key
 * @fallback: (nullable) (array zero-terminated=1): the value to return a copy of if there is no
 *   sequence of strings
 *
 * Gets a sequence of strings, like [method@Configuration.get_strv].
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): a copy of the value, or of
 *   @fallback; %NULL only if @fallback is %NULL
 *
 * Since: 1.0
 */
char **
runconf_key_get_strv (RunconfKey *self, const char *const *fallback)
{
  g_return_val_if_fail (self != NULL, g_strdupv ((char **) fallback));

  return runconf_configuration_get_strv (self->configuration, self->path, fallback);
}

/**
 * runconf_key_get_value:
 * @self: a key
 *
 * Gets the value of any type, like [method@Configuration.get_value].
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL if there is no value
 *
 * Since: 1.0
 */
GVariant *
runconf_key_get_value (RunconfKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return runconf_configuration_get_value (self->configuration, self->path);
}
