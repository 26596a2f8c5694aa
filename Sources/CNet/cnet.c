#define _GNU_SOURCE
#include "cnet.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int cnet_accept(int listening) {
    return accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int cnet_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

ssize_t cnet_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL);
}

ssize_t cnet_receive(int descriptor, void *bytes, size_t count) {
    return recv(descriptor, bytes, count, 0);
}

ssize_t cnet_peek(int descriptor, void *bytes, size_t count) {
    return recv(descriptor, bytes, count, MSG_PEEK);
}

void cnet_tune(int descriptor, int not_sent_low_water_bytes) {
    int on = 1;
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &not_sent_low_water_bytes,
                     sizeof not_sent_low_water_bytes);
}

int cnet_prepare_listening(int descriptor, int family, int ipv6_only) {
    int on = 1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return -1;
    if (family == AF_INET6 &&
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &ipv6_only, sizeof ipv6_only) != 0) return -1;
    return 0;
}

int cnet_adopt_listening(int descriptor) {
    int type = 0, listens = 0, family = 0;
    socklen_t size = sizeof(int);
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return -1;
    size = sizeof(int);
    if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0) return -1;
    size = sizeof(int);
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) return -1;
    if (type != SOCK_STREAM || !listens || (family != AF_INET && family != AF_INET6)) {
        errno = EINVAL;
        return -1;
    }
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0) return -1;
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

int cnet_duplicate(int descriptor) {
    return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

int cnet_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

// Above what a program inherits, so that no descriptor is overwritten before it was passed on.
enum { first_inherited = 3, inherited_maximum = 24, parked_from = first_inherited + inherited_maximum };

int cnet_spawn(const char *path, char *const arguments[], char *const environment[], const int *descriptors,
               int count) {
    if (count < 0 || count > inherited_maximum) {
        errno = EINVAL;
        return -1;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int parked[inherited_maximum], parked_count = 0;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0) {
        errno = failure;
        return -1;
    }
    failure = posix_spawnattr_init(&attributes);
    if (failure != 0) {
        posix_spawn_file_actions_destroy(&actions);
        errno = failure;
        return -1;
    }
    while (failure == 0 && parked_count < count) {
        int copy = fcntl(descriptors[parked_count], F_DUPFD_CLOEXEC, parked_from);
        if (copy < 0) {
            failure = errno;
            break;
        }
        parked[parked_count] = copy;
        failure = posix_spawn_file_actions_adddup2(&actions, copy, first_inherited + parked_count);
        parked_count++;
    }
    if (failure == 0) failure = posix_spawn_file_actions_addclosefrom_np(&actions, first_inherited + count);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    if (failure == 0) failure = posix_spawnattr_setsigmask(&attributes, &none);
    if (failure == 0) failure = posix_spawnattr_setsigdefault(&attributes, &all);
    if (failure == 0)
        failure = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t process = -1;
    if (failure == 0) failure = posix_spawn(&process, path, &actions, &attributes, arguments, environment);
    while (parked_count > 0) close(parked[--parked_count]);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) {
        errno = failure;
        return -1;
    }
    return process;
}

int cnet_send_datagram(const char *address, const char *text) {
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    size_t length = strlen(address);
    if (length == 0 || length >= sizeof place.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(place.sun_path, address, length);
    if (place.sun_path[0] == '@') place.sun_path[0] = 0;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -1;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent =
        sendto(descriptor, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&place, size);
    int failure = errno;
    close(descriptor);
    errno = failure;
    return sent < 0 ? -1 : 0;
}

long cnet_descriptors_maximum(int raises) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    if (raises && limit.rlim_cur < limit.rlim_max) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
    }
    // More than an int holds is no limit for anything that counts descriptors.
    return limit.rlim_cur > 0x7FFFFFFF ? 0x7FFFFFFF : (long)limit.rlim_cur;
}

int cnet_processors_allowed(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
    // More processors than the set has room for.
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 1 ? (int)online : 1;
}

void cnet_limit_arenas(int count) {
    (void)mallopt(M_ARENA_MAX, count);
}

int cnet_set_send_buffer(int descriptor, int bytes) {
    return setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

int cnet_available(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) == 0 ? count : 0;
}

void cnet_set_read_low_water(int descriptor, int bytes) {
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

void cnet_reset_on_close(int descriptor) {
    struct linger reset = {1, 0};
    (void)setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

int cnet_socket_error(int descriptor) {
    int failure = 0;
    socklen_t size = sizeof failure;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) return errno;
    return failure;
}

static int address_text(const struct sockaddr_storage *address, socklen_t size, char *text, size_t capacity) {
    char service[16];
    if (getnameinfo((const struct sockaddr *)address, size, text, (socklen_t)capacity, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    if (strncmp(text, "::ffff:", 7) == 0 && strchr(text, '.') != NULL) {
        memmove(text, text + 7, strlen(text + 7) + 1);
    }
    int port = -1;
    if (sscanf(service, "%d", &port) != 1) return -1;
    return port;
}

int cnet_local_address(int descriptor, char *text, size_t capacity) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) return -1;
    return address_text(&address, size, text, capacity);
}

int cnet_peer_address(int descriptor, char *text, size_t capacity) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getpeername(descriptor, (struct sockaddr *)&address, &size) != 0) return -1;
    return address_text(&address, size, text, capacity);
}

int cnet_random(void *bytes, size_t count) {
    unsigned char *at = bytes;
    while (count > 0) {
        ssize_t got = getrandom(at, count, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            return -1;
        }
        at += got;
        count -= (size_t)got;
    }
    return 0;
}

uint64_t cnet_monotonic_milliseconds(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

uint64_t cnet_monotonic_microseconds(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

uint64_t cnet_next_number(void) {
    static _Atomic uint64_t last = 0;
    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}
