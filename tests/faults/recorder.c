/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* A disk that logs what is written to it, for power cuts in `cuts.py`.
 *
 *     recorder FILE BYTES LOG
 *
 * mounts itself on FILE, which then has BYTES bytes, and runs until FILE is unmounted. A loop device
 * on FILE turns each request into a call of FUSE: a write into WRITE, a flush into FSYNC; there is
 * no FUA, for which the block layer makes a write and a flush. Each is appended to LOG before it is
 * answered, so the size of LOG is a position in the order of all writes and answers.
 *
 * The protocol is spoken without libfuse: a single file needs seven of its calls.
 */

#define MAX_WRITE (128 * 1024)

typedef struct
{
  guint64 offset;
  guint32 length;
  guint32 is_flush;
} Entry;

typedef struct
{
  int fuse;
  int log;
  guint64 size;
  guint8 *data;
} Recorder;

typedef struct
{
  struct fuse_in_header header;
  union
  {
    struct fuse_init_in init;
    struct fuse_read_in read;
    struct fuse_write_in write;
  };
} Request;

static void
write_whole (int fd, struct iovec *parts, int n_parts)
{
  gssize length = 0;

  for (int i = 0; i < n_parts; i++)
    length += parts[i].iov_len;
  if (writev (fd, parts, n_parts) != length)
    g_error ("can't write: %s", g_strerror (errno));
}

static void
append (Recorder *self, Entry entry, const void *data)
{
  struct iovec parts[] = { { &entry, sizeof entry }, { (void *) data, entry.length } };

  write_whole (self->log, parts, 2);
}

static void
answer (Recorder *self, const Request *request, int error, const void *data, gsize length)
{
  struct fuse_out_header header = {
    .len = sizeof header + length,
    .error = -error,
    .unique = request->header.unique,
  };
  struct iovec parts[] = { { &header, sizeof header }, { (void *) data, length } };

  write_whole (self->fuse, parts, 2);
}

static void
answer_init (Recorder *self, const Request *request)
{
  struct fuse_init_out out = {
    .major = FUSE_KERNEL_VERSION,
    .minor = MIN (request->init.minor, FUSE_KERNEL_MINOR_VERSION),
    .max_readahead = request->init.max_readahead,
    .flags = FUSE_BIG_WRITES,
    .max_write = MAX_WRITE,
  };

  answer (self, request, 0, &out, sizeof out);
}

static void
answer_attributes (Recorder *self, const Request *request)
{
  struct fuse_attr_out out = {
    .attr_valid = G_MAXINT32,
    .attr = {
      .ino = FUSE_ROOT_ID,
      .size = self->size,
      .blocks = self->size / 512,
      .mode = S_IFREG | 0600,
      .nlink = 1,
      .blksize = 4096,
    },
  };

  answer (self, request, 0, &out, sizeof out);
}

static void
answer_open (Recorder *self, const Request *request)
{
  struct fuse_open_out out = { .open_flags = FOPEN_KEEP_CACHE };

  answer (self, request, 0, &out, sizeof out);
}

static void
answer_read (Recorder *self, const Request *request)
{
  guint64 begin = MIN (request->read.offset, self->size);
  guint64 length = MIN (request->read.size, self->size - begin);

  answer (self, request, 0, self->data + begin, length);
}

static void
answer_write (Recorder *self, const Request *request)
{
  const struct fuse_write_in *in = &request->write;
  struct fuse_write_out out = { .size = in->size };

  if (in->offset > self->size || in->size > self->size - in->offset)
    {
      answer (self, request, ENOSPC, NULL, 0);
      return;
    }
  memcpy (self->data + in->offset, in + 1, in->size);
  append (self, (Entry){ .offset = in->offset, .length = in->size }, in + 1);
  answer (self, request, 0, &out, sizeof out);
}

static void
answer_sync (Recorder *self, const Request *request)
{
  append (self, (Entry){ .is_flush = TRUE }, NULL);
  answer (self, request, 0, NULL, 0);
}

static void
handle (Recorder *self, const Request *request)
{
  switch (request->header.opcode)
    {
    case FUSE_INIT:
      answer_init (self, request);
      break;
    case FUSE_GETATTR:
    case FUSE_SETATTR:
      answer_attributes (self, request);
      break;
    case FUSE_OPEN:
      answer_open (self, request);
      break;
    case FUSE_READ:
      answer_read (self, request);
      break;
    case FUSE_WRITE:
      answer_write (self, request);
      break;
    case FUSE_FSYNC:
      answer_sync (self, request);
      break;
    case FUSE_RELEASE:
      answer (self, request, 0, NULL, 0);
      break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
      break;
    default:
      answer (self, request, ENOSYS, NULL, 0);
    }
}

static gboolean
mount_on (Recorder *self, const char *path)
{
  g_autofree char *options = NULL;

  self->fuse = open ("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (self->fuse < 0)
    return FALSE;
  options = g_strdup_printf ("fd=%d,rootmode=%o,user_id=0,group_id=0", self->fuse, S_IFREG | 0600);
  return mount ("recorder", path, "fuse", MS_NOSUID | MS_NODEV, options) == 0;
}

static void
serve (Recorder *self)
{
  gsize room = MAX_WRITE + 4096;
  g_autofree Request *request = g_malloc (room);

  while (read (self->fuse, request, room) > 0 || errno == EINTR || errno == ENOENT)
    handle (self, request);
}

int
main (int argc, char **argv)
{
  Recorder self = { 0 };

  if (argc != 4)
    {
      fprintf (stderr, "usage: recorder FILE BYTES LOG\n");
      return 2;
    }
  self.size = g_ascii_strtoull (argv[2], NULL, 10);
  self.data = g_malloc0 (self.size);
  self.log = open (argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (self.log < 0 || !mount_on (&self, argv[1]))
    {
      fprintf (stderr, "recorder: %s\n", g_strerror (errno));
      return 1;
    }
  printf ("mounted\n");
  fflush (stdout);

  serve (&self);
  g_free (self.data);
  return 0;
}
