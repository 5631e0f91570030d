#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_write(int folder, const char *name, const char *bytes, size_t length, mode_t mode, bool atomic) {
  const char *target = atomic ? "new" : name;
  // In a folder that a node can write to while it is still the host that is seen, a symbolic link could lead anywhere.
  int follow = folder == AT_FDCWD ? 0 : O_NOFOLLOW;
  int fd = openat(folder, target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | follow, mode);
  if (fd < 0) return false;
  while (length > 0) {
    ssize_t done = write(fd, bytes, length);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      int error = errno;
      close(fd);
      errno = error;
      return false;
    }
    bytes += done;
    length -= (size_t)done;
  }
  close(fd);
  return !atomic || renameat(folder, target, folder, name) == 0;
}

bool folders_above(const char *path) {
  char part[4096];
  if (strlen(path) >= sizeof part) {
    errno = ENAMETOOLONG;
    return false;
  }
  for (const char *slash = strchr(path + (*path == '/'), '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    memcpy(part, path, (size_t)(slash - path));
    part[slash - path] = 0;
    if (mkdir(part, 0755) != 0 && errno != EEXIST) return false;
  }
  return true;
}

size_t file_read(const char *path, char *buffer, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  size_t length = 0;
  if (fd >= 0) {
    for (ssize_t got; length < size - 1 && (got = read(fd, buffer + length, size - 1 - length)) > 0;) length += (size_t)got;
    close(fd);
  }
  buffer[length] = 0;
  return length;
}

uint64_t process_start_time(pid_t pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  if (file_read(path, text, sizeof text) == 0) return 0;
  // proc(5): field 22; the name in field 2 may hold blanks and parentheses.
  const char *field = strrchr(text, ')');
  for (int number = 2; field != NULL && number < 22; number++) {
    field = strchr(field + 1, ' ');
  }
  return field == NULL ? 0 : strtoull(field, NULL, 10);
}
