/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a program with another time of day: that of the machine, plus the number of seconds in the
 * file that RUNCONF_TEST_CLOCK names. The file may change while the program runs: the clock jumps.
 *
 * Programs in Go don't call the C library for the time, so that shim.c doesn't reach them. They ask
 * the kernel if they find no vDSO, and this program answers in its place.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
fail (const char *what)
{
  perror (what);
  exit (1);
}

static time_t
read_offset (void)
{
  const char *path = getenv ("RUNCONF_TEST_CLOCK");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  char text[32] = "";

  if (fd < 0)
    return 0;

  if (read (fd, text, sizeof text - 1) < 0)
    text[0] = '\0';
  close (fd);

  return (time_t) atoll (text);
}

/* Only questions for the time of day stop the program. */
static void
filter_calls (void)
{
  struct sock_filter lines[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_gettime, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[0])),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, CLOCK_REALTIME, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_TRACE),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { sizeof lines / sizeof lines[0], lines };

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
      || prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
    fail ("seccomp");
}

static void
run (char *const *arguments)
{
  if (ptrace (PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise (SIGSTOP) != 0)
    fail ("ptrace");

  filter_calls ();
  execvp (arguments[0], arguments);
  fail (arguments[0]);
}

/* Returns: a word of the program, and moves behind it */
static long
take_word (pid_t pid, unsigned long *place)
{
  long word = ptrace (PTRACE_PEEKDATA, pid, *place, NULL);

  *place += sizeof (long);

  return word;
}

/* A new program has its arguments, its environment and the auxiliary vector on its stack. */
static void
hide_vdso (pid_t pid)
{
  struct user_regs_struct registers;
  unsigned long place;
  long type;

  if (ptrace (PTRACE_GETREGS, pid, NULL, &registers) < 0)
    fail ("ptrace");

  place = registers.rsp + sizeof (long);
  while (take_word (pid, &place) != 0)
    ;
  while (take_word (pid, &place) != 0)
    ;
  while ((type = take_word (pid, &place)) != AT_NULL)
    {
      if (type == AT_SYSINFO_EHDR)
        ptrace (PTRACE_POKEDATA, pid, place - sizeof (long), AT_IGNORE);
      place += sizeof (long);
    }
}

/* Answers in the place of the kernel. */
static void
answer (pid_t pid)
{
  struct user_regs_struct registers;
  struct timespec now;
  struct iovec from = { &now, sizeof now }, to = { NULL, sizeof now };

  clock_gettime (CLOCK_REALTIME, &now);
  now.tv_sec += read_offset ();
  if (ptrace (PTRACE_GETREGS, pid, NULL, &registers) < 0)
    return;

  to.iov_base = (void *) registers.rsi;
  registers.rax = process_vm_writev (pid, &from, 1, &to, 1, 0) < 0 ? (unsigned long) -EFAULT : 0;
  registers.orig_rax = (unsigned long) -1;
  ptrace (PTRACE_SETREGS, pid, NULL, &registers);
}

/* Returns: the signal that the stopped thread gets */
static int
handle (pid_t pid, int status)
{
  int event = status >> 16, number = WSTOPSIG (status);

  if (event == PTRACE_EVENT_SECCOMP)
    answer (pid);
  else if (event == PTRACE_EVENT_EXEC)
    hide_vdso (pid);

  /* a new thread begins with SIGSTOP */
  return event != 0 || number == SIGSTOP || number == SIGTRAP ? 0 : number;
}

int
main (int argc, char **argv)
{
  pid_t program = argc > 1 ? fork () : -1, pid;
  int status;

  if (program == 0)
    run (argv + 1);
  if (program < 0 || waitpid (program, &status, 0) < 0)
    fail ("usage: test-fleet-clock PROGRAM ARGUMENT…");

  if (ptrace (PTRACE_SETOPTIONS, program, NULL,
              PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP)
      < 0)
    fail ("ptrace");
  ptrace (PTRACE_CONT, program, NULL, NULL);

  while ((pid = waitpid (-1, &status, __WALL)) > 0)
    {
      if (WIFSTOPPED (status))
        ptrace (PTRACE_CONT, pid, NULL, handle (pid, status));
      else if (pid == program)
        return WIFEXITED (status) ? WEXITSTATUS (status) : 1;
    }

  return 1;
}
