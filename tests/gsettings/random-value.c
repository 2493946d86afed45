/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/gsettings/random-value.h"

#include <math.h>
#include <string.h>

static guint
random_below (guint end)
{
  return g_test_rand_int_range (0, end);
}

static void
append_basic_type (GString *out)
{
  static const char letters[] = "bynqiuxthdsog";

  g_string_append_c (out, letters[random_below (sizeof letters - 1)]);
}

static void
append_type (GString *out, guint depth)
{
  guint sort = depth > 0 ? random_below (10) : 0;

  switch (sort)
    {
    case 3:
      g_string_append_c (out, 'v');
      break;
    case 4:
    case 5:
      g_string_append_c (out, 'a');
      append_type (out, depth - 1);
      break;
    case 6:
      g_string_append_c (out, 'm');
      append_type (out, depth - 1);
      break;
    case 7:
    case 8:
      g_string_append (out, sort == 7 ? "a{" : "{");
      append_basic_type (out);
      append_type (out, depth - 1);
      g_string_append_c (out, '}');
      break;
    case 9:
      g_string_append_c (out, '(');
      for (guint left = random_below (4); left > 0; left--)
        append_type (out, depth - 1);
      g_string_append_c (out, ')');
      break;
    default:
      append_basic_type (out);
      break;
    }
}

/* Returns: (transfer full): a type of at most @depth containers in each other */
GVariantType *
random_type (guint depth)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_type (text, depth);

  return g_variant_type_new (text->str);
}

static gint64
random_integer (void)
{
  static const gint64 values[]
      = { 0,          1,          -1,          G_MAXINT32, G_MININT32, (gint64) G_MAXINT32 + 1,
          G_MAXINT64, G_MININT64, G_MAXUINT32, G_MAXINT16, G_MAXUINT8, (gint64) G_MININT32 - 1 };
  guint64 bits = (guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();

  return random_below (2) == 0 ? values[random_below (G_N_ELEMENTS (values))]
                               : (gint64) (bits >> random_below (64));
}

static double
random_double (void)
{
  static const double values[]
      = { 0.0, -0.0, 1.0, -1.0, 0.1, 1e300, -5e-324, NAN, -NAN, INFINITY, -INFINITY };

  return random_below (2) == 0 ? values[random_below (G_N_ELEMENTS (values))]
                               : g_test_rand_double_range (-1e6, 1e6);
}

static char *
random_string (void)
{
  static const char *const texts[] = { "",
                                       "a",
                                       "b",
                                       "gvariant",
                                       "null",
                                       "true",
                                       "1",
                                       "~",
                                       "a/b",
                                       "don't",
                                       "\"quoted\"",
                                       "uint32 5",
                                       "ключ",
                                       "日本語",
                                       "\xf0\x9d\x84\x9e",
                                       "\n",
                                       "two\nlines\n",
                                       " space ",
                                       "\t",
                                       "# no comment",
                                       "%s",
                                       "{}",
                                       "<<",
                                       "\x01\x1b\x7f",
                                       ("\xef\xbb\xbf"
                                        "bom"),
                                       "!unset",
                                       "!!binary",
                                       "\xe2\x80\xa8",
                                       "back\\slash",
                                       "- item" };
  guint sort = random_below (100);

  if (sort == 0)
    return g_strnfill (1000, 'k');
  if (sort == 1)
    return g_strnfill (1001, 'k');

  return g_strdup (texts[random_below (G_N_ELEMENTS (texts))]);
}

static GVariant *
random_basic (char type)
{
  static const char *const paths[] = { "/", "/org/runconf", "/a_1" };
  static const char *const signatures[] = { "", "a{sv}", "(uas)", "s" };

  switch (type)
    {
    case 'b':
      return g_variant_new_boolean (random_below (2));
    case 'y':
      return g_variant_new_byte (random_integer ());
    case 'n':
      return g_variant_new_int16 (random_integer ());
    case 'q':
      return g_variant_new_uint16 (random_integer ());
    case 'i':
      return g_variant_new_int32 (random_integer ());
    case 'u':
      return g_variant_new_uint32 (random_integer ());
    case 'x':
      return g_variant_new_int64 (random_integer ());
    case 't':
      return g_variant_new_uint64 (random_integer ());
    case 'h':
      return g_variant_new_handle (random_integer ());
    case 'd':
      return g_variant_new_double (random_double ());
    case 's':
      return g_variant_new_take_string (random_string ());
    case 'o':
      return g_variant_new_object_path (paths[random_below (G_N_ELEMENTS (paths))]);
    case 'g':
      return g_variant_new_signature (signatures[random_below (G_N_ELEMENTS (signatures))]);
    default:
      g_assert_not_reached ();
    }
}

static GVariant *
random_array (const GVariantType *element, guint depth)
{
  guint length = random_below (4);
  GVariant *items[4];

  for (guint i = 0; i < length; i++)
    items[i] = random_value (element, depth);

  return g_variant_new_array (element, items, length);
}

static GVariant *
random_members (const GVariantType *type, guint depth)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new ();

  for (const GVariantType *member = g_variant_type_first (type); member != NULL;
       member = g_variant_type_next (member))
    g_ptr_array_add (members, random_value (member, depth));

  return g_variant_type_is_tuple (type)
             ? g_variant_new_tuple ((GVariant **) members->pdata, members->len)
             : g_variant_new_dict_entry (members->pdata[0], members->pdata[1]);
}

/* Half of the variants have a child whose type a form tells, since few random types are such. */
static GVariant *
random_variant (guint depth)
{
  static const char *const told[] = { "b", "i", "d", "s", "as", "a{sv}", "aai", "ay", "aa{sv}" };
  g_autoptr (GVariantType) type
      = random_below (2) == 0 ? g_variant_type_new (told[random_below (G_N_ELEMENTS (told))])
                              : random_type (depth);

  return g_variant_new_variant (random_value (type, depth));
}

/* Returns: (transfer floating): a value; @depth is how many containers variants may add */
GVariant *
random_value (const GVariantType *type, guint depth)
{
  guint below = depth > 0 ? depth - 1 : 0;
  const GVariantType *element;

  switch (*g_variant_type_peek_string (type))
    {
    case 'v':
      return random_variant (below);
    case 'a':
      return random_array (g_variant_type_element (type), below);
    case 'm':
      element = g_variant_type_element (type);
      return g_variant_new_maybe (element,
                                  random_below (3) > 0 ? random_value (element, below) : NULL);
    case '(':
    case '{':
      return random_members (type, below);
    default:
      return random_basic (*g_variant_type_peek_string (type));
    }
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char *
print_container (GVariant *value)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *joined = NULL;
  gsize length = g_variant_n_children (value);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      g_ptr_array_add (texts, print_sorted (child));
    }

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DICTIONARY))
    g_ptr_array_sort (texts, compare_texts);
  g_ptr_array_add (texts, NULL);
  joined = g_strjoinv (", ", (char **) texts->pdata);

  return g_strdup_printf ("%s:[%s]", g_variant_get_type_string (value), joined);
}

/* Returns: (transfer full): a text with all types, the same for values that differ in the order of
 *   dictionary entries or the bits of NaN only
 */
char *
print_sorted (GVariant *value)
{
  /* GLib 2.84 loses the memory of a short bytestring that is read byte by byte */
  if (g_variant_is_container (value) && !g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return print_container (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE) && isnan (g_variant_get_double (value)))
    return g_strdup ("nan");

  return g_variant_print (value, TRUE);
}
