// OpenSSL 3, with what Swift cannot import made visible: function-like macros, the socket BIO, and a few
// sequences of calls that are clearer in C.
#ifndef LIVERELAY_COPENSSL_SHIM_H
#define LIVERELAY_COPENSSL_SHIM_H

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
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

// Sends with MSG_NOSIGNAL, so that a vanished peer is an error and not a SIGPIPE; the BIO's data is the descriptor.
static inline int lr_bio_write(BIO *bio, const char *bytes, int count) {
    BIO_clear_retry_flags(bio);
    ssize_t sent = send((int)(intptr_t)BIO_get_data(bio), bytes, (size_t)count, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
    return (int)sent;
}

static inline int lr_bio_read(BIO *bio, char *bytes, int count) {
    BIO_clear_retry_flags(bio);
    ssize_t got = recv((int)(intptr_t)BIO_get_data(bio), bytes, (size_t)count, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)got;
}

static inline long lr_bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return 0;
}

// The method table; made once per TLS context and freed after its last connection.
static inline BIO_METHOD *lr_bio_method_new(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "liverelay socket");
    if (method == NULL) return NULL;
    BIO_meth_set_write(method, lr_bio_write);
    BIO_meth_set_read(method, lr_bio_read);
    BIO_meth_set_ctrl(method, lr_bio_control);
    return method;
}

// Gives the connection a BIO over a descriptor, which stays the caller's to close.
static inline int lr_ssl_attach(SSL *ssl, BIO_METHOD *method, int descriptor) {
    BIO *bio = BIO_new(method);
    if (bio == NULL) return 0;
    BIO_set_data(bio, (void *)(intptr_t)descriptor);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    return 1;
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
    return SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK:!SRP") == 1;
}

static inline int lr_context_serve(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, lr_select_http11, NULL);
    return SSL_CTX_set_num_tickets(context, 1) == 1;
}

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
