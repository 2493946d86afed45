/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

/* The paths of the secrets of a configuration, whose values nobody asks for. Signal: `changed`. */
#define EDITOR_TYPE_SECRETS (editor_secrets_get_type ())
G_DECLARE_FINAL_TYPE (EditorSecrets, editor_secrets, EDITOR, SECRETS, GObject)

EditorSecrets *editor_secrets_new (void);

void editor_secrets_follow (EditorSecrets *self, RunconfConfiguration *configuration);
void editor_secrets_take_change (EditorSecrets *self, RunconfChange *change);

gboolean editor_secrets_is_empty (EditorSecrets *self);
gboolean editor_secrets_has (EditorSecrets *self, const char *path);
gboolean editor_secrets_has_below (EditorSecrets *self, const char *path);
char **editor_secrets_add_keys (EditorSecrets *self, const char *path, char **keys);

G_END_DECLS
