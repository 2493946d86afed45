/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/change/request.h"

#include "core/diff.h"
#include "core/error.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "core/metadata.h"
#include "core/operations.h"
#include "core/options.h"
#include "rules/secrets.h"
#include "service/change/admission.h"

RunconfdRequest *
runconfd_request_new (const char *origin, guint uid, const char *caller)
{
  RunconfdRequest *self = g_new0 (RunconfdRequest, 1);

  self->origin = origin;
  self->layer = RUNCONF_LAYER_OVERRIDE;
  self->uid = uid;
  self->caller = g_strdup (caller);
  self->operations = runconf_operations_new ();

  return self;
}

void
runconfd_request_free (RunconfdRequest *self)
{
  g_ptr_array_unref (self->operations);
  g_clear_pointer (&self->document, runconf_document_unref);
  g_clear_pointer (&self->same_as, runconf_revision_unref);
  g_clear_pointer (&self->wanted, runconf_node_unref);
  g_clear_pointer (&self->wanted_boot, runconf_node_unref);
  g_clear_pointer (&self->take_back, g_ptr_array_unref);
  g_clear_pointer (&self->scope, g_ptr_array_unref);
  g_free (self->caller);
  g_free (self->message);
  g_free (self);
}

/**
 * runconfd_request_split:
 * @self: a request that may change both layers; afterwards, it changes the overrides alone
 *
 * The texts of the layers are in two files, which can't be replaced at once.
 *
 * Returns: (transfer full): the request that changes the overrides for this boot
 */
RunconfdRequest *
runconfd_request_split (RunconfdRequest *self)
{
  RunconfdRequest *other = runconfd_request_new (self->origin, self->uid, self->caller);

  other->wanted = runconf_node_ref (self->wanted);
  other->wanted_boot = runconf_node_ref (self->wanted_boot);
  other->layer = RUNCONF_LAYER_BOOT;
  other->scope = self->scope != NULL ? g_ptr_array_ref (self->scope) : NULL;
  other->message = g_strdup (self->message);
  other->reports_overrides = self->reports_overrides;
  other->confirm_timeout = self->confirm_timeout;
  self->is_split = other->is_split = TRUE;

  return other;
}

/**
 * runconfd_request_add:
 *
 * Adds an operation; see runconf_operation_new().
 */
gboolean
runconfd_request_add (RunconfdRequest *self, RunconfVerb verb, const char *path,
                      const RunconfNode *value, GError **error)
{
  RunconfOperation *operation = runconf_operation_new (verb, path, value, error);

  if (operation == NULL)
    return FALSE;

  g_ptr_array_add (self->operations, operation);

  return TRUE;
}

/* A caller that saves a configuration has read it without its secrets: they are added to the value.
 */
static RunconfOperation *
name_secrets (const RunconfOperation *operation, const RunconfRules *rules, const RunconfNode *base,
              const RunconfNode *overrides, GError **error)
{
  const RunconfPath *path = runconf_operation_get_path (operation);
  g_autoptr (RunconfNode) effective = runconf_merge (base, overrides);
  g_autoptr (RunconfNode) value
      = runconf_secrets_keep (rules, effective, path, runconf_operation_get_value (operation));

  return runconf_operation_new (RUNCONF_VERB_SAVE, runconf_path_get_pointer (path), value, error);
}

static gboolean
is_same (const RunconfNode *a, const RunconfNode *b)
{
  return a != NULL && b != NULL ? runconf_node_equal (a, b) : a == b;
}

/* Restores the values that a change replaced, at the paths that still have the change's value. */
static RunconfNode *
take_back_some (GPtrArray *deltas, gboolean is_added, const RunconfNode *overrides)
{
  g_autoptr (GPtrArray) swapped = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autoptr (RunconfPath) path = runconf_path_new (delta->path, NULL);
      const RunconfNode *there = path != NULL ? runconf_node_find (overrides, path, NULL) : NULL;
      RunconfDelta back = { delta->path, delta->new_value, delta->old_value };

      if (path != NULL && (delta->new_value != NULL) == is_added
          && is_same (there, delta->new_value))
        g_ptr_array_add (swapped, g_memdup2 (&back, sizeof back));
    }

  return runconf_diff_apply (overrides, swapped);
}

/* Values that the change added are removed first. Then there is a place again for the values that
 * it replaced, unless another caller set a value there.
 */
static RunconfNode *
take_back (GPtrArray *deltas, const RunconfNode *overrides)
{
  g_autoptr (RunconfNode) without = take_back_some (deltas, TRUE, overrides);

  return take_back_some (deltas, FALSE, without);
}

/* A caller that saves a configuration has read it with the overrides for this boot. Where it left their
 * values as they were, the values below them stay: the overrides that outlast the boot don't get them.
 */
static RunconfOperation *
leave_boot (const RunconfOperation *operation, const RunconfRevision *revision, GError **error)
{
  const RunconfPath *path = runconf_operation_get_path (operation);
  const RunconfNode *value = runconf_operation_get_value (operation);
  const RunconfNode *below = runconf_node_find (revision->below, path, NULL);
  const RunconfNode *effective = runconf_node_find (revision->effective, path, NULL);
  g_autoptr (GPtrArray) deltas = NULL;
  g_autoptr (RunconfNode) left = NULL;

  if (below == NULL || effective == NULL || !runconf_node_is_mapping (below)
      || !runconf_node_is_mapping (effective) || !runconf_node_is_mapping (value))
    return runconf_operation_new (RUNCONF_VERB_SAVE, runconf_path_get_pointer (path),
                                  below != NULL && is_same (effective, value) ? below : value,
                                  error);

  deltas = runconf_diff (below, effective);
  left = take_back (deltas, value);

  return runconf_operation_new (RUNCONF_VERB_SAVE, runconf_path_get_pointer (path), left, error);
}

static RunconfNode *
apply_save (const RunconfdRequest *self, const RunconfOperation *operation,
            const RunconfRevision *revision, const RunconfNode *tree, GError **error)
{
  const RunconfNode *base = runconf_revision_get_base (revision, self->layer);
  const RunconfRules *rules = revision->ground->rules;
  g_autoptr (RunconfOperation) left = NULL;
  g_autoptr (RunconfOperation) named = NULL;

  if (self->layer != RUNCONF_LAYER_BOOT && revision->effective != revision->below)
    {
      left = leave_boot (operation, revision, error);
      if (left == NULL)
        return NULL;
      operation = left;
    }
  if (runconf_rules_have_secrets (rules))
    {
      named = name_secrets (operation, rules, base, tree, error);
      if (named == NULL)
        return NULL;
      operation = named;
    }

  return runconf_operation_apply (operation, base, tree, error);
}

static RunconfNode *
apply_operation (const RunconfdRequest *self, const RunconfOperation *operation,
                 const RunconfRevision *revision, const RunconfNode *tree, GError **error)
{
  if (runconf_operation_get_verb (operation) == RUNCONF_VERB_SAVE)
    return apply_save (self, operation, revision, tree, error);

  return runconf_operation_apply (operation, runconf_revision_get_base (revision, self->layer),
                                  tree, error);
}

/* The history has no secrets: they stay as they are. */
static RunconfNode *
keep_secrets (const RunconfNode *wanted, const RunconfNode *tree, const RunconfRevision *revision)
{
  g_autoptr (RunconfPath) whole = runconf_path_new ("", NULL);

  return runconf_secrets_keep (revision->ground->rules, tree, whole, wanted);
}

static RunconfNode *
restore (const RunconfdRequest *self, RunconfLayer layer, const RunconfRevision *revision)
{
  return keep_secrets (layer == RUNCONF_LAYER_BOOT ? self->wanted_boot : self->wanted,
                       runconf_revision_get_tree (revision, layer), revision);
}

static RunconfNode *
take_back_visible (const RunconfdRequest *self, const RunconfNode *tree,
                   const RunconfRevision *revision)
{
  g_autoptr (RunconfNode) visible = runconf_rules_strip (revision->ground->rules, tree);
  g_autoptr (RunconfNode) before = take_back (self->take_back, visible);

  return keep_secrets (before, tree, revision);
}

/* A document replaces the whole text, even if the tree stays the same: then its comments are the
 * change.
 */
static RunconfNode *
get_tree (const RunconfdRequest *self, const RunconfRevision *revision, GError **error)
{
  g_autoptr (RunconfNode) tree
      = runconf_node_ref (runconf_revision_get_tree (revision, self->layer));

  if (self->document != NULL)
    return runconf_metadata_strip (runconf_document_get_root (self->document));
  if (self->wanted != NULL)
    return restore (self, self->layer, revision);
  if (self->take_back != NULL)
    return take_back_visible (self, tree, revision);

  for (guint i = 0; i < self->operations->len; i++)
    {
      g_autoptr (RunconfNode) before = g_steal_pointer (&tree);

      tree = apply_operation (self, self->operations->pdata[i], revision, before, error);
      if (tree == NULL)
        return NULL;
    }

  return g_steal_pointer (&tree);
}

/**
 * runconfd_request_check_outside:
 *
 * Returns: %FALSE with an error if an operation concerns a part of a secret
 */
gboolean
runconfd_request_check_outside (const RunconfdRequest *self, const RunconfRules *rules,
                                GError **error)
{
  for (guint i = 0; i < self->operations->len; i++)
    {
      if (!runconf_rules_check_outside (
              rules, runconf_operation_get_path (self->operations->pdata[i]), error))
        return FALSE;
    }

  return TRUE;
}

static void
add_secret (GPtrArray *secrets, const RunconfRules *rules, char *taken)
{
  g_autofree char *pointer = taken;
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);

  if (path != NULL && runconf_rules_hide (rules, path))
    g_ptr_array_add (secrets, g_steal_pointer (&pointer));
}

/* @value: a mapping */
static void
add_secrets_in (GPtrArray *secrets, const RunconfRules *rules, const char *pointer,
                const RunconfNode *value)
{
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (GPtrArray) leaves = runconf_diff (nothing, value);

  for (guint i = 0; i < leaves->len; i++)
    {
      const RunconfDelta *leaf = leaves->pdata[i];

      add_secret (secrets, rules, g_strconcat (pointer, leaf->path, NULL));
    }
}

/* A replacing mapping in a patch is a leaf of it, so the values in it are looked at too. */
static void
add_secrets_of (GPtrArray *secrets, const RunconfRules *rules, const RunconfOperation *operation)
{
  const char *pointer = runconf_path_get_pointer (runconf_operation_get_path (operation));
  const RunconfNode *value = runconf_operation_get_value (operation);
  g_autoptr (RunconfNode) resolved = NULL;

  add_secret (secrets, rules, g_strdup (pointer));
  if (value == NULL || !runconf_node_is_mapping (value))
    return;

  add_secrets_in (secrets, rules, pointer, value);
  if (!runconf_node_has_tags (value))
    return;

  resolved = runconf_merge_resolve (value);
  add_secrets_in (secrets, rules, pointer, resolved);
}

/**
 * runconfd_request_find_secrets:
 *
 * A caller without the right to read a secret must not be able to guess it either. Therefore
 * decisions about requests with secrets depend on the secrets that a request names, and not on the
 * values that it has for them.
 *
 * Returns: (transfer full) (element-type utf8): the paths of the secrets that it names
 */
GPtrArray *
runconfd_request_find_secrets (const RunconfdRequest *self, const RunconfRevision *revision)
{
  const RunconfRules *rules = revision->ground->rules;
  GPtrArray *secrets;

  if (!runconf_rules_have_secrets (rules))
    return g_ptr_array_new_with_free_func (g_free);

  if (self->document != NULL)
    {
      secrets = runconf_rules_find_secrets (rules, runconf_document_get_root (self->document));
      g_ptr_array_extend_and_steal (secrets,
                                    runconf_rules_find_secrets (rules, revision->overrides));
      return secrets;
    }

  secrets = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->operations->len; i++)
    add_secrets_of (secrets, rules, self->operations->pdata[i]);

  return secrets;
}

/* A change that is reverted unless confirmed has to be in the history, which never has secrets. */
static gboolean
check_confirm (const RunconfdRequest *self, const RunconfRevision *before,
               const RunconfRevision *after, GError **error)
{
  g_autoptr (GPtrArray) named = NULL;

  if (self->confirm_timeout == 0)
    return TRUE;

  named = runconfd_request_find_secrets (self, before);
  if (named->len == 0
      && runconf_secrets_equal (after->ground->rules, before->overrides, after->overrides)
      && runconf_secrets_equal (after->ground->rules, before->boot, after->boot))
    return TRUE;

  g_set_error_literal (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                       "a change of a secret can't be reverted automatically, because the history "
                       "keeps no secrets: make it without “confirm-timeout”");

  return FALSE;
}

/* Returns: (transfer full) (nullable): the revision with the tree of one layer */
static RunconfRevision *
change_one (const RunconfdRequest *self, RunconfRevision *revision, GError **error)
{
  g_autoptr (RunconfNode) tree = get_tree (self, revision, error);

  if (tree == NULL)
    return NULL;
  if (self->document != NULL
          ? self->same_as == revision
          : runconf_node_equal (tree, runconf_revision_get_tree (revision, self->layer)))
    return runconf_revision_ref (revision);

  return runconf_revision_next_in (revision, self->layer, tree, error);
}

/* Returns: (transfer full) (nullable): the revision with the trees of both layers */
static RunconfRevision *
change_both (const RunconfdRequest *self, RunconfRevision *revision, GError **error)
{
  g_autoptr (RunconfNode) overrides = restore (self, RUNCONF_LAYER_OVERRIDE, revision);
  g_autoptr (RunconfNode) boot = restore (self, RUNCONF_LAYER_BOOT, revision);

  if (runconf_node_equal (overrides, revision->overrides)
      && runconf_node_equal (boot, revision->boot))
    return runconf_revision_ref (revision);

  return runconf_revision_next_both (revision, overrides, boot, error);
}

/**
 * runconfd_request_apply:
 *
 * Returns: (transfer full) (nullable): the revision after the request, @revision itself if nothing
 *   changes, or %NULL with an error if the request is refused
 */
RunconfRevision *
runconfd_request_apply (const RunconfdRequest *self, RunconfRevision *revision, GError **error)
{
  g_autoptr (RunconfRevision) after = NULL;

  if (self->has_if_version
      && !runconf_options_check_version (self->if_version, revision->version, error))
    return NULL;

  after = self->wanted_boot != NULL && !self->is_split ? change_both (self, revision, error)
                                                       : change_one (self, revision, error);
  if (after == NULL)
    return NULL;
  if (after == revision)
    return check_confirm (self, revision, revision, error) ? g_steal_pointer (&after) : NULL;

  if (!runconfd_admission_check (revision, after, error)
      || !check_confirm (self, revision, after, error)
      || (self->scope != NULL
          && !runconfd_admission_check_scope (self->scope, revision, after, error)))
    return NULL;

  return g_steal_pointer (&after);
}
