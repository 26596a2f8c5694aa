// libogg (RFC 3533): pages, lacing and checksums.
#ifndef LIVERELAY_COGG_SHIM_H
#define LIVERELAY_COGG_SHIM_H

#include <ogg/ogg.h>

#endif
