#include "init.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int machine_main(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  for (;;) {
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
    int number = 0;
    if (sigwait(&signals, &number) != 0 || number == SIGCHLD) continue;
    // Anywhere but in a PID namespace of its own, -1 would be the whole machine.
    if (getpid() == 1) {
      kill(-1, SIGKILL);
      while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {}
    }
    return 0;
  }
}
