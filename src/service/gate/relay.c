/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixconnection.h>

#include "store/fd.h"

/* GDBus takes some 30 µs for a message before a filter sees it, and a bus sends several messages in
 * that time. So messages of a caller that doesn't wait for replies would accumulate in the bus, in
 * one queue with those of all other callers, and a Get would take minutes, even if the service
 * dropped these messages at once. GDBus also closes its connection when it can't unpack a message.
 *
 * Therefore GDBus isn't connected to the bus but to a socket pair, and a thread passes the bytes
 * between that pair and the bus. The thread shows each message to the gate: the header first, and
 * if the gate wants the message, all of it. It skips other messages, faster than any bus sends.
 *
 *   bus  ->  inward lane   ->  inner socket  ->  GDBus
 *   bus  <-  outward lane  <-  inner socket  <-  GDBus
 *
 * The messages follow the handshake of GDBus with the bus, of which only the last line of GDBus
 * matters. File descriptors are passed on outward, with the first byte of their message; no inward
 * message has file descriptors that the service uses.
 *
 * Until a gate is set, only messages of the bus itself are let in: no caller can be served yet.
 *
 * A lane reads only after it has sent all of its output, so each side keeps its bytes until the
 * other side reads.
 */

#define IN_BYTES (256 * 1024)
#define MAX_DESCRIPTORS 253 /* the limit of the kernel for one message */

/* bytes in the socket to the bus, as the kernel counts them: some 1,000 for a small message */
#define MAX_WAITING 4000

#define LAST_LINE "BEGIN\r\n"

/* the limit for sending the last messages, in ms */
#define FAREWELL_MS 1000

G_STATIC_ASSERT (IN_BYTES >= 2 * RUNCONFD_MESSAGE_MAX_HEADER);

/* A message with file descriptors, which are sent with its first byte and with no other message. */
typedef struct
{
  gsize at; /* the offset of its first byte in the output */
  guint n_descriptors;
} Lead;

typedef struct
{
  int from;
  int to;
  gboolean is_outward;
  gboolean has_begun; /* the handshake is over: messages follow */
  gboolean is_ended;  /* there is no more input */
  gboolean is_cut;    /* the receiver doesn't read any more */

  guint8 in[IN_BYTES];
  gsize n_in;
  gsize n_passing;  /* remaining bytes of the current message */
  gsize n_skipping; /* the same, of a message that isn't passed on */
  GArray *arrived;  /* received file descriptors of a message that is to follow */

  GByteArray *out;
  gsize n_sent;
  GArray *leaving;  /* file descriptors, in the order of @leads */
  GArray *leads;    /* of Lead, with offsets into @out */
  GByteArray *more; /* messages of the gate, to be sent between two others */

  GByteArray *collected; /* the beginning of an incomplete message, or NULL */
  gsize n_wanted;        /* the size of the message, or of its header */
} Lane;

struct _RunconfdRelay
{
  GDBusConnection *connection;
  GThread *thread;
  int bus;
  int inner;
  int stop; /* an eventfd */
  int wake; /* the same, for decisions of the gate */
  Lane inward;
  Lane outward;

  GMutex mutex; /* protects the gate */
  RunconfdGate *gate;
};

static void
lane_init (Lane *self, int from, int to, gboolean is_outward)
{
  self->from = from;
  self->to = to;
  self->is_outward = is_outward;
  self->out = g_byte_array_new ();
  self->more = g_byte_array_new ();
  self->arrived = g_array_new (FALSE, FALSE, sizeof (int));
  self->leaving = g_array_new (FALSE, FALSE, sizeof (int));
  self->leads = g_array_new (FALSE, FALSE, sizeof (Lead));
}

/* Closes the first @n file descriptors. */
static void
close_descriptors (GArray *descriptors, guint n)
{
  for (guint i = 0; i < n; i++)
    close (g_array_index (descriptors, int, i));
  g_array_remove_range (descriptors, 0, n);
}

static void
lane_clear (Lane *self)
{
  close_descriptors (self->arrived, self->arrived->len);
  close_descriptors (self->leaving, self->leaving->len);
  g_array_unref (self->arrived);
  g_array_unref (self->leaving);
  g_array_unref (self->leads);
  g_byte_array_unref (self->out);
  g_byte_array_unref (self->more);
  g_clear_pointer (&self->collected, g_byte_array_unref);
}

static gboolean
has_output (const Lane *lane)
{
  return lane->n_sent < lane->out->len;
}

static gboolean
wants_input (const Lane *lane)
{
  return !lane->is_ended && !has_output (lane) && lane->n_in < IN_BYTES;
}

/* No message to this service has file descriptors that it needs. */
static void
take_descriptors (Lane *lane, struct msghdr *header)
{
  for (struct cmsghdr *control = CMSG_FIRSTHDR (header); control != NULL;
       control = CMSG_NXTHDR (header, control))
    {
      gsize n = (control->cmsg_len - CMSG_LEN (0)) / sizeof (int);

      if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS)
        g_array_append_vals (lane->arrived, CMSG_DATA (control), (guint) n);
    }

  if (!lane->is_outward)
    close_descriptors (lane->arrived, lane->arrived->len);
}

static void
receive (Lane *lane)
{
  union
  {
    char bytes[CMSG_SPACE (MAX_DESCRIPTORS * sizeof (int))];
    struct cmsghdr align;
  } control;
  struct iovec piece = { lane->in + lane->n_in, IN_BYTES - lane->n_in };
  struct msghdr header = { .msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes };
  ssize_t n = recvmsg (lane->from, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

  if (n > 0)
    {
      take_descriptors (lane, &header);
      lane->n_in += (gsize) n;
    }
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    {
      lane->is_ended = TRUE;
    }
}

static ssize_t
send_with_descriptors (const Lane *lane, struct iovec *piece, guint n_descriptors)
{
  union
  {
    char bytes[CMSG_SPACE (MAX_DESCRIPTORS * sizeof (int))];
    struct cmsghdr align;
  } control = { 0 };
  gsize n_bytes = n_descriptors * sizeof (int);
  struct msghdr header = { .msg_iov = piece, .msg_iovlen = 1 };

  if (n_bytes > 0)
    {
      struct cmsghdr *first = &control.align;

      first->cmsg_level = SOL_SOCKET;
      first->cmsg_type = SCM_RIGHTS;
      first->cmsg_len = CMSG_LEN (n_bytes);
      memcpy (CMSG_DATA (first), lane->leaving->data, n_bytes);
      header.msg_control = control.bytes;
      header.msg_controllen = CMSG_SPACE (n_bytes);
    }

  return sendmsg (lane->to, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Sends as much as one call can: up to the next byte that needs file descriptors.
 *
 * Returns: the result of sendmsg()
 */
static ssize_t
send_piece (Lane *lane)
{
  const Lead *leads = (const Lead *) (gconstpointer) lane->leads->data;
  gboolean is_led = lane->leads->len > 0 && leads[0].at == lane->n_sent;
  guint n_descriptors = is_led ? leads[0].n_descriptors : 0;
  guint next = is_led ? 1 : 0;
  gsize end = next < lane->leads->len ? leads[next].at : lane->out->len;
  struct iovec piece = { lane->out->data + lane->n_sent, end - lane->n_sent };
  ssize_t n = send_with_descriptors (lane, &piece, n_descriptors);

  if (n <= 0)
    return n;

  lane->n_sent += (gsize) n;
  if (is_led)
    {
      close_descriptors (lane->leaving, n_descriptors);
      g_array_remove_index (lane->leads, 0);
    }

  return n;
}

/* Empties the array. The memory of a large message isn't kept for small ones. */
static void
empty (GByteArray **bytes)
{
  if ((*bytes)->len <= IN_BYTES)
    {
      g_byte_array_set_size (*bytes, 0);
      return;
    }

  g_byte_array_unref (*bytes);
  *bytes = g_byte_array_new ();
}

/* Sends the output, or drops it if the receiver doesn't read any more. */
static void
flush (Lane *lane)
{
  if (!has_output (lane))
    return;

  while (has_output (lane) && !lane->is_cut)
    {
      ssize_t n = send_piece (lane);

      if (n < 0 && errno == EAGAIN)
        return;
      if (n < 0 && errno != EINTR)
        lane->is_cut = TRUE;
    }

  empty (&lane->out);
  lane->n_sent = 0;
  close_descriptors (lane->leaving, lane->leaving->len);
  g_array_set_size (lane->leads, 0);
}

/* Passes the bytes before the first message on unchanged. */
static gsize
pass_handshake (RunconfdRelay *self, Lane *lane)
{
  const guint8 *last
      = lane->is_outward ? memmem (lane->in, lane->n_in, LAST_LINE, strlen (LAST_LINE)) : NULL;
  gsize n = last != NULL ? (gsize) (last - lane->in) + strlen (LAST_LINE) : lane->n_in;

  g_byte_array_append (lane->out, lane->in, (guint) n);
  self->inward.has_begun = self->outward.has_begun = last != NULL;

  return n;
}

/* Passes on, skips or collects the available bytes of the current message. */
static gsize
pass_piece (Lane *lane, gsize at)
{
  gsize n_left = lane->collected != NULL ? lane->n_wanted - lane->collected->len
                                         : MAX (lane->n_passing, lane->n_skipping);
  gsize n = MIN (lane->n_in - at, n_left);

  if (lane->collected != NULL)
    {
      g_byte_array_append (lane->collected, lane->in + at, (guint) n);
    }
  else if (lane->n_passing > 0)
    {
      g_byte_array_append (lane->out, lane->in + at, (guint) n);
      lane->n_passing -= n;
    }
  else
    {
      lane->n_skipping -= n;
    }

  return n;
}

static RunconfdGateFlow
get_flow (RunconfdRelay *self)
{
  return (RunconfdGateFlow){ .in = self->inward.more,
                             .out = self->outward.more,
                             .now = g_get_monotonic_time () };
}

static gboolean
wants (RunconfdRelay *self, const RunconfdMessage *message)
{
  RunconfdGateFlow flow = get_flow (self);

  return self->gate != NULL ? runconfd_gate_wants (self->gate, message, &flow)
                            : g_strcmp0 (message->sender, RUNCONFD_MESSAGE_BUS_NAME) == 0;
}

/* Gives the gate a complete message. It follows the messages that the gate let in before. */
static void
deliver (RunconfdRelay *self, const RunconfdMessage *message, guint8 *data)
{
  RunconfdGateFlow flow = get_flow (self);

  if (self->gate != NULL)
    runconfd_gate_let_in (self->gate, message, data, &flow);
  else
    g_byte_array_append (flow.in, data, (guint) message->size);
}

static void
collect (Lane *lane, gsize n_wanted)
{
  if (lane->collected == NULL)
    lane->collected = g_byte_array_sized_new ((guint) n_wanted);
  lane->n_wanted = n_wanted;
}

/* Begins a message from the bus, of which @n bytes are available, and decides whether to deliver,
 * collect or skip it.
 *
 * Returns: the number of bytes consumed
 */
static gsize
begin_inward (RunconfdRelay *self, Lane *lane, guint8 *data, gsize n)
{
  RunconfdMessage message;
  RunconfdMessageState state = runconfd_message_read (&message, data, n);

  if (state == RUNCONFD_MESSAGE_SHORT)
    {
      /* a header too large for the buffer is collected, so that its sender gets a reply */
      if (message.header_size > RUNCONFD_MESSAGE_MAX_HEADER)
        collect (lane, message.header_size);
      return 0;
    }

  if (state == RUNCONFD_MESSAGE_GOOD && wants (self, &message))
    {
      if (n < message.size)
        {
          collect (lane, message.size);
          return 0;
        }
      deliver (self, &message, data);
      return message.size;
    }

  /* without the size of a message, the start of the next one isn't known */
  lane->is_ended = lane->is_ended || message.size == 0;
  lane->n_skipping = message.size - MIN (message.size, n);

  return MIN (message.size, n);
}

/* Handles a message, or a header, that is now collected. */
static void
end_collecting (RunconfdRelay *self, Lane *lane)
{
  g_autoptr (GByteArray) collected = g_steal_pointer (&lane->collected);
  RunconfdMessage message;

  if (runconfd_message_read (&message, collected->data, collected->len) == RUNCONFD_MESSAGE_GOOD
      && collected->len == message.size && message.header_size <= RUNCONFD_MESSAGE_MAX_HEADER)
    deliver (self, &message, collected->data);
  else
    begin_inward (self, lane, collected->data, collected->len);
}

/* Returns: whether all file descriptors of an outward message have arrived with it */
static gboolean
has_descriptors (const Lane *lane, const RunconfdMessage *message)
{
  return message->n_descriptors <= MAX_DESCRIPTORS && message->n_descriptors <= lane->arrived->len;
}

/* Assigns the file descriptors of a message to its first byte, or closes them. */
static void
lead_descriptors (Lane *lane, const RunconfdMessage *message, gboolean is_passed)
{
  Lead lead = { .at = lane->out->len, .n_descriptors = message->n_descriptors };

  if (!lane->is_outward || lead.n_descriptors == 0)
    return;

  if (!is_passed)
    {
      close_descriptors (lane->arrived, MIN (lead.n_descriptors, lane->arrived->len));
      return;
    }

  g_array_append_vals (lane->leaving, lane->arrived->data, lead.n_descriptors);
  g_array_remove_range (lane->arrived, 0, lead.n_descriptors);
  g_array_append_val (lane->leads, lead);
}

/* Returns: whether the message of GDBus at @at is processed further by pass_piece() */
static gboolean
begin_outward (RunconfdRelay *self, Lane *lane, gsize at)
{
  RunconfdGateFlow flow = get_flow (self);
  RunconfdMessage message;
  RunconfdMessageState state = runconfd_message_read (&message, lane->in + at, lane->n_in - at);
  gboolean is_passed;

  if (state == RUNCONFD_MESSAGE_SHORT)
    return FALSE;

  if (state == RUNCONFD_MESSAGE_BAD)
    {
      lane->is_ended = lane->is_ended || message.size == 0;
      lane->n_skipping = message.size;
      return message.size > 0;
    }

  is_passed = self->gate == NULL || runconfd_gate_let_out (self->gate, &message, &flow);
  /* a bus closes the connection of a sender that announces more file descriptors than it sends */
  if (is_passed && !has_descriptors (lane, &message))
    {
      g_warning ("A message is lost with its descriptors: no more descriptors can be open");
      is_passed = FALSE;
    }

  lead_descriptors (lane, &message, is_passed);
  lane->n_passing = is_passed ? message.size : 0;
  lane->n_skipping = is_passed ? 0 : message.size;

  return TRUE;
}

/* Adds messages of the gate, only between two messages. */
static void
add_more (Lane *lane)
{
  if (lane->more->len == 0 || lane->n_passing > 0)
    return;

  g_byte_array_append (lane->out, lane->more->data, lane->more->len);
  empty (&lane->more);
}

static gboolean
is_under_way (const Lane *lane)
{
  return lane->collected != NULL || lane->n_passing > 0 || lane->n_skipping > 0;
}

static gsize
process_inward (RunconfdRelay *self, Lane *lane, gsize at)
{
  gsize n;

  do
    {
      if (lane->collected != NULL && lane->collected->len == lane->n_wanted)
        end_collecting (self, lane);
      n = is_under_way (lane) ? pass_piece (lane, at)
                              : begin_inward (self, lane, lane->in + at, lane->n_in - at);
      at += n;
    }
  while (at < lane->n_in && (n > 0 || is_under_way (lane)));

  if (lane->collected != NULL && lane->collected->len == lane->n_wanted)
    end_collecting (self, lane);
  add_more (lane);

  return at;
}

static gsize
process_outward (RunconfdRelay *self, Lane *lane, gsize at)
{
  while (at < lane->n_in)
    {
      if (!is_under_way (lane))
        {
          add_more (lane);
          if (!begin_outward (self, lane, at))
            break;
        }
      at += pass_piece (lane, at);
    }

  return at;
}

static void
process (RunconfdRelay *self, Lane *lane)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gsize at = 0;

  if (!lane->has_begun)
    at = pass_handshake (self, lane);
  if (lane->has_begun)
    at = lane->is_outward ? process_outward (self, lane, at) : process_inward (self, lane, at);

  lane->n_in -= at;
  memmove (lane->in, lane->in + at, lane->n_in);
}

static void
advance (RunconfdRelay *self, Lane *lane, short events)
{
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && wants_input (lane))
    receive (lane);
  if (!has_output (lane))
    process (self, lane);
}

static int
get_timeout (RunconfdRelay *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->gate != NULL ? runconfd_gate_get_timeout (self->gate) : -1;
}

/* Returns: whether the bus hasn't read the output yet, except for a few messages */
static gboolean
is_congested (RunconfdRelay *self)
{
  int n_waiting = 0;

  return has_output (&self->outward)
         || (ioctl (self->bus, SIOCOUTQ, &n_waiting) == 0 && n_waiting > MAX_WAITING);
}

static void
tick (RunconfdRelay *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  RunconfdGateFlow flow = get_flow (self);

  if (self->gate == NULL)
    return;

  runconfd_gate_set_congested (self->gate, is_congested (self));
  runconfd_gate_tick (self->gate, &flow);
}

/* Closes the connection of GDBus once the bus has closed its own, or doesn't read any more, which
 * is as bad.
 */
static void
end_inward (RunconfdRelay *self)
{
  self->inward.is_ended = self->inward.is_ended || self->outward.is_cut;
  if (self->inward.is_ended && !has_output (&self->inward) && !self->inward.is_cut)
    {
      shutdown (self->inner, SHUT_WR);
      self->inward.is_cut = TRUE;
    }
}

static short
choose_events (const Lane *from, const Lane *to)
{
  return (short) ((wants_input (from) ? POLLIN : 0)
                  | (has_output (to) && !to->is_cut ? POLLOUT : 0));
}

/* Returns: whether the thread has to continue */
static gboolean
turn (RunconfdRelay *self, gboolean is_last)
{
  int timeout = is_last ? FAREWELL_MS : get_timeout (self);
  short bus_events = choose_events (&self->inward, &self->outward);
  short inner_events = choose_events (&self->outward, &self->inward);
  struct pollfd polled[] = {
    { .fd = bus_events != 0 ? self->bus : -1, .events = bus_events },
    { .fd = inner_events != 0 ? self->inner : -1, .events = inner_events },
    { .fd = self->stop, .events = is_last ? 0 : POLLIN },
    { .fd = self->wake, .events = POLLIN },
  };
  guint64 n_decisions;

  if (poll (polled, G_N_ELEMENTS (polled), timeout) < 0 && errno != EINTR)
    return FALSE;

  if (polled[3].revents != 0 && read (self->wake, &n_decisions, sizeof n_decisions) < 0)
    g_debug ("Can't read the relay's event: %s", g_strerror (errno));
  advance (self, &self->inward, polled[0].revents);
  advance (self, &self->outward, polled[1].revents);
  tick (self);
  add_more (&self->inward);
  add_more (&self->outward);
  flush (&self->inward);
  flush (&self->outward);
  end_inward (self);

  return polled[2].revents == 0 && !(self->outward.is_ended && !has_output (&self->outward));
}

/* Sends the remaining messages of GDBus to the bus. */
static void
say_farewell (RunconfdRelay *self)
{
  gint64 until = g_get_monotonic_time () + FAREWELL_MS * G_TIME_SPAN_MILLISECOND;

  self->inward.is_ended = TRUE;
  while (g_get_monotonic_time () < until && !self->outward.is_cut)
    {
      int waiting = 0;

      if (ioctl (self->inner, FIONREAD, &waiting) < 0
          || (waiting == 0 && !has_output (&self->outward)))
        break;
      turn (self, TRUE);
    }
}

static gpointer
run (gpointer data)
{
  RunconfdRelay *self = data;

  while (turn (self, FALSE))
    ;
  say_farewell (self);

  return NULL;
}

static GSocketConnection *
connect_to_bus (const char *address, GError **error)
{
  g_autoptr (GIOStream) stream = g_dbus_address_get_stream_sync (address, NULL, NULL, error);

  if (stream == NULL)
    return NULL;

  if (!G_IS_SOCKET_CONNECTION (stream))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "it isn't the address of a socket, which a bus has");
      return NULL;
    }

  return G_SOCKET_CONNECTION (g_steal_pointer (&stream));
}

/* Returns: (transfer full) (nullable): the end of the socket pair for GDBus */
static GIOStream *
start (RunconfdRelay *self, GSocketConnection *bus, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   "can't create a pair of sockets: %s", g_strerror (errno));
      return NULL;
    }

  self->inner = ends[0];
  socket = g_socket_new_from_fd (ends[1], error);
  if (socket == NULL)
    {
      close (ends[1]);
      return NULL;
    }

  self->stop = eventfd (0, EFD_CLOEXEC);
  self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->bus = fcntl (g_socket_get_fd (g_socket_connection_get_socket (bus)), F_DUPFD_CLOEXEC, 0);
  if (self->stop < 0 || self->wake < 0 || self->bus < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "no more descriptors: %s",
                   g_strerror (errno));
      return NULL;
    }

  lane_init (&self->inward, self->bus, self->inner, FALSE);
  lane_init (&self->outward, self->inner, self->bus, TRUE);
  self->thread = g_thread_new ("relay", run, self);

  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

/**
 * runconfd_relay_new:
 * @address: of a bus
 *
 * Connects to a bus. It blocks.
 *
 * Returns: (transfer full) (nullable): the relay, which lets in only messages of the bus itself
 *   until it has a gate; %NULL with an error
 */
RunconfdRelay *
runconfd_relay_new (const char *address, GError **error)
{
  g_autoptr (RunconfdRelay) self = g_new0 (RunconfdRelay, 1);
  g_autoptr (GSocketConnection) bus = NULL;
  g_autoptr (GIOStream) stream = NULL;

  self->bus = self->inner = self->stop = self->wake = -1;
  g_mutex_init (&self->mutex);

  bus = connect_to_bus (address, error);
  if (bus == NULL)
    return NULL;

  stream = start (self, bus, error);
  if (stream == NULL)
    return NULL;

  self->connection
      = g_dbus_connection_new_sync (stream, NULL,
                                    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                        | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                    NULL, NULL, error);

  return self->connection != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * runconfd_relay_free:
 *
 * Ends the relay once the bus has received the messages sent so far.
 */
void
runconfd_relay_free (RunconfdRelay *self)
{
  guint64 one = 1;

  if (self->thread != NULL)
    {
      if (write (self->stop, &one, sizeof one) < 0)
        g_debug ("Can't wake the relay: %s", g_strerror (errno));
      g_thread_join (self->thread);
      lane_clear (&self->inward);
      lane_clear (&self->outward);
    }

  g_clear_object (&self->connection);
  runconf_fd_clear (&self->bus);
  runconf_fd_clear (&self->inner);
  runconf_fd_clear (&self->stop);
  runconf_fd_clear (&self->wake);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/**
 * runconfd_relay_get_connection:
 *
 * Returns: (transfer none): the connection to the bus
 */
GDBusConnection *
runconfd_relay_get_connection (RunconfdRelay *self)
{
  return self->connection;
}

/**
 * runconfd_relay_set_gate:
 * @gate: (transfer none) (nullable): has to stay until another gate, or none, is set
 */
void
runconfd_relay_set_gate (RunconfdRelay *self, RunconfdGate *gate)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->gate = gate;
}

static void
wake (RunconfdRelay *self)
{
  guint64 one = 1;

  if (write (self->wake, &one, sizeof one) < 0)
    g_debug ("Can't wake the relay: %s", g_strerror (errno));
}

/**
 * runconfd_relay_identify:
 * @sender: the unique name of a connection for which the gate asked
 * @uid: its user, or #RUNCONFD_UID_UNKNOWN
 *
 * Gives the gate the reply to its question.
 */
void
runconfd_relay_identify (RunconfdRelay *self, const char *sender, guint uid)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  RunconfdGateFlow flow = get_flow (self);

  if (self->gate == NULL)
    return;

  runconfd_gate_identify (self->gate, sender, uid, &flow);
  wake (self);
}

/**
 * runconfd_relay_decide:
 * @sender: of a #RunconfdGateQuestion
 * @serial: the same
 * @error: (nullable): the reason of a refusal; %NULL if the caller has the right
 *
 * Lets a large message in, or refuses it.
 */
void
runconfd_relay_decide (RunconfdRelay *self, const char *sender, guint32 serial, const GError *error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  g_autofree char *name = error != NULL ? g_dbus_error_encode_gerror (error) : NULL;
  RunconfdGateFlow flow = get_flow (self);

  if (self->gate == NULL)
    return;

  runconfd_gate_decide (self->gate, sender, serial, name, error != NULL ? error->message : NULL,
                        &flow);
  wake (self);
}
