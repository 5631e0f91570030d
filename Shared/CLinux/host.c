#define _GNU_SOURCE
#include "include/host.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGUMENTS 256
#define MAX_TEXT 4096

static const char *const namespaces[] = {"cgroup", "uts", "ipc", "net", "mnt"}; // the files last: the others are opened by then
#define NAMESPACES (sizeof namespaces / sizeof *namespaces)

/// What the program needs of its own files, as seen from the host through `/proc/PID/root`.
struct own {
  char prefix[32];
  char loader[MAX_TEXT], libraries[MAX_TEXT], program[MAX_TEXT];
};

/// Adds a library's folder to the search path, once.
static void add_folder(struct own *own, const char *library) {
  const char *slash = strrchr(library, '/');
  if (slash == NULL || library[0] != '/') return;
  char folder[512];
  int length = snprintf(folder, sizeof folder, "%s%.*s", own->prefix, (int)(slash - library), library);
  size_t used = strlen(own->libraries);
  if ((size_t)length >= sizeof folder || used + (size_t)length + 2 > sizeof own->libraries) return;
  if (strstr(own->libraries, folder) != NULL) return;
  snprintf(own->libraries + used, sizeof own->libraries - used, "%s%s", used == 0 ? "" : ":", folder);
}

static int look_at(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  struct own *own = data;
  for (int i = 0; own->loader[0] == 0 && i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_INTERP) continue;
    snprintf(own->loader, sizeof own->loader, "%s%s", own->prefix, (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr));
  }
  if (info->dlpi_name != NULL) add_folder(own, info->dlpi_name);
  return 0;
}

static pid_t inner;
static void pass_on(int number) {
  if (inner > 0) kill(inner, number);
}

/// In the host: the container's loader with the container's libraries, and the container's program.
static void run_inside(const int *descriptors, const struct own *own, char *const *argv) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
  for (size_t i = 0; i < NAMESPACES; i++) {
    if (setns(descriptors[i], 0) != 0) return;
  }
  if (chdir("/") != 0 || setenv(CLINUX_ENTERED, own->program, 1) != 0) return;
  const char *words[MAX_ARGUMENTS + 8] = {own->loader, "--library-path", own->libraries, "--argv0", argv[0], own->program};
  int count = 6;
  for (int i = 1; argv[i] != NULL && i < MAX_ARGUMENTS; i++) words[count++] = argv[i];
  execv(own->loader, (char *const *)words);
}

static bool is_same(const char *one, const char *other, const char **step) {
  struct stat a, b;
  *step = other;
  if (stat(one, &a) != 0 || stat(other, &b) != 0) return false;
  *step = NULL;
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

int clinux_enter_host(char *const *argv, const char **step) {
  if (getpid() == 1) return -1;
  if (is_same("/proc/self/ns/mnt", "/proc/1/ns/mnt", step)) return -1;
  if (*step != NULL) return -2;

  struct own own = {.loader = ""};
  char program[MAX_TEXT - sizeof own.prefix];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  *step = "read /proc/self/exe";
  if (length < 0) return -2;
  program[length] = 0;
  snprintf(own.prefix, sizeof own.prefix, "/proc/%d/root", getpid());
  snprintf(own.program, sizeof own.program, "%s%s", own.prefix, program);
  dl_iterate_phdr(look_at, &own);

  int descriptors[NAMESPACES];
  for (size_t i = 0; i < NAMESPACES; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/1/ns/%s", namespaces[i]);
    descriptors[i] = open(path, O_RDONLY | O_CLOEXEC);
    *step = namespaces[i];
    if (descriptors[i] < 0) return -2;
  }
  // What comes before the child is there is passed on right after.
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  inner = fork();
  *step = "fork";
  if (inner < 0) return -2;
  if (inner == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    run_inside(descriptors, &own, argv);
    dprintf(2, "error: the host: can't be entered: %s (see docs/operations.md, the agent as a container)\n", strerror(errno));
    _exit(1);
  }
  static const int passed[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) signal(passed[i], pass_on);
  sigprocmask(SIG_SETMASK, &before, NULL);
  int status;
  while (waitpid(inner, &status, 0) < 0 && errno == EINTR) {}
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
