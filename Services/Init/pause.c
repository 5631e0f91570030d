#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int pause_main(const char *pin) {
  // Pins are in no mount namespace but the host's (its processes are seen here), where they are looked up anew at each start.
  char path[PATH_MAX];
  snprintf(path, sizeof path, "/proc/1/root%s", pin);
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || setns(descriptor, CLONE_NEWNET) != 0) {
    dprintf(2, "archetype-init: can't enter the sandbox %s: %s\n", pin, strerror(errno));
    return 1;
  }
  close(descriptor);
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
  if (syscall(SYS_capset, &header, none) != 0) return 1;
  return machine_main();
}
