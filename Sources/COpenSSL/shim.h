// OpenSSL 3, with what Swift cannot import made visible: function-like macros, the socket BIO, and a few
// sequences of calls that are clearer in C.
#ifndef LIVERELAY_COPENSSL_SHIM_H
#define LIVERELAY_COPENSSL_SHIM_H

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509err.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

// MARK: Digests and signatures

// SHA-1 of bytes; 20 bytes out. Used only for the accept key of RFC 6455 section 4.2.2.
static inline int lr_sha1(const void *bytes, size_t count, unsigned char *digest20) {
    unsigned int size = 0;
    return EVP_Digest(bytes, count, digest20, &size, EVP_sha1(), NULL) == 1 && size == 20;
}

// SHA-256 of bytes; 32 bytes out.
static inline int lr_sha256(const void *bytes, size_t count, unsigned char *digest32) {
    unsigned int size = 0;
    return EVP_Digest(bytes, count, digest32, &size, EVP_sha256(), NULL) == 1 && size == 32;
}

// HMAC-SHA-256; 32 bytes out.
static inline int lr_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count,
                                 unsigned char *mac32) {
    unsigned int size = 0;
    return HMAC(EVP_sha256(), key, (int)key_count, (const unsigned char *)bytes, count, mac32, &size) != NULL &&
           size == 32;
}

// A new Ed25519 key as its 32 private bytes.
static inline int lr_ed25519_make_key(unsigned char *private32) {
    return RAND_priv_bytes(private32, 32) == 1;
}

// The public half of an Ed25519 private key.
static inline int lr_ed25519_public_key(const unsigned char *private32, unsigned char *public32) {
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private32, 32);
    if (key == NULL) return 0;
    size_t size = 32;
    int done = EVP_PKEY_get_raw_public_key(key, public32, &size) == 1 && size == 32;
    EVP_PKEY_free(key);
    return done;
}

// Ed25519 signature of bytes; 64 bytes out.
static inline int lr_ed25519_sign(const unsigned char *private32, const void *bytes, size_t count,
                                  unsigned char *signature64) {
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private32, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t size = 64;
    int done = key != NULL && context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
               EVP_DigestSign(context, signature64, &size, (const unsigned char *)bytes, count) == 1 && size == 64;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return done;
}

// 1 when the Ed25519 signature is of these bytes by this key.
static inline int lr_ed25519_verify(const unsigned char *public32, const void *bytes, size_t count,
                                    const unsigned char *signature64) {
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public32, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
               EVP_DigestVerify(context, signature64, 64, (const unsigned char *)bytes, count) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return done;
}

// MARK: The socket BIO

// What a BIO knows: its descriptor, how many messages of TLS itself have come, of how many at most (0: any number), and
// how many bytes may still be read in this turn of the loop. OpenSSL goes on
// reading for as long as a peer sends records that hold nothing for the application (key updates, tickets, empty
// records); without a bound one such peer would hold the loop for ever.
typedef struct {
    int descriptor;
    size_t allowance;
    int messages;
    int messages_maximum;
} lr_bio_socket;

// Sends with MSG_NOSIGNAL, so that a vanished peer is an error and not a SIGPIPE.
static inline int lr_bio_write(BIO *bio, const char *bytes, int count) {
    lr_bio_socket *place = (lr_bio_socket *)BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    ssize_t sent = send(place->descriptor, bytes, (size_t)count, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
    return (int)sent;
}

static inline int lr_bio_read(BIO *bio, char *bytes, int count) {
    lr_bio_socket *place = (lr_bio_socket *)BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (place->allowance == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t wanted = (size_t)count < place->allowance ? (size_t)count : place->allowance;
    ssize_t got = recv(place->descriptor, bytes, wanted, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    if (got > 0) place->allowance -= (size_t)got;
    return (int)got;
}

static inline long lr_bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return 0;
}

static inline int lr_bio_free(BIO *bio) {
    OPENSSL_free(BIO_get_data(bio));
    BIO_set_data(bio, NULL);
    return 1;
}

// The method table; made once per TLS context and freed after its last connection.
static inline BIO_METHOD *lr_bio_method_new(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "liverelay socket");
    if (method == NULL) return NULL;
    BIO_meth_set_write(method, lr_bio_write);
    BIO_meth_set_read(method, lr_bio_read);
    BIO_meth_set_ctrl(method, lr_bio_control);
    BIO_meth_set_destroy(method, lr_bio_free);
    return method;
}

// Counts what is said beside the application's bytes: messages of a handshake that come (key updates, tickets, hellos),
// and alerts that go (a renegotiation that is refused costs one). Beyond their bound nothing more is read, as if the peer
// had ended: OpenSSL would take every message that it has, hundreds in one call.
static inline void lr_ssl_count_message(int is_write, int version, int type, const void *bytes, size_t count, SSL *ssl,
                                        void *place) {
    (void)version;
    (void)bytes;
    (void)count;
    lr_bio_socket *socket = (lr_bio_socket *)place;
    if (type != (is_write ? SSL3_RT_ALERT : SSL3_RT_HANDSHAKE)) return;
    socket->messages++;
    if (socket->messages_maximum == 0 || socket->messages <= socket->messages_maximum) return;
    SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

// Gives the connection a BIO over a descriptor, which stays the caller's to close.
static inline int lr_ssl_attach(SSL *ssl, BIO_METHOD *method, int descriptor) {
    lr_bio_socket *place = (lr_bio_socket *)OPENSSL_zalloc(sizeof *place);
    if (place == NULL) return 0;
    BIO *bio = BIO_new(method);
    if (bio == NULL) {
        OPENSSL_free(place);
        return 0;
    }
    place->descriptor = descriptor;
    BIO_set_data(bio, place);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_msg_callback(ssl, lr_ssl_count_message);
    SSL_set_msg_callback_arg(ssl, place);
    return 1;
}

// From now on so many messages may come before they are asked for; forgets those of the handshake.
static inline void lr_ssl_limit_messages(SSL *ssl, int maximum) {
    lr_bio_socket *place = (lr_bio_socket *)BIO_get_data(SSL_get_rbio(ssl));
    place->messages = 0;
    place->messages_maximum = maximum;
}

// How many messages were counted since this was asked.
static inline int lr_ssl_take_messages(SSL *ssl) {
    lr_bio_socket *place = (lr_bio_socket *)BIO_get_data(SSL_get_rbio(ssl));
    int messages = place->messages;
    place->messages = 0;
    return messages;
}

// How many bytes may be read from the descriptor until this is said again.
static inline void lr_ssl_allow(SSL *ssl, size_t count) {
    ((lr_bio_socket *)BIO_get_data(SSL_get_rbio(ssl)))->allowance = count;
}

// MARK: TLS contexts

static inline int lr_select_http11(SSL *ssl, const unsigned char **out, unsigned char *out_count,
                                   const unsigned char *offered, unsigned int offered_count, void *unused) {
    static const unsigned char wanted[] = "\x08http/1.1";
    (void)ssl;
    (void)unused;
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, out_count, wanted, sizeof wanted - 1, offered, offered_count) !=
        OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

// What servers and clients share: TLS 1.2 and 1.3, forward secrecy with authenticated encryption, no renegotiation,
// no compression, buffers released while idle.
static inline int lr_context_harden(SSL_CTX *context) {
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) return 0;
    if (SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1) return 0;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    // 112 bits at least: no RSA below 2,048 bits, no SHA-1 signatures.
    SSL_CTX_set_security_level(context, 2);
    // Curves that are both fast and without known weakness; what a peer offers beside them is passed over.
    if (SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") != 1) return 0;
    return SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK:!SRP") == 1;
}

// MARK: Session tickets (RFC 5077, RFC 8446 section 4.6.1)

// The keys of one period: a name that stands in the ticket, one key to encrypt and one to authenticate.
typedef struct {
    unsigned char name[16];
    unsigned char cipher[32];
    unsigned char mac[32];
} lr_ticket_key;

// Tickets are made with the first; the second, of the period before, still opens those it made. A context keeps its
// pair unchanged for life: rotating means another context, so that no loop reads what another writes.
typedef struct {
    lr_ticket_key current;
    lr_ticket_key previous;
    int has_previous;
} lr_ticket_keys;

static inline int lr_ticket_start(const lr_ticket_key *key, const unsigned char *iv, EVP_CIPHER_CTX *cipher,
                                  EVP_MAC_CTX *mac, int encrypts) {
    OSSL_PARAM wanted[3];
    wanted[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key->mac, sizeof key->mac);
    wanted[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0);
    wanted[2] = OSSL_PARAM_construct_end();
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, encrypts) == 1 &&
           EVP_MAC_CTX_set_params(mac, wanted) == 1;
}

// Called by OpenSSL: 1 use the key, 2 use it and make a new ticket, 0 no such key (a full handshake follows), -1 error.
static inline int lr_ticket_callback(SSL *ssl, unsigned char name[16], unsigned char *iv, EVP_CIPHER_CTX *cipher,
                                     EVP_MAC_CTX *mac, int encrypts) {
    lr_ticket_keys *keys = (lr_ticket_keys *)SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    if (keys == NULL) return -1;
    if (encrypts) {
        if (RAND_bytes(iv, EVP_MAX_IV_LENGTH) != 1) return -1;
        memcpy(name, keys->current.name, sizeof keys->current.name);
        return lr_ticket_start(&keys->current, iv, cipher, mac, 1) ? 1 : -1;
    }
    if (memcmp(name, keys->current.name, sizeof keys->current.name) == 0)
        return lr_ticket_start(&keys->current, iv, cipher, mac, 0) ? 1 : -1;
    if (keys->has_previous && memcmp(name, keys->previous.name, sizeof keys->previous.name) == 0)
        return lr_ticket_start(&keys->previous, iv, cipher, mac, 0) ? 2 : -1;
    return 0;
}

// Fresh keys; those of another context, where one is given, go on as the ones before. They are the context's until
// lr_context_forget_tickets.
static inline int lr_context_use_tickets(SSL_CTX *context, SSL_CTX *before, long life_seconds) {
    lr_ticket_keys *keys = (lr_ticket_keys *)OPENSSL_zalloc(sizeof *keys);
    if (keys == NULL) return 0;
    const lr_ticket_keys *old = before == NULL ? NULL : (const lr_ticket_keys *)SSL_CTX_get_app_data(before);
    if (old != NULL) {
        keys->previous = old->current;
        keys->has_previous = 1;
    }
    if (RAND_priv_bytes((unsigned char *)&keys->current, sizeof keys->current) != 1 ||
        SSL_CTX_set_app_data(context, keys) != 1) {
        OPENSSL_clear_free(keys, sizeof *keys);
        return 0;
    }
    SSL_CTX_set_timeout(context, life_seconds);
    return SSL_CTX_set_tlsext_ticket_key_evp_cb(context, lr_ticket_callback) == 1;
}

// Wipes the keys; to be called once no connection of the context is left.
static inline void lr_context_forget_tickets(SSL_CTX *context) {
    OPENSSL_clear_free(SSL_CTX_get_app_data(context), sizeof(lr_ticket_keys));
}

// A passphrase is never asked for: nobody sits before a server's terminal, and a start must not wait for one.
static inline int lr_no_passphrase(char *buffer, int capacity, int is_writing, void *unused) {
    (void)buffer;
    (void)capacity;
    (void)is_writing;
    (void)unused;
    return -1;
}

static inline int lr_context_serve(SSL_CTX *context) {
    SSL_CTX_set_default_passwd_cb(context, lr_no_passphrase);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, lr_select_http11, NULL);
    // One ticket: a page opens one connection at a time, and each ticket is a record of its own.
    return SSL_CTX_set_num_tickets(context, 1) == 1;
}

// Gives a context the certificate, chain and key of another.
static inline int lr_context_adopt(SSL_CTX *context, SSL_CTX *from) {
    STACK_OF(X509) *chain = NULL;
    X509 *certificate = SSL_CTX_get0_certificate(from);
    EVP_PKEY *key = SSL_CTX_get0_privatekey(from);
    if (certificate == NULL || key == NULL || SSL_CTX_get0_chain_certs(from, &chain) != 1) return 0;
    return SSL_CTX_use_cert_and_key(context, certificate, key, chain, 1) == 1;
}

// MARK: What a server's certificate is like

// Whether a certificate was signed with its own key.
static inline int lr_certificate_is_self_signed(X509 *certificate) {
    return X509_self_signed(certificate, 0) == 1;
}

// Whether each certificate of the file was issued by the next one.
static inline int lr_context_chain_is_ordered(SSL_CTX *context) {
    STACK_OF(X509) *chain = NULL;
    X509 *issued = SSL_CTX_get0_certificate(context);
    if (issued == NULL || SSL_CTX_get0_chain_certs(context, &chain) != 1) return 0;
    for (int place = 0; chain != NULL && place < sk_X509_num(chain); place++) {
        X509 *issuer = sk_X509_value(chain, place);
        if (X509_check_issued(issuer, issued) != X509_V_OK) return 0;
        issued = issuer;
    }
    return 1;
}

// Whether the system trusts the certificate with the chain that is sent; X509_V_OK or the reason why not. Its dates are
// judged elsewhere.
static inline long lr_context_verdict(SSL_CTX *context) {
    STACK_OF(X509) *chain = NULL;
    X509 *certificate = SSL_CTX_get0_certificate(context);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *judge = X509_STORE_CTX_new();
    long verdict = X509_V_ERR_UNSPECIFIED;
    if (certificate != NULL && store != NULL && judge != NULL &&
        SSL_CTX_get0_chain_certs(context, &chain) == 1 && X509_STORE_set_default_paths(store) == 1 &&
        X509_STORE_CTX_init(judge, store, certificate, chain) == 1) {
        X509_STORE_CTX_set_flags(judge, X509_V_FLAG_NO_CHECK_TIME);
        X509_STORE_CTX_set_purpose(judge, X509_PURPOSE_SSL_SERVER);
        verdict = X509_verify_cert(judge) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(judge);
    }
    X509_STORE_CTX_free(judge);
    X509_STORE_free(store);
    return verdict;
}

// Seconds until a certificate begins (negative once it has begun); 0 in *known when the time cannot be read.
static inline long lr_certificate_seconds_until(const X509 *certificate, int *known) {
    int days = 0, seconds = 0;
    *known = ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notBefore(certificate));
    return (long)days * 86400 + seconds;
}

// MARK: Clients, and what both sides ask

static inline int lr_context_offer_http11(SSL_CTX *context) {
    static const unsigned char offered[] = "\x08http/1.1";
    return SSL_CTX_set_alpn_protos(context, offered, sizeof offered - 1) == 0;
}

// Whether a failure says that key and certificate do not belong together.
static inline int lr_error_is_mismatch(unsigned long failure) {
    return ERR_GET_LIB(failure) == ERR_LIB_X509 && (ERR_GET_REASON(failure) == X509_R_KEY_VALUES_MISMATCH ||
                                                    ERR_GET_REASON(failure) == X509_R_KEY_TYPE_MISMATCH);
}

// Whether a failure says that the stream ended without a closing alert, as many peers end it.
static inline int lr_error_is_end_of_stream(unsigned long failure) {
    return ERR_GET_LIB(failure) == ERR_LIB_SSL && ERR_GET_REASON(failure) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

// The server's name for SNI and, when it is checked, for the certificate; numeric addresses are checked as such.
static inline int lr_ssl_expect_host(SSL *ssl, const char *host, int is_address) {
    if (is_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
    if (SSL_set_tlsext_host_name(ssl, host) != 1) return 0;
    return SSL_set1_host(ssl, host);
}

// Names are compared as RFC 6125 says: only the alternatives count where there are any, and a wildcard stands for a
// whole label.
static inline void lr_context_check_names_strictly(SSL_CTX *context) {
    X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(context), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
}

// SHA-256 of a certificate's DER; 32 bytes out.
static inline int lr_certificate_digest(const X509 *certificate, unsigned char *digest32) {
    unsigned int size = 0;
    return X509_digest(certificate, EVP_sha256(), digest32, &size) == 1 && size == 32;
}

static inline int lr_peer_digest(const SSL *ssl, unsigned char *digest32) {
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    if (certificate == NULL) return 0;
    int done = lr_certificate_digest(certificate, digest32);
    X509_free(certificate);
    return done;
}

// MARK: The self-signed certificate

static inline int lr_add_extension(X509 *certificate, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (extension == NULL) return 0;
    int done = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static inline int lr_fill_certificate(X509 *certificate, EVP_PKEY *key, const char *name, const char *alternatives,
                                      long valid_seconds) {
    unsigned char serial[16];
    if (RAND_bytes(serial, sizeof serial) != 1) return 0;
    serial[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    if (number == NULL) return 0;
    int done = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    X509_NAME *subject = X509_get_subject_name(certificate);
    return done && X509_set_version(certificate, X509_VERSION_3) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), valid_seconds) != NULL &&
           X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const unsigned char *)"LiveRelay", -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 &&
           lr_add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           lr_add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           lr_add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           lr_add_extension(certificate, NID_subject_alt_name, alternatives) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

// A P-256 key and a certificate signed by it, both as PEM in memory BIOs that the caller frees.
static inline int lr_make_self_signed(const char *name, const char *alternatives, long valid_seconds,
                                      BIO *certificate_out, BIO *key_out) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    int done = key != NULL && certificate != NULL &&
               lr_fill_certificate(certificate, key, name, alternatives, valid_seconds) &&
               PEM_write_bio_X509(certificate_out, certificate) == 1 &&
               PEM_write_bio_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return done;
}

// The bytes held by a memory BIO.
static inline size_t lr_bio_bytes(BIO *bio, char **bytes) {
    long count = BIO_get_mem_data(bio, bytes);
    return count < 0 ? 0 : (size_t)count;
}

// Seconds until a certificate ends (negative when it has ended); 0 in *known when the time cannot be read.
static inline long lr_certificate_seconds_left(const X509 *certificate, int *known) {
    int days = 0, seconds = 0;
    *known = ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate));
    return (long)days * 86400 + seconds;
}

#endif
