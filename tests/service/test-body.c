/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <malloc.h>
#include <string.h>

#include <gio/gio.h>

#include "service/gate/body.h"

#define BYTES(...) (const guint8[]){ __VA_ARGS__ }, sizeof ((const guint8[]){ __VA_ARGS__ })

typedef struct
{
  const char *name;
  const char *signature;
  const guint8 *data;
  gsize size;
  const char *problem; /* NULL if it is valid */
} Row;

static const Row rows[] = {
  { "nothing", "", BYTES (0), "bytes after" },
  { "a number", "u", BYTES (1, 2, 3, 4), NULL },
  { "a short number", "u", BYTES (1, 2, 3), "ends within" },
  { "bytes behind", "y", BYTES (1, 2), "bytes after" },
  { "true", "b", BYTES (1, 0, 0, 0), NULL },
  { "two as a boolean", "b", BYTES (2, 0, 0, 0), "0 or 1" },
  { "two as a boolean of an array", "ab", BYTES (4, 0, 0, 0, 2, 0, 0, 0), "0 or 1" },
  { "padding", "yu", BYTES (1, 0, 0, 0, 1, 0, 0, 0), NULL },
  { "padding that isn't zero", "yu", BYTES (1, 0, 9, 0, 1, 0, 0, 0), "padding" },
  { "a string", "s", BYTES (1, 0, 0, 0, 'a', 0), NULL },
  { "a string without its end", "s", BYTES (1, 0, 0, 0, 'a', 'b'), "end with a zero byte" },
  { "a string that isn't UTF-8", "s", BYTES (1, 0, 0, 0, 0xff, 0), "UTF-8" },
  { "a string with a zero in it", "s", BYTES (3, 0, 0, 0, 'a', 0, 'b', 0), "UTF-8" },
  { "a string longer than the body", "s", BYTES (255, 255, 255, 255, 'a', 0), "ends within" },
  { "a path", "o", BYTES (2, 0, 0, 0, '/', 'a', 0), NULL },
  { "two slashes as a path", "o", BYTES (2, 0, 0, 0, '/', '/', 0), "object path" },
  { "a signature", "g", BYTES (2, 'a', 'y', 0), NULL },
  { "a signature of nothing", "g", BYTES (0, 0), NULL },
  { "a signature of an unknown type", "g", BYTES (1, 'm', 0), "signature" },
  { "a signature that breaks off", "g", BYTES (1, 'a', 0), "signature" },
  { "a struct of nothing", "g", BYTES (2, '(', ')', 0), "signature" },
  { "an entry outside of an array", "g", BYTES (4, '{', 's', 's', '}', 0), "signature" },
  { "an entry with a container as its key", "g", BYTES (5, 'a', '{', 'v', 's', '}', 0),
    "signature" },
  { "an entry of three", "g", BYTES (6, 'a', '{', 's', 's', 's', '}', 0), "signature" },
  { "a variant", "v", BYTES (1, 'y', 0, 5), NULL },
  { "a variant of nothing", "v", BYTES (0, 0), "hold one value" },
  { "a variant of two", "v", BYTES (2, 'y', 'y', 0, 1, 1), "hold one value" },
  { "an array", "au", BYTES (4, 0, 0, 0, 1, 0, 0, 0), NULL },
  { "an array of a part of a number", "au", BYTES (3, 0, 0, 0, 1, 0, 0), "multiple" },
  { "an array longer than the body", "ay", BYTES (3, 0, 0, 0, 1, 2), "ends within" },
  { "an array of more than 64 MiB", "ay", BYTES (1, 0, 0, 4), "64 MiB" },
  { "an element that goes beyond its array", "as", BYTES (5, 0, 0, 0, 1, 0, 0, 0, 'a', 0),
    "ends within" },
  { "an empty array of structs", "a(y)", BYTES (0, 0, 0, 0, 0, 0, 0, 0), NULL },
  { "an empty array without its padding", "a(y)", BYTES (0, 0, 0, 0), "ends within" },
  { "structs that GDBus reads", "a(y)", BYTES (9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2),
    NULL },
  { "a struct that GDBus loses", "a(g)",
    BYTES (10, 0, 0, 0, 0, 0, 0, 0, 6, 'a', 'a', 'a', 'a', 'a', 'y', 0, 0, 0),
    "distinguished from padding" },
  { "a signature of nothing known", "m", BYTES (0), "signature isn't valid" },
};

static GDBusMessage *
unpack (const char *signature, const guint8 *data, gsize size)
{
  static const guint8 head[]
      = { 'l', 1, 0,   1, 0, 0, 0,   0, 1,   0,   0, 0, 0, 0, 0, 0, /* sizes at 4 and 12 */
          1,   1, 'o', 0, 2, 0, 0,   0, '/', 'a', 0, 0, 0, 0, 0, 0, 3,   1,
          's', 0, 1,   0, 0, 0, 'A', 0, 0,   0,   0, 0, 0, 0, 8, 1, 'g', 0 };
  g_autoptr (GByteArray) blob = g_byte_array_new ();
  guint8 length = (guint8) strlen (signature);
  guint32 sizes[2] = { GUINT32_TO_LE ((guint32) size) };

  g_byte_array_append (blob, head, sizeof head);
  g_byte_array_append (blob, &length, 1);
  g_byte_array_append (blob, (const guint8 *) signature, length + 1u);
  sizes[1] = GUINT32_TO_LE (blob->len - 16);
  while (blob->len % 8 != 0)
    g_byte_array_append (blob, (const guint8 *) "", 1);
  g_byte_array_append (blob, data, (guint) size);
  memcpy (blob->data + 4, &sizes[0], 4);
  memcpy (blob->data + 12, &sizes[1], 4);

  return g_dbus_message_new_from_blob (blob->data, blob->len, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autofree guint8 *own = g_memdup2 (row->data, row->size);
  RunconfdBody body
      = { .data = own, .size = row->size, .max_values = 100, .max_memory = G_MAXSIZE };
  RunconfdBodyState state = runconfd_body_check (&body, row->signature);

  if (row->problem == NULL)
    {
      g_assert_null (body.problem);
      g_assert_cmpint (state, ==, RUNCONFD_BODY_GOOD);
      return;
    }

  g_assert_cmpint (state, ==, RUNCONFD_BODY_INVALID);
  g_assert_nonnull (strstr (body.problem, row->problem));
  g_assert_cmpuint (body.fault, <=, row->size);
}

/* Nested variants around an array type of some depth: GDBus unpacks all that are accepted. */
static void
test_depth (void)
{
  guint n_good = 0, n_bad = 0;

  for (guint n_variants = 0; n_variants < 70; n_variants++)
    for (guint n_arrays = 0; n_arrays <= 33; n_arrays++)
      {
        g_autoptr (GByteArray) bytes = g_byte_array_new ();
        RunconfdBody body = { .max_values = 100, .max_memory = G_MAXSIZE };
        g_autoptr (GDBusMessage) message = NULL;
        guint8 length = (guint8) (n_arrays + 1);
        RunconfdBodyState state;

        for (guint i = 0; i < n_variants; i++)
          g_byte_array_append (bytes, (const guint8 *) "\1v", 3);
        g_byte_array_append (bytes, &length, 1);
        for (guint i = 0; i < n_arrays; i++)
          g_byte_array_append (bytes, (const guint8 *) "a", 1);
        g_byte_array_append (bytes, (const guint8 *) "y", 2);
        while (n_arrays > 0 && bytes->len % 4 != 0)
          g_byte_array_append (bytes, (const guint8 *) "", 1);
        g_byte_array_append (bytes, (const guint8 *) "\0\0\0", n_arrays > 0 ? 4 : 1);

        body.data = bytes->data;
        body.size = bytes->len;
        state = runconfd_body_check (&body, "v");
        message = unpack ("v", bytes->data, bytes->len);
        /* an array has an element below it, even if only in its signature */
        g_assert_cmpint (state == RUNCONFD_BODY_GOOD, ==,
                         n_arrays <= 32 && n_variants + 1 + n_arrays <= 63);
        g_assert_true (state != RUNCONFD_BODY_GOOD || message != NULL);
        *(state == RUNCONFD_BODY_GOOD ? &n_good : &n_bad) += 1;
      }

  g_assert_cmpuint (n_good, >, 500);
  g_assert_cmpuint (n_bad, >, 500);
}

/* Shapes that take much memory for their bytes: no message takes more than its estimate. */
static void
test_memory (gconstpointer data)
{
  const char *text = data;
  g_autoptr (GVariant) value = g_variant_parse (NULL, text, NULL, NULL, NULL);
  g_autoptr (GVariant) many = NULL;
  g_autoptr (GPtrArray) children = g_ptr_array_new ();
  g_autoptr (GDBusMessage) message = g_dbus_message_new_signal ("/a", "org.a", "A");
  g_autoptr (GDBusMessage) again = NULL;
  g_autofree guchar *blob = NULL;
  RunconfdBody body = { .max_values = G_MAXUINT, .max_memory = G_MAXSIZE };
  g_autofree char *signature = NULL;
  gsize size, before, taken;
  guint32 body_size;

  for (guint i = 0; i < 20000; i++)
    g_ptr_array_add (children, value);
  many = g_variant_ref_sink (
      g_variant_new_array (NULL, (GVariant *const *) children->pdata, children->len));
  signature = g_strdup (g_variant_get_type_string (many));
  g_dbus_message_set_serial (message, 1);
  g_dbus_message_set_byte_order (message, G_DBUS_MESSAGE_BYTE_ORDER_LITTLE_ENDIAN);
  g_dbus_message_set_body (message, g_variant_new_tuple (&many, 1));
  blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  memcpy (&body_size, blob + 4, sizeof body_size);
  body_size = GUINT32_FROM_LE (body_size);

  before = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  again = g_dbus_message_new_from_blob (blob, size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  taken = mallinfo2 ().uordblks + mallinfo2 ().hblkhd - before;
  g_assert_nonnull (again);
  body.data = blob + size - body_size;
  body.size = body_size;
  g_assert_cmpint (runconfd_body_check (&body, signature), ==, RUNCONFD_BODY_GOOD);
  g_test_message ("%s: %u bytes, %u values, %zu bytes of memory, estimate %zu", text, body_size,
                  body.n_values, taken, body.memory);
  g_assert_cmpuint (taken, <=, body.memory);
}

static void
test_limits (void)
{
  guint8 many[4 + 1000] = { 0xe8, 3 };
  RunconfdBody body
      = { .data = many, .size = sizeof many, .max_values = 101, .max_memory = G_MAXSIZE };

  g_assert_cmpint (runconfd_body_check (&body, "ag"), ==, RUNCONFD_BODY_TOO_MANY);
  g_assert_cmpuint (body.n_values, ==, 101);
  g_assert_cmpuint (body.fault, ==, 4 + 2 * 100);

  body.max_values = 501;
  g_assert_cmpint (runconfd_body_check (&body, "ag"), ==, RUNCONFD_BODY_GOOD);
  g_assert_cmpuint (body.n_values, ==, 501);

  body.max_memory = body.memory - 1;
  g_assert_cmpint (runconfd_body_check (&body, "ag"), ==, RUNCONFD_BODY_TOO_MANY);
  g_assert_nonnull (body.problem);
}

int
main (int argc, char **argv)
{
  static const char *const shapes[] = { "signature ''",
                                        "byte 1",
                                        "''",
                                        "<byte 1>",
                                        "<''>",
                                        "{'a': <1>}",
                                        "@as []",
                                        "(byte 1, byte 2)",
                                        "<(1, 2, 3)>",
                                        "@a{sv} {}",
                                        "<[<1>]>",
                                        "true",
                                        "'some words of a text'" };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/service/body/row/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/service/body/memory/%u", i);

      g_test_add_data_func (path, shapes[i], test_memory);
    }
  g_test_add_func ("/service/body/depth", test_depth);
  g_test_add_func ("/service/body/limits", test_limits);

  return g_test_run ();
}
