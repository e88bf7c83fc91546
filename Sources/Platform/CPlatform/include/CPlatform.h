// What fleet needs of Linux and glibc that Swift's Glibc module does not show. Functions return 0 (or a descriptor) on
// success and a negated errno on failure, so that no caller has to read errno after Swift code may have changed it.
#pragma once

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

// MARK: Processes

/// At most this many sockets are handed over.
#define FLEET_PASSED_MAX 64
/// Room that a place for a process id has, without its NUL.
#define FLEET_PID_DIGITS 10

/// What of a spawn failed.
#define FLEET_STEP_SESSION 1
#define FLEET_STEP_TERMINAL 2
/// `failed_index`: which descriptor.
#define FLEET_STEP_FILES 3
#define FLEET_STEP_FOLDER 4
/// `failed_index`: which limit.
#define FLEET_STEP_LIMITS 5
#define FLEET_STEP_EXEC 6

/// A resource limit, soft and hard.
struct fleet_limit {
    int resource;
    uint64_t value;
};

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
    /// `standard_input` is a terminal that becomes the controlling one.
    int has_terminal;
    /// They become the descriptors from 3 on.
    const int *_Nullable passed;
    int passed_count;
    const struct fleet_limit *_Nullable limits;
    int limit_count;
    /// Places within `environment`, each with room for FLEET_PID_DIGITS bytes and a NUL: the child writes its own
    /// process id there, as LISTEN_PID and WATCHDOG_PID want it.
    char *_Nonnull const *_Nullable pid_places;
    int pid_place_count;
    /// The soft limit of RLIMIT_RTTIME, which nothing but a real-time policy ever reaches; 0 = left as it is. A value
    /// beyond the hard limit is not set; UINT64_MAX = the hard limit.
    uint64_t mark;
    /// Set when it fails: one of FLEET_STEP_…; 0 = no process could be made.
    int failed_step;
    int failed_index;
};

/// Starts a process as the leader of a new session (so without a controlling terminal unless it is given one), with an
/// empty signal mask, default dispositions, and no descriptor but the standard and the passed ones. The limit of open
/// descriptors is what it was before `fleet_raise_descriptor_limit`. An error in the child, of exec or before, is
/// reported here: E2BIG, ENOENT, EACCES…
/// - Returns: the process id, or a negated errno.
pid_t fleet_spawn(struct fleet_spawn_request *_Nonnull request);

/// Closes, in a child of posix_spawn(3), every descriptor from this one on.
/// - Returns: 0, or an error number.
int fleet_spawn_close_from(posix_spawn_file_actions_t *_Nonnull actions, int first);

/// The number of a limit by its name of setrlimit(2) in lower case without `RLIMIT_`; -1 = there is none.
int fleet_limit_resource(const char *_Nonnull name);

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

/// Creates the FIFO unless it is there, and opens it above 2, close-on-exec. A link or anything else is refused.
/// - Parameter capacity: bytes asked for; 0 or a refused request keeps what it has.
int fleet_open_fifo(const char *_Nonnull path, int flags, int capacity);

/// One write(2), repeated when a signal interrupts it.
/// - Returns: bytes written, or a negated errno.
int fleet_write_some(int descriptor, const void *_Nonnull bytes, int count);

/// A pidfd, readable from the end of the process on, whoever its parent is.
int fleet_pidfd_open(pid_t pid);

/// Signals the process that the pidfd stands for; never another one that got its number.
int fleet_pidfd_signal(int descriptor, int signal);

/// A copy of a descriptor of that process, close-on-exec (pidfd_getfd(2)).
/// - Returns: -EPERM where the system lets nobody but a parent look into a process, -ENOSYS before Linux 5.6.
int fleet_pidfd_copy(int descriptor, int target);

/// A bound datagram socket that does not block, above 2, close-on-exec, for this user alone. Replaces what is at
/// `path`.
/// - Returns: -ENAMETOOLONG when a socket's address has no room for it.
int fleet_notify_socket(const char *_Nonnull path);

/// Receives one datagram without waiting.
/// - Returns: its whole length, even when `capacity` was less; or a negated errno.
int fleet_receive(int descriptor, void *_Nonnull buffer, int capacity);

// MARK: Pseudo-terminals

/// `descriptors[0]` is the master: it does not block; `descriptors[1]` the slave. Both close-on-exec and above 2.
int fleet_open_terminal(int *_Nonnull descriptors, int columns, int rows);

/// The foreground process group gets SIGWINCH when the size is another one.
int fleet_resize_terminal(int master, int columns, int rows);

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
/// Since boot, suspended time included: what `/proc/<pid>/stat` counts a process's start from.
int64_t fleet_boottime_nanoseconds(void);
