// zlib, with its function-like macros made visible to Swift.
#ifndef LIVERELAY_CZLIB_SHIM_H
#define LIVERELAY_CZLIB_SHIM_H

#include <zlib.h>

static inline int lr_deflate_init(z_stream *stream, int level, int window_bits, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

static inline int lr_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#endif
