/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/key-choice.h"

/* A key or a value that can be typed, and a note about it. */

struct _EditorKeyChoice
{
  GObject parent_instance;

  char *text;
  char *note;
};

static char *
get_typed_text (GtkSourceCompletionProposal *proposal)
{
  return g_strdup (EDITOR_KEY_CHOICE (proposal)->text);
}

static void
proposal_iface_init (GtkSourceCompletionProposalInterface *iface)
{
  iface->get_typed_text = get_typed_text;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (EditorKeyChoice, editor_key_choice, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_COMPLETION_PROPOSAL,
                                                      proposal_iface_init))

const char *
editor_key_choice_get_text (EditorKeyChoice *self)
{
  return self->text;
}

/* Returns: (nullable): its title and description in the schema */
const char *
editor_key_choice_get_note (EditorKeyChoice *self)
{
  return self->note;
}

static void
editor_key_choice_finalize (GObject *object)
{
  EditorKeyChoice *self = EDITOR_KEY_CHOICE (object);

  g_free (self->text);
  g_free (self->note);

  G_OBJECT_CLASS (editor_key_choice_parent_class)->finalize (object);
}

static void
editor_key_choice_class_init (EditorKeyChoiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_key_choice_finalize;
}

static void
editor_key_choice_init (EditorKeyChoice *self)
{
}

/* @note: (nullable): its title and description in the schema */
EditorKeyChoice *
editor_key_choice_new (const char *text, const char *note)
{
  EditorKeyChoice *self = g_object_new (EDITOR_TYPE_KEY_CHOICE, NULL);

  self->text = g_strdup (text);
  self->note = g_strdup (note);

  return self;
}
