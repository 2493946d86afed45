/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/input.h"

#include <string.h>

#include "core/node.h"

/* The text in the form that libyaml is given, since libyaml can't parse every text as it is.
 *
 * JSON writers escape a character beyond U+FFFF as a pair of surrogates, "\ud83d\ude00", which
 * libyaml refuses; it is given "\U0001F600" instead. Outside of double quotes a backslash has no
 * meaning, so characters that look like an escape there must stay. But the positions of double
 * quotes are only known after parsing. So at first each pair is replaced; then the text is scanned
 * for pairs outside of double quotes, and those are left alone in the final pass.
 *
 * U+0085, U+2028 and U+2029 are line breaks in YAML 1.1 and for libyaml, but ordinary characters in
 * YAML 1.2: a comment must not end there, nor a value change. In the text for libyaml they are
 * replaced by noncharacters that occur nowhere in the text, and in the values they are restored.
 *
 * In YAML 1.2, a tag can end at a bracket, as in {a: !unset}; libyaml requires a blank after it. It
 * is given a tag that is shorter by the blank, "!unse }". The same characters in a value must stay,
 * so they are found as the false escapes are.
 *
 * libyaml's positions count characters. Each replaced break is one character as well, and the changes
 * are looked up in the list.
 */

#define PAIR_LENGTH 12   /* bytes of \uD83D\uDE00 */
#define SCALAR_LENGTH 10 /* bytes of \U0001F600 */
#define TAG_LENGTH ((gssize) strlen (RUNCONF_TAG_KEY_UNSET))
#define N_BREAKS 3
#define FIRST_NONCHARACTER 0xfdd0
#define N_NONCHARACTERS 32

static const char *const breaks[N_BREAKS] = { "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9" };

/* A surrogate pair, or a tag before a bracket. */
typedef struct
{
  gsize offset;
  gboolean is_tag;
  gboolean is_verbatim;
} Change;

struct _RunconfInput
{
  const RunconfText *text;
  gsize start;      /* offset after the byte order mark */
  GString *altered; /* (nullable): the text for libyaml if it differs from the original */
  GArray *changes;  /* of Change, in order; (nullable) */
  gboolean has_breaks;
  gboolean is_direct; /* each character is one byte, and libyaml reads the original text */
  char stand_ins[N_BREAKS][4];

  /* the last position that was looked up: the next one is usually after it */
  gsize character;
  gsize offset;
  guint next_change;
};

static gboolean
parse_surrogate (const char *escape, guint first, guint *surrogate)
{
  *surrogate = 0;
  if (escape[0] != '\\' || escape[1] != 'u')
    return FALSE;

  for (guint i = 2; i < PAIR_LENGTH / 2; i++)
    {
      if (!g_ascii_isxdigit (escape[i]))
        return FALSE;
      *surrogate = *surrogate << 4 | (guint) g_ascii_xdigit_value (escape[i]);
    }

  return (*surrogate & 0xfc00) == first;
}

static gunichar
parse_pair (const char *escape)
{
  guint high, low;

  if (!parse_surrogate (escape, 0xd800, &high)
      || !parse_surrogate (escape + PAIR_LENGTH / 2, 0xdc00, &low))
    return 0;

  return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
}

static void
add_change (RunconfInput *self, gsize offset, gboolean is_tag)
{
  Change change = { offset, is_tag, FALSE };

  if (self->changes == NULL)
    self->changes = g_array_new (FALSE, FALSE, sizeof (Change));
  g_array_append_val (self->changes, change);
}

static void
find_pairs (RunconfInput *self)
{
  const RunconfText *text = self->text;
  const char *end = text->data + text->length;
  const char *found = text->data;

  while (found < end && (found = memchr (found, '\\', end - found)) != NULL)
    {
      if (end - found < PAIR_LENGTH)
        break;
      if (found[1] == '\\')
        {
          /* the second backslash is escaped by the first */
          found += 2;
          continue;
        }
      if (parse_pair (found) == 0)
        {
          found++;
          continue;
        }

      add_change (self, found - text->data, FALSE);
      found += PAIR_LENGTH;
    }
}

/* Only a tag without a value can be there. */
static void
find_tags (RunconfInput *self)
{
  const RunconfText *text = self->text;
  const char *end = text->data + text->length;
  const char *found = text->data;

  while (found < end
         && (found = memmem (found, end - found, RUNCONF_TAG_KEY_UNSET, TAG_LENGTH)) != NULL)
    {
      if (end - found > TAG_LENGTH && (found[TAG_LENGTH] == '}' || found[TAG_LENGTH] == ']'))
        add_change (self, found - text->data, TRUE);
      found += TAG_LENGTH;
    }
}

static int
compare_changes (gconstpointer a, gconstpointer b)
{
  gsize left = ((const Change *) a)->offset, right = ((const Change *) b)->offset;

  return left < right ? -1 : left > right;
}

static void
find_changes (RunconfInput *self)
{
  guint n_pairs;

  find_pairs (self);
  n_pairs = self->changes != NULL ? self->changes->len : 0;
  find_tags (self);
  if (n_pairs > 0 && self->changes->len > n_pairs)
    g_array_sort (self->changes, compare_changes);
}

static const Change *
get_change (const RunconfInput *self, guint position)
{
  return self->changes != NULL && position < self->changes->len
             ? &g_array_index (self->changes, Change, position)
             : NULL;
}

static gboolean
has_breaks (const RunconfText *text)
{
  for (guint i = 0; i < N_BREAKS; i++)
    {
      if (memmem (text->data, text->length, breaks[i], strlen (breaks[i])) != NULL)
        return TRUE;
    }

  return FALSE;
}

/* Returns: the noncharacters in the text, as themselves or possibly as escapes, a bit for each */
static guint32
find_used_noncharacters (const RunconfText *text)
{
  guint32 used = 0;

  for (gsize i = 0; i + 4 <= text->length; i++)
    {
      const char *digits = text->data + i;
      const guchar *bytes = (const guchar *) digits;

      if (bytes[0] == 0xef && bytes[1] == 0xb7 && bytes[2] >= 0x90 && bytes[2] <= 0xaf)
        used |= 1u << (bytes[2] - 0x90);
      else if (g_ascii_strncasecmp (digits, "fdd", 3) == 0 && g_ascii_isxdigit (digits[3]))
        used |= 1u << g_ascii_xdigit_value (digits[3]);
      else if (g_ascii_strncasecmp (digits, "fde", 3) == 0 && g_ascii_isxdigit (digits[3]))
        used |= 1u << (16 + g_ascii_xdigit_value (digits[3]));
    }

  return used;
}

static gboolean
choose_stand_ins (RunconfInput *self, GError **error)
{
  guint32 used = find_used_noncharacters (self->text);
  guint n_chosen = 0;

  for (guint i = 0; n_chosen < N_BREAKS && i < N_NONCHARACTERS; i++)
    {
      if ((used & (1u << i)) == 0)
        g_unichar_to_utf8 (FIRST_NONCHARACTER + i, self->stand_ins[n_chosen++]);
    }

  if (n_chosen == N_BREAKS)
    return TRUE;

  runconf_text_fail (self->text, 0, RUNCONF_ERROR_INVALID_VALUE, error,
                     "the text is full of noncharacters; write U+0085, U+2028 and U+2029 in it as "
                     "escapes in double quotes");
  return FALSE;
}

static guint
find_break (const char *bytes, gsize n_bytes)
{
  for (guint i = 0; i < N_BREAKS; i++)
    {
      gsize length = strlen (breaks[i]);

      if (n_bytes >= length && memcmp (bytes, breaks[i], length) == 0)
        return i;
    }

  return N_BREAKS;
}

static void
append_altered (RunconfInput *self, gsize start, gsize end)
{
  const char *data = self->text->data;

  if (!self->has_breaks)
    {
      g_string_append_len (self->altered, data + start, end - start);
      return;
    }

  for (gsize i = start; i < end;)
    {
      guint found = find_break (data + i, end - i);

      if (found == N_BREAKS)
        {
          g_string_append_c (self->altered, data[i]);
          i++;
        }
      else
        {
          g_string_append (self->altered, self->stand_ins[found]);
          i += strlen (breaks[found]);
        }
    }
}

static void
alter (RunconfInput *self)
{
  const RunconfText *text = self->text;
  gsize start = self->start;
  const Change *change;

  if (self->altered == NULL)
    self->altered = g_string_sized_new (text->length);
  g_string_truncate (self->altered, 0);

  for (guint i = 0; (change = get_change (self, i)) != NULL; i++)
    {
      append_altered (self, start, change->offset);
      if (change->is_tag)
        g_string_append (self->altered, RUNCONF_INPUT_UNSET " ");
      else
        g_string_append_printf (self->altered, "\\U%08X", parse_pair (text->data + change->offset));
      start = change->offset + (change->is_tag ? TAG_LENGTH : PAIR_LENGTH);
    }
  append_altered (self, start, text->length);
}

static void
rewind (RunconfInput *self)
{
  self->character = 0;
  self->offset = self->start;
  self->next_change = 0;
}

/**
 * runconf_input_new:
 * @text: a text that runconf_text_check() accepted; it has to outlive the input
 *
 * Returns: (transfer full) (nullable): the input, or %NULL with %RUNCONF_ERROR_INVALID_VALUE
 */
RunconfInput *
runconf_input_new (const RunconfText *text, GError **error)
{
  g_autoptr (RunconfInput) self = g_new0 (RunconfInput, 1);
  gboolean is_ascii;

  self->text = text;
  self->start = runconf_text_get_bom_length (text);
  is_ascii = runconf_text_is_ascii (text, self->start);
  self->has_breaks = !is_ascii && has_breaks (text);
  find_changes (self);
  self->is_direct = is_ascii && self->changes == NULL;
  rewind (self);

  if (self->has_breaks && !choose_stand_ins (self, error))
    return NULL;
  if (self->has_breaks || self->changes != NULL)
    alter (self);

  return g_steal_pointer (&self);
}

void
runconf_input_free (RunconfInput *self)
{
  if (self->altered != NULL)
    g_string_free (self->altered, TRUE);
  if (self->changes != NULL)
    g_array_unref (self->changes);
  g_free (self);
}

/**
 * runconf_input_get_data:
 * @length: (out): its length in bytes
 *
 * Returns: (transfer none): the text for libyaml, without a byte order mark
 */
const char *
runconf_input_get_data (const RunconfInput *self, gsize *length)
{
  if (self->altered != NULL)
    {
      *length = self->altered->len;
      return self->altered->str;
    }

  *length = self->text->length - self->start;
  return self->text->data + self->start;
}

/* The shorter tag ends where the tag ends. */
static gsize
find_in_tag (const RunconfInput *self, gsize n_characters)
{
  return self->offset + n_characters + (n_characters == strlen (RUNCONF_INPUT_UNSET) ? 1 : 0);
}

/**
 * runconf_input_get_offset:
 * @character: a position of libyaml, in characters
 *
 * The cost is proportional to the distance from the last position that was looked up, so look
 * positions up in the order of the text.
 *
 * Returns: the offset in the bytes of the text
 */
gsize
runconf_input_get_offset (RunconfInput *self, gsize character)
{
  const RunconfText *text = self->text;
  const Change *change;

  if (self->is_direct)
    return MIN (self->start + character, text->length);

  if (character < self->character)
    rewind (self);

  change = get_change (self, self->next_change);
  while (self->character < character && self->offset < text->length)
    {
      gsize width = change != NULL && change->is_tag ? TAG_LENGTH : SCALAR_LENGTH;

      if (change == NULL || self->offset < change->offset)
        {
          self->offset += g_utf8_skip[(guchar) text->data[self->offset]];
          self->character++;
          continue;
        }

      if (self->character + width > character)
        return change->is_tag ? find_in_tag (self, character - self->character) : self->offset;
      self->offset += change->is_tag ? TAG_LENGTH : PAIR_LENGTH;
      self->character += width;
      change = get_change (self, ++self->next_change);
    }

  return self->offset;
}

static guint
find_first_change (const RunconfInput *self, gsize start)
{
  guint low = 0;
  guint high = self->changes->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (get_change (self, middle)->offset < start)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/**
 * runconf_input_is_unset:
 * @start: the offset of the first byte of a node whose tag is %RUNCONF_INPUT_UNSET for libyaml
 * @end: the offset after its last byte
 *
 * Returns: whether its tag is `!unset` in the text
 */
gboolean
runconf_input_is_unset (const RunconfInput *self, gsize start, gsize end)
{
  const Change *change
      = self->changes != NULL ? get_change (self, find_first_change (self, start)) : NULL;

  return change != NULL && change->is_tag && change->offset < end;
}

/**
 * runconf_input_has_changes:
 *
 * Returns: whether runconf_input_note_scalar() and runconf_input_correct() have to find the changes
 *   of what is no escape and no tag before the input is parsed
 */
gboolean
runconf_input_has_changes (const RunconfInput *self)
{
  return self->changes != NULL;
}

/**
 * runconf_input_note_scalar:
 * @start: the offset of the first byte of a scalar
 * @end: the offset after its last byte
 * @has_escapes: whether it is double-quoted
 * @is_unset: whether its tag is %RUNCONF_INPUT_UNSET for libyaml, and it has no value
 *
 * Notes that any surrogate pairs between the two are no escapes, and that any tags are none.
 */
void
runconf_input_note_scalar (RunconfInput *self, gsize start, gsize end, gboolean has_escapes,
                           gboolean is_unset)
{
  const Change *change;

  for (guint i = find_first_change (self, start);
       (change = get_change (self, i)) != NULL && change->offset < end; i++)
    g_array_index (self->changes, Change, i).is_verbatim
        = change->is_tag ? !is_unset : !has_escapes;
}

/**
 * runconf_input_correct:
 *
 * Generates the text for libyaml again, without the changes that were noted.
 */
void
runconf_input_correct (RunconfInput *self)
{
  guint n_kept = 0;

  for (guint i = 0; i < self->changes->len; i++)
    {
      Change change = g_array_index (self->changes, Change, i);

      if (!change.is_verbatim)
        g_array_index (self->changes, Change, n_kept++) = change;
    }
  g_array_set_size (self->changes, n_kept);
  rewind (self);
  alter (self);
}

/**
 * runconf_input_restore:
 * @value: (inout): a value from libyaml
 *
 * Restores the line breaks of YAML 1.1 in a value.
 *
 * Returns: its new length, at most @length
 */
gsize
runconf_input_restore (const RunconfInput *self, char *value, gsize length)
{
  gsize n_written = 0;

  if (!self->has_breaks)
    return length;

  for (gsize i = 0; i < length;)
    {
      guint found = 0;

      while (found < N_BREAKS && strncmp (value + i, self->stand_ins[found], 3) != 0)
        found++;

      if (found == N_BREAKS)
        {
          value[n_written++] = value[i++];
        }
      else
        {
          memcpy (value + n_written, breaks[found], strlen (breaks[found]));
          n_written += strlen (breaks[found]);
          i += 3;
        }
    }
  value[n_written] = '\0';

  return n_written;
}
