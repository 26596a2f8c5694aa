// The least a fan-out can cost: a server that does one send() or SSL_write() for each receiver and tick and
// nothing else. What it does for a delivery is what any relay on this kernel has to do, so every figure of
// the relay is told as a ratio to it, measured in the same run.
//
//     fan-out-floor --packet-bytes N [--tls CERTIFICATE KEY] [--drain] [--bundle-milliseconds N]
//
// It prints its port as JSON, takes WebSockets at any path and greets nobody. On the line `begin SECONDS` of
// its standard input it sends 50 packets a second to everybody, in the messages of docs/protocol.md §5, and
// prints how many it sent; at the end of its input it ends. Without --drain every packet is a message of its
// own; with it, whatever is due when a turn begins goes out in one. --bundle-milliseconds waits so long for
// more.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    connections_maximum = 70000,
    head_bytes_maximum = 2048,
    packets_in_message_maximum = 100,
    packet_bytes_maximum = 1275,
    message_bytes_maximum = 21 + packets_in_message_maximum * (2 + packet_bytes_maximum),
    frame_bytes_maximum = 10 + message_bytes_maximum,
    events_maximum = 512,
    packet_nanoseconds = 20000000,
};

struct connection {
    int descriptor;
    SSL *ssl;
    enum { in_handshake, in_head, in_class } state;
    char *bytes;    // of the request while it comes in
    size_t count;
    uint8_t *rest;  // what a full socket did not take
    size_t rest_count;
};

static struct connection *connections[connections_maximum];
static struct connection *members[connections_maximum];
static int members_count;
static int poll_descriptor;
static SSL_CTX *context;

static uint64_t now_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void drop(struct connection *one) {
    for (int index = 0; index < members_count; index++) {
        if (members[index] == one) {
            members[index] = members[--members_count];
            break;
        }
    }
    connections[one->descriptor] = NULL;
    if (one->ssl) SSL_free(one->ssl);
    close(one->descriptor);
    free(one->bytes);
    free(one->rest);
    free(one);
}

// How many bytes went out: 0 for a full socket, -1 for one that is gone.
static ssize_t put(struct connection *one, const uint8_t *bytes, size_t count) {
    if (one->ssl) {
        int sent = SSL_write(one->ssl, bytes, (int)count);
        if (sent > 0) return sent;
        int error = SSL_get_error(one->ssl, sent);
        ERR_clear_error();
        return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ ? 0 : -1;
    }
    ssize_t sent = send(one->descriptor, bytes, count, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

static void watch(struct connection *one, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = one->descriptor};
    epoll_ctl(poll_descriptor, EPOLL_CTL_MOD, one->descriptor, &event);
}

static void queue(struct connection *one, const uint8_t *bytes, size_t count) {
    if (count == 0) return;
    uint8_t *rest = realloc(one->rest, one->rest_count + count);
    if (!rest) die("realloc");
    memcpy(rest + one->rest_count, bytes, count);
    one->rest = rest;
    if (one->rest_count == 0) watch(one, EPOLLIN | EPOLLOUT);
    one->rest_count += count;
}

// False when the connection is gone.
static int deliver(struct connection *one, const uint8_t *bytes, size_t count) {
    if (one->rest_count > 0) {
        queue(one, bytes, count);
        return 1;
    }
    ssize_t sent = put(one, bytes, count);
    if (sent < 0) {
        drop(one);
        return 0;
    }
    queue(one, bytes + sent, count - (size_t)sent);
    return 1;
}

static void drain_rest(struct connection *one) {
    while (one->rest_count > 0) {
        ssize_t sent = put(one, one->rest, one->rest_count);
        if (sent < 0) return drop(one);
        if (sent == 0) return;
        one->rest_count -= (size_t)sent;
        memmove(one->rest, one->rest + sent, one->rest_count);
    }
    free(one->rest);
    one->rest = NULL;
    watch(one, EPOLLIN);
}

static ssize_t take(struct connection *one, uint8_t *bytes, size_t count) {
    if (one->ssl) {
        int got = SSL_read(one->ssl, bytes, (int)count);
        if (got > 0) return got;
        int error = SSL_get_error(one->ssl, got);
        ERR_clear_error();
        return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
    }
    ssize_t got = recv(one->descriptor, bytes, count, 0);
    if (got > 0) return got;
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : -1;
}

// RFC 6455 §4.2.2.
static int upgrade(struct connection *one) {
    const char *key = strcasestr(one->bytes, "sec-websocket-key:");
    if (!key) return 0;
    key += strlen("sec-websocket-key:");
    while (*key == ' ') key++;
    char text[64 + 37];
    size_t length = strcspn(key, " \r");
    if (length > 64) return 0;
    memcpy(text, key, length);
    strcpy(text + length, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA1((const uint8_t *)text, strlen(text), digest);
    uint8_t accept[32];
    EVP_EncodeBlock(accept, digest, sizeof digest);
    char answer[512];
    int count = snprintf(
        answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\n%s\r\n",
        accept, strcasestr(one->bytes, "liverelay.v1") ? "Sec-WebSocket-Protocol: liverelay.v1\r\n" : "");
    free(one->bytes);
    one->bytes = NULL;
    one->state = in_class;
    members[members_count++] = one;
    return deliver(one, (const uint8_t *)answer, (size_t)count);
}

// Pings are answered (RFC 6455 §5.5.3), all else is let go; false when the connection is gone.
static int hear(struct connection *one, uint8_t *bytes, size_t count) {
    while (count >= 6) {
        size_t length = bytes[1] & 0x7F;
        if (length > 125 || count < 6 + length) return 1;
        if ((bytes[0] & 0x0F) == 8) {
            drop(one);
            return 0;
        }
        if ((bytes[0] & 0x0F) == 9) {
            uint8_t pong[2 + 125] = {0x8A, (uint8_t)length};
            for (size_t index = 0; index < length; index++) pong[2 + index] = bytes[6 + index] ^ bytes[2 + index % 4];
            if (!deliver(one, pong, 2 + length)) return 0;
        }
        bytes += 6 + length;
        count -= 6 + length;
    }
    return 1;
}

static void read_all(struct connection *one) {
    if (one->state == in_handshake) {
        int result = SSL_accept(one->ssl);
        if (result != 1) {
            int error = SSL_get_error(one->ssl, result);
            ERR_clear_error();
            if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) drop(one);
            return;
        }
        one->state = in_head;
    }
    for (;;) {
        uint8_t bytes[4096];
        ssize_t got = take(one, bytes, sizeof bytes);
        if (got < 0) return drop(one);
        if (got == 0) return;
        if (one->state == in_class) {
            if (!hear(one, bytes, (size_t)got)) return;
            continue;
        }
        if (!one->bytes) one->bytes = malloc(head_bytes_maximum + 1);
        if (!one->bytes || one->count + (size_t)got > head_bytes_maximum) return drop(one);
        memcpy(one->bytes + one->count, bytes, (size_t)got);
        one->count += (size_t)got;
        one->bytes[one->count] = 0;
        if (strstr(one->bytes, "\r\n\r\n") && !upgrade(one)) return;
    }
}

static void accept_all(int listener) {
    for (;;) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return;
        if (descriptor >= connections_maximum) {
            close(descriptor);
            continue;
        }
        int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *one = calloc(1, sizeof *one);
        if (!one) die("calloc");
        one->descriptor = descriptor;
        one->state = context ? in_handshake : in_head;
        if (context) {
            one->ssl = SSL_new(context);
            SSL_set_fd(one->ssl, descriptor);
        }
        connections[descriptor] = one;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
        epoll_ctl(poll_descriptor, EPOLL_CTL_ADD, descriptor, &event);
    }
}

static size_t append_number(uint8_t *bytes, uint64_t number, int count) {
    for (int index = 0; index < count; index++) bytes[index] = (uint8_t)(number >> (8 * (count - 1 - index)));
    return (size_t)count;
}

// A frame (RFC 6455 §5.2) around a message of some packets, each stamped with the time it was due.
static size_t make_frame(uint8_t *frame, uint32_t first, int packets, size_t packet_bytes, uint64_t start) {
    static uint8_t message[message_bytes_maximum];
    size_t count = 0;
    message[count++] = 0x11;
    message[count++] = 0;
    count += append_number(message + count, 1, 2);
    count += append_number(message + count, 1, 4);
    count += append_number(message + count, first, 4);
    count += append_number(message + count, (uint64_t)first * 960, 8);
    message[count++] = (uint8_t)packets;
    for (int index = 0; index < packets; index++) {
        uint32_t number = first + (uint32_t)index;
        count += append_number(message + count, packet_bytes, 2);
        uint8_t *packet = message + count;
        packet[0] = 0xF8;
        append_number(packet + 1, number, 4);
        append_number(packet + 5, start + (uint64_t)number * packet_nanoseconds, 8);
        for (size_t place = 13; place < packet_bytes; place++) packet[place] = (uint8_t)(number * 31 + place * 7);
        count += packet_bytes;
    }
    size_t header = 0;
    frame[header++] = 0x82;
    if (count < 126) {
        frame[header++] = (uint8_t)count;
    } else if (count < 65536) {
        frame[header++] = 126;
        header += append_number(frame + header, count, 2);
    } else {
        frame[header++] = 127;
        header += append_number(frame + header, count, 8);
    }
    memcpy(frame + header, message, count);
    return header + count;
}

static int listen_anywhere(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
    if (listen(listener, 4096) != 0) die("listen");
    socklen_t length = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("{\"port\":%d}\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void use_tls(const char *certificate, const char *key) {
    context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(
        context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_num_tickets(context, 1);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
}

int main(int count, char **words) {
    size_t packet_bytes = 0;
    int is_draining = 0;
    uint64_t bundle = 0;
    for (int index = 1; index < count; index++) {
        if (!strcmp(words[index], "--drain")) is_draining = 1;
        else if (!strcmp(words[index], "--packet-bytes") && index + 1 < count) packet_bytes = strtoul(words[++index], NULL, 10);
        else if (!strcmp(words[index], "--bundle-milliseconds") && index + 1 < count) bundle = strtoul(words[++index], NULL, 10) * 1000000u;
        else if (!strcmp(words[index], "--tls") && index + 2 < count) { use_tls(words[index + 1], words[index + 2]); index += 2; }
        else { fprintf(stderr, "fan-out-floor --packet-bytes N [--tls CERTIFICATE KEY] [--drain] [--bundle-milliseconds N]\n"); return 64; }
    }
    if (packet_bytes < 13 || packet_bytes > packet_bytes_maximum) {
        fprintf(stderr, "--packet-bytes: 13...%d\n", packet_bytes_maximum);
        return 64;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    poll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_anywhere();
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll_descriptor, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = STDIN_FILENO;
    epoll_ctl(poll_descriptor, EPOLL_CTL_ADD, STDIN_FILENO, &event);

    static uint8_t frame[frame_bytes_maximum];
    uint64_t start = 0;
    uint32_t sent = 0, total = 0;
    if (bundle < packet_nanoseconds) bundle = packet_nanoseconds;
    for (;;) {
        int wait = -1;
        if (sent < total) {
            // The first packet of a bundle waits for the last.
            uint64_t due = start + (uint64_t)sent * packet_nanoseconds + bundle - packet_nanoseconds;
            uint64_t now = now_nanoseconds();
            wait = due > now ? (int)((due - now) / 1000000u) : 0;
        }
        struct epoll_event events[events_maximum];
        int found = epoll_wait(poll_descriptor, events, events_maximum, wait);
        for (int index = 0; index < found; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == listener) {
                accept_all(listener);
            } else if (descriptor == STDIN_FILENO) {
                char line[64];
                ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);
                if (got <= 0) return 0;
                line[got] = 0;
                unsigned seconds;
                if (sscanf(line, "begin %u", &seconds) == 1) {
                    start = now_nanoseconds();
                    sent = 0;
                    total = seconds * 50;
                }
            } else if (connections[descriptor]) {
                if (events[index].events & EPOLLOUT) drain_rest(connections[descriptor]);
                if (connections[descriptor] && events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                    read_all(connections[descriptor]);
                }
            }
        }
        if (sent == total) continue;
        uint64_t now = now_nanoseconds();
        uint64_t due_count = now < start ? 0 : (now - start) / packet_nanoseconds + 1;
        if (due_count > total) due_count = total;
        uint64_t in_bundle = bundle / packet_nanoseconds;
        while (sent < due_count) {
            uint64_t ready = due_count - sent;
            if (ready < in_bundle && due_count < total) break;
            uint64_t packets = is_draining ? ready : in_bundle < ready ? in_bundle : ready;
            if (packets > packets_in_message_maximum) packets = packets_in_message_maximum;
            size_t length = make_frame(frame, sent, (int)packets, packet_bytes, start);
            for (int index = members_count - 1; index >= 0; index--) deliver(members[index], frame, length);
            sent += (uint32_t)packets;
        }
        if (sent == total) {
            printf("{\"sent\":%u}\n", sent);
            fflush(stdout);
        }
    }
}
