#define _GNU_SOURCE
#include "include/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Between fork and exec only async-signal-safe calls are made: the caller may have threads.

#define NAMESPACES (CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC)

/// What a child says on the report socket: error 0 is "this is me" (the kernel adds the pid), anything else its last word.
struct word {
  int error;
  char step[64];
};

static void say(int channel, int error, const char *step) {
  struct word word = {.error = error};
  strncpy(word.step, step, sizeof word.step - 1);
  (void)send(channel, &word, sizeof word, MSG_NOSIGNAL);
}

static void fail(int channel, const char *step) {
  say(channel, errno, step);
  _exit(125);
}

/// Reads what the children said until all have gone or executed a program.
static void listen_to(int channel, struct clinux_report *report) {
  for (;;) {
    struct word word;
    char control[CMSG_SPACE(sizeof(struct ucred))] __attribute__((aligned(8)));
    struct iovec part = {&word, sizeof word};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof word) return;
    if (word.error != 0) {
      report->error = word.error;
      memcpy(report->step, word.step, sizeof word.step);
      continue;
    }
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head == NULL || head->cmsg_type != SCM_CREDENTIALS) continue;
    struct ucred sender;
    memcpy(&sender, CMSG_DATA(head), sizeof sender);
    report->pid = sender.pid;
  }
}

/// A pair of sockets; on the first, each message carries its sender's pid in our own PID namespace.
static int open_channel(int pair[2], struct clinux_report *report) {
  memset(report, 0, sizeof *report);
  int on = 1;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0) {
    if (setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0) return 0;
    close(pair[0]);
    close(pair[1]);
  }
  report->error = errno;
  strcpy(report->step, "open a report socket");
  return -1;
}

static int await(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 0;
  return status;
}

/// Becomes the program: signals, descriptors and folder as a fresh process has them.
static void become(const struct clinux_command *command, int channel) {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (command->output >= 0) {
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(command->output, 1) < 0 || dup2(command->output, 2) < 0)
      fail(channel, "redirect its output");
  }
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) fail(channel, "mark descriptors close-on-exec");
  if (command->folder == NULL || chdir(command->folder) < 0)
    if (chdir("/") < 0) fail(channel, "enter its folder");
  execvpe(command->argv[0], (char *const *)command->argv, (char *const *)command->envp);
  fail(channel, "run");
}

/// Makes the folders of a path that lies on the machine's own tmpfs.
static int make_folders(const char *path) {
  char part[256];
  size_t length = strlen(path);
  if (length >= sizeof part) return errno = ENAMETOOLONG, -1;
  for (size_t end = 1; end <= length; end++) {
    if (path[end] != '/' && path[end] != 0) continue;
    memcpy(part, path, end);
    part[end] = 0;
    if (mkdir(part, 0755) < 0 && errno != EEXIST) return -1;
  }
  return 0;
}

static void mount_system(const struct clinux_machine *machine, int channel) {
  int sources[CLINUX_BINDS];
  size_t count = 0;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail(channel, "make its mounts private");
  for (; machine->binds[2 * count] != NULL; count++) {
    errno = E2BIG;
    if (count == CLINUX_BINDS) fail(channel, "open the sources of its binds");
    sources[count] = open_tree(AT_FDCWD, machine->binds[2 * count], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (sources[count] < 0) fail(channel, machine->binds[2 * count]);
  }
  umount2("/proc", MNT_DETACH);
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) fail(channel, "mount /proc");
  if (machine->own_system) {
    umount2("/sys", MNT_DETACH);
    if (mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) fail(channel, "mount /sys");
    umount2("/run", MNT_DETACH);
    if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0) fail(channel, "mount /run");
  }
  for (size_t i = 0; i < count; i++) {
    const char *target = machine->binds[2 * i + 1];
    if (strncmp(target, "/run/", 5) == 0 && make_folders(target) < 0) fail(channel, target);
    if (move_mount(sources[i], "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0) fail(channel, target);
    close(sources[i]);
  }
}

static void first_process(const struct clinux_machine *machine, int channel) {
  say(channel, 0, "");
  mount_system(machine, channel);
  if (sethostname(machine->name, strlen(machine->name)) < 0) fail(channel, "set its name");
  for (size_t i = 0; machine->settings[i] != NULL; i += 2) {
    int file = open(machine->settings[i], O_WRONLY | O_CLOEXEC);
    // A kernel without IPv6 has no such file, and needs no such setting.
    if (file < 0 && errno == ENOENT) continue;
    size_t length = strlen(machine->settings[i + 1]);
    if (file < 0 || write(file, machine->settings[i + 1], length) != (ssize_t)length) fail(channel, machine->settings[i]);
    close(file);
  }
  become(&machine->first, channel);
}

int clinux_machine_boot(const struct clinux_machine *machine, struct clinux_report *report) {
  int pair[2];
  if (open_channel(pair, report) < 0) return -1;
  pid_t middle = fork();
  if (middle == 0) {
    close(pair[0]);
    setsid();
    if (unshare(NAMESPACES) < 0) fail(pair[1], "make namespaces");
    pid_t first = fork();
    if (first == 0) first_process(machine, pair[1]);
    if (first < 0) fail(pair[1], "fork");
    _exit(0);
  }
  if (middle < 0) say(pair[1], errno, "fork");
  close(pair[1]);
  listen_to(pair[0], report);
  close(pair[0]);
  if (middle > 0) await(middle);
  return report->error == 0 ? 0 : -1;
}

int clinux_machine_launch(int pidfd, const struct clinux_command *command, struct clinux_report *report) {
  int pair[2];
  if (open_channel(pair, report) < 0) return -1;
  pid_t outside = fork();
  if (outside == 0) {
    close(pair[0]);
    if (setns(pidfd, NAMESPACES) < 0) fail(pair[1], "enter its namespaces");
    // The process in the middle is inside, so that what it leaves behind becomes a child of the machine's PID 1.
    pid_t middle = fork();
    if (middle == 0) {
      setsid();
      pid_t inside = fork();
      if (inside < 0) fail(pair[1], "fork");
      if (inside > 0) _exit(0);
      say(pair[1], 0, "");
      become(command, pair[1]);
    }
    if (middle < 0) fail(pair[1], "fork");
    await(middle);
    _exit(0);
  }
  if (outside < 0) say(pair[1], errno, "fork");
  close(pair[1]);
  listen_to(pair[0], report);
  close(pair[0]);
  if (outside > 0) await(outside);
  return report->error == 0 ? 0 : -1;
}

static int exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

int clinux_machine_exec(int pidfd, const struct clinux_command *command, int *status, struct clinux_report *report) {
  int pair[2];
  if (open_channel(pair, report) < 0) return -1;
  // Keys of the terminal are for the program: who waits for its exit code mustn't die before it.
  void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
  void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
  pid_t caller = getpid();
  pid_t outside = fork();
  if (outside == 0) {
    close(pair[0]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != caller) _exit(125);
    if (setns(pidfd, NAMESPACES) < 0) fail(pair[1], "enter its namespaces");
    pid_t inside = fork();
    if (inside < 0) fail(pair[1], "fork");
    if (inside == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      say(pair[1], 0, "");
      become(command, pair[1]);
    }
    close(pair[1]);
    _exit(exit_code(await(inside)));
  }
  if (outside < 0) say(pair[1], errno, "fork");
  close(pair[1]);
  listen_to(pair[0], report);
  close(pair[0]);
  *status = outside > 0 ? exit_code(await(outside)) : 125;
  signal(SIGINT, interrupt);
  signal(SIGQUIT, quit);
  return report->error == 0 ? 0 : -1;
}

struct socket_request {
  int pidfd, domain, type, protocol, result, error;
};

static void *open_socket_inside(void *argument) {
  struct socket_request *request = argument;
  request->result = setns(request->pidfd, CLONE_NEWNET);
  if (request->result == 0) request->result = socket(request->domain, request->type | SOCK_CLOEXEC, request->protocol);
  request->error = errno;
  return NULL;
}

int clinux_machine_socket(int pidfd, int domain, int type, int protocol) {
  struct socket_request request = {pidfd, domain, type, protocol, -1, 0};
  pthread_t thread;
  int error = pthread_create(&thread, NULL, open_socket_inside, &request);
  if (error == 0) error = pthread_join(thread, NULL);
  errno = error != 0 ? error : request.error;
  return error != 0 ? -1 : request.result;
}

int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_pidfd_signal(int pidfd, int signal) { return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0); }

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status;
  (void)place;
  return kind == FTW_DP ? rmdir(path) : unlink(path);
}

int clinux_remove_tree(const char *path) {
  if (nftw(path, remove_entry, 64, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0) return 0;
  return errno == ENOENT ? 0 : -1;
}

char *const *clinux_environment(void) { return environ; }
