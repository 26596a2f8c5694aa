// The system calls that the Glibc module of Swift does not show: epoll, accept4, random bytes, socket set-up.
// GNU-only calls are wrapped in cnet.c, because a header that Swift imports must not define _GNU_SOURCE.
#ifndef LIVERELAY_CNET_H
#define LIVERELAY_CNET_H

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>

// accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC; the descriptor, or -1 with errno.
int cnet_accept(int listening);

// socket with SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC; the descriptor, or -1 with errno.
int cnet_stream_socket(int family);

// send with MSG_NOSIGNAL, so that a vanished peer is an error and not a signal.
ssize_t cnet_send(int descriptor, const void *bytes, size_t count);

// recv; with peek the bytes stay in the socket.
ssize_t cnet_receive(int descriptor, void *bytes, size_t count);
ssize_t cnet_peek(int descriptor, void *bytes, size_t count);

// TCP_NODELAY and TCP_NOTSENT_LOWAT on a stream socket; failures are ignored (not every socket is TCP).
void cnet_tune(int descriptor, int not_sent_low_water_bytes);

// SO_REUSEADDR, and IPV6_V6ONLY as asked for IPv6 sockets.
int cnet_prepare_listening(int descriptor, int family, int ipv6_only);

// Checks that a descriptor from elsewhere is a listening TCP socket, and sets O_NONBLOCK and FD_CLOEXEC;
// 0, or -1 with errno (EINVAL when it is something else).
int cnet_adopt_listening(int descriptor);

// Another descriptor for the same socket, closed on exec; -1 with errno.
int cnet_duplicate(int descriptor);

// Makes a pipe whose ends are closed on exec; 0, or -1 with errno.
int cnet_pipe(int ends[2]);

// Starts a program that inherits these descriptors as 3, 4, … and nothing else beside 0, 1 and 2, with no
// signal blocked or ignored. The process id, or -1 with errno.
int cnet_spawn(const char *path, char *const arguments[], char *const environment[], const int *descriptors,
               int count);

// Sends one datagram to a Unix socket; an address that begins with '@' is abstract. 0, or -1 with errno.
int cnet_send_datagram(const char *address, const char *text);

// How many descriptors this process may have (RLIMIT_NOFILE); -1 when that is not known. Raising lifts the
// soft limit to the hard one first.
long cnet_descriptors_maximum(int raises);

// How many processors this process may run on; at least 1.
int cnet_processors_allowed(void);

// From how many arenas malloc takes memory (M_ARENA_MAX).
void cnet_limit_arenas(int count);

// Sets SO_SNDBUF; used where a small kernel buffer is wanted.
int cnet_set_send_buffer(int descriptor, int bytes);

// Bytes that can be read at once (FIONREAD); 0 when that is not known.
int cnet_available(int descriptor);

// SO_RCVLOWAT: how many bytes make a socket ready to be read.
void cnet_set_read_low_water(int descriptor, int bytes);

// SO_LINGER 0: close sends a reset instead of waiting for unsent bytes.
void cnet_reset_on_close(int descriptor);

// The pending error of a socket (SO_ERROR), 0 when there is none.
int cnet_socket_error(int descriptor);

// Numeric address of a socket's own or far end as text ("127.0.0.1", "::1"); the port, or -1 with errno.
int cnet_local_address(int descriptor, char *text, size_t capacity);
int cnet_peer_address(int descriptor, char *text, size_t capacity);

// Fills bytes from getrandom; 0, or -1 with errno.
int cnet_random(void *bytes, size_t count);

// Monotonic clock in milliseconds.
uint64_t cnet_monotonic_milliseconds(void);

// The same in microseconds, for short spans of work.
uint64_t cnet_monotonic_microseconds(void);

// A number that no earlier call in this process returned.
uint64_t cnet_next_number(void);

#endif
