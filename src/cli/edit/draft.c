/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/edit/draft.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/change/change.h"
#include "cli/edit/comments.h"
#include "cli/terminal/failure.h"
#include "core/merge.h"
#include "core/metadata.h"
#include "core/variant.h"
#include "yaml/document.h"
#include "yaml/rewrite.h"

#define MAX_TRIES 10

/* The overrides at one version. */
typedef struct
{
  RunconfDocument *document;
  RunconfNode *tree; /* without the metadata */
  guint64 version;
  gboolean is_partial; /* without secrets and comments */
} Base;

struct _CliDraft
{
  Base base;
  Base fresh;            /* the state after another caller's change, once it was read */
  RunconfDocument *mine; /* NULL while the text is invalid */
  char *name;            /* of the file, for messages */
};

static void
base_clear (Base *self)
{
  g_clear_pointer (&self->document, runconf_document_unref);
  g_clear_pointer (&self->tree, runconf_node_unref);
}

static gboolean
is_denied (const GError *error)
{
  return g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED);
}

static char *
dump (RunconfConfiguration *configuration, gboolean with_secrets, GError **error)
{
  return runconf_configuration_dump_sync (
      configuration, "", RUNCONF_LAYER_OVERRIDES, RUNCONF_FORMAT_YAML,
      with_secrets ? RUNCONF_DUMP_SECRETS : RUNCONF_DUMP_NONE, G_MAXUINT64, NULL, error);
}

/* A caller without the right to read secrets gets all other values. */
static char *
dump_what_is_allowed (RunconfConfiguration *configuration, gboolean *is_denied_secrets,
                      GError **error)
{
  g_autoptr (GError) failure = NULL;
  char *text = dump (configuration, TRUE, &failure);

  *is_denied_secrets = text == NULL && is_denied (failure);
  if (*is_denied_secrets)
    return dump (configuration, FALSE, error);

  if (text == NULL)
    g_propagate_error (error, g_steal_pointer (&failure));

  return text;
}

/* Reads the text and its version. Tries again if the version changes meanwhile. */
static gboolean
read_base (CliSession *session, Base *base, GError **error)
{
  RunconfConfiguration *configuration = cli_session_open (session, error);
  const RunconfNode *root;

  for (guint i = 0; configuration != NULL && i < MAX_TRIES; i++)
    {
      guint64 version = runconf_configuration_get_version (configuration);
      gboolean is_denied_secrets;
      g_autofree char *text = dump_what_is_allowed (configuration, &is_denied_secrets, error);
      g_autoptr (GBytes) bytes = NULL;

      if (text == NULL)
        return FALSE;
      if (runconf_configuration_get_version (configuration) != version)
        continue;

      /* start an empty text without brackets */
      if (strcmp (text, "{}\n") == 0)
        *text = '\0';
      bytes = g_bytes_new (text, strlen (text));
      base->version = version;
      base->document = runconf_document_new (bytes, "text", error);
      if (base->document == NULL)
        return FALSE;

      /* only the complete text has metadata, so a text without them is partial */
      root = runconf_document_get_root (base->document);
      base->tree = runconf_metadata_strip (root);
      base->is_partial = is_denied_secrets && runconf_node_equal (base->tree, root);

      return TRUE;
    }

  if (configuration != NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                 _ ("the configuration keeps changing: try again"));

  return FALSE;
}

/**
 * cli_draft_new:
 *
 * Reads the overrides.
 *
 * Returns: (transfer full): a draft without changes, or %NULL with an error
 */
CliDraft *
cli_draft_new (CliSession *session, GError **error)
{
  g_autoptr (CliDraft) self = g_new0 (CliDraft, 1);

  if (!read_base (session, &self->base, error))
    return NULL;

  self->mine = runconf_document_ref (self->base.document);

  return g_steal_pointer (&self);
}

void
cli_draft_free (CliDraft *self)
{
  base_clear (&self->base);
  base_clear (&self->fresh);
  g_clear_pointer (&self->mine, runconf_document_unref);
  g_free (self->name);
  g_free (self);
}

guint64
cli_draft_get_version (const CliDraft *self)
{
  return self->base.version;
}

/**
 * cli_draft_is_partial:
 *
 * Returns: whether the text lacks secrets that the caller has no right to read. Then only values
 *   are changed, and the secrets stay
 */
gboolean
cli_draft_is_partial (const CliDraft *self)
{
  return self->base.is_partial;
}

/**
 * cli_draft_has_values:
 *
 * Returns: whether there were overrides when the draft was created
 */
gboolean
cli_draft_has_values (const CliDraft *self)
{
  return runconf_node_get_length (self->base.tree) > 0;
}

/**
 * cli_draft_get_text:
 *
 * Returns: (transfer none): the current text
 */
GBytes *
cli_draft_get_text (const CliDraft *self)
{
  return runconf_document_get_text (self->mine);
}

/**
 * cli_draft_take:
 * @text: the new text, as the editor saved it
 * @name: the name of the text in messages
 *
 * Returns: %FALSE with an error that gives the position if the text is invalid
 */
gboolean
cli_draft_take (CliDraft *self, GBytes *text, const char *name, GError **error)
{
  g_clear_pointer (&self->mine, runconf_document_unref);
  g_free (self->name);
  self->name = g_strdup (name);
  self->mine = runconf_document_new (text, name, error);

  return self->mine != NULL;
}

static RunconfNode *
get_tree (const CliDraft *self)
{
  return runconf_metadata_strip (runconf_document_get_root (self->mine));
}

/* A value in a mapping that is replaced as a whole needs no tag itself. */
static void
add_value (RunconfTransaction *transaction, const char *path, const RunconfNode *value)
{
  g_autoptr (RunconfNode) resolved = runconf_merge_resolve (value);

  if (resolved == NULL)
    runconf_transaction_unset (transaction, path);
  else if (runconf_node_is_replacing (value))
    runconf_transaction_replace_value (transaction, path, runconf_node_to_variant (resolved));
  else
    runconf_transaction_set_value (transaction, path, runconf_node_to_variant (resolved));
}

/* Removals are first, to make room for additions. */
static RunconfTransaction *
make_transaction (const CliDraft *self)
{
  RunconfTransaction *transaction = runconf_transaction_new ();
  g_autoptr (RunconfNode) tree = get_tree (self);
  g_autoptr (GPtrArray) deltas = runconf_diff (self->base.tree, tree);

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      if (delta->new_value == NULL)
        runconf_transaction_reset (transaction, delta->path);
    }

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      if (delta->new_value != NULL)
        add_value (transaction, delta->path, delta->new_value);
    }

  return transaction;
}

static gboolean
is_unchanged (const CliDraft *self)
{
  g_autoptr (RunconfNode) tree = NULL;

  if (!self->base.is_partial)
    return g_bytes_equal (cli_draft_get_text (self),
                          runconf_document_get_text (self->base.document));

  tree = get_tree (self);

  return runconf_node_equal (self->base.tree, tree);
}

/* A change of comments by hand makes no version, so compare the texts.
 * Returns: %FALSE with %RUNCONF_ERROR_VERSION_MISMATCH if the text was changed
 */
static gboolean
check_text (CliDraft *self, CliSession *session, GError **error)
{
  base_clear (&self->fresh);
  if (!read_base (session, &self->fresh, error))
    return FALSE;

  if (g_bytes_equal (runconf_document_get_text (self->base.document),
                     runconf_document_get_text (self->fresh.document)))
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
               _ ("the text of the overrides was changed meanwhile"));

  return FALSE;
}

/**
 * cli_draft_submit:
 *
 * Sends the draft to the service, unless the text or the version was changed meanwhile.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_draft_submit (CliDraft *self, CliSession *session, GError **error)
{
  static char *nothing[] = { NULL };
  const CliMade unmade = { .version = self->base.version, .paths = nothing };
  g_autoptr (RunconfTransaction) transaction = NULL;
  g_autofree char *text = NULL;
  GBytes *bytes = cli_draft_get_text (self);

  if (is_unchanged (self))
    return cli_made_print (&unmade);

  cli_change_options_set_if_version (self->base.version);
  if (self->base.is_partial)
    {
      transaction = make_transaction (self);
      return cli_change_apply (session, transaction, error);
    }

  if (!check_text (self, session, error))
    return CLI_EXIT_REFUSED;

  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  return cli_change_replace_text (session, text, error);
}

/**
 * cli_draft_compare:
 *
 * Reads the overrides again after another caller's change.
 *
 * Returns: (transfer full): the comparison with the draft, or %NULL with an error
 */
CliThreeWay *
cli_draft_compare (CliDraft *self, CliSession *session, GError **error)
{
  g_autoptr (RunconfNode) mine = get_tree (self);

  base_clear (&self->fresh);
  if (!read_base (session, &self->fresh, error))
    return NULL;

  return cli_three_way_new (self->base.tree, mine, self->fresh.tree);
}

/* Their text is only preferred to their values if it has new comments: the service also removes
 * comments itself, those of values that were reset.
 */
static gboolean
have_they_commented (const CliDraft *self)
{
  return !self->base.is_partial
         && cli_comments_grew (runconf_document_get_text (self->base.document),
                               runconf_document_get_text (self->fresh.document));
}

static gboolean
have_i_commented (const CliDraft *self)
{
  GBytes *before = runconf_document_get_text (self->base.document);
  GBytes *after = runconf_document_get_text (self->mine);

  return cli_comments_grew (before, after) || cli_comments_grew (after, before);
}

/**
 * cli_draft_has_comment_conflict:
 *
 * Returns: whether both the user and the other caller changed comments before the last call of
 *   cli_draft_compare(): the text can keep the comments of only one of them
 */
gboolean
cli_draft_has_comment_conflict (const CliDraft *self)
{
  return have_they_commented (self) && have_i_commented (self);
}

/* Returns: (transfer full): their text, changed to yield @merged */
static RunconfDocument *
write_into_theirs (const CliDraft *self, const RunconfNode *merged, GError **error)
{
  g_autoptr (RunconfNode) tree = runconf_metadata_strip (merged);
  g_autoptr (GPtrArray) deltas = runconf_diff (self->fresh.tree, tree);
  g_autoptr (RunconfNode) root
      = runconf_diff_apply (runconf_document_get_root (self->fresh.document), deltas);
  RunconfRewriteScope scope;

  return runconf_rewrite (self->fresh.document, root, self->name, &scope, error);
}

/**
 * cli_draft_rebase:
 * @three_way: the result of the last cli_draft_compare()
 * @takes_conflicts: whether their values are taken where both changed the same
 *
 * Merges both changes, as if the draft had started after the other caller's change. The result is
 * the user's text with their values. It is their text with the merged values if they added
 * comments, and either the user changed none or their conflicting values are taken.
 *
 * Returns: %FALSE with an error if that yields no valid text
 */
gboolean
cli_draft_rebase (CliDraft *self, CliThreeWay *three_way, gboolean takes_conflicts, GError **error)
{
  g_autoptr (RunconfNode) root
      = cli_three_way_apply (three_way, runconf_document_get_root (self->mine), takes_conflicts);
  RunconfDocument *document;
  RunconfRewriteScope scope;

  if (have_they_commented (self) && (takes_conflicts || !have_i_commented (self)))
    document = write_into_theirs (self, root, error);
  else
    document = runconf_rewrite (self->mine, root, self->name, &scope, error);
  if (document == NULL)
    return FALSE;

  runconf_document_unref (self->mine);
  self->mine = document;
  base_clear (&self->base);
  self->base = self->fresh;
  self->fresh = (Base){ 0 };

  return TRUE;
}

/* Returns: (transfer full): the line with the position of its path in the text, if it begins with a
 * path
 */
static char *
locate_line (CliDraft *self, const char *line)
{
  const char *end = strstr (line, ": ");
  g_autofree char *pointer = end != NULL ? g_strndup (line, end - line) : NULL;
  g_autoptr (RunconfPath) path
      = pointer != NULL && *pointer == '/' ? runconf_path_new (pointer, NULL) : NULL;
  guint row, column;

  if (path == NULL || !runconf_document_locate (self->mine, path, &row, &column))
    return g_strdup (line);

  return g_strdup_printf ("%s:%u:%u: %s", self->name, row, column, line);
}

/**
 * cli_draft_locate_error:
 * @error: an error with a line for each problem, which begins with its path
 *
 * Adds the positions in the text to the lines of the error.
 */
void
cli_draft_locate_error (CliDraft *self, GError *error)
{
  g_auto (GStrv) lines = g_strsplit (error->message, "\n", -1);

  if (self->mine == NULL)
    return;

  for (char **line = lines; *line != NULL; line++)
    {
      char *located = locate_line (self, *line);

      g_free (*line);
      *line = located;
    }
  g_free (error->message);
  error->message = g_strjoinv ("\n", lines);
}
