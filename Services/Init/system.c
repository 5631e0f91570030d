#include "init.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

const char *system_lowers[MAX_LOWERS];
int system_lower_count;
const char *const system_empty = "/sys";

/// An overlay shows its lower file system only, not what is mounted in it: where one of these is a mount, it needs an overlay of its own.
static const char *const folders[] = {"/usr",  "/usr/local", "/etc", "/var", "/var/lib", "/var/log", "/opt",
                                      "/lib", "/lib64",     "/bin", "/sbin", "/srv",     "/root",    "/home"};

/// Whether `path` is `folder` or inside it.
static bool is_inside(const char *path, const char *folder) {
  size_t length = strlen(folder);
  if (length == 1) return true;
  return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static bool is_needed(const char *mount, char *const *keep, int keep_count) {
  if (strcmp(mount, "/") == 0 || strcmp(mount, "/proc") == 0) return true;
  for (int i = 0; i < keep_count; i++) {
    if (is_inside(keep[i], mount)) return true;
  }
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    if (strcmp(mount, folders[i]) == 0) return true;
  }
  return false;
}

/// proc(5) writes blanks in mount points as octal.
static void unescape(char *text) {
  char *to = text;
  for (const char *from = text; *from != 0; to++) {
    if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] != 0 && from[3] != 0) {
      *to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
      from += 4;
    } else {
      *to = *from++;
    }
  }
  *to = 0;
}

static void note_lower(const char *mount) {
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    if (strcmp(mount, folders[i]) != 0) continue;
    for (int j = 0; j < system_lower_count; j++) {
      if (system_lowers[j] == folders[i]) return;
    }
    struct stat status;
    if (system_lower_count < MAX_LOWERS && stat(mount, &status) == 0 && S_ISDIR(status.st_mode)) {
      system_lowers[system_lower_count++] = folders[i];
    }
  }
}

static int by_path(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

void system_prepare(char *const *keep, int keep_count) {
  // A new node's mount namespace starts as a copy of this one, and each mount in it costs: so it has the fewest. Whatever the host mounts
  // or unmounts later doesn't come here, and nothing here keeps the host from unmounting.
  if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
    perror("archetype-init: own mount namespace");
    exit(1);
  }
  FILE *table = fopen("/proc/self/mountinfo", "re");
  char **mounts = NULL;
  size_t count = 0;
  char *line = NULL;
  size_t size = 0;
  while (table != NULL && getline(&line, &size, table) > 0) {
    char point[4096];
    if (sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1) continue;
    unescape(point);
    char **grown = realloc(mounts, (count + 1) * sizeof *mounts);
    if (grown == NULL) break;
    mounts = grown;
    mounts[count] = strdup(point);
    if (mounts[count] != NULL) count++;
  }
  free(line);
  if (table != NULL) fclose(table);
  while (count > 0) {
    char *point = mounts[--count];
    if (is_needed(point, keep, keep_count)) {
      note_lower(point);
    } else {
      umount2(point, MNT_DETACH);
    }
    free(point);
  }
  free(mounts);
  qsort(system_lowers, (size_t)system_lower_count, sizeof *system_lowers, by_path);
  if (mount("empty", system_empty, "tmpfs", MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC, "size=4k,mode=755") != 0) {
    perror("archetype-init: empty folder");
    exit(1);
  }
}
