/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/error.h"
#include "fleet/model/entry.h"
#include "fleet/model/record.h"
#include "fleet/model/status.h"

/* The JSON values in the store: what is written is read back, and other texts are errors. */

static GBytes *
bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static RunconfNode *
tree (const char *text)
{
  g_autoptr (GBytes) data = bytes (text);
  g_autoptr (GError) error = NULL;
  RunconfNode *root = runconf_fleet_record_read (data, "text", &error);

  g_assert_no_error (error);

  return root;
}

static void
test_status (void)
{
  const char *const groups[] = { "db", "web", NULL };
  const char *const refused[] = { "config/web/all:1:2: no “YAML”", NULL };
  g_autoptr (RunconfFleetStatus) made = runconf_fleet_status_new ("web1", "5f0c", "1.0.0", groups);
  RunconfFleetReport *report = runconf_fleet_status_add (made, "chatbot");
  g_autoptr (RunconfFleetStatus) read = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GError) error = NULL;

  report->revision = G_MAXINT64;
  report->state = g_strdup ("degraded");
  report->message = g_strdup ("the disk is\nfull 🙂");
  report->refused = g_strdupv ((char **) refused);
  report->health = g_strdup ("\xff no UTF-8");
  g_assert_true (runconf_fleet_status_add (made, "chatbot") == report);
  runconf_fleet_status_add (made, "default")->state = g_strdup ("ok");

  text = runconf_fleet_status_write (made);
  read = runconf_fleet_status_read (text, "status/web1", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->host, ==, "web1");
  g_assert_cmpstr (read->machine, ==, "5f0c");
  g_assert_cmpstr (read->agent, ==, "1.0.0");
  g_assert_cmpstrv (read->groups, groups);
  g_assert_cmpuint (read->reports->len, ==, 2);

  report = runconf_fleet_status_find (read, "chatbot");
  g_assert_cmpint (report->revision, ==, G_MAXINT64);
  g_assert_cmpstr (report->state, ==, "degraded");
  g_assert_cmpstr (report->message, ==, "the disk is\nfull 🙂");
  g_assert_cmpstrv (report->refused, refused);
  g_assert_cmpstr (report->health, ==, "\xef\xbf\xbd no UTF-8");
  g_assert_null (report->rollout);
  g_assert_false (runconf_fleet_report_is_well (report));
  g_assert_true (runconf_fleet_report_is_well (runconf_fleet_status_find (read, "default")));
  g_assert_null (runconf_fleet_status_find (read, "other"));
}

/* A later agent may have more members. */
static void
test_unknown_members (void)
{
  g_autoptr (GBytes) text
      = bytes ("{\"host\": \"h\", \"new\": [1, {}], \"groups\": [1, \"g\"], \"configurations\": "
               "{\"a\": 1, \"b\": {\"revision\": \"x\", \"state\": 7, \"newer\": {}}}}");
  g_autoptr (RunconfFleetStatus) read = runconf_fleet_status_read (text, "k", NULL);

  g_assert_cmpstr (read->host, ==, "h");
  g_assert_cmpstr (read->groups[0], ==, "g");
  g_assert_cmpuint (read->reports->len, ==, 1);
  g_assert_cmpint (runconf_fleet_status_find (read, "b")->revision, ==, 0);
  g_assert_null (runconf_fleet_status_find (read, "b")->state);
}

static void
test_no_status (void)
{
  static const char *const wrong[] = { "",
                                       "{}",
                                       "[1]",
                                       "{\"host\": 1}",
                                       "{\"host\": \"",
                                       "nonsense",
                                       "{\"host\": \"\"}",
                                       "{\"host\": \"a/b\"}",
                                       "{\"host\": \"\\u001b[2J\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GBytes) text = bytes (wrong[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (runconf_fleet_status_read (text, "status/h", &error));
      g_assert_true (g_str_has_prefix (error->message, "status/h:"));
    }
}

/* A host that reports too much doesn't slow the others down. */
static void
check_crowded (const char *member, const char *brackets, const char *value)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *message = g_strdup_printf (
      "status/h: the status of a host has more than 1000 entries in “%s”", member);
  g_autoptr (GBytes) status = NULL;
  g_autoptr (GError) error = NULL;

  g_string_printf (text, "{\"host\": \"h\", \"%s\": %c", member, brackets[0]);
  for (guint i = 0; i < 1001; i++)
    g_string_append_printf (text, "\"%u\"%s, ", i, value);
  g_string_append_printf (text, "%c}", brackets[1]);
  status = bytes (text->str);
  g_assert_null (runconf_fleet_status_read (status, "status/h", &error));
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_crowded_status (void)
{
  check_crowded ("groups", "[]", "");
  check_crowded ("configurations", "{}", ": {}");
}

static void
test_description (void)
{
  g_autoptr (RunconfFleetStatus) made = runconf_fleet_status_new ("h", "m", "1", NULL);
  RunconfFleetReport *report = runconf_fleet_status_add (made, "a");
  const char *const refused[] = { "x:1:2: bad", NULL };
  g_autofree char *nothing = runconf_fleet_report_describe (report);
  g_autofree char *all = NULL, *whole = NULL;

  g_assert_cmpstr (nothing, ==, "");
  report->refused = g_strdupv ((char **) refused);
  report->state = g_strdup ("degraded");
  report->health = g_strdup ("no answer");
  all = runconf_fleet_report_describe (report);
  g_assert_cmpstr (all, ==, "x:1:2: bad; degraded; health: no answer");

  g_free (report->health);
  report->health = g_strnfill (100000, 'x');
  whole = runconf_fleet_report_describe (report);
  g_assert_true (g_str_has_prefix (whole, "x:1:2: bad; degraded; health: xxx"));
  g_assert_true (g_str_has_suffix (whole, "xxx…"));
  g_assert_cmpint (g_utf8_strlen (whole, -1), ==, 2001);
}

static RunconfFleetEntry *
write_and_read (const RunconfFleetEntry *entry)
{
  g_autoptr (GBytes) text = runconf_fleet_entry_write (entry);
  g_autoptr (GError) error = NULL;
  RunconfFleetEntry *read = runconf_fleet_entry_read (text, "history/x", 18, &error);

  g_assert_no_error (error);

  return read;
}

static void
test_entry (void)
{
  g_autoptr (RunconfNode) before = tree ("{a: {b: 1, c: [1, 2]}, d: x}");
  g_autoptr (RunconfNode) after = tree ("{a: {b: 2}, d: x, e: null}");
  g_autoptr (RunconfFleetEntry) made
      = runconf_fleet_entry_new ("set", "anna@desk", "for the “move”", 1790000000000000);
  g_autoptr (GBytes) text = bytes ("# old\na: {b: 1, c: [1, 2]}\nd: x\n");
  g_autoptr (RunconfFleetEntry) read = NULL;
  g_autoptr (RunconfNode) undone = NULL;

  runconf_fleet_entry_set_change (made, 17, text, before, after);
  read = write_and_read (made);
  g_assert_cmpint (read->revision, ==, 18);
  g_assert_cmpint (read->time, ==, 1790000000000000);
  g_assert_cmpstr (read->author, ==, "anna@desk");
  g_assert_cmpstr (read->message, ==, "for the “move”");
  g_assert_cmpstr (read->kind, ==, "set");
  g_assert_cmpint (read->before, ==, 17);
  g_assert_true (g_bytes_equal (read->text, text));
  g_assert_cmpuint (read->n_changes, ==, 3);
  g_assert_true (read->is_whole);
  undone = runconf_fleet_entry_undo (read, after);
  g_assert_true (runconf_node_equal (undone, before));
}

/* The first change has no text before it. */
static void
test_first_entry (void)
{
  g_autoptr (RunconfNode) before = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) after = tree ("{a: 1}");
  g_autoptr (RunconfFleetEntry) made = runconf_fleet_entry_new ("load", "a", NULL, 1);
  g_autoptr (GBytes) text = bytes ("");
  g_autoptr (RunconfFleetEntry) read = NULL;

  runconf_fleet_entry_set_change (made, 0, text, before, after);
  read = write_and_read (made);
  g_assert_null (read->text);
  g_assert_null (read->message);
  g_assert_cmpint (read->before, ==, 0);
}

/* JSON can't hold a tag, so such a change can't be undone by its values. */
static void
test_entry_with_tags (void)
{
  g_autoptr (RunconfNode) before = tree ("{a: 1}");
  g_autoptr (RunconfNode) after = tree ("{a: !unset}");
  g_autoptr (RunconfFleetEntry) made = runconf_fleet_entry_new ("edit", "a", NULL, 1);
  g_autoptr (RunconfFleetEntry) read = NULL;

  runconf_fleet_entry_set_change (made, 5, NULL, before, after);
  read = write_and_read (made);
  g_assert_false (read->is_whole);
  g_assert_null (runconf_fleet_entry_undo (read, after));
}

/* Returns: a mapping of so many keys with values of so many bytes */
static RunconfNode *
make_large (guint n_keys, guint length, char letter)
{
  g_autofree char *value = g_strnfill (length, letter);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n_keys; i++)
    g_string_append_printf (text, "k%u: %s\n", i, value);

  return tree (text->str);
}

static void
test_large_entry (void)
{
  g_autoptr (RunconfNode) before = make_large (2000, 400, 'a');
  g_autoptr (RunconfNode) after = make_large (2000, 400, 'b');
  g_autoptr (RunconfFleetEntry) made = runconf_fleet_entry_new ("load", "a", NULL, 1);
  g_autofree char *filling = g_strnfill (RUNCONF_FLEET_MAX_OLD_TEXT + 1, 'x');
  g_autoptr (GBytes) text = bytes (filling);
  g_autoptr (RunconfFleetEntry) read = NULL;
  g_autoptr (GBytes) written = NULL;

  runconf_fleet_entry_set_change (made, 5, text, before, after);
  written = runconf_fleet_entry_write (made);
  g_assert_cmpuint (g_bytes_get_size (written), <, RUNCONF_FLEET_MAX_OLD_VALUES);
  read = write_and_read (made);
  g_assert_null (read->text);
  g_assert_cmpuint (read->n_changes, ==, 2000);
  g_assert_cmpuint (read->deltas->len, ==, RUNCONF_FLEET_MAX_OLD_PATHS);
  g_assert_false (read->is_whole);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fleet/status/read", test_status);
  g_test_add_func ("/fleet/status/unknown-members", test_unknown_members);
  g_test_add_func ("/fleet/status/wrong", test_no_status);
  g_test_add_func ("/fleet/status/crowded", test_crowded_status);
  g_test_add_func ("/fleet/status/description", test_description);
  g_test_add_func ("/fleet/entry/read", test_entry);
  g_test_add_func ("/fleet/entry/first", test_first_entry);
  g_test_add_func ("/fleet/entry/tags", test_entry_with_tags);
  g_test_add_func ("/fleet/entry/large", test_large_entry);

  return g_test_run ();
}
