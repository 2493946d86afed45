/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/transaction-private.h"

#include <runconf/error.h>

#include "client/argument.h"

#define ANY_VERSION G_MAXUINT64

/* An operation that has a method of its own on the bus, and can't be combined with others */
typedef struct
{
  const char *name;
  RunconfMethod method;
} Whole;

static const Whole merge_text = { "merge_text", RUNCONF_METHOD_MERGE_TEXT };
static const Whole replace_text = { "replace_text", RUNCONF_METHOD_REPLACE_TEXT };
static const Whole revert = { "revert", RUNCONF_METHOD_REVERT };

/**
 * RunconfTransaction:
 *
 * Several operations that are applied as one change: all of them or none.
 *
 * Add the operations, then pass the transaction to [method@Configuration.apply]. They are done in
 * the order in which they were added, each on the result of those before it. An argument that can't
 * be sent, such as a path that isn't UTF-8, is reported when the transaction is applied, with the
 * number of the operation.
 *
 * ```c
 * g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
 *
 * runconf_transaction_set_value (transaction, "/chat/websocket/port", g_variant_new_int64 (9000));
 * runconf_transaction_reset (transaction, "/llm");
 * runconf_transaction_set_if_version (transaction, runconf_snapshot_get_version (snapshot));
 * changed = runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, &error);
 * ```
 *
 * A merge of a text, a replacement of the text of the overrides, and a revert can't be combined with
 * other operations: such a transaction holds nothing else, and gives the one operation a message, a
 * dry run and the other options of a transaction.
 *
 * A transaction may be used by one thread at a time. It can be applied again, for example at the
 * next version after a %RUNCONF_ERROR_VERSION_MISMATCH. No function of a transaction blocks.
 *
 * Since: 1.0
 */
struct _RunconfTransaction
{
  GObject parent_instance;

  GPtrArray *operations; /* element-type GVariant: (ssv) */
  GError *refusal;       /* the error of the first operation that can't be sent */
  const Whole *whole;    /* an operation with a method of its own */
  guint n_wholes;
  char *text;
  guint64 version;

  guint64 if_version;
  char *message;
  gboolean dry_run;
  guint confirm_timeout; /* in s; 0 for none */
  gboolean report_overrides;
  gboolean boot;
};

enum
{
  PROP_IF_VERSION = 1,
  PROP_MESSAGE,
  PROP_DRY_RUN,
  PROP_CONFIRM_TIMEOUT,
  PROP_REPORT_OVERRIDES,
  PROP_BOOT,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (RunconfTransaction, runconf_transaction, G_TYPE_OBJECT)

static void
runconf_transaction_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RunconfTransaction *self = RUNCONF_TRANSACTION (object);

  switch (id)
    {
    case PROP_IF_VERSION:
      g_value_set_uint64 (value, self->if_version);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_DRY_RUN:
      g_value_set_boolean (value, self->dry_run);
      break;
    case PROP_CONFIRM_TIMEOUT:
      g_value_set_uint (value, self->confirm_timeout);
      break;
    case PROP_REPORT_OVERRIDES:
      g_value_set_boolean (value, self->report_overrides);
      break;
    case PROP_BOOT:
      g_value_set_boolean (value, self->boot);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
runconf_transaction_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RunconfTransaction *self = RUNCONF_TRANSACTION (object);

  switch (id)
    {
    case PROP_IF_VERSION:
      runconf_transaction_set_if_version (self, g_value_get_uint64 (value));
      break;
    case PROP_MESSAGE:
      runconf_transaction_set_message (self, g_value_get_string (value));
      break;
    case PROP_DRY_RUN:
      runconf_transaction_set_dry_run (self, g_value_get_boolean (value));
      break;
    case PROP_CONFIRM_TIMEOUT:
      runconf_transaction_set_confirm_timeout (self, g_value_get_uint (value));
      break;
    case PROP_REPORT_OVERRIDES:
      runconf_transaction_set_report_overrides (self, g_value_get_boolean (value));
      break;
    case PROP_BOOT:
      runconf_transaction_set_boot (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
runconf_transaction_finalize (GObject *object)
{
  RunconfTransaction *self = RUNCONF_TRANSACTION (object);

  g_ptr_array_unref (self->operations);
  g_clear_error (&self->refusal);
  g_free (self->message);
  g_free (self->text);

  G_OBJECT_CLASS (runconf_transaction_parent_class)->finalize (object);
}

static void
runconf_transaction_class_init (RunconfTransactionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = runconf_transaction_get_property;
  object_class->set_property = runconf_transaction_set_property;
  object_class->finalize = runconf_transaction_finalize;

  /**
   * RunconfTransaction:if-version:
   *
   * The version that the configuration must be at, or %G_MAXUINT64 for any version.
   *
   * Since: 1.0
   */
  properties[PROP_IF_VERSION]
      = g_param_spec_uint64 ("if-version", NULL, NULL, 0, G_MAXUINT64, ANY_VERSION, flags);

  /**
   * RunconfTransaction:message:
   *
   * The reason for the change, at most 1,000 bytes of UTF-8.
   *
   * Since: 1.0
   */
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);

  /**
   * RunconfTransaction:dry-run:
   *
   * Whether the service only checks the transaction, and changes nothing.
   *
   * Since: 1.0
   */
  properties[PROP_DRY_RUN] = g_param_spec_boolean ("dry-run", NULL, NULL, FALSE, flags);

  /**
   * RunconfTransaction:confirm-timeout:
   *
   * The time in which the change must be confirmed, in seconds, or 0 for no confirmation.
   *
   * Since: 1.0
   */
  properties[PROP_CONFIRM_TIMEOUT]
      = g_param_spec_uint ("confirm-timeout", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * RunconfTransaction:report-overrides:
   *
   * Whether the paths that changed end with `overrides` if the overrides changed.
   *
   * Since: 1.0
   */
  properties[PROP_REPORT_OVERRIDES]
      = g_param_spec_boolean ("report-overrides", NULL, NULL, FALSE, flags);

  /**
   * RunconfTransaction:boot:
   *
   * Whether the operations change the overrides that end with this boot.
   *
   * Since: 1.0
   */
  properties[PROP_BOOT] = g_param_spec_boolean ("boot", NULL, NULL, FALSE, flags);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
runconf_transaction_init (RunconfTransaction *self)
{
  self->operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  self->if_version = ANY_VERSION;
}

/**
 * runconf_transaction_new:
 *
 * Creates a transaction without operations. Never blocks.
 *
 * Returns: (transfer full): the transaction
 *
 * Since: 1.0
 */
RunconfTransaction *
runconf_transaction_new (void)
{
  return g_object_new (RUNCONF_TYPE_TRANSACTION, NULL);
}

/* @value: (transfer full) (nullable): the value, which may be floating; %NULL if it has been refused
 *   already, for the reason in @refusal
 */
static void
add_operation (RunconfTransaction *self, const char *verb, const char *path, GVariant *value,
               GError *refusal)
{
  g_autoptr (GVariant) owned = value != NULL ? g_variant_take_ref (value) : NULL;

  if (owned != NULL && runconf_argument_check_path (path, &refusal))
    {
      g_ptr_array_add (self->operations,
                       g_variant_ref_sink (g_variant_new ("(ssv)", verb, path, owned)));
      return;
    }

  g_prefix_error (&refusal, "operation %u: ", self->operations->len + 1);
  if (self->refusal == NULL)
    self->refusal = refusal;
  else
    g_error_free (refusal);
}

/* Adds an operation with a value of the program; a floating reference is consumed. */
static void
add_value (RunconfTransaction *self, const char *verb, const char *path, GVariant *value)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);
  GError *refusal = NULL;
  GVariant *taken = runconf_argument_make_value (path, owned, &refusal);

  add_operation (self, verb, path, taken, refusal);
}

/**
 * runconf_transaction_set_value:
 * @self: a transaction
 * @path: a path, as a JSON Pointer
 * @value: the value to store, as for [method@Configuration.set_value]; a floating reference is
 *   consumed
 *
 * Adds an operation that overrides the value at a path. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_set_value (RunconfTransaction *self, const char *path, GVariant *value)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (value != NULL);

  add_value (self, "set", path, value);
}

/**
 * runconf_transaction_replace_value:
 * @self: a transaction
 * @path: a path, as a JSON Pointer
 * @value: the value to store, as for [method@Configuration.set_value]; a floating reference is
 *   consumed
 *
 * Adds an operation that overrides the value at a path as a whole: unlike an operation of
 * [method@Transaction.set_value], a mapping isn't merged with the default. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_replace_value (RunconfTransaction *self, const char *path, GVariant *value)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (value != NULL);

  add_value (self, "replace", path, value);
}

/**
 * runconf_transaction_merge:
 * @self: a transaction
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 * @patch: a mapping, as for [method@Configuration.merge]; a floating reference is consumed
 *
 * Adds an operation that overrides every leaf of a patch; the patch is relative to @path. Never
 * blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_merge (RunconfTransaction *self, const char *path, GVariant *patch)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (patch != NULL);

  add_value (self, "merge", path, patch);
}

/**
 * runconf_transaction_reset:
 * @self: a transaction
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 *
 * Adds an operation that removes the overrides at and below a path. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_reset (RunconfTransaction *self, const char *path)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));
  g_return_if_fail (path != NULL);

  add_operation (self, "reset", path, g_variant_new_signature (""), NULL);
}

/**
 * runconf_transaction_unset:
 * @self: a transaction
 * @path: a path, as a JSON Pointer, but not of an element of a sequence
 *
 * Adds an operation that takes the value at a path away, including the default, until an operation
 * of [method@Transaction.reset] or another value for the path. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_unset (RunconfTransaction *self, const char *path)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));
  g_return_if_fail (path != NULL);

  add_operation (self, "unset", path, g_variant_new_signature (""), NULL);
}

/**
 * runconf_transaction_save:
 * @self: a transaction
 * @config: a whole configuration, as for [method@Configuration.save]; a floating reference is
 *   consumed
 *
 * Adds an operation that changes the overrides so that the effective configuration equals @config.
 * Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_save (RunconfTransaction *self, GVariant *config)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));
  g_return_if_fail (config != NULL);

  add_value (self, "save", "", config);
}

/* @text: (nullable): its text */
static void
add_whole (RunconfTransaction *self, const Whole *whole, const char *text)
{
  self->whole = whole;
  self->n_wholes++;
  g_free (self->text);
  self->text = g_strdup (text);
}

/**
 * runconf_transaction_merge_text:
 * @self: a transaction
 * @text: a mapping in YAML or JSON, as for [method@Configuration.merge_text]
 *
 * Makes the transaction one that merges a text with the overrides. It can't hold other operations.
 * Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_merge_text (RunconfTransaction *self, const char *text)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));
  g_return_if_fail (text != NULL);

  add_whole (self, &merge_text, text);
}

/**
 * runconf_transaction_replace_text:
 * @self: a transaction
 * @text: the overrides in YAML, as for [method@Configuration.replace_text]
 *
 * Makes the transaction one that replaces all overrides, comments included. It can't hold other
 * operations, and can't change the overrides for this boot. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_replace_text (RunconfTransaction *self, const char *text)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));
  g_return_if_fail (text != NULL);

  add_whole (self, &replace_text, text);
}

/**
 * runconf_transaction_revert:
 * @self: a transaction
 * @to: a version, as for [method@Configuration.revert]
 *
 * Makes the transaction one that restores the overrides of an earlier version. It can't hold other
 * operations, and takes no layer: it also restores the overrides for this boot. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_revert (RunconfTransaction *self, guint64 to)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));

  add_whole (self, &revert, NULL);
  self->version = to;
}

/**
 * runconf_transaction_set_if_version: (set-property if-version)
 * @self: a transaction
 * @version: the version that the configuration must be at, or %G_MAXUINT64 for any version
 *
 * Sets the version that the configuration must be at when the transaction is applied.
 *
 * At another version, the transaction is refused with %RUNCONF_ERROR_VERSION_MISMATCH. So values
 * that the program has read from a snapshot of this version are still in force when the change is
 * made. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_set_if_version (RunconfTransaction *self, guint64 version)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));

  if (self->if_version == version)
    return;

  self->if_version = version;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IF_VERSION]);
}

/**
 * runconf_transaction_set_message: (set-property message)
 * @self: a transaction
 * @message: (nullable): the reason, at most 1,000 bytes of UTF-8, or %NULL for none
 *
 * Sets the reason for the change. The service sends it to all watchers with the change. Never
 * blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_set_message (RunconfTransaction *self, const char *message)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));

  if (g_strcmp0 (self->message, message) == 0)
    return;

  g_free (self->message);
  self->message = g_strdup (message);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MESSAGE]);
}

/**
 * runconf_transaction_set_dry_run: (set-property dry-run)
 * @self: a transaction
 * @dry_run: whether the service only checks the transaction
 *
 * Sets whether the service only checks the transaction and returns the paths that would change,
 * without changing them. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_set_dry_run (RunconfTransaction *self, gboolean dry_run)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));

  if (self->dry_run == !!dry_run)
    return;

  self->dry_run = !!dry_run;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DRY_RUN]);
}

/**
 * runconf_transaction_set_confirm_timeout: (set-property confirm-timeout)
 * @self: a transaction
 * @seconds: the time in seconds, at most 30 days, or 0 for no confirmation
 *
 * Sets the time in which the change must be confirmed with [method@Configuration.confirm].
 *
 * If it isn't confirmed in time, the service reverts it: each path that still has the value of the
 * change gets its previous value. The time also runs while the program or the service doesn't.
 * Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_set_confirm_timeout (RunconfTransaction *self, guint seconds)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));

  if (self->confirm_timeout == seconds)
    return;

  self->confirm_timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONFIRM_TIMEOUT]);
}

/**
 * runconf_transaction_set_report_overrides: (set-property report-overrides)
 * @self: a transaction
 * @report_overrides: whether the service reports a change of the overrides
 *
 * If this is set, the paths that [method@Configuration.apply_finish] and
 * [method@Configuration.apply_sync] return end with `overrides` if the transaction changed the
 * overrides, and so made a version. That includes changes of no effective value, such as an override
 * that equals the default. `overrides` is no path: a path is empty or begins with a slash. A dry run
 * doesn't report it. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_set_report_overrides (RunconfTransaction *self, gboolean report_overrides)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));

  if (self->report_overrides == !!report_overrides)
    return;

  self->report_overrides = !!report_overrides;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REPORT_OVERRIDES]);
}

/**
 * runconf_transaction_set_boot: (set-property boot)
 * @self: a transaction
 * @boot: whether the operations change the overrides that end with this boot
 *
 * Sets whether the operations change the overrides for this boot, which replace all other values
 * until the next boot of the computer, and not those that stay. Without a layer for them, applying
 * the transaction fails with %RUNCONF_ERROR_UNAVAILABLE. Never blocks.
 *
 * Since: 1.0
 */
void
runconf_transaction_set_boot (RunconfTransaction *self, gboolean boot)
{
  g_return_if_fail (RUNCONF_IS_TRANSACTION (self));

  if (self->boot == !!boot)
    return;

  self->boot = !!boot;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOOT]);
}

static GVariant *
make_options (RunconfTransaction *self)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (self->if_version != ANY_VERSION)
    g_variant_builder_add (&options, "{sv}", "if-version", g_variant_new_uint64 (self->if_version));
  if (self->message != NULL)
    g_variant_builder_add (&options, "{sv}", "message", g_variant_new_string (self->message));
  if (self->dry_run)
    g_variant_builder_add (&options, "{sv}", "dry-run", g_variant_new_boolean (TRUE));
  if (self->confirm_timeout != 0)
    g_variant_builder_add (&options, "{sv}", "confirm-timeout",
                           g_variant_new_uint32 (self->confirm_timeout));
  if (self->report_overrides)
    g_variant_builder_add (&options, "{sv}", "report-overrides", g_variant_new_boolean (TRUE));
  if (self->boot)
    g_variant_builder_add (&options, "{sv}", "boot", g_variant_new_boolean (TRUE));

  return g_variant_builder_end (&options);
}

static gboolean
check_alone (RunconfTransaction *self, GError **error)
{
  if (self->operations->len == 0 && self->n_wholes == 1)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "“%s” can't be combined with other operations: apply it in a transaction of its own",
               self->whole->name);

  return FALSE;
}

static GVariant *
make_whole (RunconfTransaction *self, GError **error)
{
  if (!check_alone (self, error))
    return NULL;

  if (self->text == NULL)
    return g_variant_new ("(t@a{sv})", self->version, make_options (self));

  if (!runconf_argument_check_text ("the text", self->text, error))
    return NULL;

  return g_variant_new ("(s@a{sv})", self->text, make_options (self));
}

/**
 * runconf_transaction_make_arguments: (skip)
 * @method: (out): the method that applies the transaction
 *
 * Returns: (transfer floating) (nullable): the arguments of @method, or %NULL with the error of the
 *   first operation that can't be sent
 */
GVariant *
runconf_transaction_make_arguments (RunconfTransaction *self, RunconfMethod *method, GError **error)
{
  *method = self->whole != NULL ? self->whole->method : RUNCONF_METHOD_APPLY;
  if (self->refusal != NULL)
    {
      g_propagate_error (error, g_error_copy (self->refusal));
      return NULL;
    }

  if (self->message != NULL && !runconf_argument_check_text ("the message", self->message, error))
    return NULL;

  if (self->whole != NULL)
    return make_whole (self, error);

  return g_variant_new ("(@a(ssv)@a{sv})",
                        g_variant_new_array (G_VARIANT_TYPE ("(ssv)"),
                                             (GVariant *const *) self->operations->pdata,
                                             self->operations->len),
                        make_options (self));
}

/**
 * runconf_transaction_find_method: (skip)
 * @result: the result of applying a transaction
 *
 * Returns: the method that applied it
 */
RunconfMethod
runconf_transaction_find_method (GAsyncResult *result)
{
  const Whole *const wholes[] = { &merge_text, &replace_text, &revert };

  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    if (runconf_call_is_of (result, wholes[i]->method))
      return wholes[i]->method;

  return RUNCONF_METHOD_APPLY;
}
