/* libwebsockets' client against an echo: messages there and back, fragments, a ping, and both ways to close.
   Arguments: host, port, 1 for TLS, 1 for compression. Prints one JSON object. Where version 4.1 compresses, it ends
   in an assertion at an empty message and spins for ever at a pong, so those are left out then. */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES = 7, SECONDS_MAXIMUM = 60, PIECES = 3 };

/* Length, binary, pieces. */
static const struct { size_t length; int binary, pieces; } messages[MESSAGES] = {
    {0, 0, 1}, {11, 0, 1}, {0, 1, 1}, {256, 1, 1}, {300, 0, PIECES}, {1 << 20, 0, 1}, {16 << 20, 1, 1},
};

static struct lws_context *context;
static int compresses, step, piece, finished, phase, pinged, ponged, closed_by_them;
static size_t got;
static char wrong[256];
static unsigned their_code;
static char their_reason[128];

static unsigned char pattern(size_t place, int of) {
    return (unsigned char)('a' + (place * 31 + (place >> 8) + (size_t)of) % 26);
}

static void fail(const char *why) {
    if (!wrong[0]) snprintf(wrong, sizeof wrong, "message %d: %s", step, why);
    finished = 1;
}

static int say(struct lws *wsi) {
    if (piece == messages[step].pieces) return 0; /* all is said; the answer is not here yet */
    size_t length = messages[step].length, share = length / (size_t)messages[step].pieces;
    size_t from = share * (size_t)piece, count = piece + 1 == messages[step].pieces ? length - from : share;
    /* Compression reads from the piece until the next call to write; then it may go. */
    static unsigned char *room;
    free(room);
    room = malloc(LWS_PRE + count + 1);
    for (size_t place = 0; place < count; place++) room[LWS_PRE + place] = pattern(from + place, step);
    int mode = piece ? LWS_WRITE_CONTINUATION : messages[step].binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
    if (piece + 1 < messages[step].pieces) mode |= LWS_WRITE_NO_FIN;
    int written = lws_write(wsi, room + LWS_PRE, count, (enum lws_write_protocol)mode);
    if (written < 0 || (size_t)written < count) { fail("not written"); return -1; }
    if (++piece < messages[step].pieces) lws_callback_on_writable(wsi);
    return 0;
}

static int writable(struct lws *wsi) {
    if (phase == 1) {
        unsigned char room[LWS_PRE + 1] = {0};
        room[LWS_PRE] = 'x';
        return lws_write(wsi, room + LWS_PRE, 1, LWS_WRITE_TEXT) < 0 ? -1 : 0;
    }
    if (step < MESSAGES) return say(wsi);
    if (compresses) ponged = 1;
    if (!ponged && !pinged) {
        unsigned char room[LWS_PRE + 4];
        memcpy(room + LWS_PRE, "ping", 4);
        pinged = 1;
        return lws_write(wsi, room + LWS_PRE, 4, LWS_WRITE_PING) < 0 ? -1 : 0;
    }
    if (ponged) {
        unsigned char goodbye[] = "bye";
        lws_close_reason(wsi, (enum lws_close_status)4001, goodbye, 3);
        return -1;
    }
    return 0;
}

static void next(void) {
    got = 0, piece = 0;
    do step++;
    while (step < MESSAGES && compresses && messages[step].length == 0);
}

static int received(struct lws *wsi, const unsigned char *in, size_t length) {
    if (step >= MESSAGES) { fail("more than was sent"); return -1; }
    for (size_t place = 0; place < length; place++)
        if (in[place] != pattern(got + place, step)) { fail("came back changed"); return -1; }
    got += length;
    if (lws_remaining_packet_payload(wsi) || !lws_is_final_fragment(wsi)) return 0;
    if (got != messages[step].length) fail("came back with another length");
    if (!!lws_frame_is_binary(wsi) != messages[step].binary) fail("came back as another kind");
    next();
    lws_callback_on_writable(wsi);
    return 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t length) {
    (void)user;
    switch (why) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED: lws_callback_on_writable(wsi); break;
    case LWS_CALLBACK_CLIENT_WRITEABLE: return writable(wsi);
    case LWS_CALLBACK_CLIENT_RECEIVE: return received(wsi, in, length);
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        if (length != 4 || memcmp(in, "ping", 4)) fail("the pong is not the ping's");
        ponged = 1;
        lws_callback_on_writable(wsi);
        break;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        closed_by_them = 1;
        if (length >= 2) {
            their_code = (unsigned)((unsigned char *)in)[0] << 8 | ((unsigned char *)in)[1];
            snprintf(their_reason, sizeof their_reason, "%.*s", (int)(length - 2), (char *)in + 2);
        }
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: fail(in ? in : "no connection"); break;
    case LWS_CALLBACK_CLIENT_CLOSED: finished = 1; break;
    default: break;
    }
    return 0;
}

static const struct lws_protocols protocols[] = {
    {"echo.test", callback, 0, 65536, 0, NULL, 0}, {NULL, NULL, 0, 0, 0, NULL, 0}};
static const struct lws_extension compression[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate; client_max_window_bits"},
    {NULL, NULL, NULL}};

static void call(const char *host, int port, int tls, const char *path) {
    struct lws_client_connect_info info = {0};
    info.context = context, info.address = info.host = info.origin = host, info.port = port, info.path = path;
    info.protocol = protocols[0].name, info.ietf_version_or_minus_one = -1;
    info.ssl_connection = tls ? LCCSCF_USE_SSL | LCCSCF_ALLOW_SELFSIGNED | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK : 0;
    finished = 0;
    time_t end = time(NULL) + SECONDS_MAXIMUM;
    if (!lws_client_connect_via_info(&info)) fail("not connected");
    while (!finished && time(NULL) < end && lws_service(context, 0) >= 0) {}
    if (!finished) fail("it took too long");
}

int main(int count, char **arguments) {
    if (count != 5) return 64;
    int port = atoi(arguments[2]), tls = arguments[3][0] == '1';
    lws_set_log_level(LLL_ERR, NULL);
    struct lws_context_creation_info info = {0};
    info.port = CONTEXT_PORT_NO_LISTEN, info.protocols = protocols, info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    if (arguments[4][0] == '1') info.extensions = compression, compresses = 1, next();
    if (!(context = lws_create_context(&info))) return 1;
    call(arguments[1], port, tls, "/");
    int by_them_first = closed_by_them;
    phase = 1;
    call(arguments[1], port, tls, "/?close=4002&reason=enough");
    lws_context_destroy(context);
    printf("{\"wrong\": \"%s\", \"messages\": %d, \"ponged\": %d, \"closedEarly\": %d, \"code\": %u, "
           "\"reason\": \"%s\"}\n", wrong, step, ponged, by_them_first, their_code, their_reason);
    return 0;
}
