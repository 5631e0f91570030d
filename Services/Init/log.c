#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/// What is kept of a node's output; up to twice that for a moment.
#define LOG_KEPT (4 << 20)
/// Where it starts anew, offsets and all: ext4 holds 16 TiB, and hours of a command that does nothing but print reach that.
#define LOG_END ((off_t)1 << 42)
/// Only whole blocks become holes; a part of one would become zeros.
#define LOG_BLOCK (64 << 10)

// What is too old is freed inside the file (a hole), so no byte that is still there changes its offset, nothing has to be renamed under a
// reader, and one that is behind sees where the rest begins.
static void trim(int log) {
  struct stat status;
  if (fstat(log, &status) != 0 || status.st_blocks * 512 <= 2 * LOG_KEPT) return;
  if (status.st_size > LOG_END && ftruncate(log, 0) == 0) return;
  off_t old = (status.st_size - LOG_KEPT) / LOG_BLOCK * LOG_BLOCK;
  if (fallocate(log, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, old) == 0 || errno != EOPNOTSUPP) return;
  // The file system has no holes: start anew; it is appended to.
  if (ftruncate(log, 0) != 0) return;
}

ssize_t log_copy(int output, int log) {
  static char buffer[LOG_BLOCK];
  ssize_t got = read(output, buffer, sizeof buffer);
  // On a full disk what doesn't fit is lost: a node isn't stopped by its log.
  for (ssize_t done = 0, part; done < got && (part = write(log, buffer + done, (size_t)(got - done))) > 0;) done += part;
  if (got > 0) trim(log);
  return got;
}

void log_drain(int output, int log) {
  for (int left = LOG_KEPT / LOG_BLOCK; left > 0 && log_copy(output, log) > 0; left--) {}
}
