/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "core/error.h"
#include "service/configuration/confirmations.h"

/* The changes that wait, with a clock that the test moves. The tests decide when a revert is written.
 * The fake clock starts at the real one: no real timer ends during a test.
 */

#define AUTHOR 1000
#define STRANGER 1001
#define TIMEOUT (600 * G_USEC_PER_SEC)

typedef struct
{
  char *folder;
  RunconfdArchive *archive;
  GObject *owner;
  RunconfdConfirmations *confirmations;
  GString *writes; /* the versions whose revert was requested */
  guint n_warnings;
  gint64 now;
} Fixture;

static void
write_revert (guint64 version, RunconfdRequest *request, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *message = g_strdup_printf ("not confirmed: version %" G_GUINT64_FORMAT, version);

  g_assert_cmpstr (request->message, ==, message);
  g_assert_cmpstr (request->origin, ==, "revert");
  g_assert_nonnull (request->take_back);
  g_string_append_printf (fixture->writes, "%" G_GUINT64_FORMAT " ", version);
  runconfd_request_free (request);
}

static void
warn (const char *message, gpointer user_data)
{
  ((Fixture *) user_data)->n_warnings++;
}

static void
set_up (Fixture *fixture, gconstpointer has_history)
{
  const RunconfdConfirmationsHooks hooks = {
    .write = write_revert,
    .warn = warn,
    .owner = fixture->owner = g_object_new (G_TYPE_OBJECT, NULL),
    .user_data = fixture,
  };
  const RunconfHistoryLimits limits = { 0 };
  g_autofree char *path = NULL;

  fixture->folder = g_dir_make_tmp ("runconf-confirmations-XXXXXX", NULL);
  path = g_build_filename (fixture->folder, "history", NULL);
  fixture->archive = has_history != NULL ? runconfd_archive_new (path, &limits, NULL)
                                         : runconfd_archive_new_off ();
  fixture->confirmations = runconfd_confirmations_new (fixture->archive, &hooks);
  fixture->writes = g_string_new (NULL);
  fixture->now = g_get_monotonic_time ();
}

static void
tear_down (Fixture *fixture, gconstpointer has_history)
{
  g_autoptr (GDir) folder = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  /* the thread of a removal from the history holds a reference */
  while (((volatile GObject *) fixture->owner)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);

  runconfd_confirmations_free (fixture->confirmations);
  runconfd_archive_free (fixture->archive);
  g_object_unref (fixture->owner);
  g_string_free (fixture->writes, TRUE);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

static void
add (Fixture *fixture, guint64 version, const char *path)
{
  RunconfHistoryRecord *record = g_new0 (RunconfHistoryRecord, 1);

  record->version = version;
  record->uid = AUTHOR;
  record->timeout = TIMEOUT;
  record->deltas = runconf_deltas_new ();
  g_ptr_array_add (record->deltas, runconf_delta_new (path, NULL, runconf_node_new_integer (1)));
  runconfd_confirmations_add (fixture->confirmations, record, TIMEOUT, fixture->now);
}

static void
pass (Fixture *fixture, gint64 time)
{
  fixture->now += time;
  runconfd_confirmations_check (fixture->confirmations, fixture->now);
}

static void
assert_writes (Fixture *fixture, const char *expected)
{
  g_assert_cmpstr (fixture->writes->str, ==, expected);
  g_string_truncate (fixture->writes, 0);
}

static void
on_confirmed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult **
start_confirm (Fixture *fixture, guint64 version, guint uid)
{
  GAsyncResult **result = g_new0 (GAsyncResult *, 1);

  runconfd_confirmations_confirm (fixture->confirmations, version, uid,
                                  g_task_new (fixture->owner, NULL, on_confirmed, result));

  return result;
}

static gboolean
end_confirm (GAsyncResult **result, GError **error)
{
  gboolean is_confirmed;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  is_confirmed = g_task_propagate_boolean (G_TASK (*result), error);
  g_object_unref (*result);
  g_free (result);

  return is_confirmed;
}

static gboolean
confirm (Fixture *fixture, guint64 version, guint uid, GError **error)
{
  return end_confirm (start_confirm (fixture, version, uid), error);
}

static void
test_reverted_when_its_time_is_over (Fixture *fixture, gconstpointer data)
{
  add (fixture, 2, "/a");
  pass (fixture, TIMEOUT - 1);
  assert_writes (fixture, "");
  g_assert_nonnull (runconfd_confirmations_find (fixture->confirmations, 2));

  pass (fixture, 1);
  assert_writes (fixture, "2 ");
  g_assert_null (runconfd_confirmations_find (fixture->confirmations, 2));

  pass (fixture, TIMEOUT);
  runconfd_confirmations_finish_revert (fixture->confirmations, 2, TRUE);
  pass (fixture, TIMEOUT);
  assert_writes (fixture, "");
}

static void
test_a_confirmed_change_stays (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add (fixture, 2, "/a");
  g_assert_true (confirm (fixture, 2, AUTHOR, &error));
  g_assert_no_error (error);

  pass (fixture, TIMEOUT);
  assert_writes (fixture, "");
  g_assert_false (confirm (fixture, 2, AUTHOR, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND);
}

static void
test_only_root_and_the_author_confirm (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add (fixture, 2, "/a");
  add (fixture, 3, "/b");
  g_assert_false (confirm (fixture, 2, STRANGER, &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
  g_assert_true (confirm (fixture, 2, AUTHOR, NULL));
  g_assert_true (confirm (fixture, 3, 0, NULL));
}

static void
test_not_reverted_while_it_is_confirmed (Fixture *fixture, gconstpointer data)
{
  GAsyncResult **result;

  add (fixture, 2, "/a");
  result = start_confirm (fixture, 2, AUTHOR);
  pass (fixture, TIMEOUT);
  assert_writes (fixture, "");
  g_assert_true (end_confirm (result, NULL));
}

static void
test_a_failed_confirmation_lets_it_wait_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add (fixture, 2, "/a");
  g_assert_false (confirm (fixture, 2, AUTHOR, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED);
  g_assert_nonnull (runconfd_confirmations_find (fixture->confirmations, 2));

  pass (fixture, TIMEOUT);
  assert_writes (fixture, "2 ");
  runconfd_confirmations_finish_revert (fixture->confirmations, 2, TRUE);
  while (fixture->n_warnings == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_a_covered_change_stays_until_the_later_one_is_decided (Fixture *fixture, gconstpointer data)
{
  add (fixture, 2, "/a/b");
  pass (fixture, 1);
  add (fixture, 3, "/a");
  add (fixture, 4, "/other");

  pass (fixture, TIMEOUT - 1);
  assert_writes (fixture, "2 ");
  runconfd_confirmations_finish_revert (fixture->confirmations, 2, TRUE);
  pass (fixture, 0);
  assert_writes (fixture, "");

  pass (fixture, 1);
  assert_writes (fixture, "3 4 ");
  runconfd_confirmations_finish_revert (fixture->confirmations, 3, TRUE);
  pass (fixture, 0);
  assert_writes (fixture, "2 ");
  runconfd_confirmations_finish_revert (fixture->confirmations, 2, TRUE);
  runconfd_confirmations_finish_revert (fixture->confirmations, 4, TRUE);
  pass (fixture, TIMEOUT);
  assert_writes (fixture, "");
}

static void
test_a_failed_revert_is_repeated_after_the_next_decision (Fixture *fixture, gconstpointer data)
{
  add (fixture, 2, "/a");
  pass (fixture, TIMEOUT);
  assert_writes (fixture, "2 ");
  runconfd_confirmations_finish_revert (fixture->confirmations, 2, FALSE);
  add (fixture, 3, "/b");
  pass (fixture, TIMEOUT - 1);
  assert_writes (fixture, "");

  g_assert_true (confirm (fixture, 3, 0, NULL));
  pass (fixture, 0);
  assert_writes (fixture, "2 ");
}

static void
test_a_change_is_added_once (Fixture *fixture, gconstpointer data)
{
  add (fixture, 2, "/a");
  pass (fixture, TIMEOUT / 2);
  add (fixture, 2, "/a");
  pass (fixture, TIMEOUT / 2);
  assert_writes (fixture, "2 ");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    gpointer has_history;
    void (*run) (Fixture *fixture, gconstpointer data);
  } tests[] = {
#define TEST(name, has_history)                                                                    \
  { "/confirmations/" #name, GINT_TO_POINTER (has_history), test_##name }
    TEST (reverted_when_its_time_is_over, TRUE),
    TEST (a_confirmed_change_stays, TRUE),
    TEST (only_root_and_the_author_confirm, TRUE),
    TEST (not_reverted_while_it_is_confirmed, TRUE),
    TEST (a_failed_confirmation_lets_it_wait_on, FALSE),
    TEST (a_covered_change_stays_until_the_later_one_is_decided, TRUE),
    TEST (a_failed_revert_is_repeated_after_the_next_decision, TRUE),
    TEST (a_change_is_added_once, TRUE),
#undef TEST
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, tests[i].has_history, set_up, tests[i].run, tear_down);

  return g_test_run ();
}
