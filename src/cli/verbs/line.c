/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/verbs/line.h"

#include <string.h>

#include "cli/change/change-options.h"

/* The arguments of options and verbs are determined from the same table that the parser and the
 * help use.
 */

/* The state of reading the words. */
typedef struct
{
  CliLine *line;
  GPtrArray *options; /* element-type GOptionEntry, none of them owned */
  guint n_global;     /* the number of options of all verbs, which are the last ones in the array */
  const GOptionEntry *pending; /* the option whose argument is next */
  const char *form;            /* the option that selects an alternative of the synopsis */
  gboolean is_help;            /* the line has “help” instead of a verb */
  gboolean is_separated;       /* the line has a “--” */
  gboolean is_wrong;           /* the words that follow can't be interpreted */
} Reader;

/* The options of all verbs, for the lifetime of the program. The parser's output struct is unused.
 */
static const GOptionEntry *
get_global_entries (gboolean is_before_verb)
{
  static CliOptions unused;
  static GOptionEntry *entries[2];

  if (entries[is_before_verb] == NULL)
    entries[is_before_verb] = cli_options_make_entries (&unused, is_before_verb);

  return entries[is_before_verb];
}

static guint
add_entries (GPtrArray *options, const GOptionEntry *entries)
{
  guint n_entries = 0;

  for (; entries != NULL && entries[n_entries].long_name != NULL; n_entries++)
    g_ptr_array_add (options, (gpointer) &entries[n_entries]);

  return n_entries;
}

static void
collect_options (Reader *self)
{
  const CliVerb *verb = self->line->verb;

  g_ptr_array_set_size (self->options, 0);
  if (verb != NULL)
    add_entries (self->options, verb->entries);
  if (verb != NULL && verb->is_change)
    add_entries (self->options, cli_change_options_get_entries ());
  self->n_global = add_entries (self->options, get_global_entries (verb == NULL));
}

static gboolean
takes_argument (const GOptionEntry *entry)
{
  return entry->arg != G_OPTION_ARG_NONE;
}

static gboolean
is_global (const Reader *self, const GOptionEntry *entry)
{
  for (guint i = self->options->len - self->n_global; i < self->options->len; i++)
    if (self->options->pdata[i] == entry)
      return TRUE;

  return FALSE;
}

static const GOptionEntry *
find_long (const Reader *self, const char *name, gsize length)
{
  for (guint i = 0; i < self->options->len; i++)
    {
      const GOptionEntry *entry = self->options->pdata[i];

      if (strlen (entry->long_name) == length && strncmp (entry->long_name, name, length) == 0)
        return entry;
    }

  return NULL;
}

static const GOptionEntry *
find_short (const Reader *self, char letter)
{
  for (guint i = 0; i < self->options->len; i++)
    {
      const GOptionEntry *entry = self->options->pdata[i];

      if (entry->short_name == letter)
        return entry;
    }

  return NULL;
}

/* Keeps the options that select the configuration. */
static void
take_option (Reader *self, const GOptionEntry *entry, char *text)
{
  if (is_global (self, entry))
    g_ptr_array_add (self->line->global, text);
  else
    g_free (text);
}

/* Returns: (transfer none) (nullable): the rest of an alternative that begins with the option @name,
 * like “--layers LAYER [LAYER]” and “--root=FOLDER [NAME…]”
 */
static const char *
skip_option (const char *alternative, const char *name)
{
  gsize length = strlen (name);

  if (strncmp (alternative, "--", 2) != 0 || strncmp (alternative + 2, name, length) != 0
      || strchr (" =", alternative[2 + length]) == NULL)
    return NULL;

  alternative += 2 + length;
  alternative += strcspn (alternative, " ");

  return alternative + strspn (alternative, " ");
}

static gboolean
is_form (const Reader *self, const GOptionEntry *entry)
{
  const char *synopsis = self->line->verb != NULL ? self->line->verb->synopsis : NULL;
  g_autofree char *option = g_strdup_printf ("| --%s", entry->long_name);
  const char *found = synopsis != NULL ? strstr (synopsis, option) : NULL;

  return found != NULL && skip_option (found + 2, entry->long_name) != NULL;
}

static void
set_form_argument (Reader *self, const char *argument)
{
  g_free (self->line->form_argument);
  self->line->form_argument = g_strdup (argument);
}

static void
read_long (Reader *self, const char *word)
{
  const char *equals = strchr (word, '=');
  gsize length = equals != NULL ? (gsize) (equals - word) : strlen (word);
  const GOptionEntry *entry = find_long (self, word + 2, length - 2);

  if (entry == NULL)
    {
      self->is_wrong = TRUE;
      return;
    }

  if (is_form (self, entry))
    {
      self->form = entry->long_name;
      set_form_argument (self, equals != NULL ? equals + 1 : NULL);
    }
  take_option (self, entry, g_strdup (word));
  if (takes_argument (entry) && equals == NULL)
    self->pending = entry;
}

/* Reads options like “-q” and “-qc”. */
static void
read_short (Reader *self, const char *word)
{
  for (const char *letter = word + 1; *letter != '\0'; letter++)
    {
      const GOptionEntry *entry = find_short (self, *letter);

      if (entry == NULL)
        {
          self->is_wrong = TRUE;
          return;
        }

      if (takes_argument (entry))
        {
          take_option (self, entry, g_strdup_printf ("-%c", *letter));
          self->pending = entry;
          self->is_wrong = letter[1] != '\0';
          return;
        }

      take_option (self, entry, g_strdup_printf ("-%c", *letter));
    }
}

/* Returns: whether a word is an option; a value like “-5” isn't */
static gboolean
is_option (const Reader *self, const char *word)
{
  return !self->is_separated && word[0] == '-' && (word[1] == '-' || g_ascii_isalpha (word[1]));
}

static void
read_verb (Reader *self, const char *word)
{
  guint n_verbs;
  const CliVerb *const *verbs = cli_verbs_get (&n_verbs);

  if (strcmp (word, "help") == 0 && !self->is_help)
    {
      self->is_help = TRUE;
      return;
    }

  for (guint i = 0; i < n_verbs; i++)
    if (strcmp (verbs[i]->name, word) == 0)
      self->line->verb = verbs[i];
  self->is_wrong = self->line->verb == NULL || self->is_help;
  collect_options (self);
}

static void
read_word (Reader *self, const char *word)
{
  if (self->pending != NULL)
    {
      if (self->pending->long_name == self->form)
        set_form_argument (self, word);
      take_option (self, self->pending, g_strdup (word));
      self->pending = NULL;
    }
  else if (!self->is_separated && strcmp (word, "--") == 0)
    self->is_separated = TRUE;
  else if (is_option (self, word) && word[1] == '-')
    read_long (self, word);
  else if (is_option (self, word))
    read_short (self, word);
  else if (self->line->verb == NULL)
    read_verb (self, word);
  else
    g_ptr_array_add (self->line->arguments, g_strdup (word));
}

/* Finds the argument at a position in “PATH VALUE [PATH VALUE…]”. The repeated part begins with the
 * last bracket, or is the last name alone.
 * Returns: (transfer full) (nullable): the name
 */
static char *
find_argument (const char *alternative, guint position)
{
  g_auto (GStrv) names = g_strsplit (alternative, " ", -1);
  guint length = g_strv_length (names);
  guint first = length - 1;
  const char *name;

  if (position >= length)
    {
      if (strstr (names[length - 1], "…") == NULL)
        return NULL;
      if (*names[first] != '[' && g_str_has_suffix (names[length - 1], "]"))
        while (first > 0 && *names[first] != '[')
          first--;
      position = first + (position - length) % (length - first);
    }

  name = names[position] + strspn (names[position], "[");

  return g_strndup (name, strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"));
}

/* Splits names separated by “|”. */
static char **
new_wants (const char *names)
{
  return names != NULL ? g_strsplit (names, "|", -1) : NULL;
}

/* Returns: (transfer none) (nullable): the arguments in an alternative, if the options in the line
 * allow it
 */
static const char *
find_form (const Reader *self, const char *alternative)
{
  if (self->form != NULL)
    return skip_option (alternative, self->form);

  return g_str_has_prefix (alternative, "--") ? NULL : alternative;
}

/* Returns the kinds of the verb's next argument. In a synopsis, “|” separates alternatives, of which
 * one may begin with its option, and “--” separates the arguments from a command.
 */
static char **
find_arguments (const Reader *self)
{
  const char *synopsis = self->line->verb->synopsis;
  const char *command = synopsis != NULL ? strstr (synopsis, "[-- ") : NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *own = NULL;
  g_auto (GStrv) alternatives = NULL;

  if (synopsis == NULL)
    return NULL;
  if (command != NULL && self->is_separated)
    return new_wants ("COMMAND-LINE");

  own = g_strndup (synopsis, command != NULL ? (gsize) (command - synopsis) : strlen (synopsis));
  alternatives = g_strsplit (own, "|", -1);
  for (char **alternative = alternatives; *alternative != NULL; alternative++)
    {
      const char *form = find_form (self, g_strstrip (*alternative));
      g_autofree char *name
          = form != NULL ? find_argument (form, self->line->arguments->len) : NULL;

      if (name != NULL)
        g_string_append_printf (names, "%s%s", names->len > 0 ? "|" : "", name);
    }

  return new_wants (names->str);
}

/* Determines the kinds of words that are allowed at the end. */
static void
read_last (Reader *self, const char *word)
{
  CliLine *line = self->line;
  const char *equals = strchr (word, '=');

  line->word = word;
  if (self->pending != NULL)
    {
      /* an option without its argument can't be used yet */
      if (is_global (self, self->pending))
        g_ptr_array_set_size (line->global, line->global->len - 1);
      line->wants = new_wants (self->pending->arg_description);
      return;
    }

  if (is_option (self, word) && word[1] == '-' && equals != NULL)
    {
      const GOptionEntry *entry = find_long (self, word + 2, (gsize) (equals - word) - 2);

      line->word = equals + 1;
      line->prefix = g_strndup (word, (gsize) (equals - word) + 1);
      if (entry != NULL && takes_argument (entry))
        line->wants = new_wants (entry->arg_description);
      return;
    }

  line->wants_option = is_option (self, word) || (!self->is_separated && strcmp (word, "-") == 0);
  if (line->wants_option)
    return;

  if (line->verb == NULL)
    line->wants = new_wants (self->is_help ? "VERB" : "VERB|help");
  else
    line->wants = find_arguments (self);
}

/**
 * cli_line_new:
 * @words: the words typed after the name of the command; the last one is the word to complete, and
 *   may be empty
 *
 * Returns: (transfer full): the analysis of the line; @words have to outlive it
 */
CliLine *
cli_line_new (char **words)
{
  CliLine *line = g_new0 (CliLine, 1);
  g_autoptr (GPtrArray) options = g_ptr_array_new ();
  Reader reader = { .line = line, .options = options };

  line->word = "";
  line->global = g_ptr_array_new_with_free_func (g_free);
  line->arguments = g_ptr_array_new_with_free_func (g_free);
  collect_options (&reader);
  for (; *words != NULL && words[1] != NULL && line->rest == NULL; words++)
    {
      if (!reader.is_wrong)
        read_word (&reader, *words);
      if (line->verb != NULL && line->verb->takes_all && !reader.is_help)
        line->rest = words + 1;
    }
  if (line->rest == NULL && *words != NULL && !reader.is_wrong)
    read_last (&reader, *words);
  if (line->prefix == NULL)
    line->prefix = g_strdup ("");

  return line;
}

void
cli_line_free (CliLine *self)
{
  g_free (self->prefix);
  g_free (self->form_argument);
  g_ptr_array_unref (self->global);
  g_ptr_array_unref (self->arguments);
  g_strfreev (self->wants);
  g_free (self);
}

/**
 * cli_line_get_options:
 *
 * Returns: (transfer container) (element-type GOptionEntry): the options that are allowed at the
 *   word
 */
GPtrArray *
cli_line_get_options (const CliLine *self)
{
  GPtrArray *options = g_ptr_array_new ();
  CliLine line = { .verb = self->verb };
  Reader reader = { .line = &line, .options = options };

  collect_options (&reader);

  return options;
}

/**
 * cli_line_wants:
 * @what: a kind of word, as named in a synopsis
 *
 * Returns: whether a word of this kind is allowed
 */
gboolean
cli_line_wants (const CliLine *self, const char *what)
{
  return self->wants != NULL && g_strv_contains ((const char *const *) self->wants, what);
}
