/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/edit/draft.h"

#include <string.h>

#include "cli/edit/comments.h"
#include "core/metadata.h"
#include "yaml/rewrite.h"

struct _CliDraft
{
  const CliSource *source;
  CliBase base;
  CliBase fresh;         /* the state after another caller's change, once it was read */
  RunconfDocument *mine; /* NULL while the text is invalid */
  char *name;            /* of the file, for messages */
};

static void
base_clear (CliBase *self)
{
  g_clear_pointer (&self->document, runconf_document_unref);
  g_clear_pointer (&self->tree, runconf_node_unref);
}

/**
 * cli_draft_new:
 * @source: where the text is; it is borrowed
 *
 * Reads the text.
 *
 * Returns: (transfer full): a draft without changes, or %NULL with an error
 */
CliDraft *
cli_draft_new (const CliSource *source, GError **error)
{
  g_autoptr (CliDraft) self = g_new0 (CliDraft, 1);

  self->source = source;
  if (!source->read (source->data, &self->base, error))
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

/**
 * cli_draft_get_base:
 *
 * Returns: (transfer none): the text before the user's changes. If it lacks secrets that the caller
 *   has no right to read, only values are changed, and the secrets stay
 */
const CliBase *
cli_draft_get_base (const CliDraft *self)
{
  return &self->base;
}

/**
 * cli_draft_has_values:
 *
 * Returns: whether there were values when the text was read
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

/**
 * cli_draft_get_tree:
 *
 * Returns: (transfer full): the values of the current text
 */
RunconfNode *
cli_draft_get_tree (const CliDraft *self)
{
  return runconf_metadata_strip (runconf_document_get_root (self->mine));
}

/**
 * cli_draft_is_unchanged:
 *
 * Returns: whether there is nothing to store
 */
gboolean
cli_draft_is_unchanged (const CliDraft *self)
{
  g_autoptr (RunconfNode) tree = NULL;

  if (!self->base.is_partial)
    return g_bytes_equal (cli_draft_get_text (self),
                          runconf_document_get_text (self->base.document));

  tree = cli_draft_get_tree (self);

  return runconf_node_equal (self->base.tree, tree);
}

/**
 * cli_draft_refresh:
 *
 * Reads the text again, for cli_draft_is_outdated().
 *
 * Returns: %FALSE with an error
 */
gboolean
cli_draft_refresh (CliDraft *self, GError **error)
{
  base_clear (&self->fresh);

  return self->source->read (self->source->data, &self->fresh, error);
}

/**
 * cli_draft_is_outdated:
 *
 * Returns: whether the text was changed between cli_draft_new() and cli_draft_refresh()
 */
gboolean
cli_draft_is_outdated (const CliDraft *self)
{
  return !g_bytes_equal (runconf_document_get_text (self->base.document),
                         runconf_document_get_text (self->fresh.document));
}

/**
 * cli_draft_submit:
 *
 * Stores the draft, unless the text was changed meanwhile.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_draft_submit (CliDraft *self, GError **error)
{
  return self->source->store (self->source->data, self, error);
}

/**
 * cli_draft_compare:
 *
 * Reads the text again after another caller's change.
 *
 * Returns: (transfer full): the comparison with the draft, or %NULL with an error
 */
CliThreeWay *
cli_draft_compare (CliDraft *self, GError **error)
{
  g_autoptr (RunconfNode) mine = cli_draft_get_tree (self);

  if (!cli_draft_refresh (self, error))
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
  self->fresh = (CliBase){ 0 };

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
