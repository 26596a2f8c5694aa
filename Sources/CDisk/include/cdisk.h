// The calls to a disk that glibc hides from Swift.
#ifndef LIVERELAY_CDISK_H
#define LIVERELAY_CDISK_H

#include <stddef.h>

// Keeps room on the disk for so many bytes after the end of an open file, whose size stays the same. Returns 0, or -1
// with errno where the file system cannot do so or has no room.
int cdisk_keep_room(int descriptor, size_t bytes);

#endif
