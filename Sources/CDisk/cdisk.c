#define _GNU_SOURCE
#include "cdisk.h"

#include <fcntl.h>
#include <sys/stat.h>

int cdisk_keep_room(int descriptor, size_t bytes) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        return -1;
    }
    return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, status.st_size, (off_t)bytes);
}
