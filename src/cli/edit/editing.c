/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/edit/editing.h"

#include <string.h>

#include <glib/gi18n.h>
#include <runconf/error.h>

#include "cli/edit/ask.h"
#include "cli/edit/draft.h"
#include "cli/edit/editor.h"
#include "cli/terminal/delta.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/table.h"

/* Edits a text in an editor, until it is accepted or the user stops. */

/* The next step. */
typedef enum
{
  STEP_EDIT,
  STEP_SUBMIT,
  STEP_LEAVE,
} Step;

typedef struct
{
  const CliSource *source;
  const CliEditingOptions *options;
  CliEditor *editor;
  CliDraft *draft;
  gboolean has_values; /* whether there were values at the beginning */
  CliExit status;
} Editing;

/* Ends with the error, and keeps the file with the user's text. */
static Step
leave (Editing *self, GError **error, GError *failure)
{
  g_autofree char *hint = cli_editor_keep (self->editor);

  cli_failure_add_hint (failure, hint);
  g_propagate_error (error, failure);

  return STEP_LEAVE;
}

/* Takes an answer that both questions have. Without an answer, ends with the error. */
static Step
take_answer (Editing *self, char answer, GError **error, GError *failure)
{
  if (answer != 'e' && answer != 'x')
    return leave (self, error, failure);

  g_error_free (failure);

  return answer == 'e' ? STEP_EDIT : STEP_LEAVE;
}

/* Prints the error, and asks for the next step, as visudo does. */
static Step
refuse (Editing *self, GError **error, GError *failure)
{
  cli_draft_locate_error (self->draft, failure);
  if (!cli_ask_is_possible ())
    return leave (self, error, failure);

  self->status = cli_failure_print (failure);

  return take_answer (self,
                      /* Translators: the letters in brackets are typed by the user, so keep them */
                      cli_ask (_ ("(e)dit again, or e(x)it without a change?"), "ex"), error,
                      failure);
}

static void
say (const char *text)
{
  g_autofree char *shown = cli_escape_controls (text);

  g_printerr ("%s\n", shown);
}

static void
show_side (const char *label, const RunconfNode *value)
{
  g_autofree char *text = value != NULL ? cli_format_value (value) : NULL;
  /* Translators: whose change it is, and the value */
  g_autofree char *line = g_strdup_printf (_ ("  %s: %s"), label, text != NULL ? text : "-");
  g_autofree char *shown = cli_text_make_line (line);

  say (shown);
}

static void
show_conflicts (GPtrArray *conflicts, gboolean has_comments)
{
  say (_ ("Your changes are in conflict with changes that were made meanwhile:"));
  for (guint i = 0; i < conflicts->len; i++)
    {
      const CliConflict *conflict = conflicts->pdata[i];
      g_autofree char *path = cli_text_make_line (conflict->path);

      say (path);
      show_side (_ ("before"), conflict->base);
      show_side (_ ("mine"), conflict->mine);
      show_side (_ ("theirs"), conflict->theirs);
    }

  if (has_comments)
    say (_ ("comments, of which only yours or those of the other change can be kept"));
}

static void
show_theirs (GPtrArray *deltas)
{
  if (deltas->len == 0 || cli_output_is_quiet ())
    return;

  say (_ ("These changes were made meanwhile, and are now in your text:"));
  for (guint i = 0; i < deltas->len; i++)
    {
      g_autofree char *line = cli_delta_format (deltas->pdata[i]);
      g_autofree char *shown = cli_text_make_line (line);

      say (shown);
    }
}

/* Merges their changes into the text, and submits it again. */
static Step
put_together (Editing *self, CliThreeWay *three_way, gboolean takes_conflicts, GError **error)
{
  GError *failure = NULL;

  if (!cli_draft_rebase (self->draft, three_way, takes_conflicts, &failure))
    return refuse (self, error, failure);
  if (!cli_editor_write (self->editor, cli_draft_get_text (self->draft), &failure))
    return leave (self, error, failure);

  show_theirs (cli_three_way_get_theirs (three_way));

  return STEP_SUBMIT;
}

/* Handles a change that another caller made since the text was read. */
static Step
meet (Editing *self, GError **error, GError *failure)
{
  g_autoptr (CliThreeWay) three_way = NULL;
  g_autoptr (GError) owned = failure;
  GError *problem = NULL;
  GPtrArray *conflicts;
  gboolean has_comments;
  char answer;

  if (self->options->has_if_version)
    return leave (self, error, g_steal_pointer (&owned));

  three_way = cli_draft_compare (self->draft, &problem);
  if (three_way == NULL)
    return leave (self, error, problem);

  conflicts = cli_three_way_get_conflicts (three_way);
  has_comments = cli_draft_has_comment_conflict (self->draft);
  if (conflicts->len == 0 && !has_comments)
    return put_together (self, three_way, FALSE, error);

  show_conflicts (conflicts, has_comments);
  if (!cli_ask_is_possible ())
    return leave (self, error, g_steal_pointer (&owned));

  self->status = CLI_EXIT_REFUSED;
  /* Translators: the letters in brackets are typed by the user, so keep them */
  answer = cli_ask (_ ("take (m)ine, take (t)heirs, (e)dit again, or e(x)it without a change?"),
                    "mtex");
  if (answer == 'm' || answer == 't')
    return put_together (self, three_way, answer == 't', error);

  return take_answer (self, answer, error, g_steal_pointer (&owned));
}

static gboolean
is_mistake (const GError *failure)
{
  return failure->domain == RUNCONF_ERROR
         && (failure->code == RUNCONF_ERROR_INVALID_VALUE
             || failure->code == RUNCONF_ERROR_INVALID_PATH
             || failure->code == RUNCONF_ERROR_TOO_LARGE
             || failure->code == RUNCONF_ERROR_SCHEMA_VIOLATION
             || failure->code == RUNCONF_ERROR_LOCKED);
}

/* Keeps the file after a dry run, since the text is stored nowhere else. */
static Step
finish (Editing *self)
{
  g_autofree char *place = NULL;

  if (!self->options->is_dry_run || !cli_editor_has_work (self->editor))
    return STEP_LEAVE;

  place = cli_editor_keep (self->editor);
  cli_output_complain (place);

  return STEP_LEAVE;
}

static Step
submit (Editing *self, GError **error)
{
  GError *failure = NULL;

  self->status = cli_draft_submit (self->draft, &failure);
  if (failure == NULL)
    return finish (self);
  if (g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH))
    return meet (self, error, failure);
  if (is_mistake (failure))
    return refuse (self, error, failure);

  return leave (self, error, failure);
}

/* Refuses an empty file: if the disk is full, an editor may have emptied the file before it failed
 * to write.
 */
static gboolean
check_length (Editing *self, GBytes *text, GError **error)
{
  if (g_bytes_get_size (text) > 0 || !self->has_values)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
               _ ("the editor left an empty file: write {} to drop all overrides"));

  return FALSE;
}

static Step
edit (Editing *self, GError **error)
{
  GError *failure = NULL;
  g_autoptr (GBytes) text = cli_editor_run (self->editor, &failure);

  if (text == NULL)
    {
      self->status = CLI_EXIT_FAILED;
      if (cli_editor_has_work (self->editor))
        return leave (self, error, failure);
      g_propagate_error (error, failure);
      return STEP_LEAVE;
    }

  if (!check_length (self, text, &failure)
      || !cli_draft_take (self->draft, text, self->source->name, &failure))
    return refuse (self, error, failure);

  return STEP_SUBMIT;
}

static gboolean
check_version (Editing *self, GError **error)
{
  guint64 version = cli_draft_get_base (self->draft)->version;
  g_autofree char *own = cli_format_number (version);
  g_autofree char *asked = cli_format_number (self->options->if_version);

  if (!self->options->has_if_version || self->options->if_version == version)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
               _ ("the configuration is at version %s, not at %s"), own, asked);

  return FALSE;
}

/**
 * cli_editing_run:
 * @source: the text
 *
 * Lets the user edit a text, and stores it. Changes that were made meanwhile are merged into the
 * text, or the user is asked which ones to keep.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_editing_run (const CliSource *source, const CliEditingOptions *options, GError **error)
{
  g_autoptr (CliDraft) draft = cli_draft_new (source, error);
  g_autoptr (CliEditor) editor = NULL;
  Editing self = { .source = source, .options = options, .draft = draft };
  Step step = STEP_EDIT;

  if (draft == NULL || !check_version (&self, error))
    return CLI_EXIT_FAILED;

  self.editor = editor
      = cli_editor_new (options->command, source->name, cli_draft_get_text (draft), error);
  if (editor == NULL)
    return CLI_EXIT_FAILED;

  self.has_values = cli_draft_has_values (draft);
  if (cli_draft_get_base (draft)->is_partial && !cli_output_is_quiet ())
    cli_output_complain (_ ("you may not read the secrets: they and the comments are left out, and "
                            "stay as they are"));

  while (step != STEP_LEAVE)
    step = step == STEP_EDIT ? edit (&self, error) : submit (&self, error);

  return self.status;
}
