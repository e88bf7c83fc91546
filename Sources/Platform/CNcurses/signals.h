#pragma once
// Signals of a program that owns a terminal. Two families:
//
// - fatal ones (SIGSEGV, SIGABRT, …): give the terminal back, then let the previous action do its work;
// - the others (SIGWINCH, SIGTERM, …): write one byte to a pipe that the program's loop polls.
//
// Everything called from a handler is async-signal-safe: poll, write, tcsetattr, sigaction, raise.
//
// The state is static, so each object file that uses these functions has its own: exactly one Swift file,
// TerminalSignals.swift, may call them, and nothing in it may be inlined elsewhere.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define FLEET_RESTORE_LIMIT 512

struct fleet_signal_state {
    volatile sig_atomic_t armed;
    int terminal;
    struct termios cooked;
    char bytes[FLEET_RESTORE_LIMIT];
    size_t length;
    int wake;
    // Requests to end that nobody has looked at yet.
    volatile sig_atomic_t unanswered;
    volatile sig_atomic_t continued;
    struct sigaction previous[65];
    bool installed[65];
};

/// The one state. Inside a function, because Swift does not define variables that a header only declares tentatively.
static struct fleet_signal_state *fleet_state(void) {
    static struct fleet_signal_state state;
    return &state;
}

static void fleet_give_terminal_back(void) {
    if (!fleet_state()->armed) return;
    fleet_state()->armed = 0;
    size_t done = 0;
    while (done < fleet_state()->length) {
        // A terminal that has stopped reading must not keep a dying process alive.
        struct pollfd ready = {.fd = fleet_state()->terminal, .events = POLLOUT};
        if (poll(&ready, 1, 200) != 1) break;
        ssize_t count = write(fleet_state()->terminal, fleet_state()->bytes + done, fleet_state()->length - done);
        if (count > 0) done += (size_t)count;
        else if (errno != EINTR) break;
    }
    // A background process that touches the terminal would be stopped instead of ending.
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    sigprocmask(SIG_BLOCK, &stop, &before);
    tcsetattr(fleet_state()->terminal, TCSANOW, &fleet_state()->cooked);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/// Ends the process as the signal would have without us, so that the exit status tells the truth.
static void fleet_pass_on(int number) {
    sigaction(number, &fleet_state()->previous[number], NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
}

static void fleet_on_fatal_signal(int number, siginfo_t *details, void *context) {
    (void)context;
    int saved = errno;
    fleet_give_terminal_back();
    // A faulting instruction faults again when the handler returns, and a backtrace then shows its place instead of ours.
    // A breakpoint is behind us already, and a signal somebody sent does not come twice: those are raised.
    bool repeats = details != NULL && details->si_code > 0 && number != SIGTRAP && number != SIGABRT;
    if (repeats) sigaction(number, &fleet_state()->previous[number], NULL);
    else fleet_pass_on(number);
    errno = saved;
}

static void fleet_on_signal(int number) {
    int saved = errno;
    if (number == SIGCONT) fleet_state()->continued = 1;
    if (number == SIGTERM || number == SIGHUP || number == SIGINT || number == SIGQUIT) {
        // A loop that has not looked at the first request by the third will not look at this one either.
        if (++fleet_state()->unanswered > 2) {
            fleet_give_terminal_back();
            fleet_pass_on(number);
        }
    }
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(fleet_state()->wake, &byte, 1);
    (void)ignored;
    errno = saved;
}

/// A pipe whose ends neither block nor pass to child processes.
static inline bool fleet_wake_pipe(int ends[2]) {
    if (pipe(ends) != 0) return false;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

/// The end that handlers write to.
static inline void fleet_wake_through(int end) { fleet_state()->wake = end; }

static inline void fleet_install(int number, bool fatal) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    if (fatal) action.sa_sigaction = fleet_on_fatal_signal;
    else action.sa_handler = fleet_on_signal;
    action.sa_flags = SA_ONSTACK | (fatal ? SA_SIGINFO : SA_RESTART);
    struct sigaction previous;
    if (sigaction(number, &action, &previous) != 0) return;
    if (fleet_state()->installed[number]) return;
    fleet_state()->previous[number] = previous;
    fleet_state()->installed[number] = true;
}

static inline void fleet_uninstall(int number) {
    if (!fleet_state()->installed[number]) return;
    fleet_state()->installed[number] = false;
    sigaction(number, &fleet_state()->previous[number], NULL);
}

/// A handler for a stack overflow needs a stack that has not overflowed. Once per thread that opens a screen.
static inline void fleet_install_alternate_stack(void) {
    static char stack[64 * 1024];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 0};
    stack_t current;
    if (sigaltstack(NULL, &current) == 0 && !(current.ss_flags & SS_DISABLE)) return;
    sigaltstack(&alternate, NULL);
}

/// Remembers the terminal's settings; call while they are still the shell's.
static inline bool fleet_remember_terminal(int terminal) {
    fleet_state()->terminal = terminal;
    return tcgetattr(terminal, &fleet_state()->cooked) == 0;
}

/// Sets what a fatal signal writes to the terminal. Longer than the limit: nothing is changed, false is returned.
static inline bool fleet_arm_restore(const char *bytes, size_t length) {
    if (length > FLEET_RESTORE_LIMIT) return false;
    fleet_state()->armed = 0;
    memcpy(fleet_state()->bytes, bytes, length);
    fleet_state()->length = length;
    fleet_state()->armed = 1;
    return true;
}

static inline void fleet_disarm_restore(void) { fleet_state()->armed = 0; }
static inline void fleet_reset_terminal(void) {
    tcsetattr(fleet_state()->terminal, TCSADRAIN, &fleet_state()->cooked);
}
static inline void fleet_answered(void) { fleet_state()->unanswered = 0; }
static inline void fleet_clear_continued(void) { fleet_state()->continued = 0; }
static inline bool fleet_was_continued(void) { return fleet_state()->continued != 0; }
