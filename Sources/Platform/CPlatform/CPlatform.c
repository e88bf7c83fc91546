#define _GNU_SOURCE
#include "CPlatform.h"
#include "Descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

// MARK: Processes

int fleet_become_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

static atomic_int children_event = -1;

static void child_ended(int signal) {
    (void)signal;
    int saved = errno;
    uint64_t one = 1;
    ssize_t ignored = write(atomic_load(&children_event), &one, sizeof one);
    (void)ignored;
    errno = saved;
}

int fleet_watch_children(void) {
    static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&once);
    int descriptor = atomic_load(&children_event);
    if (descriptor < 0) {
        descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (descriptor < 0) {
            descriptor = -errno;
        } else {
            atomic_store(&children_event, descriptor);
            struct sigaction action = {.sa_handler = child_ended, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
            sigemptyset(&action.sa_mask);
            if (sigaction(SIGCHLD, &action, NULL) != 0) descriptor = -errno;
        }
    }
    pthread_mutex_unlock(&once);
    return descriptor;
}

void fleet_reap(pid_t pid, struct fleet_wait_result *result) {
    int status = 0;
    memset(result, 0, sizeof *result);
    do {
        result->pid = waitpid(pid, &status, WNOHANG);
    } while (result->pid < 0 && errno == EINTR);
    if (result->pid < 0) result->pid = -errno;
    if (result->pid <= 0) return;
    result->exited = WIFEXITED(status);
    result->code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result->core_dumped = WIFSIGNALED(status) && WCOREDUMP(status);
}

// MARK: Descriptors

int above_standard(int descriptor) {
    if (descriptor < 0) return -errno;
    if (descriptor > 2) return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    int error = errno;
    close(descriptor);
    return moved < 0 ? -error : moved;
}

int fleet_pipe(int *descriptors, int capacity) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
    for (int i = 0; i < 2; i++) {
        int moved = above_standard(ends[i]);
        if (moved < 0) {
            close(ends[1 - i]);
            return moved;
        }
        ends[i] = moved;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    if (capacity > 0) fcntl(ends[0], F_SETPIPE_SZ, capacity);
    descriptors[0] = ends[0];
    descriptors[1] = ends[1];
    return 0;
}

int fleet_eventfd(int blocking) {
    int descriptor = eventfd(0, EFD_CLOEXEC | (blocking ? 0 : EFD_NONBLOCK));
    return descriptor < 0 ? -errno : descriptor;
}

void fleet_ensure_standard_descriptors(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) >= 0) continue;
        // The lowest free number is this one, because the ones below are open by now.
        int opened = open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY);
        (void)opened;
    }
}

int fleet_peer_credentials(int descriptor, uid_t *user, pid_t *process) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -errno;
    *user = credentials.uid;
    *process = credentials.pid;
    return 0;
}

int fleet_lock(int descriptor) {
    int result;
    do {
        result = flock(descriptor, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : -errno;
}

void fleet_unlock(int descriptor) { flock(descriptor, LOCK_UN); }

int fleet_open(const char *path, int flags, mode_t mode) {
    int descriptor;
    do {
        descriptor = open(path, flags | O_CLOEXEC, mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor < 0 ? -errno : descriptor;
}

// MARK: Readiness

int fleet_epoll_create(void) {
    int descriptor = epoll_create1(EPOLL_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int fleet_epoll_add(int epoll, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno;
}

int fleet_epoll_remove(int epoll, int descriptor) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL) == 0 ? 0 : -errno;
}

int fleet_epoll_wait(int epoll, uint64_t *tokens, int capacity, int timeout_milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, capacity < 64 ? capacity : 64, timeout_milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) tokens[i] = events[i].data.u64;
    return count;
}

// MARK: Signals

static int signal_ends[2] = {-1, -1};

static void signal_caught(int signal) {
    int saved = errno;
    unsigned char number = (unsigned char)signal;
    ssize_t ignored = write(signal_ends[1], &number, 1);
    (void)ignored;
    errno = saved;
}

int fleet_signal_pipe(void) {
    static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&once);
    int result = signal_ends[0];
    if (result < 0) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            result = -errno;
        } else {
            // A handler must not block when nobody reads.
            fcntl(ends[1], F_SETFL, O_NONBLOCK);
            signal_ends[1] = ends[1];
            result = signal_ends[0] = ends[0];
        }
    }
    pthread_mutex_unlock(&once);
    return result;
}

static int dispose(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    return sigaction(signal, &action, NULL) == 0 ? 0 : -errno;
}

int fleet_catch_signal(int signal) {
    int descriptor = fleet_signal_pipe();
    return descriptor < 0 ? descriptor : dispose(signal, signal_caught);
}

int fleet_ignore_signal(int signal) { return dispose(signal, SIG_IGN); }

int fleet_default_signal(int signal) { return dispose(signal, SIG_DFL); }

// MARK: Terminal

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
static atomic_int guarded_terminal = -1;
static struct termios guarded_modes;
static char guarded_reset[256];

void fleet_terminal_release(void) {
    int descriptor = atomic_exchange(&guarded_terminal, -1);
    if (descriptor < 0) return;
    ssize_t ignored = write(descriptor, guarded_reset, strlen(guarded_reset));
    (void)ignored;
    tcsetattr(descriptor, TCSANOW, &guarded_modes);
}

static void crashed(int signal) {
    fleet_terminal_release();
    // SA_RESETHAND put the default action back; it runs when this handler returns and the signal is unblocked.
    raise(signal);
}

int fleet_terminal_guard(int descriptor, const char *reset) {
    if (strlen(reset) >= sizeof guarded_reset) return -ENAMETOOLONG;
    if (tcgetattr(descriptor, &guarded_modes) != 0) return -errno;
    strcpy(guarded_reset, reset);
    atomic_store(&guarded_terminal, descriptor);
    struct sigaction action = {.sa_handler = crashed, .sa_flags = SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof crash_signals / sizeof crash_signals[0]; i++) {
        sigaction(crash_signals[i], &action, NULL);
    }
    return 0;
}

// MARK: This process

char *const *fleet_environment(void) { return environ; }

void fleet_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static int64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t fleet_monotonic_nanoseconds(void) { return nanoseconds(CLOCK_MONOTONIC); }

int64_t fleet_wall_nanoseconds(void) { return nanoseconds(CLOCK_REALTIME); }
