#include "init.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void give_up(int channel, const char *message) {
  (void)send(channel, message, strlen(message) + 1, MSG_NOSIGNAL);
  _exit(1);
}

static void give_up_because(int channel, const char *step) {
  char message[MAX_MESSAGE];
  snprintf(message, sizeof message, "%s: %s", step, strerror(errno));
  give_up(channel, message);
}

/// Writes how the node ended, before it ends: the agent may be dead now, and learns it later from here.
static void leave(int run_folder, enum ending kind, int value, const char *reason) __attribute__((noreturn));
static void leave(int run_folder, enum ending kind, int value, const char *reason) {
  char text[MAX_MESSAGE];
  int length = snprintf(text, sizeof text, "%s %d\n%s%s", kind == ENDED_SIGNAL ? "signal" : "code", value, reason, *reason ? "\n" : "");
  file_write(run_folder, "exit", text, (size_t)length, 0644, true);
  // A first process of a namespace isn't killed by signals from inside, so the status of a killed command is told as shells do.
  _exit(kind == ENDED_SIGNAL ? 128 + value : value);
}

static void set_loopback_up(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {.ifr_name = "lo"};
  if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_UP)) {
    request.ifr_flags |= IFF_UP;
    ioctl(fd, SIOCSIFFLAGS, &request);
  }
  close(fd);
}

static int64_t milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// The first interface that isn't there, or NULL.
static const char *missing_interface(const struct request *request) {
  for (int i = 0; i < request->interface_count; i++) {
    if (if_nametoindex(request->interfaces[i]) == 0) return request->interfaces[i];
  }
  return NULL;
}

/// Waits until all interfaces are there. The name of one that isn't after the time allowed, or NULL.
static const char *wait_for_interfaces(const struct request *request) {
  const char *missing = missing_interface(request);
  if (missing == NULL) return NULL;
  int64_t end = milliseconds() + request->interface_wait;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) return missing;
  // Read again only after the subscription, or one that came between would be missed.
  while ((missing = missing_interface(request)) != NULL) {
    int64_t left = end - milliseconds();
    struct pollfd watched = {.fd = fd, .events = POLLIN};
    if (left <= 0 || poll(&watched, 1, (int)left) == 0) break;
    char drop[8192];
    while (recv(fd, drop, sizeof drop, 0) >= 0 || errno == ENOBUFS) {}
  }
  close(fd);
  return missing;
}

/// Takes the signals that have come and reaps. True when the command has ended, with its `status`.
static bool take_signals(int signals, pid_t command, int run_folder, int *status) {
  struct signalfd_siginfo info;
  while (read(signals, &info, sizeof info) == sizeof info) {
    int number = (int)info.ssi_signo;
    if (number == SIGCHLD) continue;
    if (command > 0) kill(command, number);
    else if (number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT) leave(run_folder, ENDED_SIGNAL, number, "");
  }
  bool ended = false;
  int one;
  for (pid_t child; (child = waitpid(-1, &one, WNOHANG)) > 0;) {
    if (child != command) continue;
    *status = one;
    ended = true;
  }
  return ended;
}

/// Starts the command, if there is one; keeps its log, reaps and forwards signals until it ends. Without one a signal to end does so.
static void run_command(const struct request *request, int run_folder, const sigset_t *signals) __attribute__((noreturn));
static void run_command(const struct request *request, int run_folder, const sigset_t *signals) {
  // The log is bounded by who writes it: a command that prints without end would fill a disk between two looks of anybody else.
  int output[2] = {-1, -1};
  if (request->argc > 0 && pipe2(output, O_CLOEXEC) != 0) leave(run_folder, ENDED_CODE, 125, "can't start the command (limit of open files)");
  pid_t command = request->argc == 0 ? 0 : fork();
  if (command == 0 && request->argc > 0) command_execute(request, 0, output[1], output[1]);
  if (command < 0) leave(run_folder, ENDED_CODE, 125, "can't start the command (limit of processes or memory)");
  if (request->argc > 0) close(output[1]);
  fcntl(output[0], F_SETFL, O_NONBLOCK);
  struct pollfd watched[2] = {{.fd = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN}, {.fd = output[0], .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents != 0 && log_copy(output[0], STDOUT_FILENO) == 0) watched[1].fd = -1;
    int status;
    if (watched[0].revents == 0 || !take_signals(watched[0].fd, command, run_folder, &status)) continue;
    if (watched[1].fd >= 0) log_drain(output[0], STDOUT_FILENO);
    if (WIFSIGNALED(status)) leave(run_folder, ENDED_SIGNAL, WTERMSIG(status), "");
    leave(run_folder, ENDED_CODE, WEXITSTATUS(status), "");
  }
}

void node_main(const struct request *request, struct node_channels channels, const int *binds) {
  int channel = channels.channel;
  char message[MAX_MESSAGE];
  static const int forwarded[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD};
  sigset_t signals;
  sigemptyset(&signals);
  for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++) sigaddset(&signals, forwarded[i]);
  sigprocmask(SIG_SETMASK, &signals, NULL);
  setsid();
  const char *name = strrchr(request->group, '/');
  snprintf(message, sizeof message, "archetype-init %s", name == NULL ? request->group : name + 1);
  show_as(message);

  int run_folder = open(request->run_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (run_folder < 0) give_up_because(channel, request->run_folder);
  int log = open(request->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) give_up_because(channel, "open its log");
  if (chdir(request->disk_folder) != 0) give_up_because(channel, request->disk_folder);
  if (setns(channels.sandbox, CLONE_NEWNET) != 0) give_up_because(channel, "enter its sandbox");
  if (sethostname(request->host_name, strlen(request->host_name)) != 0) give_up_because(channel, "set its host name");
  if (!root_make(request, binds, message)) give_up(channel, message);

  if (dup2(channels.null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) give_up_because(channel, "its standard streams");
  if (send(channel, "", 1, MSG_NOSIGNAL) != 1) _exit(1);
  // Nothing of the node runs before its record is written: if its maker dies before, nobody would know of it.
  char leave_to_go_on;
  if (recv(channel, &leave_to_go_on, 1, 0) != 1) _exit(1);
  if (dup2(run_folder, 3) < 0) _exit(1);
  close_range(4, ~0U, 0);
  run_folder = 3;
  fcntl(run_folder, F_SETFD, FD_CLOEXEC);

  set_loopback_up();
  const char *missing = wait_for_interfaces(request);
  if (missing != NULL) {
    snprintf(message, sizeof message, "interface %.32s didn't come within %u ms", missing, request->interface_wait);
    dprintf(2, "archetype-init: %s\n", message);
    leave(run_folder, ENDED_CODE, 125, message);
  }
  run_command(request, run_folder, &signals);
}
