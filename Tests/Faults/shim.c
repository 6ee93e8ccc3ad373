// Loaded into a task and its children (LD_PRELOAD): counts the calls that touch files below one folder, and makes the
// n-th of them fail, be cut short, or end the task. Written for Tests/Faults/matrix.py, which says what it is for.
//
// What to do stands in the file "plan" beside this library, which all processes of a task map into memory: so one
// counter runs over all of them, and nothing has to pass through their environment.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN = 1, MAKE = 2, WRITE = 4, NAME = 8, REMOVE = 16, SYNC = 32, CUT = 64, MODE = 128, READ = 256, LOCK = 512, LOOK = 1024 };

enum action { NOTHING = 0, KILL = 1, FAIL = 2, SHORTEN = 3, TERMINATE = 4 };

// The layout is also matrix.py's.
struct plan {
  volatile int64_t count;  // calls so far, of the kinds below
  int64_t at;              // the call to disturb, from 1
  int32_t kinds;           // which kinds count
  int32_t action;
  int32_t error;           // an errno value, for FAIL
  int32_t sticky;          // whether all later calls are disturbed too
  volatile int32_t task;   // the first process
  volatile int32_t done;   // how many calls were disturbed
  char root[512];          // the folder; ends with a slash
  char where[1024];        // the call that was disturbed first
};

static struct plan *plan;

__attribute__((constructor)) static void start(void) {
  Dl_info self;
  char path[PATH_MAX];
  if (!dladdr((void *)start, &self) || strlen(self.dli_fname) + 8 > sizeof path) return;
  strcpy(path, self.dli_fname);
  char *slash = strrchr(path, '/');
  if (!slash) return;
  strcpy(slash + 1, "plan");
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof(struct plan), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  syscall(SYS_close, file);
  if (memory == MAP_FAILED) return;
  plan = memory;
  __sync_val_compare_and_swap(&plan->task, 0, (int32_t)getpid());
}

static bool is_inside(const char *path) {
  size_t length = strlen(plan->root);
  return strncmp(path, plan->root, length) == 0 || (strlen(path) == length - 1 && strncmp(path, plan->root, length - 1) == 0);
}

// The name that a call is about: absolute, or relative to a descriptor or to the working folder.
static bool find_path(int folder, const char *name, char *path, size_t size) {
  if (name && name[0] == '/') return snprintf(path, size, "%s", name) < (int)size;
  char link[64];
  if (folder == AT_FDCWD) strcpy(link, "/proc/self/cwd");
  else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
  ssize_t count = syscall(SYS_readlinkat, AT_FDCWD, link, path, size - 1);
  if (count < 0) return false;
  path[count] = 0;
  if (!name) return true;
  size_t length = strlen(path);
  return snprintf(path + length, size - length, "/%s", name) < (int)(size - length);
}

// Whether the call is to be disturbed; returns the action.
static enum action step(enum kind kind, const char *call, int folder, const char *name) {
  if (!plan || !(plan->kinds & kind)) return NOTHING;
  int before = errno;
  char path[PATH_MAX];
  bool counts = find_path(folder, name, path, sizeof path) && is_inside(path);
  errno = before;
  if (!counts) return NOTHING;
  int64_t number = __sync_add_and_fetch(&plan->count, 1);
  if (plan->action == NOTHING || number < plan->at || (number > plan->at && !plan->sticky)) return NOTHING;
  if (__sync_add_and_fetch(&plan->done, 1) == 1) snprintf(plan->where, sizeof plan->where, "%s %s", call, path);
  switch (plan->action) {
  case KILL:
    kill(plan->task, SIGKILL);
    kill(getpid(), SIGKILL);
    for (;;) pause();
  case TERMINATE:
    kill(plan->task, SIGTERM);
    errno = before;
    return NOTHING;
  case FAIL:
    errno = plan->error;
    return FAIL;
  default: return plan->action;
  }
}

#define REAL(name, type, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static enum kind open_kind(int flags) { return flags & O_CREAT ? MAKE : OPEN; }

#define OPENING(name) \
  int name(const char *path, int flags, ...) { \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
    REAL(name, int, const char *, int, ...); \
    if (step(open_kind(flags), "open", AT_FDCWD, path) == FAIL) return -1; \
    return real(path, flags, mode); \
  }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
    REAL(name, int, int, const char *, int, ...); \
    if (step(open_kind(flags), "openat", folder, path) == FAIL) return -1; \
    return real(folder, path, flags, mode); \
  }
OPENING_AT(openat)
OPENING_AT(openat64)

// A shortened write does the first half, as the system may.
static size_t part(enum action action, size_t count) { return action == SHORTEN && count > 1 ? count / 2 : count; }

ssize_t write(int file, const void *bytes, size_t count) {
  REAL(write, ssize_t, int, const void *, size_t);
  enum action action = step(WRITE, "write", file, NULL);
  return action == FAIL ? -1 : real(file, bytes, part(action, count));
}

#define WRITING_AT(name) \
  ssize_t name(int file, const void *bytes, size_t count, off_t offset) { \
    REAL(name, ssize_t, int, const void *, size_t, off_t); \
    enum action action = step(WRITE, "pwrite", file, NULL); \
    return action == FAIL ? -1 : real(file, bytes, part(action, count), offset); \
  }
WRITING_AT(pwrite)
WRITING_AT(pwrite64)

ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(writev, ssize_t, int, const struct iovec *, int);
  return step(WRITE, "writev", file, NULL) == FAIL ? -1 : real(file, parts, count);
}

ssize_t read(int file, void *bytes, size_t count) {
  REAL(read, ssize_t, int, void *, size_t);
  enum action action = step(READ, "read", file, NULL);
  return action == FAIL ? -1 : real(file, bytes, part(action, count));
}

#define READING_AT(name) \
  ssize_t name(int file, void *bytes, size_t count, off_t offset) { \
    REAL(name, ssize_t, int, void *, size_t, off_t); \
    enum action action = step(READ, "pread", file, NULL); \
    return action == FAIL ? -1 : real(file, bytes, part(action, count), offset); \
  }
READING_AT(pread)
READING_AT(pread64)

int rename(const char *from, const char *to) {
  REAL(rename, int, const char *, const char *);
  return step(NAME, "rename", AT_FDCWD, to) == FAIL ? -1 : real(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  REAL(renameat, int, int, const char *, int, const char *);
  return step(NAME, "renameat", to_folder, to) == FAIL ? -1 : real(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  REAL(renameat2, int, int, const char *, int, const char *, unsigned);
  return step(NAME, "renameat2", to_folder, to) == FAIL ? -1 : real(from_folder, from, to_folder, to, flags);
}

int link(const char *from, const char *to) {
  REAL(link, int, const char *, const char *);
  return step(NAME, "link", AT_FDCWD, to) == FAIL ? -1 : real(from, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  REAL(linkat, int, int, const char *, int, const char *, int);
  return step(NAME, "linkat", to_folder, to) == FAIL ? -1 : real(from_folder, from, to_folder, to, flags);
}

int symlink(const char *target, const char *path) {
  REAL(symlink, int, const char *, const char *);
  return step(NAME, "symlink", AT_FDCWD, path) == FAIL ? -1 : real(target, path);
}

int symlinkat(const char *target, int folder, const char *path) {
  REAL(symlinkat, int, const char *, int, const char *);
  return step(NAME, "symlinkat", folder, path) == FAIL ? -1 : real(target, folder, path);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir, int, const char *, mode_t);
  return step(NAME, "mkdir", AT_FDCWD, path) == FAIL ? -1 : real(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) {
  REAL(mkdirat, int, int, const char *, mode_t);
  return step(NAME, "mkdirat", folder, path) == FAIL ? -1 : real(folder, path, mode);
}

int unlink(const char *path) {
  REAL(unlink, int, const char *);
  return step(REMOVE, "unlink", AT_FDCWD, path) == FAIL ? -1 : real(path);
}

int unlinkat(int folder, const char *path, int flags) {
  REAL(unlinkat, int, int, const char *, int);
  return step(REMOVE, "unlinkat", folder, path) == FAIL ? -1 : real(folder, path, flags);
}

int rmdir(const char *path) {
  REAL(rmdir, int, const char *);
  return step(REMOVE, "rmdir", AT_FDCWD, path) == FAIL ? -1 : real(path);
}

int fsync(int file) {
  REAL(fsync, int, int);
  return step(SYNC, "fsync", file, NULL) == FAIL ? -1 : real(file);
}

int fdatasync(int file) {
  REAL(fdatasync, int, int);
  return step(SYNC, "fdatasync", file, NULL) == FAIL ? -1 : real(file);
}

#define CUTTING(name) \
  int name(int file, off_t size) { \
    REAL(name, int, int, off_t); \
    return step(CUT, "ftruncate", file, NULL) == FAIL ? -1 : real(file, size); \
  }
CUTTING(ftruncate)
CUTTING(ftruncate64)

int chmod(const char *path, mode_t mode) {
  REAL(chmod, int, const char *, mode_t);
  return step(MODE, "chmod", AT_FDCWD, path) == FAIL ? -1 : real(path, mode);
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
  REAL(utimensat, int, int, const char *, const struct timespec *, int);
  return step(MODE, "utimensat", folder, path) == FAIL ? -1 : real(folder, path, times, flags);
}

#define LOOKING(name, type) \
  int name(const char *path, type *status) { \
    REAL(name, int, const char *, type *); \
    return step(LOOK, #name, AT_FDCWD, path) == FAIL ? -1 : real(path, status); \
  }
LOOKING(stat, struct stat)
LOOKING(stat64, struct stat64)
LOOKING(lstat, struct stat)
LOOKING(lstat64, struct stat64)

DIR *opendir(const char *path) {
  REAL(opendir, DIR *, const char *);
  return step(OPEN, "opendir", AT_FDCWD, path) == FAIL ? NULL : real(path);
}

int access(const char *path, int mode) {
  REAL(access, int, const char *, int);
  return step(LOOK, "access", AT_FDCWD, path) == FAIL ? -1 : real(path, mode);
}

int flock(int file, int operation) {
  REAL(flock, int, int, int);
  return step(LOCK, "flock", file, NULL) == FAIL ? -1 : real(file, operation);
}
