/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/rule.h"

#include <math.h>
#include <string.h>

#include "core/limits.h"
#include "gsettings/form/form.h"
#include "gsettings/form/scalar.h"

#define OBJECT_PATH_PATTERN "^(/|(/[A-Za-z0-9_]+)+)$"
#define SIGNATURE_PATTERN "^[ybnqiuxthdsogav(){}]*$"
#define MAX_SIGNATURE_LENGTH 255
#define BASE64_PATTERN "^[A-Za-z0-9+/]*={0,2}$"
#define SIGNED_PATTERN "^-?[0-9]+$"
#define UNSIGNED_PATTERN "^[0-9]+$"

/* The definitions that rules refer to: of the form that is the text of a GVariant, and of the form of a
 * variant.
 */
#define ESCAPE "gvariant"
#define VARIANT "variant"
#define REFERENCE(name) "#/definitions/" name

/* A schema is a tree of a configuration's limits, too: it has no room for the types of more levels, and
 * allows any value there.
 */
#define MAX_LEVELS 5

/* The range of a key: of the numbers, or the names that are allowed; and the level in its type. */
typedef struct
{
  GVariant *minimum;
  GVariant *maximum;
  GVariant *names;
  guint level;
} Range;

static void add_type (GVariantBuilder *facts, const GVariantType *type, const Range *range,
                      gboolean may_be_null);

static void
range_clear (Range *self)
{
  g_clear_pointer (&self->minimum, g_variant_unref);
  g_clear_pointer (&self->maximum, g_variant_unref);
  g_clear_pointer (&self->names, g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Range, range_clear)

/* Reads the value of g_settings_schema_key_get_range(). */
static void
range_init (Range *self, GVariant *value)
{
  const char *sort;
  g_autoptr (GVariant) range = NULL;

  memset (self, 0, sizeof *self);
  if (value == NULL)
    return;

  g_variant_get (value, "(&sv)", &sort, &range);
  if (strcmp (sort, "range") == 0)
    g_variant_get (range, "(**)", &self->minimum, &self->maximum);
  else if (strcmp (sort, "enum") == 0 || strcmp (sort, "flags") == 0)
    self->names = g_steal_pointer (&range);
}

static void
add (GVariantBuilder *facts, const char *keyword, GVariant *value)
{
  g_variant_builder_add (facts, "{sv}", keyword, value);
}

static void
add_text (GVariantBuilder *facts, const char *keyword, const char *text)
{
  add (facts, keyword, g_variant_new_string (text));
}

/* Adds the names of one or two types; unused ones are %NULL. */
static void
add_types (GVariantBuilder *facts, const char *type, const char *other, gboolean may_be_null)
{
  const char *names[] = { type, NULL, NULL, NULL };
  guint length = 1;

  if (other != NULL)
    names[length++] = other;
  if (may_be_null)
    names[length++] = "null";

  add (facts, "type", length == 1 ? g_variant_new_string (type) : g_variant_new_strv (names, -1));
}

/* Returns: (transfer floating): the rule of a type within another one */
static GVariant *
new_rule (const GVariantType *type, const Range *range)
{
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  Range below = *range;

  below.level++;
  if (below.level <= MAX_LEVELS)
    add_type (&facts, type, &below, FALSE);

  return g_variant_builder_end (&facts);
}

/* NaN and the infinities would violate no limit, or each. */
static gboolean
is_limit (GVariant *form)
{
  return !g_variant_is_of_type (form, G_VARIANT_TYPE_DOUBLE)
         || isfinite (g_variant_get_double (form));
}

static void
add_limit (GVariantBuilder *facts, const char *keyword, GVariant *limit)
{
  g_autoptr (GVariant) form = runconf_gsettings_pack (limit, TRUE);

  if (is_limit (form))
    add (facts, keyword, form);
}

static void
add_number (GVariantBuilder *facts, const Range *range)
{
  if (range->minimum != NULL)
    add_limit (facts, "minimum", range->minimum);
  if (range->maximum != NULL)
    add_limit (facts, "maximum", range->maximum);
}

static void
add_integer (GVariantBuilder *facts, char type, const Range *range, gboolean may_be_null)
{
  gint64 minimum;
  guint64 maximum;

  add_types (facts, "integer", NULL, may_be_null);
  if (range->minimum != NULL)
    {
      add_number (facts, range);
      return;
    }

  runconf_gsettings_get_range (type, &minimum, &maximum);
  add (facts, "minimum", g_variant_new_int64 (minimum));
  add (facts, "maximum", g_variant_new_uint64 (maximum));
}

static GVariant *
new_names (GVariant *names, gboolean may_be_null)
{
  GVariantBuilder items = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  GVariantIter iter;
  const char *name;

  g_variant_iter_init (&iter, names);
  while (g_variant_iter_next (&iter, "&s", &name))
    g_variant_builder_add (&items, "v", g_variant_new_string (name));
  if (may_be_null)
    g_variant_builder_add (&items, "v", g_variant_new_signature (""));

  return g_variant_builder_end (&items);
}

static void
add_string (GVariantBuilder *facts, char type, const Range *range, gboolean may_be_null)
{
  add_types (facts, "string", NULL, may_be_null);

  if (type == 'o')
    add_text (facts, "pattern", OBJECT_PATH_PATTERN);
  if (type == 'g')
    {
      add_text (facts, "pattern", SIGNATURE_PATTERN);
      add (facts, "maxLength", g_variant_new_uint32 (MAX_SIGNATURE_LENGTH));
    }
  if (range->names != NULL)
    add (facts, "enum", new_names (range->names, may_be_null));
}

/* For a schema, bytes are a string, in base64. */
static void
add_bytes (GVariantBuilder *facts, const Range *range, gboolean may_be_null)
{
  add_types (facts, "string", "array", may_be_null);
  add_text (facts, "contentEncoding", "base64");
  add_text (facts, "pattern", BASE64_PATTERN);
  add (facts, "items", new_rule (G_VARIANT_TYPE_BYTE, range));
}

/* Returns: (transfer floating) (nullable): the schema of a mapping's keys; %NULL if they are free */
static GVariant *
new_key_rule (const GVariantType *type)
{
  static const char *const booleans[] = { "true", "false", NULL };
  static const Range any = { NULL, NULL, NULL, 0 };
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  switch (*g_variant_type_peek_string (type))
    {
    case 's':
    case 'd':
      g_variant_builder_clear (&facts);
      return NULL;
    case 'o':
    case 'g':
      add_string (&facts, *g_variant_type_peek_string (type), &any, FALSE);
      break;
    case 'b':
      add (&facts, "enum", g_variant_new_strv (booleans, -1));
      break;
    case 'n':
    case 'i':
    case 'x':
    case 'h':
      add_text (&facts, "pattern", SIGNED_PATTERN);
      break;
    default:
      add_text (&facts, "pattern", UNSIGNED_PATTERN);
      break;
    }

  return g_variant_builder_end (&facts);
}

static void
add_entries (GVariantBuilder *facts, const GVariantType *entry, const Range *range)
{
  GVariant *keys = new_key_rule (g_variant_type_key (entry));

  if (keys != NULL)
    add (facts, "propertyNames", keys);
  add (facts, "additionalProperties", new_rule (g_variant_type_value (entry), range));
}

/* Returns: whether the natural form of a dictionary includes an escape: a mapping of a string */
static gboolean
includes_escape (const GVariantType *entry, const Range *range)
{
  const GVariantType *value = g_variant_type_value (entry);

  return g_variant_type_equal (g_variant_type_key (entry), G_VARIANT_TYPE_STRING)
         && (g_variant_type_equal (value, G_VARIANT_TYPE_VARIANT)
             || (g_variant_type_equal (value, G_VARIANT_TYPE_STRING) && range->names == NULL));
}

/* Adds @natural for values that aren't escapes. */
static void
add_alternative (GVariantBuilder *facts, GVariant *natural)
{
  add (facts, "if", runconf_gsettings_rule_new_for_reference (REFERENCE (ESCAPE)));
  add (facts, "else", natural);
}

static void
add_dictionary (GVariantBuilder *facts, const GVariantType *entry, const Range *range,
                gboolean may_be_null)
{
  GVariantBuilder natural = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_types (facts, "object", NULL, may_be_null);
  if (includes_escape (entry, range))
    {
      g_variant_builder_clear (&natural);
      add_entries (facts, entry, range);
      return;
    }

  add_entries (&natural, entry, range);
  add_alternative (facts, g_variant_builder_end (&natural));
}

static void
add_array (GVariantBuilder *facts, const GVariantType *type, const Range *range,
           gboolean may_be_null)
{
  const GVariantType *element = g_variant_type_element (type);

  if (g_variant_type_equal (type, G_VARIANT_TYPE_BYTESTRING))
    {
      add_bytes (facts, range, may_be_null);
      return;
    }
  if (g_variant_type_is_dict_entry (element))
    {
      add_dictionary (facts, element, range, may_be_null);
      return;
    }

  add_types (facts, "array", NULL, may_be_null);
  add (facts, "items", new_rule (element, range));
}

static void
add_members (GVariantBuilder *facts, const GVariantType *type, const Range *range,
             gboolean may_be_null)
{
  guint length = g_variant_type_n_items (type);
  GVariantBuilder items = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));

  for (const GVariantType *member = g_variant_type_first (type); member != NULL;
       member = g_variant_type_next (member))
    g_variant_builder_add (&items, "v", new_rule (member, range));

  add_types (facts, "array", NULL, may_be_null);
  add (facts, "items", g_variant_builder_end (&items));
  add (facts, "minItems", g_variant_new_uint32 (length));
  add (facts, "maxItems", g_variant_new_uint32 (length));
}

static void
add_maybe (GVariantBuilder *facts, const GVariantType *element, const Range *range)
{
  if (!runconf_gsettings_is_nullable (element))
    {
      add_type (facts, element, range, TRUE);
      return;
    }

  add_types (facts, "array", NULL, FALSE);
  add (facts, "items", new_rule (element, range));
  add (facts, "maxItems", g_variant_new_uint32 (1));
}

/* Adds the keywords of a type. */
static void
add_type (GVariantBuilder *facts, const GVariantType *type, const Range *range,
          gboolean may_be_null)
{
  char letter = *g_variant_type_peek_string (type);

  switch (letter)
    {
    case 'v':
      add_text (facts, "$ref", REFERENCE (VARIANT));
      break;
    case 'b':
      add_types (facts, "boolean", NULL, may_be_null);
      break;
    case 'd':
      add_types (facts, "number", NULL, may_be_null);
      add_number (facts, range);
      break;
    case 's':
    case 'o':
    case 'g':
      add_string (facts, letter, range, may_be_null);
      break;
    case 'a':
      add_array (facts, type, range, may_be_null);
      break;
    case 'm':
      add_maybe (facts, g_variant_type_element (type), range);
      break;
    case '(':
    case '{':
      add_members (facts, type, range, may_be_null);
      break;
    default:
      add_integer (facts, letter, range, may_be_null);
      break;
    }
}

/* Returns: the cost (core/limits.h) of the natural form of a value, at most; that of a variant has no
 *   limit
 */
static guint
get_cost (const GVariantType *type)
{
  guint most = 0;

  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return RUNCONF_MAX_COST;
  if (g_variant_type_is_basic (type))
    return 0;
  if (g_variant_type_is_array (type) || g_variant_type_is_maybe (type))
    most = get_cost (g_variant_type_element (type));
  else
    for (const GVariantType *member = g_variant_type_first (type); member != NULL;
         member = g_variant_type_next (member))
      most = MAX (most, get_cost (member));

  /* an entry of a mapping, which isn't one in itself, is counted too: this is the most */
  return MIN (most + RUNCONF_COST_MAPPING, RUNCONF_MAX_COST);
}

/* Returns: whether the form of a whole value may be an escape, and its natural form includes none */
static gboolean
has_alternative (const GVariantType *type)
{
  return get_cost (type) > RUNCONF_GSETTINGS_MAX_COST
         && !g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT)
         && !g_variant_type_is_subtype_of (type, G_VARIANT_TYPE_DICTIONARY);
}

static void
add_whole (GVariantBuilder *facts, const GVariantType *type, const Range *range)
{
  if (has_alternative (type))
    add_alternative (facts, new_rule (type, range));
  else
    add_type (facts, type, range, FALSE);
}

static GVariant *
new_escape_rule (void)
{
  static const char *const keys[] = { RUNCONF_GSETTINGS_ESCAPE_KEY, NULL };
  static const Range any = { NULL, NULL, NULL, 0 };
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder members = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add (&members, RUNCONF_GSETTINGS_ESCAPE_KEY, new_rule (G_VARIANT_TYPE_STRING, &any));
  add_text (&facts, "title", "The text of a GVariant");
  add_types (&facts, "object", NULL, FALSE);
  add (&facts, "required", g_variant_new_strv (keys, -1));
  add (&facts, "maxProperties", g_variant_new_uint32 (1));
  add (&facts, "properties", g_variant_builder_end (&members));

  return g_variant_builder_end (&facts);
}

/* The form has to tell the type, which null and the empty sequence don't. */
static GVariant *
new_variant_rule (void)
{
  static const char *const types[] = { "boolean", "number", "string", "array", "object", NULL };
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const char *reference = REFERENCE (VARIANT);

  add_text (&facts, "title", "A value that tells its type");
  add (&facts, "type", g_variant_new_strv (types, -1));
  add (&facts, "minItems", g_variant_new_uint32 (1));
  add (&facts, "items", runconf_gsettings_rule_new_for_reference (reference));
  add (&facts, "additionalProperties", runconf_gsettings_rule_new_for_reference (reference));

  return g_variant_builder_end (&facts);
}

/**
 * runconf_gsettings_rules_define:
 * @definitions: a builder of `a{sv}`
 *
 * Adds the definitions that the rules refer to.
 */
void
runconf_gsettings_rules_define (GVariantBuilder *definitions)
{
  add (definitions, ESCAPE, new_escape_rule ());
  add (definitions, VARIANT, new_variant_rule ());
}

/**
 * runconf_gsettings_rule_new_for_type:
 * @range: (nullable): the value of g_settings_schema_key_get_range()
 *
 * Returns: (transfer floating): the rule
 */
GVariant *
runconf_gsettings_rule_new_for_type (const GVariantType *type, GVariant *range)
{
  g_auto (Range) limits;
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  range_init (&limits, range);
  add_whole (&facts, type, &limits);

  return g_variant_builder_end (&facts);
}

static GVariant *
new_rule_of_key (const RunconfGsettingsKey *self)
{
  g_autoptr (GVariant) range = g_settings_schema_key_get_range (self->key);

  return g_variant_ref_sink (runconf_gsettings_rule_new_for_type (
      g_settings_schema_key_get_value_type (self->key), range));
}

/* Returns: (transfer full): the rules of all keys, each once */
static GPtrArray *
list_rules (const RunconfGsettingsEntry *entry)
{
  GPtrArray *rules = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (guint i = 0; i < entry->keys->len; i++)
    {
      g_autoptr (GVariant) rule = new_rule_of_key (entry->keys->pdata[i]);

      if (!g_ptr_array_find_with_equal_func (rules, rule, g_variant_equal, NULL))
        g_ptr_array_add (rules, g_steal_pointer (&rule));
    }

  return rules;
}

static void
add_text_if_any (GVariantBuilder *facts, const char *keyword, const char *text)
{
  if (text != NULL && *text != '\0')
    add_text (facts, keyword, text);
}

static void
add_each (GVariantBuilder *facts, GVariant *rule)
{
  GVariantIter iter;
  GVariant *fact;

  g_variant_iter_init (&iter, rule);
  while ((fact = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_variant_builder_add_value (facts, fact);
      g_variant_unref (fact);
    }
}

static void
add_any_of (GVariantBuilder *facts, GPtrArray *rules)
{
  GVariantBuilder items = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));

  for (guint i = 0; i < rules->len; i++)
    g_variant_builder_add (&items, "v", rules->pdata[i]);
  add (facts, "anyOf", g_variant_builder_end (&items));
}

/**
 * runconf_gsettings_rule_new_for_entry:
 * @entry: an entry with keys
 * @folder: (nullable): the name of the definition of the folder that is at the same path
 *
 * Several schemas may have a key at one path. A value that one of them allows is allowed, since any
 * program may write its own.
 *
 * Returns: (transfer floating): the rule, with title and description
 */
GVariant *
runconf_gsettings_rule_new_for_entry (const RunconfGsettingsEntry *entry, const char *folder)
{
  const RunconfGsettingsKey *first = entry->keys->pdata[0];
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GPtrArray) rules = list_rules (entry);

  add_text_if_any (&facts, "title", g_settings_schema_key_get_summary (first->key));
  add_text_if_any (&facts, "description", g_settings_schema_key_get_description (first->key));
  if (folder != NULL)
    g_ptr_array_add (rules, g_variant_ref_sink (runconf_gsettings_rule_new_for_reference (folder)));

  if (rules->len == 1)
    add_each (&facts, rules->pdata[0]);
  else
    add_any_of (&facts, rules);

  return g_variant_builder_end (&facts);
}

/**
 * runconf_gsettings_rule_new_for_reference:
 * @target: a place in the same schema, such as `#/definitions/NAME`
 *
 * Returns: (transfer floating): the rule
 */
GVariant *
runconf_gsettings_rule_new_for_reference (const char *target)
{
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_text (&facts, "$ref", target);

  return g_variant_builder_end (&facts);
}
