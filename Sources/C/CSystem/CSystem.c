#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Puts `from` in the place of descriptor `to`; also when they are the same, where dup2 would leave close-on-exec set.
static int place(int from, int to) {
  if (from == to) return fcntl(to, F_SETFD, 0);
  return dup2(from, to);
}

pid_t csystem_spawn(const char *path, char *const arguments[], char *const environment[], const char *directory,
                   int input, int output, int errors, pid_t expected_parent) {
  // Tells why the child could not start; exec closes it. Through memory it would be simpler, but sanitizers make vfork
  // a fork, which shares none.
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return -1;
  // Between vfork and exec the child runs in our memory: no signal handler of ours may run there.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t child = vfork();
  if (child == 0) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    // Descriptors below 3 may stand in each other's way: move them up first.
    int in = fcntl(input, F_DUPFD_CLOEXEC, 3);
    int out = fcntl(output, F_DUPFD_CLOEXEC, 3);
    int err = fcntl(errors, F_DUPFD_CLOEXEC, 3);
    int failed = fcntl(report[1], F_DUPFD_CLOEXEC, 3);
    if (in >= 0 && out >= 0 && err >= 0 && failed >= 0 && setpgid(0, 0) == 0 &&
        prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && place(in, 0) >= 0 && place(out, 1) >= 0 && place(err, 2) >= 0 &&
        (!directory || chdir(directory) == 0)) {
      // Whatever else is open here, also by libraries that do not mark it close-on-exec, stays here.
      close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
      // The parent may have died before prctl was called.
      if (getppid() != expected_parent) _exit(127);
      sigprocmask(SIG_SETMASK, &none, NULL);
      execve(path, arguments, environment);
    }
    int code = errno;
    if (write(failed, &code, sizeof code) < 0) {}
    _exit(127);
  }
  int failure = child < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  if (child > 0) {
    ssize_t count;
    do {
      count = read(report[0], &failure, sizeof failure);
    } while (count < 0 && errno == EINTR);
    if (count <= 0) failure = 0;
  }
  close(report[0]);
  if (failure == 0) return child;
  if (child > 0) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
  }
  errno = failure;
  return -1;
}

int csystem_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int csystem_exchange(const char *first, const char *second) {
  return renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);
}

void csystem_name_thread(const char *name) {
  char shortened[16] = {0};
  strncpy(shortened, name, sizeof shortened - 1);
  pthread_setname_np(pthread_self(), shortened);
}

int csystem_processors(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count > 0 ? count : 1;
}

int csystem_start_writing_back(int file, off_t offset, off_t count) {
  return sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
}

int csystem_set_direct(int file, bool direct) {
  int flags = fcntl(file, F_GETFL);
  return flags == -1 ? -1 : fcntl(file, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT);
}

void csystem_return_large_blocks(void) { mallopt(M_MMAP_THRESHOLD, 128 << 10); }
