#define _GNU_SOURCE
#include "CPlatform.h"
#include "Descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// MARK: Pseudo-terminals

static int close_and_fail(int first, int second, int error) {
    if (first >= 0) close(first);
    if (second >= 0) close(second);
    return -error;
}

int fleet_open_terminal(int *descriptors, int columns, int rows) {
    int master = above_standard(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (master < 0) return master;
    if (grantpt(master) != 0 || unlockpt(master) != 0) return close_and_fail(master, -1, errno);
#ifdef TIOCGPTPEER
    int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
#else
    int slave = -1;
#endif
    if (slave < 0) {
        char name[64];
        if (ptsname_r(master, name, sizeof name) != 0) return close_and_fail(master, -1, errno);
        slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (slave < 0) return close_and_fail(master, -1, errno);
    }
    slave = above_standard(slave);
    if (slave < 0) return close_and_fail(master, -1, -slave);
    fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
    fleet_resize_terminal(master, columns, rows);
    descriptors[0] = master;
    descriptors[1] = slave;
    return 0;
}

int fleet_resize_terminal(int master, int columns, int rows) {
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    return ioctl(master, TIOCSWINSZ, &size) == 0 ? 0 : -errno;
}

// MARK: Notification sockets

int fleet_notify_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int descriptor = above_standard(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (descriptor < 0) return descriptor;
    unlink(path);
    // Only we may write to it, whatever the umask says: the mode of the socket file is taken from its descriptor.
    fchmod(descriptor, 0600);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        return close_and_fail(descriptor, -1, errno);
    }
    return descriptor;
}

int fleet_receive(int descriptor, void *buffer, int capacity) {
    ssize_t count;
    do {
        // Descriptors that come along are refused, which closes them: that is what sd_notify_barrier(3) waits for.
        count = recv(descriptor, buffer, (size_t)capacity, MSG_DONTWAIT | MSG_TRUNC);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : (int)count;
}

// MARK: Other processes

int fleet_pidfd_open(pid_t pid) {
    return above_standard((int)syscall(SYS_pidfd_open, pid, 0));
}

int fleet_pidfd_signal(int descriptor, int signal) {
    return syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0) == 0 ? 0 : -errno;
}

int fleet_pidfd_copy(int descriptor, int target) {
    return above_standard((int)syscall(SYS_pidfd_getfd, descriptor, target, 0));
}

// MARK: FIFOs

int fleet_open_fifo(const char *path, int flags, int capacity) {
    if (mkfifo(path, 0600) != 0 && errno != EEXIST) return -errno;
    int descriptor = fleet_open(path, flags | O_NOFOLLOW, 0);
    if (descriptor < 0) return descriptor;
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISFIFO(status.st_mode)) return close_and_fail(descriptor, -1, EINVAL);
    if (capacity > 0) fcntl(descriptor, F_SETPIPE_SZ, capacity);
    return above_standard(descriptor);
}

int fleet_write_some(int descriptor, const void *bytes, int count) {
    ssize_t written;
    do {
        written = write(descriptor, bytes, (size_t)count);
    } while (written < 0 && errno == EINTR);
    return written < 0 ? -errno : (int)written;
}

int64_t fleet_boottime_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
