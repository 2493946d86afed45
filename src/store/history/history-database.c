/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>

#include "store/failure.h"
#include "store/history/history-private.h"

/* The database of a history: its tables, its statements and its transactions. */

/* "Runc": so that file(1) and this file can distinguish it from other databases. */
#define APPLICATION_ID 0x52756e63
#define SCHEMA_VERSION 1

/* No other process has a reason to hold a lock for long. */
#define BUSY_MS 250

/* The log is overwritten from its beginning after a checkpoint: if it was longer than this, it is
 * truncated.
 */
#define MAX_LOG_BYTES "4194304"

/* A row of `change` is one change, or a sum of several that were pruned: a sum has no origin.
 * `since` is the version before the row, and `deltas` is NULL if they aren't known or were too
 * large. `touched` finds changes by path; if a change has very many paths, their mappings replace
 * them. `meta` has one row.
 */
static const char schema[] = "PRAGMA application_id = " G_STRINGIFY (
    APPLICATION_ID) ";"
                    "PRAGMA user_version = " G_STRINGIFY (
                        SCHEMA_VERSION) ";"
                                        "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), "
                                        "newest INTEGER NOT NULL,"
                                        "  pending_from INTEGER NOT NULL, pending_to INTEGER NOT "
                                        "NULL, pending_digest BLOB,"
                                        "  n_settled INTEGER NOT NULL);"
                                        "INSERT INTO meta VALUES (1, 0, 0, 0, NULL, 0);"
                                        "CREATE TABLE change (version INTEGER PRIMARY KEY, since "
                                        "INTEGER NOT NULL,"
                                        "  bytes INTEGER NOT NULL, time INTEGER NOT NULL, uid "
                                        "INTEGER NOT NULL, origin TEXT,"
                                        "  caller TEXT, message TEXT, deltas BLOB);"
                                        "CREATE TABLE touched (path TEXT NOT NULL, version INTEGER "
                                        "NOT NULL,"
                                        "  PRIMARY KEY (path, version)) WITHOUT ROWID;"
                                        "CREATE TABLE text (version INTEGER PRIMARY KEY, content "
                                        "BLOB NOT NULL);"
                                        "CREATE TABLE waiting (version INTEGER PRIMARY KEY, time "
                                        "INTEGER NOT NULL,"
                                        "  uid INTEGER NOT NULL, origin TEXT, caller TEXT, message "
                                        "TEXT, deltas BLOB,"
                                        "  deadline INTEGER NOT NULL, timeout INTEGER NOT NULL);";

/* Histories of older Runconf versions have no marks: see history-age.c. They ignore the table. */
static const char marks[]
    = "CREATE TABLE IF NOT EXISTS mark (age INTEGER PRIMARY KEY, version INTEGER NOT NULL,"
      "  wall INTEGER NOT NULL, boot INTEGER NOT NULL, boot_id TEXT NOT NULL);";

/* In exclusive mode SQLite needs no shared memory and takes its lock once: two system calls fewer
 * per commit, and no mapped file that another process could truncate. Checkpoints are made only by
 * history.c.
 */
static const char setup[] = "PRAGMA locking_mode = EXCLUSIVE;"
                            "PRAGMA journal_mode = WAL;"
                            "PRAGMA synchronous = FULL;"
                            "PRAGMA wal_autocheckpoint = 0;"
                            "PRAGMA journal_size_limit = " MAX_LOG_BYTES ";"
                            "PRAGMA temp_store = MEMORY;"
                            "PRAGMA cell_size_check = ON;"
                            "PRAGMA mmap_size = 0;"
                            "PRAGMA cache_size = -1024;";

/* The digests of the texts that were in the store, and the overrides for this boot. Older files
 * don't have these tables yet.
 */
static const char additions[] = "CREATE TABLE IF NOT EXISTS digest (version INTEGER PRIMARY KEY,"
                                " digest BLOB NOT NULL);"
                                "CREATE TABLE IF NOT EXISTS boot (version INTEGER PRIMARY KEY,"
                                " content BLOB NOT NULL);";

#define CHANGE_COLUMNS "version, time, uid, origin, caller, message, deltas"

static const char *const texts[N_STATEMENTS] = {
  [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
  [STATEMENT_COMMIT] = "COMMIT",
  [STATEMENT_GET_META] = "SELECT newest, pending_from, pending_to, pending_digest FROM meta",
  [STATEMENT_SET_META] = "UPDATE meta SET newest = ?1, pending_from = ?2, pending_to = ?3,"
                         " pending_digest = ?4, n_settled = n_settled + 1",
  [STATEMENT_ADD_CHANGE] = "INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
  [STATEMENT_ADD_TOUCHED] = "INSERT OR IGNORE INTO touched VALUES (?1, ?2)",
  [STATEMENT_ADD_TEXT] = "INSERT OR REPLACE INTO text VALUES (?1, ?2)",
  [STATEMENT_ADD_BOOT] = "INSERT OR REPLACE INTO boot VALUES (?1, ?2)",
  [STATEMENT_GET_BOOT]
  = "SELECT version, content FROM boot WHERE version <= ?1 ORDER BY version DESC LIMIT 1",
  [STATEMENT_DROP_BOOTS_FROM] = "DELETE FROM boot WHERE version >= ?1",
  [STATEMENT_DROP_OLD_BOOTS]
  = "DELETE FROM boot WHERE version < (SELECT max (version) FROM boot WHERE version <= ?1)",
  [STATEMENT_ADD_DIGEST] = "INSERT OR REPLACE INTO digest VALUES (?1, ?2)",
  [STATEMENT_ADD_WAITING]
  = "INSERT OR REPLACE INTO waiting VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
  [STATEMENT_DROP_CHANGES_FROM] = "DELETE FROM change WHERE version >= ?1",
  [STATEMENT_DROP_TOUCHED_FROM] = "DELETE FROM touched WHERE version >= ?1",
  [STATEMENT_DROP_TEXTS_FROM] = "DELETE FROM text WHERE version >= ?1",
  [STATEMENT_DROP_OLD_TEXTS]
  = "DELETE FROM text WHERE version < (SELECT max (version) FROM text WHERE version <= ?1)",
  [STATEMENT_DROP_DIGESTS_FROM] = "DELETE FROM digest WHERE version >= ?1",
  [STATEMENT_DROP_OLD_DIGESTS] = "DELETE FROM digest WHERE version <= ?1",
  [STATEMENT_DROP_WAITING_FROM] = "DELETE FROM waiting WHERE version >= ?1",
  [STATEMENT_DROP_WAITING] = "DELETE FROM waiting WHERE version = ?1",
  [STATEMENT_DROP_CHANGE] = "DELETE FROM change WHERE version = ?1",
  [STATEMENT_DROP_TOUCHED] = "DELETE FROM touched WHERE path = ?1 AND version = ?2",
  [STATEMENT_DROP_TOUCHED_AT] = "DELETE FROM touched WHERE version = ?1",
  [STATEMENT_GET_SIZES] = "SELECT version, since, bytes, time, uid, origin IS NULL, deltas IS NULL"
                          " FROM change ORDER BY version",
  [STATEMENT_GET_DELTAS] = "SELECT deltas FROM change WHERE version = ?1",
  [STATEMENT_GET_TEXT]
  = "SELECT version, content FROM text WHERE version <= ?1 ORDER BY version DESC LIMIT 1",
  [STATEMENT_GET_DIGEST] = "SELECT 1 FROM digest WHERE digest = ?1 AND version <= ?2 LIMIT 1",
  [STATEMENT_GET_LAST_DIGEST] = "SELECT 1 FROM digest WHERE digest = ?1 AND version ="
                                " (SELECT max (version) FROM digest WHERE version <= ?2)",
  [STATEMENT_GET_CHANGE] = "SELECT " CHANGE_COLUMNS " FROM change WHERE version = ?1",
  [STATEMENT_GET_CHANGES] = "SELECT " CHANGE_COLUMNS " FROM change WHERE version > ?1"
                            " AND version <= ?2 AND origin IS NOT NULL ORDER BY version DESC",
  [STATEMENT_GET_STEPS] = "SELECT version, since, deltas FROM change WHERE version > ?1"
                          " AND version <= ?2 ORDER BY version",
  [STATEMENT_GET_TOUCHED] = "SELECT version FROM touched WHERE path = ?1 AND version > ?2"
                            " AND version <= ?3 ORDER BY version DESC LIMIT ?4",
  [STATEMENT_GET_TOUCHED_BELOW] = "SELECT version FROM touched WHERE path >= ?1 || '/'"
                                  " AND path < ?1 || '0' AND version > ?2 AND version <= ?3"
                                  " LIMIT ?4",
  [STATEMENT_GET_WAITING] = "SELECT " CHANGE_COLUMNS ", deadline, timeout FROM waiting"
                            " WHERE version <= ?1 ORDER BY version",
  [STATEMENT_ADD_MARK] = "INSERT OR REPLACE INTO mark VALUES (?1, ?2, ?3, ?4, ?5)",
  [STATEMENT_DROP_MARKS] = "DELETE FROM mark"
                           " WHERE age < (SELECT max (age) FROM mark WHERE age <= ?1)",
  [STATEMENT_GET_MARK] = "SELECT age, wall, boot, boot_id FROM mark ORDER BY age DESC LIMIT 1",
  [STATEMENT_GET_OLD] = "SELECT max (version) FROM mark WHERE age <= ?1",
};

static gboolean
is_damage (int code)
{
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

/**
 * runconf_history_fail:
 *
 * Sets %RUNCONF_STORE_ERROR_FAILED from the last error of SQLite, or %RUNCONF_STORE_ERROR_IN_USE,
 * and notes if the error means that the file is damaged.
 */
void
runconf_history_fail (RunconfHistory *self, GError **error)
{
  int code = sqlite3_extended_errcode (self->db);
  int number = sqlite3_system_errno (self->db);
  g_autofree char *name = NULL;

  if (is_damage (code))
    self->is_broken = TRUE;

  if ((code & 0xff) == SQLITE_FULL)
    number = ENOSPC;
  if ((code & 0xff) == SQLITE_IOERR && number == 0)
    number = EIO;
  if ((code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_IOERR)
    {
      runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, self->path, number,
                           "the history can't be read or written");
      return;
    }
  if ((code & 0xff) == SQLITE_BUSY)
    {
      name = g_filename_display_name (self->path);
      g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_IN_USE,
                   "%s: the history is in use by another process", name);
      return;
    }

  runconf_history_fail_with (self, error, sqlite3_errmsg (self->db));
}

void
runconf_history_fail_with (RunconfHistory *self, GError **error, const char *what)
{
  g_autofree char *name = g_filename_display_name (self->path);

  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED, "%s: the history: %s", name,
               what);
}

static gboolean
run_script (RunconfHistory *self, const char *script, GError **error)
{
  if (sqlite3_exec (self->db, script, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;

  runconf_history_fail (self, error);
  return FALSE;
}

static gboolean
get_number (RunconfHistory *self, const char *text, gint64 *number, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean is_good;

  is_good = sqlite3_prepare_v2 (self->db, text, -1, &statement, NULL) == SQLITE_OK
            && sqlite3_step (statement) == SQLITE_ROW;
  if (is_good)
    *number = sqlite3_column_int64 (statement, 0);
  else
    runconf_history_fail (self, error);

  sqlite3_finalize (statement);
  return is_good;
}

static gboolean
is_sound (RunconfHistory *self, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean is_good = FALSE;

  if (sqlite3_prepare_v2 (self->db, "PRAGMA quick_check (1)", -1, &statement, NULL) != SQLITE_OK
      || sqlite3_step (statement) != SQLITE_ROW)
    runconf_history_fail (self, error);
  else if (g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0)
    is_good = TRUE;
  else
    {
      self->is_broken = TRUE;
      runconf_history_fail_with (self, error, "it is damaged");
    }

  sqlite3_finalize (statement);
  return is_good;
}

static gboolean
make_schema (RunconfHistory *self, GError **error)
{
  return run_script (self, "BEGIN IMMEDIATE", error) && run_script (self, schema, error)
         && run_script (self, "COMMIT", error);
}

static gboolean
check_schema (RunconfHistory *self, GError **error)
{
  gint64 n_tables, application, version;

  if (!get_number (self, "SELECT count (*) FROM sqlite_schema", &n_tables, error)
      || !get_number (self, "PRAGMA application_id", &application, error)
      || !get_number (self, "PRAGMA user_version", &version, error))
    return FALSE;

  if (n_tables == 0 && application == 0 && version == 0)
    return make_schema (self, error);

  if (application != APPLICATION_ID || version != SCHEMA_VERSION)
    {
      self->is_broken = TRUE;
      runconf_history_fail_with (self, error,
                                 application != APPLICATION_ID
                                     ? "it is a database of another program"
                                     : "it was written by another version of Runconf");
      return FALSE;
    }

  return is_sound (self, error);
}

static int
on_log_grown (void *user_data, sqlite3 *db, const char *name, int n_pages)
{
  RunconfHistory *self = user_data;

  self->n_log_pages = n_pages;
  return SQLITE_OK;
}

/* Fails if the tables aren't those of a history, although the two numbers are right. */
static gboolean
prepare_statements (RunconfHistory *self, GError **error)
{
  for (guint i = 0; i < N_STATEMENTS; i++)
    if (runconf_history_get_statement (self, i, error) == NULL)
      {
        self->is_broken = TRUE;
        return FALSE;
      }

  return TRUE;
}

static gboolean
check_writable (RunconfHistory *self, GError **error)
{
  if (!sqlite3_db_readonly (self->db, "main"))
    return TRUE;

  runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, self->path, EROFS,
                       "the history can't be written");
  return FALSE;
}

/**
 * runconf_history_database_open:
 * @is_bad: (out): whether the file is the cause of the failure
 *
 * Returns: %FALSE with an error; then nothing is open
 */
gboolean
runconf_history_database_open (RunconfHistory *self, gboolean *is_bad, GError **error)
{
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX
                    | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  gboolean is_good;

  self->is_broken = FALSE;
  self->is_durable = TRUE;
  self->n_log_pages = 0;

  is_good = sqlite3_open_v2 (self->path, &self->db, flags, NULL) == SQLITE_OK;
  if (!is_good)
    runconf_history_fail (self, error);
  else
    {
      sqlite3_busy_timeout (self->db, BUSY_MS);
      sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
      sqlite3_db_config (self->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
      is_good = check_writable (self, error) && run_script (self, setup, error)
                && check_schema (self, error) && run_script (self, marks, error)
                && run_script (self, additions, error) && prepare_statements (self, error);

      /* the statements are right: if they fail as SQL in this file, the file is damaged */
      if (!is_good && (sqlite3_errcode (self->db) & 0xff) == SQLITE_ERROR)
        self->is_broken = TRUE;
    }

  *is_bad = self->is_broken;
  if (is_good)
    sqlite3_wal_hook (self->db, on_log_grown, self);
  else
    runconf_history_database_close (self);

  return is_good;
}

void
runconf_history_database_close (RunconfHistory *self)
{
  for (guint i = 0; i < N_STATEMENTS; i++)
    g_clear_pointer (&self->statements[i], sqlite3_finalize);
  g_clear_pointer (&self->db, sqlite3_close);
}

/**
 * runconf_history_get_statement:
 *
 * Returns: (transfer none) (nullable): the statement, ready to be bound
 */
sqlite3_stmt *
runconf_history_get_statement (RunconfHistory *self, Statement id, GError **error)
{
  sqlite3_stmt **statement = &self->statements[id];

  if (*statement == NULL
      && sqlite3_prepare_v3 (self->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL)
             != SQLITE_OK)
    {
      runconf_history_fail (self, error);
      return NULL;
    }

  return *statement;
}

/**
 * runconf_history_step:
 * @has_row: (out): whether there is a row to read; if not, the statement is ready to be used again
 *
 * Returns: %FALSE with an error
 */
gboolean
runconf_history_step (RunconfHistory *self, sqlite3_stmt *statement, gboolean *has_row,
                      GError **error)
{
  int code = sqlite3_step (statement);

  *has_row = code == SQLITE_ROW;
  if (code == SQLITE_ROW)
    return TRUE;

  if (code != SQLITE_DONE)
    runconf_history_fail (self, error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);

  return code == SQLITE_DONE;
}

/**
 * runconf_history_finish:
 *
 * Runs a statement that returns no rows.
 */
gboolean
runconf_history_finish (RunconfHistory *self, sqlite3_stmt *statement, GError **error)
{
  gboolean has_row;

  return runconf_history_step (self, statement, &has_row, error);
}

static gboolean
run_statement (RunconfHistory *self, Statement id, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, id, error);

  return statement != NULL && runconf_history_finish (self, statement, error);
}

/**
 * runconf_history_begin:
 * @is_durable: whether runconf_history_end() waits for the disk: one fsync
 *
 * A power cut never undoes a commit that isn't durable alone, but only together with all later
 * ones.
 */
gboolean
runconf_history_begin (RunconfHistory *self, gboolean is_durable, GError **error)
{
  if (self->is_durable != is_durable
      && !run_script (
          self, is_durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", error))
    return FALSE;
  self->is_durable = is_durable;

  return run_statement (self, STATEMENT_BEGIN, error);
}

/**
 * runconf_history_end:
 * @is_good: whether to commit; if not, @error is set already
 *
 * Returns: whether it is committed
 */
gboolean
runconf_history_end (RunconfHistory *self, gboolean is_good, GError **error)
{
  if (is_good && run_statement (self, STATEMENT_COMMIT, error))
    return TRUE;

  /* some errors have already caused a rollback */
  if (!sqlite3_get_autocommit (self->db))
    sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);

  return FALSE;
}
