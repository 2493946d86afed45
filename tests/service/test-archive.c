/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "service/configuration/start-version.h"

/* The state, the text and the history of one of many configurations, over a kill between any two
 * steps of a change. The history is closed, and so sealed, after each of the steps at which it may
 * be. The next start finds the version and the changes that wait for a confirmation, and opens the
 * history if it needs it.
 *
 * A script has a letter for each step:
 *
 *   A  the state announces version 2        P  the history has version 2
 *   X  the texts are exchanged              C  the history is told of that, in memory
 *   S  the history has that                 R  the state records version 2
 *   H  another program writes the text      V  the state records version 2 for it
 *   D  version 2 is confirmed               Z  the history is closed
 */

#define FIRST_TEXT "a: 1\n"
#define SECOND_TEXT "a: 2\n"

static const char *const change_steps = "APXCSR";
static const char *const confirmed_steps = "APXCSRD";
static const char *const hand_edit_steps = "HPVCS";

typedef struct
{
  char *folder;
  RunconfState *state;
  RunconfdArchive *archive;
} World;

static const char *const names[]
    = { "text", "state", "history", "history-wal", "history-shm", "text.old", "state.old" };

static char *
get_path (const World *world, const char *name)
{
  return g_build_filename (world->folder, name, NULL);
}

static void
open_archive (World *world)
{
  const RunconfHistoryLimits limits = { 0 };
  g_autofree char *path = get_path (world, "history");

  world->archive = runconfd_archive_new (path, &limits, world->state);
}

static void
open_world (World *world)
{
  g_autofree char *path = get_path (world, "state");

  world->state = runconf_state_open (path, NULL);
  g_assert_nonnull (world->state);
  open_archive (world);
}

static void
close_world (World *world)
{
  g_clear_pointer (&world->archive, runconfd_archive_free);
  g_clear_pointer (&world->state, runconf_state_free);
}

static void
remove_files (World *world)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = get_path (world, names[i]);

      g_unlink (path);
    }
}

static void
copy (const World *world, const char *from, const char *to)
{
  g_autofree char *source = get_path (world, from);
  g_autofree char *target = get_path (world, to);
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (source, &content, &length, NULL));
  g_assert_true (g_file_set_contents (target, content, length, NULL));
}

static void
write_text (const World *world, const char *text)
{
  g_autofree char *path = get_path (world, "text");

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static GBytes *
read_text (const World *world)
{
  g_autofree char *path = get_path (world, "text");
  char *content;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));

  return g_bytes_new_take (content, length);
}

static gboolean
prepare (World *world, guint64 version, GBytes *text, gboolean waits)
{
  g_autoptr (GPtrArray) records = runconf_history_records_new ();
  RunconfHistoryRecord *record = g_new0 (RunconfHistoryRecord, 1);

  record->version = version;
  record->time = g_get_real_time ();
  record->origin = g_strdup ("apply");
  record->uid = -1;
  record->deltas = runconf_deltas_new ();
  record->timeout = waits ? 600 * G_USEC_PER_SEC : 0;
  record->deadline = waits ? record->time + record->timeout : 0;
  g_ptr_array_add (record->deltas, runconf_delta_new ("/a", NULL, runconf_node_new_integer (1)));
  g_ptr_array_add (records, record);

  return runconfd_archive_prepare (world->archive, records, text, NULL);
}

static void
step (World *world, char name, gboolean waits)
{
  g_autoptr (GBytes) text = g_bytes_new_static (SECOND_TEXT, strlen (SECOND_TEXT));
  g_autoptr (GError) error = NULL;
  gboolean is_done = TRUE;

  if (name == 'A')
    is_done = runconf_state_announce (world->state, 2, text, &error);
  else if (name == 'P')
    is_done = prepare (world, 2, text, waits);
  else if (name == 'X' || name == 'H')
    write_text (world, SECOND_TEXT);
  else if (name == 'C')
    runconfd_archive_confirm (world->archive);
  else if (name == 'S')
    runconfd_archive_settle (world->archive);
  else if (name == 'R' || name == 'V')
    is_done = runconf_state_record (world->state, 2, text, name == 'V', &error);
  else if (name == 'D')
    is_done = runconfd_archive_drop_waiting (world->archive, 2, &error);
  else
    {
      runconfd_archive_free (world->archive);
      open_archive (world);
    }

  g_assert_no_error (error);
  g_assert_true (is_done);
}

/* Version 1, with its history closed. */
static void
set_up (World *world)
{
  g_autoptr (GBytes) text = g_bytes_new_static (FIRST_TEXT, strlen (FIRST_TEXT));

  remove_files (world);
  open_world (world);
  g_assert_true (runconf_state_announce (world->state, 1, text, NULL));
  g_assert_true (prepare (world, 1, text, FALSE));
  write_text (world, FIRST_TEXT);
  runconfd_archive_confirm (world->archive);
  runconfd_archive_settle (world->archive);
  g_assert_true (runconf_state_record (world->state, 1, text, FALSE, NULL));
  close_world (world);
  copy (world, "text", "text.old");
  copy (world, "state", "state.old");
}

/* Makes the first @n_steps of a script in another process, which is killed then. */
static void
run_and_kill (World *world, const char *script, gsize n_steps, gboolean waits)
{
  pid_t child = fork ();
  int status;

  g_assert_no_errno (child);
  if (child == 0)
    {
      open_world (world);
      for (gsize i = 0; i < n_steps; i++)
        step (world, script[i], waits);
      raise (SIGKILL);
    }

  g_assert_no_errno (waitpid (child, &status, 0));
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
}

typedef struct
{
  guint64 version;
  guint n_waiting;
  gboolean is_known;
  gboolean has_opened; /* the history */
} Start;

static gboolean
has_open (const World *world, const char *name)
{
  g_autofree char *path = get_path (world, name);
  g_autoptr (GDir) descriptors = g_dir_open ("/proc/self/fd", 0, NULL);
  gboolean is_open = FALSE;
  const char *number;

  while ((number = g_dir_read_name (descriptors)) != NULL)
    {
      g_autofree char *link = g_build_filename ("/proc/self/fd", number, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      is_open = is_open || g_strcmp0 (target, path) == 0;
    }

  return is_open;
}

static Start
start (World *world)
{
  g_autoptr (GBytes) text = read_text (world);
  g_autoptr (GPtrArray) waiting = NULL;
  RunconfdLoad load = { .overrides.text = text };
  Start found = { 0 };

  open_world (world);
  found.version
      = runconfd_start_version_find (world->state, world->archive, &load, &found.is_known);
  waiting = runconfd_archive_list_waiting (world->archive);
  found.n_waiting = waiting->len;
  found.has_opened = has_open (world, "history");
  close_world (world);

  return found;
}

static gboolean
has_step (const char *script, gsize n_steps, char name)
{
  return memchr (script, name, n_steps) != NULL;
}

static void
check_kill (World *world, const char *script, gsize n_steps, gboolean waits)
{
  gboolean is_edit = has_step (script, strlen (script), 'H');
  gboolean is_made = has_step (script, n_steps, 'X');
  gboolean is_waiting = waits && is_made && !has_step (script, n_steps, 'D');
  Start found;

  set_up (world);
  run_and_kill (world, script, n_steps, waits);
  found = start (world);
  g_test_message ("%.*s: version %u", (int) n_steps, script, (guint) found.version);

  if (!is_edit)
    {
      g_assert_cmpuint (found.version, ==, is_made ? 2 : 1);
      g_assert_true (found.is_known);
    }
  else if (has_step (script, n_steps, 'P'))
    {
      g_assert_cmpuint (found.version, ==, 2);
      g_assert_true (found.is_known);
    }
  else
    {
      g_assert_cmpuint (found.version, ==, 1);
      g_assert_cmpint (found.is_known, ==, !has_step (script, n_steps, 'H'));
    }
  g_assert_cmpuint (found.n_waiting, ==, is_waiting);
}

static void
check_kills (World *world, const char *steps, gboolean waits)
{
  /* the history may be closed before a change, and from the moment when it is settled */
  for (gsize place = 0; place <= strlen (steps); place++)
    {
      g_autofree char *script = g_strdup_printf ("%.*sZ%s", (int) place, steps, steps + place);

      if (has_step (steps, place, 'P') && !has_step (steps, place, 'S'))
        continue;
      for (gsize n_steps = 0; n_steps <= strlen (script); n_steps++)
        check_kill (world, script, n_steps, waits);
    }
}

static void
test_kills (World *world, gconstpointer data)
{
  check_kills (world, change_steps, FALSE);
  check_kills (world, change_steps, TRUE);
  check_kills (world, confirmed_steps, TRUE);
  check_kills (world, hand_edit_steps, FALSE);
}

/* Makes all steps, and the start after them. */
static Start
run_and_start (World *world, const char *script, gboolean waits)
{
  set_up (world);
  run_and_kill (world, script, strlen (script), waits);

  return start (world);
}

/* A start opens only the histories that it needs, and leaves them as it found them. */
static void
test_starts (World *world, gconstpointer data)
{
  Start found = run_and_start (world, "APXCSRZ", FALSE);

  g_assert_false (found.has_opened);
  g_assert_cmpuint (found.version, ==, 2);

  found = run_and_start (world, "APXCSRZ", TRUE);
  g_assert_true (found.has_opened);
  g_assert_true (start (world).has_opened);

  found = run_and_start (world, "APXCSRDZ", TRUE);
  g_assert_false (found.has_opened);
}

/* A text and its state are restored from a backup, and the history isn't: versions that were used
 * aren't used again.
 */
static void
test_backup (World *world, gconstpointer data)
{
  Start found;

  run_and_start (world, "APXCSRZ", FALSE);
  copy (world, "text.old", "text");
  copy (world, "state.old", "state");
  for (guint i = 0; i < 3; i++)
    {
      found = start (world);
      g_assert_true (found.has_opened); /* until the state has the version */
      g_assert_cmpuint (found.version, ==, 2);
    }
}

/* A state of the format before the seal. */
static void
test_earlier_format (World *world, gconstpointer data)
{
  g_autofree char *path = get_path (world, "state");
  g_autofree char *content = NULL;

  run_and_start (world, "APXCSRZ", FALSE);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  *strstr (content, "sealed ") = '\0';
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  g_assert_true (start (world).has_opened);
  g_assert_false (start (world).has_opened);
}

static void
make_world (World *world, gconstpointer data)
{
  world->folder = g_dir_make_tmp ("runconf-archive-XXXXXX", NULL);
}

static void
remove_world (World *world, gconstpointer data)
{
  remove_files (world);
  g_rmdir (world->folder);
  g_free (world->folder);
}

#define add(name, func)                                                                            \
  g_test_add ("/service/archive/" name, World, NULL, make_world, func, remove_world)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("kills", test_kills);
  add ("starts", test_starts);
  add ("backup", test_backup);
  add ("earlier-format", test_earlier_format);

  return g_test_run ();
}
