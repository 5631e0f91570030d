#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Version 2 with the controller `pids` is used where it is the real hierarchy; else `pids` and `memory` of version 1.
// In all other hierarchies of version 1, and in a version 2 that only names groups, nodes stay in the root group, where no service manager
// and no engine takes them along with the agent.

enum { UNIFIED, PIDS, MEMORY, HIERARCHIES };
static int hierarchies[HIERARCHIES] = {-1, -1, -1};

static bool write_text(int folder, const char *name, const char *text) {
  int fd = openat(folder, name, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool done = write(fd, text, strlen(text)) >= 0;
  int error = errno;
  close(fd);
  errno = error;
  return done;
}

static bool has_word(const char *list, const char *word, const char *separators) {
  size_t length = strlen(word);
  for (const char *at = list; *at != 0;) {
    at += strspn(at, separators);
    size_t part = strcspn(at, separators);
    if (part == length && strncmp(at, word, length) == 0) return true;
    at += part;
  }
  return false;
}

static void use_hierarchy(const char *point, const char *type, const char *options) {
  int fd = open(point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  int which = -1;
  if (strcmp(type, "cgroup2") == 0) {
    char path[4200], controllers[512];
    snprintf(path, sizeof path, "%s/cgroup.controllers", point);
    file_read(path, controllers, sizeof controllers);
    if (has_word(controllers, "pids", " \n")) which = UNIFIED;
  } else if (has_word(options, "pids", ",\n")) {
    which = PIDS;
  } else if (has_word(options, "memory", ",\n")) {
    which = MEMORY;
  }
  // Version 2's root takes processes too. A hierarchy that refuses (a container's read-only mount) is left as it is.
  if (which != UNIFIED) (void)write_text(fd, "cgroup.procs", "0");
  if (which >= 0 && hierarchies[which] < 0) {
    hierarchies[which] = fd;
  } else {
    close(fd);
  }
}

void groups_prepare(void) {
  FILE *table = fopen("/proc/self/mounts", "re");
  char *line = NULL;
  size_t size = 0;
  while (table != NULL && getline(&line, &size, table) > 0) {
    char point[4096], type[32], options[512];
    if (sscanf(line, "%*s %4095s %31s %511s", point, type, options) != 3) continue;
    if (strcmp(type, "cgroup") == 0 || strcmp(type, "cgroup2") == 0) use_hierarchy(point, type, options);
  }
  free(line);
  if (table != NULL) fclose(table);
  if (hierarchies[UNIFIED] >= 0) {
    // Processes may only be in leaves.
    mkdirat(hierarchies[UNIFIED], "archetype", 0755);
    mkdirat(hierarchies[UNIFIED], "archetype/spawner", 0755);
    (void)write_text(hierarchies[UNIFIED], "archetype/spawner/cgroup.procs", "0");
  }
}

/// Makes `path` with all folders above it below `root`; version 2 needs the controllers enabled in each.
static bool make_group(int root, const char *path, bool enable) {
  char part[1024];
  if (strlen(path) >= sizeof part) {
    errno = ENAMETOOLONG;
    return false;
  }
  if (mkdirat(root, path, 0755) == 0 || errno == EEXIST) return true;
  // Another thread may remove an empty group above between two steps.
  for (int attempt = 0; attempt < 8 && errno == ENOENT; attempt++) {
    if (enable) (void)write_text(root, "cgroup.subtree_control", "+pids +memory");
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
      memcpy(part, path, (size_t)(slash - path));
      part[slash - path] = 0;
      mkdirat(root, part, 0755);
      if (!enable) continue;
      strcat(part, "/cgroup.subtree_control");
      (void)write_text(root, part, "+pids +memory");
    }
    if (mkdirat(root, path, 0755) == 0 || errno == EEXIST) return true;
  }
  return false;
}

static bool write_limit(int root, const char *group, const char *name, uint64_t value) {
  char path[1200], text[32];
  snprintf(path, sizeof path, "%s/%s", group, name);
  snprintf(text, sizeof text, "%llu", (unsigned long long)value);
  return write_text(root, path, text);
}

bool groups_make(const struct request *request, const char **step) {
  int unified = hierarchies[UNIFIED];
  int pids = unified >= 0 ? unified : hierarchies[PIDS];
  int memory = unified >= 0 ? unified : hierarchies[MEMORY];
  *step = "make its control group";
  if (pids >= 0 && !make_group(pids, request->group, unified >= 0)) return false;
  *step = "limit its processes";
  if (pids >= 0 && request->pids_max > 0 && !write_limit(pids, request->group, "pids.max", request->pids_max)) return false;
  if (request->memory_max == 0) return true;
  *step = "limit its memory (the machine has no memory controller)";
  errno = ENODEV;
  if (memory < 0 || (memory != pids && !make_group(memory, request->group, false))) return false;
  *step = "limit its memory";
  return write_limit(memory, request->group, unified >= 0 ? "memory.max" : "memory.limit_in_bytes", request->memory_max);
}

int groups_descriptor(const char *group) {
  if (hierarchies[UNIFIED] < 0) return -1;
  return openat(hierarchies[UNIFIED], group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool groups_join(const char *group) {
  for (int which = UNIFIED; which < HIERARCHIES; which++) {
    if (hierarchies[which] < 0 || (which != UNIFIED && hierarchies[UNIFIED] >= 0)) continue;
    char path[1200];
    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    // Only a node with a memory limit has a group in that hierarchy.
    if (!write_text(hierarchies[which], path, "0") && !(which == MEMORY && errno == ENOENT)) return false;
  }
  return true;
}

static bool kill_in(int root, const char *group) {
  char path[1200];
  snprintf(path, sizeof path, "%s/cgroup.procs", group);
  int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
  FILE *list = fd < 0 ? NULL : fdopen(fd, "re");
  bool found = false;
  for (int pid; list != NULL && fscanf(list, "%d", &pid) == 1;) {
    found = true;
    // 0: of a namespace that this process doesn't see into.
    if (pid > 1) kill(pid, SIGKILL);
  }
  if (list != NULL) fclose(list);
  return found;
}

bool groups_kill(const char *group) {
  for (int attempt = 0; attempt < MAX_KILL_WAIT; attempt++) {
    bool found = false;
    for (int which = 0; which < HIERARCHIES; which++) {
      if (hierarchies[which] >= 0 && kill_in(hierarchies[which], group)) found = true;
    }
    if (!found) return true;
    usleep(1000);
  }
  errno = EBUSY;
  return false;
}

bool groups_remove(const char *group) {
  if (!groups_kill(group)) return false;
  bool done = true;
  int error = 0;
  for (int which = 0; which < HIERARCHIES; which++) {
    char path[1024];
    if (hierarchies[which] < 0 || strlen(group) >= sizeof path) continue;
    strcpy(path, group);
    if (unlinkat(hierarchies[which], path, AT_REMOVEDIR) != 0 && errno != ENOENT) {
      done = false;
      error = errno;
      continue;
    }
    for (char *slash; (slash = strrchr(path, '/')) != NULL;) {
      *slash = 0;
      if (unlinkat(hierarchies[which], path, AT_REMOVEDIR) != 0) break;
    }
  }
  errno = error;
  return done;
}
