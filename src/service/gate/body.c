/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/body.h"

#include <string.h>

/* Checks the body of a message before GDBus reads it. GDBus closes a connection when it can't
 * unpack a message, and allocates an object for each value of other messages. A bus checks less
 * than GDBus (dbus-broker checks no body at all) and counts bytes instead of values. Therefore the
 * check walks a body by the marshalling rules of the D-Bus specification, with the limits of GDBus
 * where these are lower. The walk allocates nothing, and its time grows with the bytes that it
 * reads.
 *
 * Valid:   "s" with 01 00 00 00 61 00; "v" with 01 79 00 05
 * Invalid: "b" with 02 00 00 00; "v" with a signature of two types; bytes after the last value
 */

#define MAX_SIGNATURE 255

/* of arrays in arrays, and of structs in structs, in one signature */
#define MAX_NESTING 32

/* nested containers, variants included, and the value in the innermost one */
#define MAX_DEPTH 64

/* the same for the value of a field in a header: GDBus allows one level less there */
#define MAX_FIELD_DEPTH 63

#define MAX_ARRAY_BYTES (64 * 1024 * 1024)

/* Estimates of the memory that a value takes: a GVariant, the buffer of its contents and its place
 * in its parent, which doubles as it grows; and a character of a signature in a variant, for which
 * GVariant describes each type that is part of it. test-body.c measures them.
 */
#define VALUE_MEMORY 192
#define SIGNATURE_MEMORY 128
#define BYTE_MEMORY 3

/* A valid signature. @next has for the index of each type the index after that type. */
typedef struct
{
  char string[MAX_SIGNATURE + 1];
  guint8 next[MAX_SIGNATURE + 1];
  guint length;
  guint depth;
} Type;

typedef struct
{
  const guint8 *data;
  gsize at;
  gsize end;
  RunconfdBody *body;
  RunconfdBodyState state;
} Walk;

static gboolean walk_value (Walk *self, const Type *type, guint index, guint depth);

static gboolean
fail (Walk *self, RunconfdBodyState state, const char *problem)
{
  self->state = state;
  self->body->problem = problem;
  self->body->fault = self->at;

  return FALSE;
}

static gboolean
fail_invalid (Walk *self, const char *problem)
{
  return fail (self, RUNCONFD_BODY_INVALID, problem);
}

static gboolean
charge (Walk *self, guint n_values, gsize memory)
{
  RunconfdBody *body = self->body;

  if (n_values > body->max_values - body->n_values)
    return fail (self, RUNCONFD_BODY_TOO_MANY, "there are too many values");

  body->n_values += n_values;
  body->memory += memory;
  if (body->memory > body->max_memory)
    return fail (self, RUNCONFD_BODY_TOO_MANY, "its values take too much memory");

  return TRUE;
}

/* Returns: the size of a number in bytes, or 0 for another type */
static guint
get_number_size (char code)
{
  switch (code)
    {
    case 'y':
      return 1;
    case 'n':
    case 'q':
      return 2;
    case 'b':
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
is_basic (char code)
{
  return get_number_size (code) > 0 || code == 's' || code == 'o' || code == 'g';
}

static guint
get_alignment (char code)
{
  if (code == 's' || code == 'o' || code == 'a')
    return 4;
  if (code == 'g' || code == 'v')
    return 1;

  return code == '(' || code == '{' ? 8 : get_number_size (code);
}

static guint parse_type (Type *self, guint at, guint n_arrays, guint n_structs, guint *depth);

/* Parses the types between two matching brackets.
 *
 * Returns: the index after the closing bracket, or 0 if the signature is invalid
 */
static guint
parse_members (Type *self, guint at, guint n_arrays, guint n_structs, guint *depth)
{
  char end = self->string[at] == '(' ? ')' : '}';
  guint n_members = 0;
  guint i = at + 1;

  while (i < self->length && self->string[i] != end)
    {
      guint below = 0;

      if (end == '}' && (n_members == 2 || (n_members == 0 && !is_basic (self->string[i]))))
        return 0;

      i = parse_type (self, i, n_arrays, n_structs, &below);
      if (i == 0)
        return 0;

      *depth = MAX (*depth, below + 1);
      n_members++;
    }

  return i < self->length && n_members >= (end == '}' ? 2 : 1) ? i + 1 : 0;
}

/* Returns: the index after the type, or 0 if it is invalid */
static guint
parse_type (Type *self, guint at, guint n_arrays, guint n_structs, guint *depth)
{
  char code = at < self->length ? self->string[at] : '\0';
  gboolean is_entry = code == '{' && at > 0 && self->string[at - 1] == 'a';
  guint next = 0;

  *depth = 1;
  if (is_basic (code) || code == 'v')
    {
      next = at + 1;
    }
  else if (code == 'a' && n_arrays < MAX_NESTING)
    {
      next = parse_type (self, at + 1, n_arrays + 1, n_structs, depth);
      *depth += 1;
    }
  else if ((code == '(' || is_entry) && n_structs < MAX_NESTING)
    {
      next = parse_members (self, at, n_arrays, n_structs + 1, depth);
    }
  self->next[at] = (guint8) next;

  return next;
}

/* Returns: whether it is a list of valid types */
static gboolean
parse_signature (Type *self, const char *string, gsize length, guint *n_types)
{
  guint at = 0;

  *n_types = 0;
  if (length > MAX_SIGNATURE)
    return FALSE;

  memcpy (self->string, string, length);
  self->string[length] = '\0';
  self->length = (guint) length;
  self->depth = 0;
  while (at < self->length)
    {
      guint depth;

      at = parse_type (self, at, 0, 0, &depth);
      if (at == 0)
        return FALSE;

      self->depth = MAX (self->depth, depth);
      *n_types += 1;
    }

  return TRUE;
}

static gboolean
align (Walk *self, guint alignment)
{
  gsize aligned = (self->at + alignment - 1) & ~((gsize) alignment - 1);

  if (aligned > self->end)
    return fail_invalid (self, "the body ends within a value");

  for (; self->at < aligned; self->at++)
    {
      if (self->data[self->at] != 0)
        return fail_invalid (self, "padding has to be zero");
    }

  return TRUE;
}

static gboolean
need (Walk *self, gsize size)
{
  return size <= self->end - self->at || fail_invalid (self, "the body ends within a value");
}

static gboolean
walk_length (Walk *self, guint32 *length)
{
  guint32 number;

  if (!align (self, sizeof number) || !need (self, sizeof number))
    return FALSE;

  memcpy (&number, self->data + self->at, sizeof number);
  *length = self->body->is_big ? GUINT32_FROM_BE (number) : GUINT32_FROM_LE (number);
  self->at += sizeof number;

  return TRUE;
}

static gboolean
walk_number (Walk *self, char code)
{
  guint size = get_number_size (code);
  guint32 number = 0;

  if (!align (self, size) || !need (self, size))
    return FALSE;

  if (code == 'b')
    {
      if (!walk_length (self, &number))
        return FALSE;
      return number <= 1 || fail_invalid (self, "a boolean has to be 0 or 1");
    }

  self->at += size;

  return TRUE;
}

/* Reads characters and the zero after them. */
static gboolean
walk_chars (Walk *self, gsize length, const char **chars)
{
  if (!need (self, length) || !need (self, length + 1))
    return FALSE;
  if (self->data[self->at + length] != '\0')
    return fail_invalid (self, "a string has to end with a zero byte");

  *chars = (const char *) self->data + self->at;
  self->at += length + 1;

  return TRUE;
}

static gboolean
walk_string (Walk *self, char code)
{
  const char *chars;
  guint32 length;

  if (!walk_length (self, &length) || !walk_chars (self, length, &chars))
    return FALSE;
  if (!g_utf8_validate_len (chars, length, NULL))
    return fail_invalid (self, "a string has to be UTF-8 without zero bytes");
  if (code == 'o' && !g_variant_is_object_path (chars))
    return fail_invalid (self, "an object path isn't valid");

  return TRUE;
}

static gboolean
walk_signature (Walk *self, Type *type, guint *n_types)
{
  const char *chars;
  guint8 length;

  if (!need (self, 1))
    return FALSE;

  length = self->data[self->at++];
  if (!walk_chars (self, length, &chars))
    return FALSE;

  return parse_signature (type, chars, length, n_types)
         || fail_invalid (self, "a signature isn't valid");
}

static gboolean
walk_signature_value (Walk *self)
{
  Type type;
  guint n_types;

  return walk_signature (self, &type, &n_types);
}

static gboolean
walk_variant (Walk *self, guint depth)
{
  Type type;
  guint n_types;

  if (!walk_signature (self, &type, &n_types))
    return FALSE;
  if (n_types != 1)
    return fail_invalid (self, "a variant has to hold one value");
  if (depth <= type.depth)
    return fail (self, RUNCONFD_BODY_TOO_DEEP,
                 "there are more than 63 nested containers, variants included");

  return charge (self, 0, type.length > 1 ? type.length * SIGNATURE_MEMORY : 0)
         && walk_value (self, &type, 0, depth - 1);
}

/* GDBus counts the padding before the first element as part of the array, and stops that many bytes
 * too early. It then loses a last element that isn't larger than the padding, and the connection.
 */
static gboolean
walk_elements (Walk *self, const Type *type, guint index, guint depth, gsize padding)
{
  for (gsize first = self->at; self->at < self->end;)
    {
      if (self->at > first && self->at + padding >= self->end)
        return fail_invalid (
            self, "the last element of an array is too small to be distinguished from padding");
      if (!walk_value (self, type, index, depth))
        return FALSE;
    }

  return TRUE;
}

static gboolean
walk_array (Walk *self, const Type *type, guint index, guint depth)
{
  char code = type->string[index + 1];
  guint size = get_number_size (code);
  gsize outer = self->end, before;
  guint32 length;
  gboolean is_good;

  if (!walk_length (self, &length))
    return FALSE;
  if (length > MAX_ARRAY_BYTES)
    return fail_invalid (self, "an array has 64 MiB at most");

  before = self->at;
  if (!align (self, get_alignment (code)) || !need (self, length))
    return FALSE;
  if (size > 0 && length % size != 0)
    return fail_invalid (self,
                         "the length of an array has to be a multiple of the size of its elements");

  if (size > 0 && code != 'b')
    {
      self->at += length;
      return TRUE;
    }

  self->end = self->at + length;
  is_good = walk_elements (self, type, index + 1, depth - 1, self->at - before);
  self->end = outer;

  return is_good;
}

static gboolean
walk_members (Walk *self, const Type *type, guint index, guint depth)
{
  if (!align (self, 8))
    return FALSE;

  for (guint i = index + 1; type->string[i] != ')' && type->string[i] != '}'; i = type->next[i])
    {
      if (!walk_value (self, type, i, depth - 1))
        return FALSE;
    }

  return TRUE;
}

static gboolean
walk_value (Walk *self, const Type *type, guint index, guint depth)
{
  char code = type->string[index];

  if (!charge (self, 1, VALUE_MEMORY))
    return FALSE;

  switch (code)
    {
    case 's':
    case 'o':
      return walk_string (self, code);
    case 'g':
      return walk_signature_value (self);
    case 'v':
      return walk_variant (self, depth);
    case 'a':
      return walk_array (self, type, index, depth);
    case '(':
    case '{':
      return walk_members (self, type, index, depth);
    default:
      return walk_number (self, code);
    }
}

static gboolean
walk_all (Walk *self, const char *signature, gboolean is_one, guint depth)
{
  Type type;
  guint n_types;

  if (!parse_signature (&type, signature, strnlen (signature, MAX_SIGNATURE + 1), &n_types)
      || (is_one && n_types != 1))
    return fail_invalid (self, "the signature isn't valid");
  if (type.depth > depth)
    return fail (self, RUNCONFD_BODY_TOO_DEEP, "the signature is nested too deeply");

  if (!charge (self, 0, type.length * SIGNATURE_MEMORY + (self->end - self->at) * BYTE_MEMORY))
    return FALSE;

  for (guint i = 0; i < type.length; i = type.next[i])
    {
      if (!walk_value (self, &type, i, depth))
        return FALSE;
    }

  return TRUE;
}

static Walk
begin (RunconfdBody *body, gsize at)
{
  body->n_values = 0;
  body->memory = 0;
  body->problem = NULL;
  body->fault = 0;

  return (Walk){ .data = body->data, .at = at, .end = body->size, .body = body };
}

/**
 * runconfd_body_check:
 * @signature: (nullable): of the message
 *
 * Checks that GDBus can unpack the whole body of a message, and that the body has no more values
 * than allowed. The check ends at the first value that is invalid or over a limit.
 */
RunconfdBodyState
runconfd_body_check (RunconfdBody *self, const char *signature)
{
  Walk walk = begin (self, 0);

  if (self->size == 0 && signature != NULL && *signature != '\0')
    fail_invalid (&walk, "there is a signature and no body");
  else if (walk_all (&walk, signature != NULL ? signature : "", FALSE, MAX_DEPTH)
           && walk.at < walk.end)
    fail_invalid (&walk, "there are bytes after the last value");

  return walk.state;
}

/**
 * runconfd_body_skip:
 * @type: of the value
 * @at: the offset of the value
 *
 * Checks one value of several.
 *
 * Returns: the offset after the value, or 0 if it isn't good
 */
gsize
runconfd_body_skip (RunconfdBody *self, const char *type, gsize at)
{
  Walk walk = begin (self, at);

  return at <= self->size && walk_all (&walk, type, TRUE, MAX_FIELD_DEPTH) ? walk.at : 0;
}
