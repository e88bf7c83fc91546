// What fleet needs of Linux and glibc that Swift's Glibc module does not show. Functions return 0 (or a descriptor) on
// success and a negated errno on failure, so that no caller has to read errno after Swift code may have changed it.
#pragma once

#include <stdint.h>
#include <sys/types.h>

// MARK: Processes

/// One process to start. Descriptors of -1 mean /dev/null.
struct fleet_spawn_request {
    /// Looked up nowhere: absolute, or relative to `directory`.
    const char *_Nonnull path;
    char *const _Nullable *_Nonnull arguments;
    char *const _Nullable *_Nonnull environment;
    /// NULL = the caller's working directory.
    const char *_Nullable directory;
    int standard_input;
    int standard_output;
    int standard_error;
};

/// Starts a process as the leader of a new session (so without a controlling terminal), with an empty signal mask,
/// default dispositions, and no descriptor above 2. An error of exec in the child is reported here: E2BIG, ENOENT,
/// EACCES…
/// - Returns: the process id, or a negated errno.
pid_t fleet_spawn(const struct fleet_spawn_request *_Nonnull request);

/// Orphaned descendants are re-parented to this process from now on.
int fleet_become_subreaper(void);

/// Installs a SIGCHLD handler that wakes the returned eventfd (non-blocking, close-on-exec). One per process: a second
/// call returns the same descriptor.
int fleet_watch_children(void);

/// The process ended; what `status` of waitpid says, without macros.
struct fleet_wait_result {
    pid_t pid;
    int exited;
    int code;
    int signal;
    int core_dumped;
};

/// Reaps `pid` (-1 = any child) without waiting. `result->pid` is 0 when none has ended, negative errno when there is
/// none.
void fleet_reap(pid_t pid, struct fleet_wait_result *_Nonnull result);

// MARK: Descriptors

/// A close-on-exec pipe whose both ends are above 2. `descriptors[0]` reads and does not block.
/// - Parameter capacity: bytes asked for; 0 or a refused request keeps the system's default.
int fleet_pipe(int *_Nonnull descriptors, int capacity);

/// A close-on-exec eventfd for waking a thread; `blocking` chooses how reads behave.
int fleet_eventfd(int blocking);

/// Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed.
void fleet_ensure_standard_descriptors(void);

/// Raises the soft limit of open descriptors towards `wanted`, as far as the hard limit allows; never lowers it.
void fleet_raise_descriptor_limit(uint64_t wanted);

/// The user and process at the other end of a connected unix socket.
int fleet_peer_credentials(int descriptor, uid_t *_Nonnull user, pid_t *_Nonnull process);

/// An exclusive advisory lock without waiting. -EWOULDBLOCK when another process holds it.
int fleet_lock(int descriptor);

/// Gives the lock back at once. Closing alone does not while a child between fork and exec still has the descriptor.
void fleet_unlock(int descriptor);

/// Opens a file relative to nothing, always close-on-exec.
int fleet_open(const char *_Nonnull path, int flags, mode_t mode);

// MARK: Readiness

int fleet_epoll_create(void);
/// Level-triggered reading interest; `token` comes back from `fleet_epoll_wait`.
int fleet_epoll_add(int epoll, int descriptor, uint64_t token);
int fleet_epoll_remove(int epoll, int descriptor);
/// - Returns: how many tokens were stored; 0 at the time-out or when a signal interrupted.
int fleet_epoll_wait(int epoll, uint64_t *_Nonnull tokens, int capacity, int timeout_milliseconds);

// MARK: Signals

/// Catches `signal` by writing its number as one byte to the pipe that `fleet_signal_pipe` returns.
int fleet_catch_signal(int signal);
/// The reading end of the pipe of caught signals: blocking, close-on-exec, one per process.
int fleet_signal_pipe(void);
int fleet_ignore_signal(int signal);
int fleet_default_signal(int signal);

// MARK: Terminal

/// Remembers the terminal's modes, and restores them with `reset` (escape sequences, at most 255 bytes) when the
/// process crashes by a signal, before the default action of that signal runs. Only async-signal-safe calls are made.
int fleet_terminal_guard(int descriptor, const char *_Nonnull reset);
/// Restores at once and forgets.
void fleet_terminal_release(void);

// MARK: This process

/// The environment as the process got it: NULL-terminated `NAME=value` strings.
char *const _Nullable *_Nonnull fleet_environment(void);

/// At most 15 bytes, for debuggers and `top -H`.
void fleet_name_thread(const char *_Nonnull name);

/// Nanoseconds of CLOCK_MONOTONIC and CLOCK_REALTIME.
int64_t fleet_monotonic_nanoseconds(void);
int64_t fleet_wall_nanoseconds(void);
