/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/limits.h"
#include "faults.h"
#include "store/digest.h"
#include "support.h"

#define NOBODY 65534

static void
assert_failure (GError *error, RunconfStoreError code, Bench *bench, const char *part)
{
  g_assert_error (error, RUNCONF_STORE_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, bench->path));
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_content (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  bench_open (bench, FALSE);
  g_assert_cmpmem (g_bytes_get_data (bench->text, NULL), g_bytes_get_size (bench->text), "a: 1\n",
                   5);

  g_assert_true (bench_replace (bench, "a: 2\n", &error));
  g_assert_no_error (error);
  bench_assert_text (bench, "a: 2\n");
  g_assert_true (bench_replace (bench, "", &error));
  bench_assert_text (bench, "");
  g_assert_true (bench_replace (bench, "a: 3\n", &error));
  bench_assert_text (bench, "a: 3\n");

  /* only the file and its lock are left */
  g_assert_cmpuint (bench_count (bench, "*"), ==, 2);
  g_assert_cmpuint (bench_count (bench, ".c.yaml.lock"), ==, 1);
}

static void
test_stamps (Bench *bench, gconstpointer data)
{
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) absent = NULL;

  bench_open (bench, FALSE);
  first = g_bytes_ref (bench->stamp);
  g_assert_true (bench_replace (bench, "", NULL));
  g_assert_false (g_bytes_equal (bench->stamp, first));

  g_unlink (bench->path);
  absent = g_bytes_ref (bench->stamp);
  bench_load (bench);
  g_assert_null (bench->text);
  g_assert_false (g_bytes_equal (bench->stamp, absent));

  bench_write (bench, "c.yaml", "a: 1\n");
  bench_load (bench);
  g_assert_true (g_bytes_equal (bench->stamp, first));
}

static void
test_two_syncs (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  faults_reset ();
  g_assert_true (bench_replace (bench, "a: 2\n", NULL));
  g_assert_cmpuint (faults_count (CALL_FSYNC), ==, 2);
}

/* An ACL that lets user 1 read, in the kernel's format: version 2, then (tag, permissions, id). */
static const guint8 acl[] = {
  2, 0, 0,    0,    1,    0,    6,    0, 0xff, 0xff, 0xff, 0xff, 2,    0,    4,
  0, 1, 0,    0,    0,    4,    0,    4, 0,    0xff, 0xff, 0xff, 0xff, 0x10, 0,
  4, 0, 0xff, 0xff, 0xff, 0xff, 0x20, 0, 0,    0,    0xff, 0xff, 0xff, 0xff,
};

static void
test_attributes (Bench *bench, gconstpointer data)
{
  gboolean has_user = setxattr (bench->path, "user.note", "kept", 4, 0) == 0;
  gboolean has_acl = setxattr (bench->path, "system.posix_acl_access", acl, sizeof acl, 0) == 0;
  struct stat before;
  struct stat after;
  char value[128];

  if (!has_acl)
    g_assert_no_errno (g_chmod (bench->path, 0604));
  if (geteuid () == 0)
    g_assert_no_errno (chown (bench->path, 1, 2));
  g_assert_no_errno (stat (bench->path, &before));

  bench_open (bench, FALSE);
  g_assert_true (bench_replace (bench, "a: 2\n", NULL));

  g_assert_no_errno (stat (bench->path, &after));
  g_assert_cmpuint (after.st_ino, !=, before.st_ino);
  g_assert_cmpuint (after.st_mode, ==, before.st_mode);
  g_assert_cmpuint (after.st_uid, ==, before.st_uid);
  g_assert_cmpuint (after.st_gid, ==, before.st_gid);
  if (has_user)
    g_assert_cmpmem (value, getxattr (bench->path, "user.note", value, sizeof value), "kept", 4);
  if (has_acl)
    g_assert_cmpmem (value, getxattr (bench->path, "system.posix_acl_access", value, sizeof value),
                     acl, sizeof acl);
}

static void
test_symlink (Bench *bench, gconstpointer data)
{
  g_autofree char *content = NULL;

  bench_open (bench, FALSE);
  g_assert_true (bench_replace (bench, "a: 2\n", NULL));

  g_assert_true (g_file_test (bench->path, G_FILE_TEST_IS_SYMLINK));
  content = bench_read (bench, "far/target.yaml");
  g_assert_cmpstr (content, ==, "a: 2\n");
  g_assert_cmpuint (bench_count (bench, ".*.lock"), ==, 0);
}

static void
assert_conflict (Bench *bench, const char *their_text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bench_replace (bench, "mine: 1\n", &error));
  assert_failure (error, RUNCONF_STORE_ERROR_CONFLICT, bench, "was changed meanwhile");
  if (their_text != NULL)
    bench_assert_text (bench, their_text);
  else
    g_assert_false (g_file_test (bench->path, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
}

static void
test_conflict (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);

  bench_write (bench, "c.yaml", "b: 1\n");
  assert_conflict (bench, "b: 1\n");

  bench_load (bench);
  bench_run (bench, "printf 'c: 1\\n' > other && mv other c.yaml");
  assert_conflict (bench, "c: 1\n");

  bench_load (bench);
  g_unlink (bench->path);
  assert_conflict (bench, NULL);

  bench_load (bench);
  g_assert_null (bench->text);
  bench_write (bench, "c.yaml", "d: 1\n");
  assert_conflict (bench, "d: 1\n");

  bench_load (bench);
  g_assert_true (bench_replace (bench, "mine: 1\n", NULL));
}

static void
test_absent (Bench *bench, gconstpointer data)
{
  mode_t old_mask = umask (0027);
  struct stat status;

  bench_open (bench, FALSE);
  g_assert_null (bench->text);
  g_assert_true (bench_replace (bench, "a: 1\n", NULL));
  bench_assert_text (bench, "a: 1\n");
  g_assert_no_errno (stat (bench->path, &status));
  g_assert_cmpuint (status.st_mode & 0777, ==, 0640);

  /* and through a dangling link */
  g_unlink (bench->path);
  bench_run (bench, "ln -s there.yaml c.yaml");
  bench_load (bench);
  g_assert_true (bench_replace (bench, "b: 1\n", NULL));
  g_assert_true (g_file_test (bench->path, G_FILE_TEST_IS_SYMLINK));
  bench_assert_text (bench, "b: 1\n");
  umask (old_mask);
}

static void
assert_unusable (Bench *bench, const char *part)
{
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) stamp = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (runconf_store_load (bench->store, &text, &stamp, &error));
  assert_failure (error, RUNCONF_STORE_ERROR_UNREADABLE, bench, part);
  g_clear_error (&error);
  g_assert_false (bench_replace (bench, "a: 2\n", &error));
  assert_failure (error, RUNCONF_STORE_ERROR_UNREADABLE, bench, part);
}

static void
test_target_types (Bench *bench, gconstpointer data)
{
  bench_open (bench, FALSE);
  bench_run (bench, "rm c.yaml; mkdir c.yaml");
  assert_unusable (bench, "a directory");
  bench_run (bench, "rmdir c.yaml; mkfifo c.yaml");
  assert_unusable (bench, "a named pipe");
  bench_run (bench, "rm c.yaml; ln -s /dev/null c.yaml");
  assert_unusable (bench, "a device");
  bench_run (bench, "rm c.yaml; ln -s c.yaml d.yaml; ln -s d.yaml c.yaml");
  {
    g_autoptr (GBytes) text = NULL;
    g_autoptr (GBytes) stamp = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_false (runconf_store_load (bench->store, &text, &stamp, &error));
    assert_failure (error, RUNCONF_STORE_ERROR_UNREADABLE, bench, g_strerror (ELOOP));
  }
}

static void
test_too_large (Bench *bench, gconstpointer data)
{
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) stamp = NULL;
  g_autoptr (GBytes) large
      = g_bytes_new_take (g_malloc0 (RUNCONF_MAX_TEXT_BYTES + 1), RUNCONF_MAX_TEXT_BYTES + 1);
  g_autoptr (GError) error = NULL;

  bench_open (bench, FALSE);
  g_assert_false (
      runconf_store_replace (bench->store, large, bench->stamp, NULL, NULL, NULL, &stamp, &error));
  assert_failure (error, RUNCONF_STORE_ERROR_TOO_LARGE, bench, "larger than 16 MiB");
  g_clear_error (&error);

  g_assert_no_errno (truncate (bench->path, RUNCONF_MAX_TEXT_BYTES + 1));
  g_assert_false (runconf_store_load (bench->store, &text, &stamp, &error));
  assert_failure (error, RUNCONF_STORE_ERROR_TOO_LARGE, bench, "larger than 16 MiB");

  g_assert_no_errno (truncate (bench->path, RUNCONF_MAX_TEXT_BYTES));
  bench_load (bench);
  g_assert_cmpuint (g_bytes_get_size (bench->text), ==, RUNCONF_MAX_TEXT_BYTES);
}

/* Runs a part as a user that modes apply to: root becomes another user for it. */
static void
run_as_user (Bench *bench, void (*func) (Bench *bench))
{
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    {
      if (geteuid () == 0)
        g_assert_no_errno (setresuid (NOBODY, NOBODY, NOBODY));
      func (bench);
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

static void
try_read_only (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  bench_open (bench, FALSE);
  g_assert_false (bench_replace (bench, "a: 2\n", &error));
  assert_failure (error, RUNCONF_STORE_ERROR_FAILED, bench, "its directory writable");
  bench_assert_text (bench, "a: 1\n");
}

static void
test_read_only_directory (Bench *bench, gconstpointer data)
{
  g_assert_no_errno (g_chmod (bench->path, 0644));
  g_assert_no_errno (g_chmod (bench->directory, 0555));
  run_as_user (bench, try_read_only);
  g_assert_cmpuint (bench_count (bench, "*"), ==, 1);
}

static void
try_unreadable (Bench *bench)
{
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) stamp = NULL;
  g_autoptr (GError) error = NULL;

  bench->store = runconf_store_new (bench->path, FALSE, &error);
  g_assert_false (runconf_store_load (bench->store, &text, &stamp, &error));
  assert_failure (error, RUNCONF_STORE_ERROR_UNREADABLE, bench, g_strerror (EACCES));
  g_assert_null (text);
  g_assert_null (stamp);
}

static void
test_unreadable (Bench *bench, gconstpointer data)
{
  g_assert_no_errno (g_chmod (bench->directory, 0777));
  g_assert_no_errno (g_chmod (bench->path, 0));
  run_as_user (bench, try_unreadable);
}

static void
test_missing_directory (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_free (bench->path);
  bench->path = bench_path (bench, "none/c.yaml");
  bench_open (bench, FALSE);
  g_assert_null (bench->text);
  g_assert_false (bench_replace (bench, "a: 1\n", &error));
  assert_failure (error, RUNCONF_STORE_ERROR_FAILED, bench, g_strerror (ENOENT));

  bench_run (bench, "mkdir none");
  g_assert_true (bench_replace (bench, "a: 1\n", NULL));
}

static void
test_one_owner (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pid = g_strdup_printf ("(pid %d)", (int) getpid ());

  bench_open (bench, FALSE);
  g_assert_null (runconf_store_new (bench->path, FALSE, &error));
  assert_failure (error, RUNCONF_STORE_ERROR_IN_USE, bench, pid);

  bench_close (bench);
  bench_open (bench, FALSE);
  g_assert_true (bench_replace (bench, "a: 2\n", NULL));
}

/* A thread may still have a reference to a store that has ended. */
static void
test_end_gives_the_lock_back (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfStore) next = NULL;
  g_autoptr (GError) error = NULL;

  bench_open (bench, FALSE);
  runconf_store_end (bench->store);
  next = runconf_store_new (bench->path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_false (bench_replace (bench, "a: 2\n", &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_IN_USE);
}

/* A directory that replaced another has no lock of this process. */
static void
test_lock_follows (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  bench_open (bench, FALSE);
  bench_run (bench, "rm .c.yaml.lock");
  g_assert_true (bench_replace (bench, "a: 2\n", NULL));
  g_assert_cmpuint (bench_count (bench, ".c.yaml.lock"), ==, 1);

  bench_run (bench, "rm .c.yaml.lock; : > .c.yaml.lock");
  g_assert_true (bench_replace (bench, "a: 3\n", NULL));
  g_assert_null (runconf_store_new (bench->path, FALSE, &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_IN_USE);
}

static void
test_disk_full (Bench *bench, gconstpointer data)
{
  g_autofree char *text = g_strnfill (128 * 1024, '#');
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (mount ("none", bench->directory, "tmpfs", 0, "size=64k"));
  bench_write (bench, "c.yaml", "a: 1\n");
  bench_open (bench, FALSE);
  g_assert_false (bench_replace (bench, text, &error));
  assert_failure (error, RUNCONF_STORE_ERROR_FAILED, bench, "free space");
  bench_assert_text (bench, "a: 1\n");
  g_assert_cmpuint (bench_count (bench, "*"), ==, 2);
  g_assert_true (bench_replace (bench, "a: 2\n", NULL));

  /* on a read-only file system the file can still be read */
  g_clear_error (&error);
  bench_close (bench);
  g_assert_no_errno (mount (NULL, bench->directory, NULL, MS_REMOUNT | MS_RDONLY, NULL));
  bench_open (bench, FALSE);
  g_assert_false (bench_replace (bench, "a: 3\n", &error));
  assert_failure (error, RUNCONF_STORE_ERROR_FAILED, bench, "mounted writable");
  bench_assert_text (bench, "a: 2\n");
  bench_close (bench);
  g_assert_no_errno (umount (bench->directory));
}

static void
test_bind_mount (Bench *bench, gconstpointer data)
{
  g_autofree char *source = bench_path (bench, "source.yaml");
  g_autoptr (GError) error = NULL;

  bench_write (bench, "source.yaml", "s: 1\n");
  g_assert_no_errno (mount (source, bench->path, NULL, MS_BIND, NULL));
  bench_open (bench, FALSE);
  g_assert_false (bench_replace (bench, "a: 2\n", &error));
  assert_failure (error, RUNCONF_STORE_ERROR_FAILED, bench, "mount its directory instead");
  bench_assert_text (bench, "s: 1\n");
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
  g_assert_no_errno (umount (bench->path));
}

static void
test_leftovers (Bench *bench, gconstpointer data)
{
  bench_write (bench, ".c.yaml.aaaaaa.tmp", "a: 1\n");
  bench_write (bench, ".c.yaml.bbbbbb.tmp", "");
  bench_write (bench, ".c.yaml.cccccc.tmp", "unseen: 1\n");
  bench_write (bench, ".d.yaml.cccccc.tmp", "another's: 1\n");

  bench_open (bench, FALSE);
  runconf_store_tidy (bench->store, NULL);
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
  g_assert_cmpuint (bench_count (bench, ".d.yaml.*.tmp"), ==, 1);
  g_assert_cmpuint (bench_count (bench, "c.yaml.corrupt-*"), ==, 1);
  g_assert_nonnull (strstr (messages_get_last (), "c.yaml.corrupt-"));
  bench_assert_text (bench, "a: 1\n");
}

/* After a kill at any time, the texts of this service itself aren't kept. */
static void
test_own_leftovers (Bench *bench, gconstpointer data)
{
  g_autofree char *state_path = bench_path (bench, "state");
  g_autoptr (RunconfState) state = runconf_state_open (state_path, NULL);
  g_autoptr (GBytes) old = g_bytes_new_static ("a: 1\n", 5);
  g_autoptr (GBytes) new = g_bytes_new_static ("a: 2\n", 5);

  g_assert_true (runconf_state_record (state, 1, old, FALSE, NULL));
  g_assert_true (runconf_state_announce (state, 2, new, NULL));
  bench_open (bench, FALSE);

  /* before the exchange: the new text, and part of it */
  bench_write (bench, ".c.yaml.aaaaaa.tmp", "a: 2\n");
  bench_write (bench, ".c.yaml.bbbbbb.tmp", "a:");
  runconf_store_tidy (bench->store, state);
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
  g_assert_cmpuint (bench_count (bench, "c.yaml.corrupt-*"), ==, 0);

  /* after it: the old text, and one that another program saved just then */
  bench_write (bench, "c.yaml", "a: 2\n");
  bench_write (bench, ".c.yaml.aaaaaa.tmp", "a: 1\n");
  bench_write (bench, ".c.yaml.bbbbbb.tmp", "saved: 1\n");
  runconf_store_tidy (bench->store, state);
  g_assert_cmpuint (bench_count (bench, ".c.yaml.*.tmp"), ==, 0);
  g_assert_cmpuint (bench_count (bench, "c.yaml.corrupt-*"), ==, 1);
}

#define add(name, setup, func)                                                                     \
  g_test_add ("/store/replace/" name, Bench, setup, bench_make, func, bench_remove)

int
main (int argc, char **argv)
{
  gboolean mounts = can_mount ();

  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  add ("content", NULL, test_content);
  add ("stamps", NULL, test_stamps);
  add ("two-syncs", NULL, test_two_syncs);
  add ("attributes", NULL, test_attributes);
  add ("symlink",
       "mkdir far; echo 'a: 1' > far/target.yaml; ln -s far near;"
       "ln -s near/../far/target.yaml c.yaml",
       test_symlink);
  add ("conflict", NULL, test_conflict);
  add ("absent", "true", test_absent);
  add ("target-types", NULL, test_target_types);
  add ("too-large", NULL, test_too_large);
  add ("read-only-directory", NULL, test_read_only_directory);
  add ("unreadable", NULL, test_unreadable);
  add ("missing-directory", "true", test_missing_directory);
  add ("one-owner", NULL, test_one_owner);
  add ("end-gives-the-lock-back", NULL, test_end_gives_the_lock_back);
  add ("lock-follows", NULL, test_lock_follows);
  add ("leftovers", NULL, test_leftovers);
  add ("own-leftovers", NULL, test_own_leftovers);
  if (mounts)
    {
      add ("disk-full", NULL, test_disk_full);
      add ("bind-mount", NULL, test_bind_mount);
    }

  return g_test_run ();
}
