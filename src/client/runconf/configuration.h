/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/change.h>
#include <runconf/description.h>
#include <runconf/enums.h>
#include <runconf/snapshot.h>
#include <runconf/transaction.h>
#include <runconf/watch.h>
#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_CONFIGURATION (runconf_configuration_get_type ())
RUNCONF_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (RunconfConfiguration, runconf_configuration, RUNCONF, CONFIGURATION,
                          GObject)

/**
 * RunconfConfigurationClass:
 * @changed: the default handler of [signal@Configuration::changed]
 *
 * Since: 1.0
 */
struct _RunconfConfigurationClass
{
  GObjectClass parent_class;

  void (*changed) (RunconfConfiguration *self, RunconfChange *change);

  /*< private >*/
  gpointer padding[12];
};

/* Opening. The sync forms may block until the service has started and replied. */
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_new (GBusType bus_type, const char *name, GVariant *defaults,
                                RunconfOpenFlags flags, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
RunconfConfiguration *runconf_configuration_new_finish (GAsyncResult *result, GError **error);
RUNCONF_AVAILABLE_IN_1_0
RunconfConfiguration *runconf_configuration_new_sync (GBusType bus_type, const char *name,
                                                      GVariant *defaults, RunconfOpenFlags flags,
                                                      GCancellable *cancellable, GError **error);
RUNCONF_AVAILABLE_IN_1_0
RunconfConfiguration *runconf_configuration_new_in_background (GBusType bus_type, const char *name,
                                                               GVariant *defaults, GError **error);
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_new_for_connection (GDBusConnection *connection, const char *name,
                                               GVariant *defaults, RunconfOpenFlags flags,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
RunconfConfiguration *runconf_configuration_new_for_connection_finish (GAsyncResult *result,
                                                                       GError **error);
RUNCONF_AVAILABLE_IN_1_0
RunconfConfiguration *
runconf_configuration_new_for_connection_sync (GDBusConnection *connection, const char *name,
                                               GVariant *defaults, RunconfOpenFlags flags,
                                               GCancellable *cancellable, GError **error);
RUNCONF_AVAILABLE_IN_1_0
RunconfConfiguration *runconf_configuration_new_in_memory (const char *name, GVariant *defaults,
                                                           GError **error);

/* A part of a configuration */
RUNCONF_AVAILABLE_IN_1_0
RunconfConfiguration *runconf_configuration_get_child (RunconfConfiguration *self, const char *path,
                                                       GError **error);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_configuration_get_base_path (RunconfConfiguration *self);

RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_get_interactive (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_interactive (RunconfConfiguration *self, gboolean interactive);

/* Reading: never blocks */
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_configuration_get_name (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
guint64 runconf_configuration_get_version (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
RunconfState runconf_configuration_get_state (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
char *runconf_configuration_dup_state_message (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
guint runconf_configuration_get_rules_revision (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_dup_locks (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_get_connected (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_get_shared (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_configuration_dup_metadata (RunconfConfiguration *self);

RUNCONF_AVAILABLE_IN_1_0
RunconfSnapshot *runconf_configuration_get_snapshot (RunconfConfiguration *self);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_get_boolean (RunconfConfiguration *self, const char *path,
                                            gboolean fallback);
RUNCONF_AVAILABLE_IN_1_0
gint64 runconf_configuration_get_int64 (RunconfConfiguration *self, const char *path,
                                        gint64 fallback);
RUNCONF_AVAILABLE_IN_1_0
guint64 runconf_configuration_get_uint64 (RunconfConfiguration *self, const char *path,
                                          guint64 fallback);
RUNCONF_AVAILABLE_IN_1_0
double runconf_configuration_get_double (RunconfConfiguration *self, const char *path,
                                         double fallback);
RUNCONF_AVAILABLE_IN_1_0
char *runconf_configuration_get_string (RunconfConfiguration *self, const char *path,
                                        const char *fallback);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_get_strv (RunconfConfiguration *self, const char *path,
                                       const char *const *fallback);
RUNCONF_AVAILABLE_IN_1_0
int runconf_configuration_get_enum (RunconfConfiguration *self, const char *path, GType type,
                                    int fallback);
RUNCONF_AVAILABLE_IN_1_0
guint runconf_configuration_get_flags (RunconfConfiguration *self, const char *path, GType type,
                                       guint fallback);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_configuration_get_value (RunconfConfiguration *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_configuration_get_default_value (RunconfConfiguration *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_configuration_get_user_value (RunconfConfiguration *self, const char *path);

/**
 * RunconfGetMapping:
 * @value: (nullable): the value at the path, or the default; %NULL to make the fallback
 * @result: (out): return location for the result
 * @user_data: the data that was given with the function
 *
 * Converts a value of the configuration to a value of the program, for
 * `runconf_configuration_get_mapped ()`.
 *
 * Returns: whether the conversion succeeded; it must succeed for %NULL
 *
 * Since: 1.0
 */
typedef gboolean (*RunconfGetMapping) (GVariant *value, gpointer *result, gpointer user_data);

RUNCONF_AVAILABLE_IN_1_0
gpointer runconf_configuration_get_mapped (RunconfConfiguration *self, const char *path,
                                           RunconfGetMapping mapping, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_has (RunconfConfiguration *self, const char *path);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_list (RunconfConfiguration *self, const char *path);

/* Watching */
RUNCONF_AVAILABLE_IN_1_0
RunconfWatch *runconf_configuration_watch (RunconfConfiguration *self, const char *path,
                                           GError **error);

/* Writing: each function has three forms */
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_value (RunconfConfiguration *self, const char *path, GVariant *value,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_value_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                 guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_value_sync (RunconfConfiguration *self, const char *path,
                                               GVariant *value, guint64 *version,
                                               GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_boolean (RunconfConfiguration *self, const char *path,
                                        gboolean value, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_boolean_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                   guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_boolean_sync (RunconfConfiguration *self, const char *path,
                                                 gboolean value, guint64 *version,
                                                 GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_int64 (RunconfConfiguration *self, const char *path, gint64 value,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_int64_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                 guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_int64_sync (RunconfConfiguration *self, const char *path,
                                               gint64 value, guint64 *version,
                                               GCancellable *cancellable, GError **error);
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_uint64 (RunconfConfiguration *self, const char *path, guint64 value,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_uint64_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                  guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_uint64_sync (RunconfConfiguration *self, const char *path,
                                                guint64 value, guint64 *version,
                                                GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_double (RunconfConfiguration *self, const char *path, double value,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_double_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                  guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_double_sync (RunconfConfiguration *self, const char *path,
                                                double value, guint64 *version,
                                                GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_string (RunconfConfiguration *self, const char *path,
                                       const char *value, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_string_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                  guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_string_sync (RunconfConfiguration *self, const char *path,
                                                const char *value, guint64 *version,
                                                GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_strv (RunconfConfiguration *self, const char *path,
                                     const char *const *value, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_strv_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_strv_sync (RunconfConfiguration *self, const char *path,
                                              const char *const *value, guint64 *version,
                                              GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_enum (RunconfConfiguration *self, const char *path, GType type,
                                     int value, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_enum_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_enum_sync (RunconfConfiguration *self, const char *path,
                                              GType type, int value, guint64 *version,
                                              GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_set_flags (RunconfConfiguration *self, const char *path, GType type,
                                      guint value, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_flags_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                 guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_set_flags_sync (RunconfConfiguration *self, const char *path,
                                               GType type, guint value, guint64 *version,
                                               GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_reset (RunconfConfiguration *self, const char *path,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_reset_finish (RunconfConfiguration *self, GAsyncResult *result,
                                             guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_reset_sync (RunconfConfiguration *self, const char *path,
                                           guint64 *version, GCancellable *cancellable,
                                           GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_unset (RunconfConfiguration *self, const char *path,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_unset_finish (RunconfConfiguration *self, GAsyncResult *result,
                                             guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_unset_sync (RunconfConfiguration *self, const char *path,
                                           guint64 *version, GCancellable *cancellable,
                                           GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_replace_value (RunconfConfiguration *self, const char *path,
                                          GVariant *value, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_replace_value_finish (RunconfConfiguration *self,
                                                     GAsyncResult *result, guint64 *version,
                                                     GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_replace_value_sync (RunconfConfiguration *self, const char *path,
                                                   GVariant *value, guint64 *version,
                                                   GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_merge (RunconfConfiguration *self, GVariant *patch,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_merge_finish (RunconfConfiguration *self, GAsyncResult *result,
                                           guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_merge_sync (RunconfConfiguration *self, GVariant *patch,
                                         guint64 *version, GCancellable *cancellable,
                                         GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_merge_text (RunconfConfiguration *self, const char *text,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_merge_text_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_merge_text_sync (RunconfConfiguration *self, const char *text,
                                              guint64 *version, GCancellable *cancellable,
                                              GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_replace_text (RunconfConfiguration *self, const char *text,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_replace_text_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                  guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_replace_text_sync (RunconfConfiguration *self, const char *text,
                                                guint64 *version, GCancellable *cancellable,
                                                GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_save (RunconfConfiguration *self, GVariant *config,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_save_finish (RunconfConfiguration *self, GAsyncResult *result,
                                          guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_save_sync (RunconfConfiguration *self, GVariant *config,
                                        guint64 *version, GCancellable *cancellable,
                                        GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_apply (RunconfConfiguration *self, RunconfTransaction *transaction,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_apply_finish (RunconfConfiguration *self, GAsyncResult *result,
                                           guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_apply_sync (RunconfConfiguration *self,
                                         RunconfTransaction *transaction, guint64 *version,
                                         GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_revert (RunconfConfiguration *self, guint64 to,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_revert_finish (RunconfConfiguration *self, GAsyncResult *result,
                                            guint64 *version, GError **error);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_configuration_revert_sync (RunconfConfiguration *self, guint64 to, guint64 *version,
                                          GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_confirm (RunconfConfiguration *self, guint64 version,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_confirm_finish (RunconfConfiguration *self, GAsyncResult *result,
                                               GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_confirm_sync (RunconfConfiguration *self, guint64 version,
                                             GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_flush (RunconfConfiguration *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_flush_finish (RunconfConfiguration *self, GAsyncResult *result,
                                             GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_flush_sync (RunconfConfiguration *self, GCancellable *cancellable,
                                           GError **error);
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_reload (RunconfConfiguration *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_reload_finish (RunconfConfiguration *self, GAsyncResult *result,
                                              gboolean *changed, GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_reload_sync (RunconfConfiguration *self, gboolean *changed,
                                            GCancellable *cancellable, GError **error);

/* Asking the service */
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_fetch_value (RunconfConfiguration *self, const char *path,
                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_configuration_fetch_value_finish (RunconfConfiguration *self,
                                                    GAsyncResult *result, GError **error);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_configuration_fetch_value_sync (RunconfConfiguration *self, const char *path,
                                                  GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_is_writable (RunconfConfiguration *self, const char *path,
                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_is_writable_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                   GError **error);
RUNCONF_AVAILABLE_IN_1_0
gboolean runconf_configuration_is_writable_sync (RunconfConfiguration *self, const char *path,
                                                 GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_describe (RunconfConfiguration *self, const char *path,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
RunconfDescription *runconf_configuration_describe_finish (RunconfConfiguration *self,
                                                           GAsyncResult *result, GError **error);
RUNCONF_AVAILABLE_IN_1_0
RunconfDescription *runconf_configuration_describe_sync (RunconfConfiguration *self,
                                                         const char *path,
                                                         GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_explain (RunconfConfiguration *self, const char *path,
                                    RunconfExplainFlags flags, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
GList *runconf_configuration_explain_finish (RunconfConfiguration *self, GAsyncResult *result,
                                             GError **error);
RUNCONF_AVAILABLE_IN_1_0
GList *runconf_configuration_explain_sync (RunconfConfiguration *self, const char *path,
                                           RunconfExplainFlags flags, GCancellable *cancellable,
                                           GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_dump (RunconfConfiguration *self, const char *path, RunconfLayer layer,
                                 RunconfFormat format, RunconfDumpFlags flags, guint64 version,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
char *runconf_configuration_dump_finish (RunconfConfiguration *self, GAsyncResult *result,
                                         GError **error);
RUNCONF_AVAILABLE_IN_1_0
char *runconf_configuration_dump_sync (RunconfConfiguration *self, const char *path,
                                       RunconfLayer layer, RunconfFormat format,
                                       RunconfDumpFlags flags, guint64 version,
                                       GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_history (RunconfConfiguration *self, const char *path,
                                    guint64 since_version, guint limit, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
GList *runconf_configuration_history_finish (RunconfConfiguration *self, GAsyncResult *result,
                                             GError **error);
RUNCONF_AVAILABLE_IN_1_0
GList *runconf_configuration_history_sync (RunconfConfiguration *self, const char *path,
                                           guint64 since_version, guint limit,
                                           GCancellable *cancellable, GError **error);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_diff (RunconfConfiguration *self, guint64 from, guint64 to,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
RUNCONF_AVAILABLE_IN_1_0
RunconfChange *runconf_configuration_diff_finish (RunconfConfiguration *self, GAsyncResult *result,
                                                  GError **error);
RUNCONF_AVAILABLE_IN_1_0
RunconfChange *runconf_configuration_diff_sync (RunconfConfiguration *self, guint64 from,
                                                guint64 to, GCancellable *cancellable,
                                                GError **error);

/* Binding to a property of an object */

/**
 * RunconfBindGetMapping:
 * @value: (inout): an initialised value of the type of the property, to be filled in
 * @variant: the value at the path
 * @user_data: the data that was given with the function
 *
 * Converts a value of the configuration to a value of the property.
 *
 * Returns: whether the conversion succeeded; if not, the property keeps its value
 *
 * Since: 1.0
 */
typedef gboolean (*RunconfBindGetMapping) (GValue *value, GVariant *variant, gpointer user_data);

/**
 * RunconfBindSetMapping:
 * @value: the value of the property
 * @user_data: the data that was given with the function
 *
 * Converts a value of the property to a value of the configuration.
 *
 * Returns: (transfer full) (nullable): the value to store at the path; %NULL to store nothing
 *
 * Since: 1.0
 */
typedef GVariant *(*RunconfBindSetMapping) (const GValue *value, gpointer user_data);

RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_bind (RunconfConfiguration *self, const char *path, GObject *object,
                                 const char *property, RunconfBindFlags flags);
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_bind_with_mapping (RunconfConfiguration *self, const char *path,
                                              GObject *object, const char *property,
                                              RunconfBindFlags flags,
                                              RunconfBindGetMapping get_mapping,
                                              RunconfBindSetMapping set_mapping, gpointer user_data,
                                              GDestroyNotify destroy);
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_bind_with_mapping_closures (RunconfConfiguration *self, const char *path,
                                                       GObject *object, const char *property,
                                                       RunconfBindFlags flags,
                                                       GClosure *get_mapping,
                                                       GClosure *set_mapping);
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_bind_writable (RunconfConfiguration *self, const char *path,
                                          GObject *object, const char *property, gboolean inverted);
RUNCONF_AVAILABLE_IN_1_0
void runconf_configuration_unbind (GObject *object, const char *property);

/* Objects for a user interface */
RUNCONF_AVAILABLE_IN_1_0
GAction *runconf_configuration_create_action (RunconfConfiguration *self, const char *path,
                                              GVariant *fallback, GError **error);
RUNCONF_AVAILABLE_IN_1_0
GListModel *runconf_configuration_create_children_model (RunconfConfiguration *self,
                                                         const char *path, GError **error);

G_END_DECLS
