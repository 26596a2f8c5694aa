#define _GNU_SOURCE
#include "cnet.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

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

int cnet_set_send_buffer(int descriptor, int bytes) {
    return setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
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

uint64_t cnet_next_number(void) {
    static _Atomic uint64_t last = 0;
    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}
