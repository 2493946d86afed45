/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/body.h"

#include <string.h>

/* GDBus closes its connection when it can't unpack a message, and makes objects of some hundred bytes
 * of a value that takes one byte in the message. Buses don't prevent either: they bound the size of a
 * message, and dbus-broker doesn't look at its body. So the marshalled bytes are walked here, without
 * a copy, before GDBus gets them. The walk ends at the first fault and at the first value over the
 * limit; it takes some nanoseconds a value, and stack for 64 levels at most.
 *
 * The walk is as strict as the specification, which is stricter than GDBus. The depth is the one of
 * GDBus: a fuzzer compares the two.
 */

/* 64 containers and a value in them: the parameters of a message are its outermost values */
#define MAX_DEPTH 65

#define MAX_ARRAY_BYTES (64 * 1024 * 1024)

typedef struct
{
  RunconfdBody *body;
  gsize at;
  RunconfdBodyState state;
} Walk;

static gboolean walk_value (Walk *walk, const char **type, guint depth);

static gboolean
fail (Walk *walk, RunconfdBodyState state)
{
  walk->state = state;

  return FALSE;
}

static gboolean
has (const Walk *walk, gsize n_bytes)
{
  return n_bytes <= walk->body->size - walk->at;
}

static gboolean
count (Walk *walk, gsize n_values)
{
  if (n_values > walk->body->max_values - walk->body->n_values)
    return fail (walk, RUNCONFD_BODY_TOO_MANY);

  walk->body->n_values += (guint) n_values;

  return TRUE;
}

/* The bytes between two values have to be zero. */
static gboolean
align (Walk *walk, gsize alignment)
{
  gsize n_bytes = (alignment - walk->at % alignment) % alignment;

  if (!has (walk, n_bytes))
    return fail (walk, RUNCONFD_BODY_INVALID);

  for (; n_bytes > 0; n_bytes--)
    {
      if (walk->body->data[walk->at++] != 0)
        return fail (walk, RUNCONFD_BODY_INVALID);
    }

  return TRUE;
}

static gboolean
read_length (Walk *walk, guint32 *length)
{
  if (!align (walk, sizeof *length))
    return FALSE;
  if (!has (walk, sizeof *length))
    return fail (walk, RUNCONFD_BODY_INVALID);

  memcpy (length, walk->body->data + walk->at, sizeof *length);
  *length = walk->body->is_big ? GUINT32_FROM_BE (*length) : GUINT32_FROM_LE (*length);
  walk->at += sizeof *length;

  return TRUE;
}

/* With the zero at its end, so that it is a string in place. */
static gboolean
read_chars (Walk *walk, gsize length, const char **string)
{
  if (!has (walk, length) || !has (walk, length + 1) || walk->body->data[walk->at + length] != '\0')
    return fail (walk, RUNCONFD_BODY_INVALID);

  *string = (const char *) walk->body->data + walk->at;
  if (!g_utf8_validate_len (*string, length, NULL))
    return fail (walk, RUNCONFD_BODY_INVALID);

  walk->at += length + 1;

  return TRUE;
}

static gboolean
read_signature (Walk *walk, const char **signature)
{
  gsize length;

  if (!has (walk, 1))
    return fail (walk, RUNCONFD_BODY_INVALID);

  length = walk->body->data[walk->at++];
  if (!read_chars (walk, length, signature))
    return FALSE;

  return g_variant_is_signature (*signature) ? TRUE : fail (walk, RUNCONFD_BODY_INVALID);
}

static gboolean
walk_string (Walk *walk, gboolean is_path)
{
  const char *string;
  guint32 length;

  if (!read_length (walk, &length) || !read_chars (walk, length, &string))
    return FALSE;

  return !is_path || g_variant_is_object_path (string) ? TRUE : fail (walk, RUNCONFD_BODY_INVALID);
}

static gboolean
walk_boolean (Walk *walk)
{
  guint32 value;

  if (!read_length (walk, &value))
    return FALSE;

  return value <= 1 ? TRUE : fail (walk, RUNCONFD_BODY_INVALID);
}

/* Returns: the size of a value of that type, or 0 if not all values of it are good or of one size */
static gsize
get_fixed_size (char type)
{
  switch (type)
    {
    case 'y':
      return 1;
    case 'n':
    case 'q':
      return 2;
    case 'i':
    case 'u':
    case 'h':
      return 4;
    case 'x':
    case 't':
    case 'd':
      return 8;
    default:
      return 0;
    }
}

static gboolean
walk_bytes (Walk *walk, gsize alignment, gsize n_bytes)
{
  if (!align (walk, alignment))
    return FALSE;
  if (!has (walk, n_bytes))
    return fail (walk, RUNCONFD_BODY_INVALID);

  walk->at += n_bytes;

  return TRUE;
}

static gsize
get_alignment (char type)
{
  switch (type)
    {
    case 'g':
    case 'v':
      return 1;
    case 'b':
    case 's':
    case 'o':
    case 'a':
      return 4;
    case '(':
    case '{':
      return 8;
    default:
      return get_fixed_size (type);
    }
}

static const char *
find_end (const char *type)
{
  const char *end = NULL;

  return g_variant_type_string_scan (type, NULL, &end) ? end : NULL;
}

static gboolean
walk_fixed_array (Walk *walk, char type, gsize length)
{
  gsize size = get_fixed_size (type);

  if (length % size != 0)
    return fail (walk, RUNCONFD_BODY_INVALID);

  return walk_bytes (walk, size, length) && (size == 1 || count (walk, length / size));
}

static gboolean
walk_members (Walk *walk, const char **type, char last, guint depth)
{
  if (!align (walk, 8))
    return FALSE;
  if (**type == last)
    return fail (walk, RUNCONFD_BODY_INVALID);

  while (**type != last)
    {
      if (!walk_value (walk, type, depth - 1))
        return FALSE;
    }

  (*type)++;

  return TRUE;
}

static gboolean
walk_elements (Walk *walk, const char *type, gsize length, guint depth)
{
  gsize end;

  if (!align (walk, get_alignment (*type)))
    return FALSE;
  if (!has (walk, length))
    return fail (walk, RUNCONFD_BODY_INVALID);

  end = walk->at + length;
  while (walk->at < end)
    {
      const char *element = type;

      if (!walk_value (walk, &element, depth - 1))
        return FALSE;
    }

  return walk->at == end ? TRUE : fail (walk, RUNCONFD_BODY_INVALID);
}

static gboolean
walk_array (Walk *walk, const char **type, guint depth)
{
  const char *element = *type;
  guint32 length;

  *type = find_end (element);
  if (!read_length (walk, &length))
    return FALSE;
  if (*type == NULL || length > MAX_ARRAY_BYTES)
    return fail (walk, RUNCONFD_BODY_INVALID);
  if (depth < 2)
    return fail (walk, RUNCONFD_BODY_TOO_DEEP);

  return get_fixed_size (*element) != 0 ? walk_fixed_array (walk, *element, length)
                                        : walk_elements (walk, element, length, depth);
}

/* Returns: how many levels a valid type has, a basic one 1. GLib allows 128. */
static guint
get_depth (const char **type)
{
  char first = *(*type)++;
  guint deepest = 0;

  if (first == 'a')
    return 1 + get_depth (type);
  if (first != '(' && first != '{')
    return 1;

  while (**type != ')' && **type != '}')
    {
      guint depth = get_depth (type);

      deepest = MAX (deepest, depth);
    }

  (*type)++;

  return 1 + deepest;
}

static gboolean
walk_variant (Walk *walk, guint depth)
{
  const char *type, *rest;

  if (!read_signature (walk, &type))
    return FALSE;
  if (!g_variant_type_string_is_valid (type))
    return fail (walk, RUNCONFD_BODY_INVALID);

  /* GDBus counts the levels of the type, also where an empty array has none of its elements */
  rest = type;
  if (get_depth (&rest) >= depth)
    return fail (walk, RUNCONFD_BODY_TOO_DEEP);

  return walk_value (walk, &type, depth - 1);
}

static gboolean
walk_value (Walk *walk, const char **type, guint depth)
{
  const char *signature;
  char first = *(*type)++;
  gsize size = get_fixed_size (first);

  if (depth == 0)
    return fail (walk, RUNCONFD_BODY_TOO_DEEP);
  if (!count (walk, 1))
    return FALSE;

  switch (first)
    {
    case 'b':
      return walk_boolean (walk);
    case 's':
    case 'o':
      return walk_string (walk, first == 'o');
    case 'g':
      return read_signature (walk, &signature);
    case 'a':
      return walk_array (walk, type, depth);
    case '(':
      return walk_members (walk, type, ')', depth);
    case '{':
      return walk_members (walk, type, '}', depth);
    case 'v':
      return walk_variant (walk, depth);
    default:
      return size != 0 ? walk_bytes (walk, size, size) : fail (walk, RUNCONFD_BODY_INVALID);
    }
}

/**
 * runconfd_body_check:
 * @signature: (nullable): of the message
 *
 * Checks the whole body of a message.
 */
RunconfdBodyState
runconfd_body_check (RunconfdBody *self, const char *signature)
{
  Walk walk = { .body = self };
  g_autofree char *tuple = g_strdup_printf ("(%s)", signature != NULL ? signature : "");
  const char *type = tuple + 1;

  self->n_values = 0;
  /* a body without values has no bytes, and one with values has some */
  if ((*type == ')') != (self->size == 0))
    return RUNCONFD_BODY_INVALID;
  if (signature != NULL
      && (!g_variant_is_signature (signature) || !g_variant_type_string_is_valid (tuple)))
    return RUNCONFD_BODY_INVALID;

  while (*type != ')')
    {
      if (!walk_value (&walk, &type, MAX_DEPTH))
        return walk.state;
    }

  return walk.at == self->size ? RUNCONFD_BODY_GOOD : RUNCONFD_BODY_INVALID;
}

/**
 * runconfd_body_skip:
 * @type: of the value
 * @at: where the value begins
 *
 * Checks a value that stands among others.
 *
 * Returns: where the value ends, or 0 if it isn't good
 */
gsize
runconfd_body_skip (RunconfdBody *self, const char *type, gsize at)
{
  Walk walk = { .body = self, .at = at };
  const char *rest = type;

  self->n_values = 0;
  if (!g_variant_is_signature (type) || !g_variant_type_string_is_valid (type) || at > self->size)
    return 0;

  return get_depth (&rest) < MAX_DEPTH && walk_value (&walk, &type, MAX_DEPTH - 1) ? walk.at : 0;
}
