/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/hand-edit.h"

#include <glib/gstdio.h>
#include <string.h>

#include "core/mapping.h"
#include "core/metadata.h"
#include "service/configuration/record.h"
#include "store/digest.h"
#include "tests/core/testutil.h"

/* Texts that are saved by hand after other changes were made. All orders of a few changes are tried
 * with each opened text, each edit and each state of the metadata, and the results are compared with:
 *
 * - a search: among the versions that the metadata allows, all of them where it names none, the base
 *   is the newest of those that differ least from the saved text. The search compares whole
 *   versions; the tested code adds up the differences of steps.
 * - the intent: the changes that the author made since the text was opened, over the values in force.
 *
 * Each change of a value makes a value that no version had before.
 */

static const char *const keys[] = { "a", "b", "c", "n", "hand", "s" };

#define N_KEYS G_N_ELEMENTS (keys)
#define KEY_SECRET 5

/* The largest number of changes in one order. */
#define MAX_CHANGES 3
#define MAX_VERSIONS (MAX_CHANGES + 1)

#define FIRST_VERSION 40
#define FIRST_TIME (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)

/* A value for each key; 0 for none. */
typedef struct
{
  guint at[N_KEYS];
} Values;

typedef struct
{
  Values values;
  guint
      writer; /* the version whose metadata its text has; its own index if Runconf wrote the text */
  char *text;
} Version;

typedef struct
{
  RunconfGround *ground;
  RunconfdRecent *recent;
  RunconfdArchive *archive;
  RunconfRevision *current;
  Version versions[MAX_VERSIONS];
  guint n_versions;
  guint next_value;
} World;

typedef enum
{
  CHANGE_SET,
  CHANGE_ADD,
  CHANGE_RESET,
  CHANGE_BY_HAND,
  N_CHANGES,
} Change;

typedef enum
{
  EDIT_NOTHING, /* the text is restored as it was */
  EDIT_COMMENT,
  EDIT_ADD,
  EDIT_CHANGE,
  EDIT_REMOVE,
  EDIT_ALL,
  N_EDITS,
} Edit;

typedef enum
{
  MARK_WHOLE,
  MARK_NO_NUMBER,
  MARK_NO_TIME,
  MARK_UNKNOWN_NUMBER,
  MARK_FIRST_NUMBER,
  MARK_UNKNOWN_TIME,
  MARK_NONE,
  N_MARKS,
} Mark;

/* A text that its author opened and edited. */
typedef struct
{
  guint opened;
  Mark mark;
  Values values;
  const char *text;
} Saved;

static gint64
get_time (guint index)
{
  return FIRST_TIME + index * G_USEC_PER_SEC;
}

static char *
print_text (const Values *values, guint writer, Mark mark, gboolean has_remark)
{
  GString *text = g_string_new (NULL);
  guint number = FIRST_VERSION + writer;

  if (mark == MARK_UNKNOWN_NUMBER)
    number = 9999;
  else if (mark == MARK_FIRST_NUMBER)
    number = FIRST_VERSION;

  if (mark != MARK_NONE)
    g_string_append (text, RUNCONF_METADATA_KEY ":\n  is_runtime_config: true\n");
  if (mark != MARK_NONE && mark != MARK_NO_TIME)
    g_string_append_printf (text, "  last_modified: %" G_GINT64_FORMAT ".0\n",
                            get_time (mark == MARK_UNKNOWN_TIME ? 9999 : writer) / G_USEC_PER_SEC);
  if (mark != MARK_NONE && mark != MARK_NO_NUMBER)
    g_string_append_printf (text, "  version: %u\n", number);

  /* a value that stays: a text without any known value is another text */
  g_string_append (text, "keep: 0\n");
  for (guint i = 0; i < N_KEYS; i++)
    {
      if (values->at[i] != 0)
        g_string_append_printf (text, "%s: %u\n", keys[i], values->at[i]);
    }
  if (has_remark)
    g_string_append (text, "# a remark\n");

  return g_string_free (text, FALSE);
}

static RunconfDocument *
read_text (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  RunconfDocument *document = runconf_document_new (bytes, "text", &error);

  g_assert_no_error (error);

  return document;
}

static GBytes *
make_stamp (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return runconf_digest_new (bytes);
}

static RunconfNode *
make_overrides (const Values *values)
{
  g_autofree char *text = print_text (values, 0, MARK_NONE, FALSE);
  g_autoptr (RunconfDocument) document = read_text (text);

  return runconf_node_ref (runconf_document_get_root (document));
}

static RunconfGround *
make_ground (const char *schema_text)
{
  g_autoptr (RunconfNode) defaults = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) root = schema_text != NULL ? tree_new (schema_text) : NULL;
  g_autofree char *where = NULL;
  g_autoptr (RunconfSchema) schema = root != NULL ? runconf_schema_new (root, &where, NULL) : NULL;
  g_autoptr (RunconfRules) rules = runconf_rules_new (schema, NULL);

  return runconf_ground_new (defaults, rules);
}

static void
record (World *world, const RunconfRevision *before, GBytes *text, const char *origin)
{
  g_autoptr (GPtrArray) records = runconf_history_records_new ();

  if (runconfd_archive_is_off (world->archive))
    return;

  g_ptr_array_add (
      records, runconfd_record_new (RUNCONF_LAYER_OVERRIDE, before, world->current, origin, NULL));
  g_assert_true (runconfd_archive_prepare (world->archive, records, text, NULL));
  runconfd_archive_confirm (world->archive);
}

/* Puts @values into force as the next version. */
static void
add_version (World *world, const Values *values, guint writer)
{
  guint index = world->n_versions++;
  Version *version = &world->versions[index];
  g_autoptr (RunconfNode) overrides = make_overrides (values);
  g_autoptr (RunconfRevision) before = world->current;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) stamp = NULL;

  *version = (Version){ *values, writer, print_text (values, writer, MARK_WHOLE, FALSE) };
  text = g_bytes_new_static (version->text, strlen (version->text));
  stamp = runconf_digest_new (text);
  world->current = runconf_revision_new (FIRST_VERSION + index, get_time (index), world->ground,
                                         overrides, NULL, NULL);
  runconfd_recent_add (world->recent, before, world->current, stamp, writer != index);
  record (world, before, text, writer != index ? "file" : "bus");
}

static void
world_begin (World *world, RunconfdArchive *archive, const char *schema)
{
  Values values = { { 1, 2, 3, 0, 0, 4 } };

  *world = (World){ .ground = make_ground (schema),
                    .recent = runconfd_recent_new (RUNCONF_LAYER_OVERRIDE),
                    .archive = archive,
                    .next_value = 5 };
  add_version (world, &values, 0);
}

static void
world_end (World *world)
{
  for (guint i = 0; i < world->n_versions; i++)
    g_free (world->versions[i].text);
  runconf_revision_unref (world->current);
  runconfd_recent_free (world->recent);
  runconf_ground_unref (world->ground);
}

/* After a restart the history alone has the steps. */
static void
world_restart (World *world)
{
  runconfd_recent_free (world->recent);
  world->recent = runconfd_recent_new (RUNCONF_LAYER_OVERRIDE);
}

static void
change (World *world, Change kind)
{
  Values values = world->versions[world->n_versions - 1].values;
  guint writer = world->n_versions;

  switch (kind)
    {
    case CHANGE_SET:
      values.at[0] = world->next_value++;
      break;
    case CHANGE_ADD:
      values.at[3] = world->next_value++;
      break;
    case CHANGE_RESET:
      values.at[1] = 0;
      break;
    default:
      values.at[4] = world->next_value++;
      writer = world->versions[world->n_versions - 1].writer;
    }
  add_version (world, &values, writer);
}

static void
saved_begin (Saved *saved, World *world, guint opened, Edit edit, Mark mark)
{
  const Version *version = &world->versions[opened];

  *saved = (Saved){ opened, mark, version->values, NULL };
  if (edit == EDIT_ADD || edit == EDIT_ALL)
    saved->values.at[4] = world->next_value++;
  if (edit == EDIT_CHANGE || edit == EDIT_ALL)
    saved->values.at[0] = world->next_value++;
  if (edit == EDIT_REMOVE || edit == EDIT_ALL)
    saved->values.at[2] = 0;
  saved->text = print_text (&saved->values, version->writer, mark, edit != EDIT_NOTHING);
}

static void
saved_end (Saved *saved)
{
  g_free ((char *) saved->text);
}

/* Returns: the overrides that are read from @saved */
static RunconfNode *
read_saved (World *world, const Saved *saved, const char *replaced_text, gboolean is_late,
            gboolean is_astray, gboolean *is_guess)
{
  g_autoptr (RunconfDocument) document = read_text (saved->text);
  g_autoptr (RunconfDocument) replaced = read_text (replaced_text);
  g_autoptr (GBytes) stamp = make_stamp (saved->text);
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (RunconfRevision) unknown = runconf_revision_new (
      world->current->version, world->current->time, world->ground, nothing, NULL, NULL);
  RunconfdHandEdit edit = {
    .saved = document,
    .stamp = stamp,
    .replaced = replaced,
    .current = is_astray ? unknown : world->current,
    .is_astray = is_astray,
    .recent = world->recent,
    .archive = world->archive,
  };
  RunconfNode *overrides
      = is_late ? runconfd_hand_edit_read_late (&edit) : runconfd_hand_edit_read (&edit);

  *is_guess = edit.is_guess;

  return overrides;
}

/* Returns: the changes from @base to @saved, made to the values in force */
static Values
merge (World *world, const Values *base, const Values *saved)
{
  Values values = world->versions[world->n_versions - 1].values;

  for (guint i = 0; i < N_KEYS; i++)
    {
      if (saved->at[i] != base->at[i])
        values.at[i] = saved->at[i];
    }

  return values;
}

static guint
count_differences (const Values *a, const Values *b)
{
  guint n = 0;

  for (guint i = 0; i < N_KEYS; i++)
    n += a->at[i] != b->at[i];

  return n;
}

/* The time of the oldest version isn't known, since no step leads to it. */
static gboolean
is_named (World *world, const Saved *saved, guint index)
{
  guint writer = world->versions[index].writer;
  gboolean is_opened = writer == world->versions[saved->opened].writer;

  switch (saved->mark)
    {
    case MARK_WHOLE:
    case MARK_NO_TIME:
      return is_opened;
    case MARK_NO_NUMBER:
    case MARK_UNKNOWN_NUMBER:
      return is_opened && writer > 0;
    case MARK_FIRST_NUMBER:
      /* the time takes precedence; that of the oldest version isn't known, but its number is */
      return is_opened;
    case MARK_UNKNOWN_TIME:
      /* nor is the number known as long as no step begins with it */
      return is_opened && writer == 0 && world->n_versions > 1;
    default:
      return FALSE;
    }
}

/* Returns: the best base of @saved, or -1 for none */
static int
search_base (World *world, const Saved *saved, gboolean is_named_only)
{
  int best = -1;
  guint least = G_MAXUINT;

  for (int i = world->n_versions - 1; i >= 0; i--)
    {
      guint distance = count_differences (&world->versions[i].values, &saved->values);

      if (distance < least && (!is_named_only || is_named (world, saved, i)))
        {
          least = distance;
          best = i;
        }
    }

  return best;
}

/* Returns: whether the text is taken as it is: it was in the store before, or has the metadata of the
 * text that it replaces
 */
static gboolean
is_whole (World *world, const Saved *saved)
{
  guint newest = world->n_versions - 1;
  guint writer = world->versions[saved->opened].writer;

  for (guint i = 0; i < world->n_versions; i++)
    {
      if (g_str_equal (saved->text, world->versions[i].text))
        return TRUE;
    }

  return saved->mark != MARK_NONE && saved->mark != MARK_UNKNOWN_TIME
         && world->versions[newest].writer == writer;
}

static void
assert_values (const RunconfNode *overrides, const Values *values)
{
  g_autoptr (RunconfNode) wanted = make_overrides (values);

  assert_same (overrides, wanted);
}

static void
check_saved (World *world, const Saved *saved)
{
  const Version *opened = &world->versions[saved->opened];
  const char *replaced = world->versions[world->n_versions - 1].text;
  int named = search_base (world, saved, TRUE);
  int base = named >= 0 ? named : search_base (world, saved, FALSE);
  gboolean is_taken = is_whole (world, saved);
  Values wanted
      = is_taken ? saved->values : merge (world, &world->versions[base].values, &saved->values);
  Values meant = merge (world, &opened->values, &saved->values);
  gboolean is_guess;

  for (guint is_astray = 0; is_astray < 2; is_astray++)
    {
      g_autoptr (RunconfNode) overrides
          = read_saved (world, saved, replaced, FALSE, is_astray != 0, &is_guess);

      assert_values (overrides, &wanted);
      g_assert_cmpint (is_guess, ==, !is_taken && named < 0);
    }

  /* two versions with one mark differ by edits by hand only, and those change one key */
  if (!is_taken && named >= 0)
    g_assert_cmpuint (count_differences (&wanted, &meant), ==, 0);
}

/* A text that was written into a file after the file had lost its name: its base is the text of that
 * file, with any metadata, unless the metadata names another version.
 */
static void
check_late (World *world, const Saved *saved)
{
  const Version *opened = &world->versions[saved->opened];
  Values meant = merge (world, &opened->values, &saved->values);
  gboolean is_guess;

  for (guint i = 0; i < world->n_versions; i++)
    {
      const Version *replaced = &world->versions[i];
      g_autoptr (RunconfNode) overrides = NULL;

      if (i != saved->opened
          && (replaced->writer == opened->writer || search_base (world, saved, TRUE) < 0))
        continue;

      overrides = read_saved (world, saved, replaced->text, TRUE, FALSE, &is_guess);
      assert_values (overrides, &meant);
      g_assert_false (is_guess);
    }
}

static void
check_world (World *world)
{
  for (guint opened = 0; opened < world->n_versions; opened++)
    for (guint edit = 0; edit < N_EDITS; edit++)
      for (guint mark = 0; mark < N_MARKS; mark++)
        {
          Saved saved;

          saved_begin (&saved, world, opened, edit, mark);
          check_saved (world, &saved);
          check_late (world, &saved);
          saved_end (&saved);
        }
}

/* Calls @check for all orders of up to @n_changes changes. */
static void
test_orders (guint n_changes, void (*check) (const Change *changes, guint n))
{
  for (guint n = 0; n <= n_changes; n++)
    for (guint order = 0; order < 1u << (2 * n); order++)
      {
        Change changes[MAX_CHANGES];

        G_STATIC_ASSERT (N_CHANGES == 1 << 2);
        for (guint i = 0; i < n; i++)
          changes[i] = order >> (2 * i) & (N_CHANGES - 1);
        check (changes, n);
      }
}

static void
check_order (const Change *changes, guint n)
{
  g_autoptr (RunconfdArchive) archive = runconfd_archive_new_off ();
  World world;

  world_begin (&world, archive, NULL);
  for (guint i = 0; i < n; i++)
    change (&world, changes[i]);
  check_world (&world);
  world_end (&world);
}

static void
test_no_change_is_lost_in_any_order (void)
{
  test_orders (MAX_CHANGES, check_order);
}

typedef struct
{
  char *folder;
  RunconfdArchive *archive;
} History;

static void
history_begin (History *self)
{
  const RunconfHistoryLimits limits = { 0 };
  g_autofree char *path = NULL;

  self->folder = g_dir_make_tmp ("runconf-hand-edit-XXXXXX", NULL);
  path = g_build_filename (self->folder, "history", NULL);
  self->archive = runconfd_archive_new (path, &limits, NULL);
}

static void
history_end (History *self)
{
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  const char *name;

  runconfd_archive_free (self->archive);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
}

static void
check_order_after_restart (const Change *changes, guint n)
{
  for (guint n_before = 0; n_before <= n; n_before++)
    {
      History history;
      World world;

      history_begin (&history);
      world_begin (&world, history.archive, NULL);
      for (guint i = 0; i < n; i++)
        {
          if (i == n_before)
            world_restart (&world);
          change (&world, changes[i]);
        }
      if (n_before == n)
        world_restart (&world);
      check_world (&world);
      world_end (&world);
      history_end (&history);
    }
}

static void
test_no_change_is_lost_over_a_restart (void)
{
  test_orders (2, check_order_after_restart);
}

static void
test_without_a_history_a_save_after_a_restart_is_taken_as_it_is (void)
{
  g_autoptr (RunconfdArchive) archive = runconfd_archive_new_off ();
  g_autoptr (RunconfNode) overrides = NULL;
  gboolean is_guess;
  Saved saved;
  World world;

  world_begin (&world, archive, NULL);
  change (&world, CHANGE_ADD);
  change (&world, CHANGE_ADD);
  world_restart (&world);
  saved_begin (&saved, &world, 1, EDIT_CHANGE, MARK_WHOLE);
  overrides = read_saved (&world, &saved, world.versions[2].text, FALSE, FALSE, &is_guess);
  assert_values (overrides, &saved.values);
  g_assert_true (is_guess);
  saved_end (&saved);
  world_end (&world);
}

/* Without metadata, a text without any value of an earlier version isn't an edited text. */
static void
test_another_text_is_taken_as_it_is (void)
{
  static const struct
  {
    const char *text;
    const char *wanted;
    gboolean is_guess;
  } cases[] = {
    { "x: 1\ny: [2]\n", "{'x': 1, 'y': [2]}", TRUE },
    { "_runtime_config: {last_modified: 1700000001.0}\nx: 1\n", "{'n': 6, 'x': 1}", FALSE },
  };
  g_autoptr (RunconfdArchive) archive = runconfd_archive_new_off ();
  World world;

  world_begin (&world, archive, NULL);
  change (&world, CHANGE_SET);
  change (&world, CHANGE_ADD);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Saved saved = { .text = cases[i].text };
      gboolean is_guess;
      g_autoptr (RunconfNode) overrides
          = read_saved (&world, &saved, world.versions[2].text, FALSE, FALSE, &is_guess);

      assert_tree (overrides, cases[i].wanted);
      g_assert_cmpint (is_guess, ==, cases[i].is_guess);
    }
  world_end (&world);
}

static void
test_of_equally_near_versions_the_newest_is_the_base (void)
{
  const Values after = { { 10, 0, 3, 0, 0, 4 } };
  const Saved saved = { .text = "keep: 0\na: 1\nc: 3\ns: 4\n# a remark\n" };
  const Values wanted = { { 1, 0, 3, 0, 0, 4 } };
  g_autoptr (RunconfdArchive) archive = runconfd_archive_new_off ();
  g_autoptr (RunconfNode) overrides = NULL;
  gboolean is_guess;
  World world;

  world_begin (&world, archive, NULL);
  add_version (&world, &after, 1);
  overrides = read_saved (&world, &saved, world.versions[1].text, FALSE, FALSE, &is_guess);
  assert_values (overrides, &wanted);
  world_end (&world);
}

static void
test_an_empty_text_removes_all_values (void)
{
  static const char *const texts[] = { "", "# nothing\n" };
  g_autoptr (RunconfdArchive) archive = runconfd_archive_new_off ();
  World world;

  world_begin (&world, archive, NULL);
  change (&world, CHANGE_SET);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const Saved saved = { .text = texts[i] };
      gboolean is_guess;
      g_autoptr (RunconfNode) overrides
          = read_saved (&world, &saved, world.versions[1].text, FALSE, FALSE, &is_guess);

      assert_tree (overrides, "{}");
      g_assert_false (is_guess);
    }
  world_end (&world);
}

/* The steps in memory show whether the secret was changed by hand. The history doesn't: the secret in
 * force stays, and a caller of this code keeps the text, since another secret may have been typed.
 */
static void
test_a_secret_is_merged_only_while_its_changes_are_known (void)
{
  for (guint is_restarted = 0; is_restarted < 2; is_restarted++)
    for (guint is_edited = 0; is_edited < 2; is_edited++)
      {
        g_autoptr (RunconfNode) overrides = NULL;
        gboolean is_guess;
        History history;
        Values wanted;
        Saved saved;
        World world;

        history_begin (&history);
        world_begin (&world, history.archive, "{'properties': {'s': {'writeOnly': true}}}");
        change (&world, CHANGE_SET);
        change (&world, CHANGE_ADD);
        if (is_restarted)
          world_restart (&world);

        saved_begin (&saved, &world, 1, EDIT_REMOVE, MARK_WHOLE);
        saved_end (&saved);
        saved.values.at[KEY_SECRET] += is_edited ? 100 : 0;
        saved.text = print_text (&saved.values, 1, MARK_WHOLE, TRUE);
        wanted = merge (&world, &world.versions[1].values, &saved.values);
        if (is_restarted)
          wanted.at[KEY_SECRET] = world.versions[2].values.at[KEY_SECRET];

        overrides = read_saved (&world, &saved, world.versions[2].text, FALSE, FALSE, &is_guess);
        assert_values (overrides, &wanted);
        g_assert_cmpint (is_guess, ==, is_restarted && is_edited);
        saved_end (&saved);
        world_end (&world);
        history_end (&history);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/hand-edit/" #name, test_##name)
  ADD (no_change_is_lost_in_any_order);
  ADD (no_change_is_lost_over_a_restart);
  ADD (without_a_history_a_save_after_a_restart_is_taken_as_it_is);
  ADD (another_text_is_taken_as_it_is);
  ADD (of_equally_near_versions_the_newest_is_the_base);
  ADD (an_empty_text_removes_all_values);
  ADD (a_secret_is_merged_only_while_its_changes_are_known);
#undef ADD

  return g_test_run ();
}
