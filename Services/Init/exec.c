#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/// The last word at the channel.
struct last_word {
  uint32_t kind; // enum ending
  int32_t value; // exit code, signal or errno
};

static void end(int channel, enum ending kind, int value) __attribute__((noreturn));
static void end(int channel, enum ending kind, int value) {
  struct last_word word = {kind, value};
  (void)send(channel, &word, sizeof word, MSG_NOSIGNAL);
  _exit(0);
}

void exec_main(const struct request *request, int channel, int pidfd, const int *streams) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_SETMASK, &signals, NULL);
  int ended = signalfd(-1, &signals, SFD_CLOEXEC);
  if (setns(pidfd, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC) != 0) end(channel, ENDED_ERROR, errno);
  pid_t command = fork();
  if (command < 0) end(channel, ENDED_ERROR, errno);
  if (command == 0) {
    if (!groups_join(request->group)) {
      dprintf(streams[2], "archetype-init: can't join the node's control group: %s\n", strerror(errno));
      _exit(126);
    }
    command_execute(request, streams[0], streams[1], streams[2]);
  }
  for (int i = 0; i < 3; i++) close(streams[i]);
  for (;;) {
    struct pollfd watched[2] = {{.fd = ended, .events = POLLIN}, {.fd = channel, .events = POLLIN}};
    if (poll(watched, 2, -1) < 0) continue;
    // A byte is the wish to end it; its caller's death means the same. The session's group is the command and all that it started
    // and that didn't leave it.
    if (watched[1].revents != 0) {
      kill(-command, SIGKILL);
      kill(command, SIGKILL);
    }
    int status;
    if (waitpid(command, &status, watched[1].revents != 0 ? 0 : WNOHANG) == command) {
      if (WIFSIGNALED(status)) end(channel, ENDED_SIGNAL, WTERMSIG(status));
      end(channel, ENDED_CODE, WEXITSTATUS(status));
    }
    struct signalfd_siginfo drop;
    if (watched[0].revents != 0 && read(ended, &drop, sizeof drop) < 0) continue;
  }
}
