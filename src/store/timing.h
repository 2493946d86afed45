/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long a save takes to be seen
 *
 * Programs save a file in several steps: they truncate or remove it, write it in pieces, rename a new file
 * over it, or keep it open. The service must not take a half of a text for the whole. Each constant below
 * is a part of that wait, in the order in which a save meets them.
 *
 * A save by an editor is in force after QUIET, and after SETTLED if the file is written without a pause.
 * A write of a client that meets a save waits for MAX_BUSY at most. A text that stays broken counts as
 * broken after BROKEN_GRACE more. A process that keeps the file open delays a good text by OPEN_QUIET, or
 * by MAX_OPEN if it keeps writing.
 */

/* 1. Events of the file.
 *
 * The inotify file descriptor isn't read for REST after each look: one write makes half a dozen events.
 * The file is then left alone until it is quiet, which editors that write in pieces need; SETTLED ends
 * this wait for a file that is written all the time. Without events, on a network file system, the file is
 * looked at every SLOW_TICK; every FAST_TICK where watches are missing.
 */
#define RUNCONF_TIMING_REST_MS 10
#define RUNCONF_TIMING_QUIET_US (100 * 1000)
#define RUNCONF_TIMING_SETTLED_US G_USEC_PER_SEC
#define RUNCONF_TIMING_FAST_TICK_SECONDS 2
#define RUNCONF_TIMING_SLOW_TICK_SECONDS 30

/* 2. A load of the service.
 *
 * While a file isn't quiet, loads and writes wait for it: with a look at the file each BUSY_POLL, until
 * MAX_BUSY, since a client must not wait for ever. If the file changes while it is read, it is read again
 * after READ_PAUSE. A file that is broken or missing is read again after BROKEN_GRACE: some editors remove
 * a file before they write it, and a client that waits for its write notices half a second at most.
 */
#define RUNCONF_TIMING_BUSY_POLL_MS 20
#define RUNCONF_TIMING_MAX_BUSY_US G_USEC_PER_SEC
#define RUNCONF_TIMING_READ_PAUSE_US (20 * 1000)
#define RUNCONF_TIMING_BROKEN_GRACE_MS 500

/* 3. A process that has the file open for writing.
 *
 * Most programs close the file at once, so for MAX_BUSY loads and writes wait as above. After that, writes
 * use the values in force, and the file is looked at each HELD_POLL. After REPORT_HELD, State reports the
 * process; a start waits as long, and continues with the values of the history. The text is used when it
 * is whole and was quiet for OPEN_QUIET, or after MAX_OPEN. Where neither the kernel nor an event proves
 * that the file was closed, it has to be quiet for UNSURE.
 */
#define RUNCONF_TIMING_UNSURE_US G_USEC_PER_SEC
#define RUNCONF_TIMING_HELD_POLL_MS 250
#define RUNCONF_TIMING_REPORT_HELD_US (10 * G_USEC_PER_SEC)
#define RUNCONF_TIMING_MAX_START_US (10 * G_USEC_PER_SEC)
#define RUNCONF_TIMING_OPEN_QUIET_US (10 * G_USEC_PER_SEC)
#define RUNCONF_TIMING_MAX_OPEN_US (60 * G_USEC_PER_SEC)

/* 4. A file that the service replaced.
 *
 * No program takes longer than LATE between opening a file and beginning to write into it. A file that a
 * process has open is looked at each LATE_POLL, until MAX_LATE.
 */
#define RUNCONF_TIMING_LATE_US G_USEC_PER_SEC
#define RUNCONF_TIMING_LATE_POLL_MS 100
#define RUNCONF_TIMING_MAX_LATE_US (10 * 60 * G_USEC_PER_SEC)

/* The order that the code relies on: a poll is shorter than the wait that it is for, and each stage of
 * patience with a writer is longer than the one before.
 */
G_STATIC_ASSERT (RUNCONF_TIMING_REST_MS * 1000 < RUNCONF_TIMING_QUIET_US);
G_STATIC_ASSERT (RUNCONF_TIMING_QUIET_US < RUNCONF_TIMING_SETTLED_US);
G_STATIC_ASSERT (RUNCONF_TIMING_BUSY_POLL_MS * 1000 < RUNCONF_TIMING_QUIET_US);
G_STATIC_ASSERT (RUNCONF_TIMING_QUIET_US < RUNCONF_TIMING_BROKEN_GRACE_MS * 1000);
G_STATIC_ASSERT (RUNCONF_TIMING_BROKEN_GRACE_MS * 1000 < RUNCONF_TIMING_MAX_BUSY_US);
G_STATIC_ASSERT (RUNCONF_TIMING_HELD_POLL_MS * 1000 < RUNCONF_TIMING_MAX_BUSY_US);
G_STATIC_ASSERT (RUNCONF_TIMING_SETTLED_US <= RUNCONF_TIMING_MAX_BUSY_US);
G_STATIC_ASSERT (RUNCONF_TIMING_MAX_BUSY_US < RUNCONF_TIMING_REPORT_HELD_US);
G_STATIC_ASSERT (RUNCONF_TIMING_UNSURE_US < RUNCONF_TIMING_OPEN_QUIET_US);
G_STATIC_ASSERT (RUNCONF_TIMING_MAX_START_US <= RUNCONF_TIMING_MAX_OPEN_US);
G_STATIC_ASSERT (RUNCONF_TIMING_OPEN_QUIET_US < RUNCONF_TIMING_MAX_OPEN_US);
G_STATIC_ASSERT (RUNCONF_TIMING_MAX_OPEN_US < RUNCONF_TIMING_MAX_LATE_US);

G_END_DECLS
