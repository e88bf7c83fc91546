#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Why not posix_spawn: it knows neither resource limits nor controlling terminals nor the child's own process id in the
// child's environment. This does what glibc's own posix_spawn does, with those added: a child that shares our memory
// and runs on a stack of its own while the calling thread waits for its exec. Nothing is copied, so a large engine
// spawns as fast as a small one. The child makes system calls only; it takes no lock and allocates nothing.

/// Stack of the child until its exec. It makes plain system calls; the rest is for deep wrappers.
#define CHILD_STACK (32 * 1024)

/// The soft limit of open descriptors before it was raised for the engine's own use; 0 = it was not.
static _Atomic(uint64_t) descriptor_limit_before = 0;

struct child_task {
    const struct fleet_spawn_request *request;
    /// Who started it.
    pid_t parent;
    sigset_t mask;
    int failed_step;
    int failed_index;
    int error;
};

static int failed(struct child_task *task, int step, int index) {
    task->error = errno ? errno : EINVAL;
    task->failed_step = step;
    task->failed_index = index;
    return -1;
}

/// A handler that ran in the child would run on our memory. By system call, because glibc's sigaction refuses the two
/// signals that it keeps for itself; a child shall not inherit that they are ignored.
static void reset_dispositions(void) {
    // The kernel's structure differs between processors; SIG_DFL without flags and mask is all zero in each.
    static const char standard[64] = {0};
    for (int signal = 1; signal <= 64; signal++) syscall(SYS_rt_sigaction, signal, standard, NULL, 8);
}

static int redirect(int from, int to, int flags) {
    if (from >= 0) return dup2(from, to);
    int opened = open("/dev/null", flags);
    if (opened < 0 || opened == to) return opened;
    int result = dup2(opened, to);
    close(opened);
    return result;
}

static void close_from(unsigned first) {
    if (syscall(SYS_close_range, first, ~0u, 0) == 0) return;
    // A kernel before 5.9.
    struct rlimit limit;
    rlim_t end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? limit.rlim_cur : 65536;
    for (unsigned descriptor = first; descriptor < end; descriptor++) close((int)descriptor);
}

static int arrange_descriptors(struct child_task *task) {
    const struct fleet_spawn_request *request = task->request;
    int first_free = 3 + request->passed_count;
    int moved[FLEET_PASSED_MAX];
    // Sources first get out of the way of the places that are filled.
    for (int i = 0; i < request->passed_count; i++) {
        moved[i] = fcntl(request->passed[i], F_DUPFD, first_free);
        if (moved[i] < 0) return failed(task, FLEET_STEP_FILES, i);
    }
    if (redirect(request->standard_input, 0, O_RDONLY) < 0) return failed(task, FLEET_STEP_FILES, 0);
    if (redirect(request->standard_output, 1, O_WRONLY) < 0) return failed(task, FLEET_STEP_FILES, 1);
    if (redirect(request->standard_error, 2, O_WRONLY) < 0) return failed(task, FLEET_STEP_FILES, 2);
    for (int i = 0; i < request->passed_count; i++) {
        if (dup2(moved[i], 3 + i) < 0) return failed(task, FLEET_STEP_FILES, i);
    }
    // Close-on-exec is a promise that every library in the process would have to keep; this does not depend on it.
    close_from((unsigned)first_free);
    return 0;
}

static int apply_limits(struct child_task *task) {
    const struct fleet_spawn_request *request = task->request;
    uint64_t before = atomic_load(&descriptor_limit_before);
    struct rlimit limit;
    // What we took for ourselves is not the child's: programs that use select() break beyond 1024.
    if (before > 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0 && before < limit.rlim_cur) {
        limit.rlim_cur = before;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    for (int i = 0; i < request->limit_count; i++) {
        limit.rlim_cur = limit.rlim_max = (rlim_t)request->limits[i].value;
        if (setrlimit((__rlimit_resource_t)request->limits[i].resource, &limit) != 0) {
            return failed(task, FLEET_STEP_LIMITS, i);
        }
    }
    if (request->mark && getrlimit(RLIMIT_RTTIME, &limit) == 0) {
        limit.rlim_cur = request->mark == UINT64_MAX ? limit.rlim_max : (rlim_t)request->mark;
        // Without the mark there is still the environment.
        if (limit.rlim_cur <= limit.rlim_max) setrlimit(RLIMIT_RTTIME, &limit);
        errno = 0;
    }
    return 0;
}

/// Writes the child's own number over the placeholders in its environment; nobody else can know it before it exists.
static void write_own_pid(const struct fleet_spawn_request *request) {
    char digits[FLEET_PID_DIGITS + 1];
    int length = 0;
    for (unsigned rest = (unsigned)getpid(); rest > 0 && length < FLEET_PID_DIGITS; rest /= 10) {
        digits[length++] = (char)('0' + rest % 10);
    }
    for (int place = 0; place < request->pid_place_count; place++) {
        char *target = request->pid_places[place];
        for (int i = 0; i < length; i++) target[i] = digits[length - 1 - i];
        target[length] = 0;
    }
}

static int prepare_child(struct child_task *task) {
    const struct fleet_spawn_request *request = task->request;
    reset_dispositions();
    if (setsid() < 0) return failed(task, FLEET_STEP_SESSION, 0);
    if (request->has_terminal && ioctl(request->standard_input, TIOCSCTTY, 0) != 0) {
        return failed(task, FLEET_STEP_TERMINAL, 0);
    }
    if (arrange_descriptors(task) != 0) return -1;
    if (request->directory && chdir(request->directory) != 0) return failed(task, FLEET_STEP_FOLDER, 0);
    if (apply_limits(task) != 0) return -1;
    // Who cleans up behind a killed parent knows its children by their marks. One that had none yet must not go on.
    if (getppid() != task->parent) _exit(127);
    write_own_pid(request);
    return 0;
}

static int child_main(void *argument) {
    struct child_task *task = argument;
    errno = 0;
    if (prepare_child(task) == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(task->request->path, (char *const *)task->request->arguments,
               (char *const *)task->request->environment);
        failed(task, FLEET_STEP_EXEC, 0);
    }
    _exit(127);
}

pid_t fleet_spawn(struct fleet_spawn_request *request) {
    request->failed_step = 0;
    request->failed_index = 0;
    if (request->passed_count < 0 || request->passed_count > FLEET_PASSED_MAX) return -E2BIG;
    struct child_task task = {.request = request, .parent = getpid()};
    _Alignas(16) char stack[CHILD_STACK];
    // No handler may run in the child: it shares our memory.
    sigset_t all, before;
    int cancelability;
    sigfillset(&all);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelability);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid_t pid = clone(child_main, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &task);
    int error = pid < 0 ? errno : task.error;
    if (pid > 0 && error) {
        // It never became the program; nobody else knows its number yet.
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_setcancelstate(cancelability, NULL);
    request->failed_step = task.failed_step;
    request->failed_index = task.failed_index;
    return error ? -error : pid;
}

int fleet_limit_resource(const char *name) {
    static const struct {
        const char *name;
        int resource;
    } known[] = {
        {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}, {"core", RLIMIT_CORE},       {"stack", RLIMIT_STACK},
        {"cpu", RLIMIT_CPU},       {"as", RLIMIT_AS},       {"fsize", RLIMIT_FSIZE},     {"memlock", RLIMIT_MEMLOCK},
        {"data", RLIMIT_DATA},     {"rss", RLIMIT_RSS},     {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},
        {"rtprio", RLIMIT_RTPRIO}, {"locks", RLIMIT_LOCKS}, {"sigpending", RLIMIT_SIGPENDING},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) == 0) return known[i].resource;
    }
    return -1;
}

void fleet_raise_descriptor_limit(uint64_t wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    rlim_t reachable = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (limit.rlim_cur >= reachable) return;
    uint64_t nothing = 0;
    atomic_compare_exchange_strong(&descriptor_limit_before, &nothing, (uint64_t)limit.rlim_cur);
    limit.rlim_cur = reachable;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int fleet_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
