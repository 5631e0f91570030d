#include "init.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/// What reaches beyond the node: the host's clock, modules, memory, disks, boot. A node's own namespaces don't hold these back.
static const int dropped[] = {CAP_SYS_TIME, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT,     CAP_MKNOD,
                              CAP_SYSLOG,   CAP_MAC_ADMIN,  CAP_MAC_OVERRIDE, CAP_WAKE_ALARM, CAP_AUDIT_CONTROL};

static void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void fail(const char *what) {
  int error = errno;
  dprintf(2, "archetype-init: %s: %s\n", what, strerror(error));
  // As shells do: 127 not found, 126 found but not executable.
  _exit(error == ENOENT ? 127 : 126);
}

void command_execute(const struct request *request, int input, int output, int errors) {
  setsid();
  reset_signals();
  umask(022);
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0) _exit(126);
  if (isatty(0) && (ioctl(0, TIOCSCTTY, 0) != 0 || fchown(0, request->user, (gid_t)-1) != 0)) _exit(126);
  close_range(3, ~0U, 0);
  for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) prctl(PR_CAPBSET_DROP, dropped[i], 0, 0, 0);
  // Some programs close or poll all descriptors that they may have; systemd's default, which they can raise.
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max < 1024 ? files.rlim_max : 1024;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (request->folder != NULL && chdir(request->folder) != 0) fail(request->folder);
  if (request->user != 0 || request->group_id != 0) {
    if (setgroups(0, NULL) != 0 || setgid(request->group_id) != 0 || setuid(request->user) != 0) fail("become the command's user");
  }
  environ = (char **)request->envp;
  execvp(request->argv[0], request->argv);
  fail(request->argv[0]);
  _exit(126);
}
