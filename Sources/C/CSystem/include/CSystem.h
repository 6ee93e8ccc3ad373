#ifndef CSYSTEM_H
#define CSYSTEM_H

// What of Linux Swift's Glibc module does not show: GNU extensions, and code that must run between fork and exec.

#include <stdbool.h>
#include <sys/types.h>

/// Starts a program that dies when the calling thread's process does.
///
/// posix_spawn(3) has no attribute for PR_SET_PDEATHSIG, and setting it needs code that runs in the child between
/// fork and exec, which Swift cannot hold; so this does with vfork(2) what posix_spawn does, and that one thing more.
/// The kernel sends the signal when the *thread* that called this ends: call it from one that lives as long as
/// the process.
///
/// The child leads a process group of its own, has every signal at its default and unblocked, and the descriptors
/// `input`, `output` and `errors` as 0, 1 and 2, and no others. `directory` may be NULL.
/// `expected_parent` is the caller's getpid(), to notice a parent that is already gone.
/// Returns the process id, or -1 with errno set to why fork, chdir or exec failed.
pid_t csystem_spawn(const char *path, char *const arguments[], char *const environment[], const char *directory,
                   int input, int output, int errors, pid_t expected_parent);

/// pipe2(2) with O_CLOEXEC: `ends[0]` is for reading, `ends[1]` for writing; neither is inherited.
int csystem_pipe(int ends[2]);

/// renameat2(2) with RENAME_EXCHANGE: both paths must exist, and at no moment is either missing.
int csystem_exchange(const char *first, const char *second);

/// Names the calling thread, as `ps -L` and debuggers show it; at most 15 bytes (pthread_setname_np(3)).
void csystem_name_thread(const char *name);

/// How many processors the process may run on (sched_getaffinity(2)); at least 1.
int csystem_processors(void);

/// sync_file_range(2) with SYNC_FILE_RANGE_WRITE: starts to write these bytes of the file to the disk and does not wait.
int csystem_start_writing_back(int file, off_t offset, off_t count);

/// fcntl(2) with O_DIRECT: whether writes go past the cache, from aligned memory. -1 with errno set if the file's file
/// system has no such thing.
int csystem_set_direct(int file, bool direct);

/// mallopt(3) with M_MMAP_THRESHOLD: blocks of 128 KiB and more go back to the system as soon as they are freed.
/// By default glibc raises that bound to the largest block freed so far, and keeps what falls below it.
void csystem_return_large_blocks(void);

#endif
