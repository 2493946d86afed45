/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <unistd.h>

#include "service/authority/authority.h"

/* Tests the decisions that need neither a bus nor polkit. */

#define OWNER 1000
#define OTHER 2000

static RunconfdAuthority *
make_authority (gboolean asks_polkit)
{
  g_autoptr (RunconfdCallers) callers = runconfd_callers_new_for_peer (0);

  return runconfd_authority_new (callers, asks_polkit, OWNER);
}

static void
assert_limit (RunconfdAuthority *authority, guint uid)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (runconfd_authority_begin_dialog (authority, uid, &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED);
}

static void
begin_dialogs (RunconfdAuthority *authority, guint uid, guint n)
{
  for (guint i = 0; i < n; i++)
    g_assert_true (runconfd_authority_begin_dialog (authority, uid, NULL));
}

static void
test_a_user_has_eight_dialogs (void)
{
  g_autoptr (RunconfdAuthority) authority = make_authority (TRUE);

  begin_dialogs (authority, OTHER, 8);
  assert_limit (authority, OTHER);
  begin_dialogs (authority, OTHER + 1, 1);
  runconfd_authority_end_dialog (authority, OTHER);
  begin_dialogs (authority, OTHER, 1);
  assert_limit (authority, OTHER);
}

static void
test_all_users_have_64_dialogs (void)
{
  g_autoptr (RunconfdAuthority) authority = make_authority (TRUE);

  for (guint i = 0; i < 8; i++)
    begin_dialogs (authority, OTHER + i, 8);
  assert_limit (authority, OTHER + 8);
  runconfd_authority_end_dialog (authority, OTHER);
  begin_dialogs (authority, OTHER + 8, 1);
  assert_limit (authority, OTHER + 9);
}

static void
test_rights_without_polkit (void)
{
  g_autoptr (RunconfdAuthority) on_system_bus = make_authority (TRUE);
  g_autoptr (RunconfdAuthority) elsewhere = make_authority (FALSE);
  const guint trusted[] = { 0, getuid (), OWNER };

  for (RunconfdAction action = RUNCONFD_ACTION_READ; action <= RUNCONFD_ACTION_RELOAD; action++)
    {
      gboolean is_read = action == RUNCONFD_ACTION_READ;
      gboolean is_history = action == RUNCONFD_ACTION_READ_HISTORY;

      for (guint i = 0; i < G_N_ELEMENTS (trusted); i++)
        {
          g_assert_cmpint (runconfd_authority_decide (on_system_bus, trusted[i], action), ==,
                           RUNCONFD_VERDICT_YES);
          g_assert_cmpint (runconfd_authority_decide (elsewhere, trusted[i], action), ==,
                           RUNCONFD_VERDICT_YES);
        }
      g_assert_cmpint (runconfd_authority_decide (on_system_bus, OTHER, action), ==,
                       is_read ? RUNCONFD_VERDICT_YES : RUNCONFD_VERDICT_ASK);
      g_assert_cmpint (runconfd_authority_decide (elsewhere, OTHER, action), ==,
                       is_read || is_history ? RUNCONFD_VERDICT_YES : RUNCONFD_VERDICT_NO);
      g_assert_cmpint (runconfd_authority_decide (on_system_bus, RUNCONFD_UID_UNKNOWN, action), ==,
                       is_read ? RUNCONFD_VERDICT_YES : RUNCONFD_VERDICT_NO);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/authority/a-user-has-eight-dialogs", test_a_user_has_eight_dialogs);
  g_test_add_func ("/service/authority/all-users-have-64-dialogs", test_all_users_have_64_dialogs);
  g_test_add_func ("/service/authority/rights-without-polkit", test_rights_without_polkit);

  return g_test_run ();
}
