/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/escape.h"
#include "core/limits.h"
#include "tests/core/testutil.h"
#include "yaml/document.h"

#define TEXT(literal) literal, sizeof (literal) - 1

typedef struct
{
  const char *text;
  gsize length;
  const char *message;
} Case;

/* Each message once, with its position. */
static const Case cases[] = {
  /* encoding and form */
  { TEXT ("\xff\xfe"
          "a\x00"),
    "text:1:1: the text is UTF-16; save it as UTF-8" },
  { TEXT ("\xef\xbb\xbf"
          "a: 1\nb: \xe9\n"),
    "text:2:4: the byte 0xe9 is not valid UTF-8 here; save the text as UTF-8" },
  { TEXT ("a: 1\nb\x00"), "text:2:2: a NUL byte; is the file damaged?" },
  { TEXT ("a: \x1b[0m\n"), "text:1:4: the character U+001B isn't allowed in a text; write it as an "
                           "escape in double quotes" },
  { TEXT ("a: \xc2\x9b\n"), "text:1:4: the character U+009B isn't allowed in a text; write it as "
                            "an escape in double quotes" },
  { TEXT ("a: \"x\\0\"\n"),
    "text:1:4: a string can't contain U+0000, which D-Bus can't carry; a value can be !!binary" },
  { TEXT ("\"\\u0000\": 1\n"),
    "text:1:1: a string can't contain U+0000, which D-Bus can't carry; a value can be !!binary" },
  { TEXT ("- 1\n"),
    "text:1:1: the text is of type sequence; a configuration is a mapping, “key: value”" },
  { TEXT ("text\n"),
    "text:1:1: the text is of type string; a configuration is a mapping, “key: value”" },
  { TEXT ("~\n"),
    "text:1:1: the text is of type null; a configuration is a mapping, “key: value”" },
  { TEXT ("a: 1\n---\nb: 2\n"), "text:2:1: a second document begins here; a text has only one" },
  { TEXT ("a: 1\n...\n# x\n...\n{\n"),
    "text:5:1: a second document begins here; a text has only one" },
  { TEXT ("a: 1\n%TAG\n"),
    "text:2:1: this isn't a %YAML or %TAG line; quote a text that begins with “%”" },
  { TEXT ("%YAML 1.3\n---\na: 1\n"),
    "text:1:1: only YAML 1.1 and 1.2 are supported; leave the %YAML line out" },
  { TEXT ("%FOO\n---\na: 1\n"),
    "text:1:1: this isn't a %YAML or %TAG line; quote a text that begins with “%”" },
  { TEXT ("%YAML 1.2\n%YAML 1.2\n---\na: 1\n"), "text:2:1: a second %YAML line; keep one" },
  { TEXT ("%TAG ! !a\n%TAG ! !b\n---\na: 1\n"),
    "text:2:1: a second %TAG line for the same handle" },
  { TEXT ("%YAML 1.2\na: 1\n"),
    "text:2:1: this doesn't belong to the lines above it; fix the indentation, quote the value "
    "before it, or end the “%” lines with a line “---”" },
  { TEXT ("%TAG x\n---\na: 1\n"),
    "text:1:1: this isn't a %YAML or %TAG line; quote a text that begins with “%”" },
  /* tags of layers */
  { TEXT ("a: !unset 5\n"),
    "text:1:4: “!unset” hides a value and has none itself; leave out either the tag or the value" },
  { TEXT ("a: !unset ''\n"),
    "text:1:4: “!unset” hides a value and has none itself; leave out either the tag or the value" },
  { TEXT ("a: !unset\n  b: 1\n"),
    "text:1:4: “!unset” hides a value and has none itself; leave out either the tag or the value" },
  { TEXT ("a: !replace\n"), "text:1:4: “!replace” is for a mapping; leave it out, since any other "
                            "value replaces the weaker "
                            "layers' value anyway; an empty mapping is “!replace {}”" },
  { TEXT ("a: &x !replace [1]\n"), "text:1:4: “!replace” is for a mapping; leave it out, since any "
                                   "other value replaces the weaker "
                                   "layers' value anyway; an empty mapping is “!replace {}”" },
  { TEXT ("!unset a: 1\n"),
    "text:1:1: a key can't have the tag “!unset”; write the tag after the colon" },
  { TEXT ("? !replace a\n: 1\n"),
    "text:1:3: a key can't have the tag “!replace”; write the tag after the colon" },
  { TEXT ("!replace\na: 1\n"), "text:1:1: the tag “!replace” is for the value of a key, and has no "
                               "meaning in a sequence, in a "
                               "merge key or for a whole text; leave it out" },
  { TEXT ("a:\n- b: !unset\n"),
    "text:2:6: the tag “!unset” is for the value of a key, and has no meaning in a sequence, in a "
    "merge key or for a whole text; leave it out" },
  { TEXT ("a: [!unset]\n"),
    "text:1:5: the tag “!unset” is for the value of a key, and has no meaning in a sequence, in a "
    "merge key or for a whole text; leave it out" },
  { TEXT ("<<: !replace {a: 1}\n"), "text:1:5: the tag “!replace” is for the value of a key, and "
                                    "has no meaning in a sequence, in a "
                                    "merge key or for a whole text; leave it out" },
  { TEXT ("a: &x {b: !unset}\nc: [*x]\n"),
    "text:2:5: “!unset” and “!replace” have no meaning inside of a sequence, which replaces the "
    "weaker layers' value as a whole; write the values themselves instead of this alias" },
  { TEXT ("a: {b: !unse }\n"),
    "text:1:8: this tag is not known; leave it out, or quote a text that "
    "begins with “!”" },
  /* quotes */
  { TEXT ("a: 1\nb: \"x\nc: 2\n"), "text:2:4: the quote that opens here is never closed" },
  { TEXT ("a: 'x\n"), "text:1:4: the quote that opens here is never closed" },
  { TEXT ("a: \"x\n---\n"),
    "text:1:4: the quote that opens here isn't closed before the end of the document" },
  { TEXT ("a: 'it's'\n"), "text:1:4: the quote that opens here closes in the middle of the text; "
                          "write '' for a ' inside of it" },
  { TEXT ("a: \"say \"hi\"\"\n"), "text:1:4: the quote that opens here closes in the middle of the "
                                  "text; write \\\" for a \" inside of it" },
  { TEXT ("a: \"C:\\dir\"\n"),
    "text:1:7: there is no such escape; write a backslash as “\\\\”, or use single quotes" },
  { TEXT ("a: \"\\x1\"\n"), "text:1:7: an escape needs two hexadecimal digits after “\\x”, four "
                            "after “\\u”, eight after “\\U”" },
  { TEXT ("a: \"\\ud83d\"\n"),
    "text:1:7: this escape isn't a character; half of a surrogate pair isn't allowed alone" },
  { TEXT ("a: \"\\U00110000\"\n"),
    "text:1:7: this escape isn't a character; half of a surrogate pair isn't allowed alone" },
  /* indentation */
  { TEXT ("a:\n\tb: 1\n"), "text:2:1: a tab can't indent; use spaces" },
  { TEXT ("a: x\n\ty\n"), "text:2:1: a tab can't indent; use spaces" },
  { TEXT ("a: |\n\tx\n"), "text:2:1: a tab can't indent; use spaces" },
  { TEXT ("a: |0\n x\n"),
    "text:1:5: the digit after “|” or “>” sets the indentation and has to be 1 to 9" },
  { TEXT ("a: |x\n x\n"), "text:1:5: a block of text begins on the line after “|” or “>”; only "
                          "“+”, “-”, a digit or a comment may follow it" },
  { TEXT ("a:\n    b: 1\n  c: 2\n"), "text:3:3: this isn't a key of the mapping around it; fix the "
                                     "indentation, or quote the value before it" },
  { TEXT ("a: 1\n- 2\n"), "text:2:1: this isn't a key of the mapping around it; fix the "
                          "indentation, or quote the value before it" },
  { TEXT ("a:\n  - 1\n  b: 2\n"), "text:3:3: this isn't an item of the sequence around it; fix the "
                                  "indentation, or begin it with “- ”" },
  { TEXT ("a: - 1\n"),
    "text:1:4: a “-” that begins an item isn't allowed here; begin a line with it" },
  { TEXT ("a: b: c\n"), "text:1:5: a colon isn't allowed here; quote the text that contains it, or "
                        "fix the indentation; a key ends on its line within 1,024 characters" },
  { TEXT ("a: 1\n b: 2\n"),
    "text:2:3: a colon isn't allowed here; quote the text that contains it, or fix the "
    "indentation; a key ends on its line within 1,024 characters" },
  { TEXT ("a\nb: 1\n"), "text:2:2: a colon isn't allowed here; quote the text that contains it, or "
                        "fix the indentation; a key ends on its line within 1,024 characters" },
  { TEXT ("a: ? b\n"), "text:1:4: a “?” that begins a key isn't allowed here; quote the text, or "
                       "begin a line with it" },
  { TEXT ("a: 1\n]\n"), "text:2:1: this isn't a key of the mapping around it; fix the indentation, "
                        "or quote the value before it" },
  { TEXT ("a: 1\nb\n"),
    "text:2:1: a key needs a colon and a space after it, on one line of at most 1,024 characters" },
  /* brackets */
  { TEXT ("a: [1, 2}\n"), "text:1:9: a comma or “]” is missing before this" },
  { TEXT ("a: {b: 1]\n"), "text:1:9: a comma or “}” is missing before this" },
  { TEXT ("a: [1\nb: 2\n"), "text:2:2: a comma or “]” is missing before this" },
  { TEXT ("a: [1,,2]\n"), "text:1:7: a value is missing before this" },
  { TEXT ("a: [|\n x]\n"),
    "text:1:5: a block of text isn't allowed inside brackets; quote the text" },
  { TEXT ("a: [>\n x]\n"),
    "text:1:5: a block of text isn't allowed inside brackets; quote the text" },
  /* indicators */
  { TEXT ("a: @b\n"), "text:1:4: a value can't begin with “@”, which YAML reserves; quote it" },
  { TEXT ("a: `b`\n"), "text:1:4: a value can't begin with “`”, which YAML reserves; quote it" },
  { TEXT ("a: %b\n"), "text:1:4: a value can't begin with “%”; quote it" },
  { TEXT ("a: *\n"), "text:1:4: the name of an alias is made of letters, digits, “_” and “-”; "
                     "quote a text that begins with “*”" },
  { TEXT ("a: & b\n"), "text:1:4: the name of an anchor is made of letters, digits, “_” and “-”; "
                       "quote a text that begins with “&”" },
  { TEXT ("a: !x!y b\n"), "text:1:4: the tag begins with a handle that no %TAG line defines; quote "
                          "a text that begins with “!”" },
  { TEXT ("a: !<x b\n"), "text:1:4: this isn't a tag; quote a text that begins with “!”" },
  { TEXT ("a: !%zz b\n"), "text:1:4: this isn't a tag; quote a text that begins with “!”" },
  { TEXT ("key: &an:chor v\n"),
    "text:1:6: the name of an anchor is made of letters, digits, “_” and "
    "“-”; quote a text that begins with “&”" },
  { TEXT ("a: [&a?b, 1]\n"),
    "text:1:5: the name of an anchor is made of letters, digits, “_” and “-”; "
    "quote a text that begins with “&”" },
  { TEXT ("...\n"), "text:1:1: a value is missing before this" },
  /* tags */
  { TEXT ("a: !env HOME\n"),
    "text:1:4: this tag is not known; leave it out, or quote a text that begins with “!”" },
  { TEXT ("a: !!python/object:x {}\n"), "text:1:4: this tag is not known; leave "
                                        "it out, or quote a text that begins with “!”" },
  { TEXT ("a: !!set {x}\n"),
    "text:1:4: this tag is not known; leave it out, or quote a text that begins with “!”" },
  { TEXT ("a: !!int x\n"),
    "text:1:4: the tag “!!int” does not fit the value; leave the tag out, or correct it" },
  { TEXT ("a: !!float x\n"),
    "text:1:4: the tag “!!float” does not fit the value; leave the tag out, or correct it" },
  { TEXT ("a: !!bool yes\n"),
    "text:1:4: the tag “!!bool” does not fit the value; leave the tag out, or correct it" },
  { TEXT ("a: !!null x\n"),
    "text:1:4: the tag “!!null” does not fit the value; leave the tag out, or correct it" },
  { TEXT ("a: !!binary x\n"),
    "text:1:4: the tag “!!binary” does not fit the value; leave the tag out, or correct it" },
  { TEXT ("a: !!binary AP9=\n"),
    "text:1:4: the tag “!!binary” does not fit the value; leave the tag out, or correct it" },
  { TEXT ("a: !!merge x\n"),
    "text:1:4: the tag “!!merge” does not fit the value; leave the tag out, or correct it" },
  { TEXT ("!!int x: 1\n"),
    "text:1:1: the tag “!!int” does not fit the value; leave the tag out, or correct it" },
  { TEXT ("a: !!map [1]\n"), "text:1:4: the tag “!!map” does not fit a sequence; leave it out" },
  { TEXT ("a: !!seq {}\n"), "text:1:4: the tag “!!seq” does not fit a mapping; leave it out" },
  { TEXT ("a: !!str {}\n"), "text:1:4: the tag “!!str” does not fit a mapping; leave it out" },
  { TEXT ("a: !!map x\n"),
    "text:1:4: the tag “!!map” does not fit the value; leave the tag out, or correct it" },
  /* aliases */
  { TEXT ("a: *b\n"), "text:1:4: there is no anchor of this name above the alias; quote a text "
                      "that begins with “*”" },
  { TEXT ("a: *b\nb: &b 1\n"), "text:1:4: there is no anchor of this name above the alias; quote a "
                               "text that begins with “*”" },
  { TEXT ("a: &a [*a]\n"),
    "text:1:8: a recursive alias: the alias is inside the value of its anchor" },
  { TEXT ("&a b: *a\n&a c: [&b {x: *b}]\n"),
    "text:2:15: a recursive alias: the alias is inside the value of its anchor" },
  { TEXT ("a: &a [1]\n*a : 1\n"),
    "text:2:1: a key can't be a sequence or a mapping; quote a text such as “{{ x }}”" },
  /* keys */
  { TEXT ("a: 1\nb: 2\na: 3\n"),
    "text:3:1: the same key is on line 1 already; keep one of the two" },
  { TEXT ("8080: 1\n'8080': 2\n"),
    "text:2:1: the same key is on line 1 already; keep one of the two" },
  { TEXT ("a: {<<: {x: 1}, b: 1,\n  b: 2}\n"),
    "text:2:3: the same key is on line 1 already; keep one of the two" },
  { TEXT ("[a]: 1\n"),
    "text:1:1: a key can't be a sequence or a mapping; quote a text such as “{{ x }}”" },
  { TEXT ("a: {{ x }}\n"),
    "text:1:5: a key can't be a sequence or a mapping; quote a text such as “{{ x }}”" },
  { TEXT ("? {a: 1}\n: 2\n"),
    "text:1:3: a key can't be a sequence or a mapping; quote a text such as “{{ x }}”" },
  { TEXT ("<<: 1\n"),
    "text:1:1: the merge key “<<” takes a mapping, an alias of one, or a sequence of them, but "
    "this value is of type integer; quote the key if it is an ordinary key" },
  { TEXT ("a: {<<: [{}, 1]}\n"),
    "text:1:5: the merge key “<<” takes a mapping, an alias of one, or a sequence of them, but "
    "this value is of type integer; quote the key if it is an ordinary key" },
  { TEXT ("<<: {}\n<<: {}\n"),
    "text:2:1: a second merge key “<<” in the same mapping; write one, as “<<: [*a, *b]”" },
  { TEXT ("b: 1\n<<:\n"),
    "text:2:1: the merge key “<<” takes a mapping, an alias of one, or a sequence of them, but "
    "this value is of type null; quote the key if it is an ordinary key" },
};

static void
assert_refused (const char *text, gsize length, int code, const char *message)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_document_new (bytes, "text", &error));
  assert_error (error, code, message);
}

static void
test_messages (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = runconf_escape (cases[i].text, cases[i].length);

      g_test_message ("%s", shown);
      assert_refused (cases[i].text, cases[i].length, RUNCONF_ERROR_INVALID_VALUE,
                      cases[i].message);
    }
}

static void
assert_too_large (const GString *text, const char *message)
{
  assert_refused (text->str, text->len, RUNCONF_ERROR_TOO_LARGE, message);
}

static void
assert_taken (const GString *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text->str, text->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDocument) document = runconf_document_new (bytes, "text", &error);

  g_assert_no_error (error);
  g_assert_nonnull (document);
}

/* Hostile texts mostly repeat one thing very often. */
static GString *
repeat (const char *head, const char *text, guint n_times, const char *tail)
{
  GString *out = g_string_new (head);

  for (guint i = 0; i < n_times; i++)
    g_string_append (out, text);
  g_string_append (out, tail);

  return out;
}

static void
assert_repeated_taken (const char *head, const char *text, guint n_times, const char *tail)
{
  g_autoptr (GString) out = repeat (head, text, n_times, tail);

  assert_taken (out);
}

static void
assert_repeated_too_large (const char *head, const char *text, guint n_times, const char *tail,
                           const char *message)
{
  g_autoptr (GString) out = repeat (head, text, n_times, tail);

  assert_too_large (out, message);
}

/* a0 has @first, and each further anchor has the one before it between @before and @after. */
static GString *
chain (const char *first, const char *before, const char *after, guint n_links)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "a0: &a0 %s\n", first);
  for (guint i = 1; i < n_links; i++)
    g_string_append_printf (out, "a%u: &a%u %s*a%u%s\n", i, i, before, i - 1, after);

  return out;
}

#define TOO_DEEP                                                                                   \
  "nested too deeply: at most 20 nested mappings, or 30 nested sequences, or a mixture within "    \
  "the limits of D-Bus"
#define TOO_MANY "too many values: more than 1000000 with all aliases expanded"
#define TOO_LONG "too much text: keys and values hold more than 64 MiB with all aliases expanded"

static void
test_depth (void)
{
  g_autoptr (GString) closed = repeat ("a: ", "[", 28, "");
  g_autoptr (GString) mappings = repeat ("", "{a: ", 20, "");
  g_autoptr (GString) links = chain ("[]", "[", "]", 28);
  g_autoptr (GString) long_chain = chain ("[]", "[", "]", 20000);

  /* of 60 levels, the mapping at the root takes 3, each sequence 2 */
  g_string_append (closed, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
  assert_taken (closed);
  assert_repeated_too_large ("a: ", "[", 29, "", "text:1:32: " TOO_DEEP);
  assert_repeated_too_large ("a: ", "[", 100000, "", "text:1:32: " TOO_DEEP);
  assert_repeated_too_large ("a:\n  ", "- ", 100000, "", "text:2:59: " TOO_DEEP);

  g_string_append (mappings, "}}}}}}}}}}}}}}}}}}}}");
  assert_taken (mappings);
  assert_repeated_too_large ("", "{a: ", 21, "", "text:1:81: " TOO_DEEP);
  assert_repeated_too_large ("", "{<<: ", 100000, "", "text:1:101: " TOO_DEEP);

  assert_taken (links);
  assert_too_large (long_chain, "text:29:12: " TOO_DEEP);
}

static void
test_nodes (void)
{
  g_autoptr (GString) laughs = chain ("[0,0,0,0,0,0,0,0,0]", "[", "]", 1);

  assert_repeated_taken ("a: [0", ",0", RUNCONF_MAX_NODES - 3, "]");
  assert_repeated_too_large ("a: [0", ",0", RUNCONF_MAX_NODES - 2, "]",
                             "text:1:2000001: " TOO_MANY);

  for (guint i = 1; i < 10; i++)
    {
      g_string_append_printf (laughs, "a%u: &a%u [", i, i);
      for (guint j = 0; j < 9; j++)
        g_string_append_printf (laughs, "*a%u,", i - 1);
      g_string_append (laughs, "]\n");
    }
  assert_too_large (laughs, "text:7:10: " TOO_MANY);

  /* merging keys that exist already adds nothing, but costs as much */
  assert_repeated_too_large ("a: &a {b: 1, c: 2}\nd: {<<: [*a", ",*a", 400000, "]}",
                             "text:2:1000003: " TOO_MANY);
}

static void
test_bytes (void)
{
  g_autofree char *megabyte = g_strnfill (1024 * 1024, 'x');
  g_autofree char *head = g_strdup_printf ("a: &a %s\nb: [*a", megabyte);
  g_autoptr (GString) whole = repeat ("a: ", " ", RUNCONF_MAX_TEXT_BYTES - 3, "");

  assert_repeated_taken (head, ",*a", 61, "]");
  assert_repeated_too_large (head, ",*a", 63, "]", "text:2:191: " TOO_LONG);

  assert_taken (whole);
  g_string_append_c (whole, '\n');
  assert_too_large (whole, "text:1:1: a text of 16777217 bytes; at most 16 MiB are read");
}

static void
test_keys (void)
{
  g_autofree char *longest = g_strnfill (RUNCONF_MAX_KEY_BYTES, 'k');
  g_autofree char *megabyte = g_strnfill (1024 * 1024, 'k');

  assert_repeated_taken (longest, ": 1\n", 1, "");
  assert_repeated_taken ("a: &a ", longest, 1, "\n*a : 1\n");
  assert_repeated_too_large ("k", longest, 1, ": 1\n",
                             "text:1:1: a key of 1001 bytes; at most 1000 are allowed");
  assert_repeated_too_large ("a: &a k", longest, 1, "\n*a : 1\n",
                             "text:2:1: a key of 1001 bytes; at most 1000 are allowed");
  assert_repeated_too_large ("? ", megabyte, 1, "\n: 1\n",
                             "text:1:3: a key of 1048576 bytes; at most 1000 are allowed");
}

/* libyaml reads these, although YAML 1.2 requires more indentation. */
static void
test_indentation_within_brackets_and_quotes (void)
{
  static const char *const texts[] = {
    "a:\n  b: [1,\n2]\n",
    "a:\n  b: {c: 1,\nd: 2}\n",
    "a:\n  b: \"x\ny\"\n",
    "a:\n  b: 'x\ny'\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (texts[i], strlen (texts[i]));
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfDocument) document = runconf_document_new (bytes, "text", &error);

      g_assert_no_error (error);
      g_assert_nonnull (document);
    }
}

static void
test_directives (void)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (lines, "%%TAG !t%u! !t\n", i);
  assert_too_large (lines, "text:65:1: more than 64 lines that begin with “%”");

  /* the directives of a second document are never read */
  g_string_prepend (lines, "a: 1\n...\n");
  assert_refused (lines->str, lines->len, RUNCONF_ERROR_INVALID_VALUE,
                  "text:3:1: a second document begins here; a text has only one");
}

/* A text that can't be read may have a secret anywhere: no message quotes it. The secret is put at
 * each position, and each text is also cut after each byte.
 */
static void
test_no_message_quotes_the_text (void)
{
  static const char *const texts[] = {
    "a: !SECRET\n",
    "a: !!SECRET x\n",
    "a: !<SECRET> x\n",
    "a: *SECRET\n",
    "a: &SECRET [*SECRET]\n",
    "{SECRET: 1, SECRET: 2}\n",
    "a: {SECRET: 1, 'SECRET': 2}\n",
    "SECRET: 1\nSECRET: 2\n",
    "a: \"SECRET\\q\"\n",
    "a: 'SECRET\n",
    "a: [SECRET, }\n",
    "a: {SECRET: [}\n",
    "a: @SECRET\n",
    "a: |SECRET\n",
    "a: |9\n SECRET\n",
    "[SECRET]: 1\n",
    "? {SECRET: 1}\n: 2\n",
    "a: SECRET: b\n",
    "a:\n  SECRET\n b: 1\n",
    "a: 1\n--- SECRET\n",
    "%SECRET\n---\na: 1\n",
    "%TAG !SECRET SECRET\n---\na: 1\n",
    "- SECRET\n",
    "SECRET\n",
    "<<: SECRET\n",
    "a: !!int SECRET\n",
    "a: !!binary SECRET*\n",
    "a: \tSECRET\n\tb: 1\n",
    "SECRET\t: &x\n  - *y\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      for (gsize size = strlen (texts[i]); size > 0; size--)
        {
          g_autoptr (GBytes) bytes = g_bytes_new_static (texts[i], size);
          g_autoptr (GError) error = NULL;
          g_autoptr (RunconfDocument) document = runconf_document_new (bytes, "text", &error);

          if (document == NULL && strstr (error->message, "SECRET") != NULL)
            g_error ("%s: %s", texts[i], error->message);
          if (size == strlen (texts[i]))
            g_assert_null (document);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/yaml/refusals/messages", test_messages);
  g_test_add_func ("/yaml/refusals/depth", test_depth);
  g_test_add_func ("/yaml/refusals/nodes", test_nodes);
  g_test_add_func ("/yaml/refusals/bytes", test_bytes);
  g_test_add_func ("/yaml/refusals/keys", test_keys);
  g_test_add_func ("/yaml/refusals/indentation", test_indentation_within_brackets_and_quotes);
  g_test_add_func ("/yaml/refusals/directives", test_directives);
  g_test_add_func ("/yaml/refusals/no-quotes", test_no_message_quotes_the_text);

  return g_test_run ();
}
