#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// One request is one message: this head, and descriptors. The body lies in the first descriptor, a memory file.
//   start: body, sandbox, one detached mount for each bind
//   exec:  body, channel, pidfd of the node's first process, stdin, stdout, stderr
//   clear: body; takes the node's control groups away
struct request_head {
  uint32_t number, operation;
};
enum operation { OPERATION_START = 1, OPERATION_EXEC = 2, OPERATION_CLEAR = 3 };

struct reply {
  uint32_t number, failed;
  int32_t pid;
  uint32_t unused;
  uint64_t start_time;
  char message[MAX_MESSAGE];
};

#define MAX_DESCRIPTORS (MAX_BINDS + 6)

struct starting {
  int channel; // -1: free
  uint32_t number;
  pid_t pid;
  uint64_t start_time;
  int run_folder;
};

static struct starting starting[MAX_STARTING];
static int control, null, reaper;

static void answer(struct reply *reply, const char *step) {
  if (step != NULL) {
    reply->failed = 1;
    snprintf(reply->message, sizeof reply->message, "%s: %s", step, strerror(errno));
  }
  (void)send(control, reply, sizeof *reply, MSG_NOSIGNAL);
}

/// What a child must not keep: while it holds another's channel or the agent's, nobody would see them close.
static void forget_others(void) {
  close(control);
  close(reaper);
  for (int i = 0; i < MAX_STARTING; i++) {
    if (starting[i].channel < 0) continue;
    close(starting[i].channel);
    close(starting[i].run_folder);
  }
}

static pid_t clone_node(int group) {
  struct clone_args arguments = {.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC, .exit_signal = SIGCHLD};
  if (group >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = (uint64_t)group;
  }
  return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static bool write_record(const struct request *request, int run_folder, const struct reply *reply) {
  char text[4096];
  // What an earlier life has printed ends here.
  struct stat log;
  long long log_start = stat(request->log, &log) == 0 ? (long long)log.st_size : 0;
  int length = snprintf(text, sizeof text, "%.*spid %d\nstart %llu\nlog %lld\n", (int)request->state_length, request->state, reply->pid,
                        (unsigned long long)reply->start_time, log_start);
  errno = EMSGSIZE;
  if (length >= (int)sizeof text) return false;
  return file_write(run_folder, "state", text, (size_t)length, 0644, true);
}

/// Makes a folder and those above it, which another thread may remove at any time as long as they are empty.
static bool make_folder(const char *path) {
  for (int attempt = 0; attempt < 8; attempt++) {
    if (mkdir(path, 0700) == 0 || errno == EEXIST) return true;
    if (errno != ENOENT || (!folders_above(path) && errno != ENOENT)) return false;
  }
  return false;
}

static void start_node(const struct request *request, struct starting *slot, uint32_t number, const int *descriptors) {
  struct reply reply = {.number = number};
  const char *step = "make its folder";
  int run_folder = -1, group = -1, pair[2] = {-1, -1};
  pid_t pid = -1;
  if (!make_folder(request->run_folder) || !make_folder(request->disk_folder) || !folders_above(request->log)) goto failed;
  run_folder = open(request->run_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (run_folder < 0) goto failed;
  // What the last life left says nothing about this one.
  unlinkat(run_folder, "exit", 0);
  unlinkat(run_folder, "exec-done", 0);
  step = "end its earlier life";
  if (!groups_kill(request->group)) goto failed;
  if (!groups_make(request, &step)) goto failed;
  group = groups_descriptor(request->group);
  step = "start its first process";
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) goto failed;
  pid = clone_node(group);
  if (pid == 0) {
    forget_others();
    close(pair[0]);
    if (group < 0 && !groups_join(request->group)) {
      const char *word = "can't join its control group";
      (void)send(pair[1], word, strlen(word) + 1, MSG_NOSIGNAL);
      _exit(1);
    }
    node_main(request, (struct node_channels){pair[1], descriptors[1], null}, descriptors + 2);
  }
  if (pid < 0) goto failed;
  step = "write its record";
  reply.pid = pid;
  reply.start_time = process_start_time(pid);
  if (!write_record(request, run_folder, &reply)) goto failed;
  // Names the life before: of use until there is another record.
  unlinkat(run_folder, "told", 0);
  (void)send(pair[0], "", 1, MSG_NOSIGNAL);
  *slot = (struct starting){pair[0], number, pid, reply.start_time, run_folder};
  close(pair[1]);
  if (group >= 0) close(group);
  return;
failed:
  answer(&reply, step);
  if (pid > 0) kill(pid, SIGKILL);
  for (int i = 0; i < 2; i++) {
    if (pair[i] >= 0) close(pair[i]);
  }
  if (group >= 0) close(group);
  if (run_folder >= 0) close(run_folder);
}

/// A starting node said that it is made, or why not, or died.
static void finish_start(struct starting *slot) {
  struct reply reply = {.number = slot->number, .pid = slot->pid, .start_time = slot->start_time};
  ssize_t length = recv(slot->channel, reply.message, sizeof reply.message - 1, 0);
  // A child that gave up left its leave to go on unread: that error comes before its last word, once.
  if (length < 0 && errno == ECONNRESET) length = recv(slot->channel, reply.message, sizeof reply.message - 1, 0);
  reply.failed = length != 1 || reply.message[0] != 0;
  if (length <= 0) snprintf(reply.message, sizeof reply.message, "its first process died while it was made");
  if (reply.failed) unlinkat(slot->run_folder, "state", 0);
  answer(&reply, NULL);
  close(slot->channel);
  close(slot->run_folder);
  slot->channel = -1;
}

static void start_exec(const struct request *request, uint32_t number, const int *descriptors) {
  struct reply reply = {.number = number};
  pid_t pid = fork();
  if (pid == 0) {
    forget_others();
    exec_main(request, descriptors[1], descriptors[2], descriptors + 3);
  }
  reply.pid = pid;
  answer(&reply, pid < 0 ? "start a process" : NULL);
}

static void serve(struct request_head head, const int *descriptors, int count) {
  static struct request request; // a child needs it for its whole life, and it is large
  struct reply reply = {.number = head.number};
  struct stat status;
  char *body = MAP_FAILED;
  struct starting *slot = starting;
  while (slot->channel >= 0) slot++;
  if (count >= 1 && fstat(descriptors[0], &status) == 0 && status.st_size > 0) {
    body = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptors[0], 0);
  }
  errno = EBADMSG;
  if (body == MAP_FAILED || !request_parse(body, (size_t)status.st_size, &request)) {
    answer(&reply, "read the request");
  } else if (head.operation == OPERATION_START && request.run_folder != NULL && count == 2 + request.bind_count) {
    start_node(&request, slot, head.number, descriptors);
  } else if (head.operation == OPERATION_EXEC && request.argc > 0 && count == 6) {
    start_exec(&request, head.number, descriptors);
  } else if (head.operation == OPERATION_CLEAR && count == 1) {
    answer(&reply, groups_remove(request.group) ? NULL : "remove its control group");
  } else {
    answer(&reply, "read the request's descriptors");
  }
  if (body != MAP_FAILED) munmap(body, (size_t)status.st_size);
}

/// False when the agent has gone.
static bool receive(void) {
  struct request_head head;
  char space[CMSG_SPACE(sizeof(int) * MAX_DESCRIPTORS)] __attribute__((aligned(8)));
  struct iovec part = {&head, sizeof head};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  ssize_t length = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  if (length < 0 && errno == EINTR) return true;
  if (length <= 0) return false;
  int descriptors[MAX_DESCRIPTORS], count = 0;
  struct cmsghdr *first = CMSG_FIRSTHDR(&message);
  if (first != NULL && first->cmsg_type == SCM_RIGHTS) {
    count = (int)((first->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(descriptors, CMSG_DATA(first), (size_t)count * sizeof(int));
  }
  if (length == sizeof head && !(message.msg_flags & MSG_CTRUNC)) serve(head, descriptors, count);
  for (int i = 0; i < count; i++) close(descriptors[i]);
  return true;
}

int spawner_main(int agent, char *const *keep, int keep_count) {
  control = agent;
  fcntl(control, F_SETFD, FD_CLOEXEC);
  null = open("/dev/null", O_RDWR | O_CLOEXEC);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_SETMASK, &signals, NULL);
  signal(SIGPIPE, SIG_DFL);
  reaper = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  // The agent may be protected from the out-of-memory killer, and go before others; its nodes do not.
  (void)setpriority(PRIO_PROCESS, 0, 0);
  (void)file_write(AT_FDCWD, "/proc/self/oom_score_adj", "0", 1, 0, false);
  groups_prepare();
  system_prepare(keep, keep_count);
  for (int i = 0; i < MAX_STARTING; i++) starting[i].channel = -1;
  // A terminal's signals for the agent are not for this process: it ends when the agent's socket closes.
  setsid();
  for (;;) {
    struct pollfd watched[2 + MAX_STARTING] = {{.fd = -1, .events = POLLIN}, {.fd = reaper, .events = POLLIN}};
    for (int i = 0; i < MAX_STARTING; i++) {
      watched[2 + i] = (struct pollfd){.fd = starting[i].channel, .events = POLLIN};
      if (starting[i].channel < 0) watched[0].fd = control;
    }
    if (poll(watched, 2 + MAX_STARTING, -1) < 0) continue;
    struct signalfd_siginfo drop;
    // Only when one has ended: the kernel looks at every child, and there are as many as nodes.
    if (read(reaper, &drop, sizeof drop) > 0) {
      while (waitpid(-1, NULL, WNOHANG) > 0) {}
    }
    for (int i = 0; i < MAX_STARTING; i++) {
      if (watched[2 + i].revents != 0) finish_start(&starting[i]);
    }
    if (watched[0].revents != 0 && !receive()) return 0;
  }
}
