#define _GNU_SOURCE
#include "include/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { SPAWNER_DESCRIPTOR = 3, SPAWNER_FOLDERS = 8 };

/// Fills the attributes of a child that has none of this process's signal handling.
static int clear_signals(posix_spawnattr_t *attributes) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawnattr_setsigmask(attributes, &none);
  if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
  if (error == 0) error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return error;
}

pid_t clinux_spawner_start(const char *path, const char *const *keep, int timeout, int *control) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return -1;
  struct timeval limit = {.tv_sec = timeout};
  setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);

  char number[8];
  snprintf(number, sizeof number, "%d", SPAWNER_DESCRIPTOR);
  const char *arguments[3 + SPAWNER_FOLDERS + 1] = {path, "--spawn", number};
  for (int i = 0; keep[i] != NULL && i < SPAWNER_FOLDERS; i++) arguments[3 + i] = keep[i];

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  pid_t pid = -1;
  // dup2 onto itself would leave close-on-exec set; glibc's posix_spawn clears it in that case.
  int error = posix_spawn_file_actions_adddup2(&actions, pair[1], SPAWNER_DESCRIPTOR);
  if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, SPAWNER_DESCRIPTOR + 1);
  if (error == 0) error = clear_signals(&attributes);
  if (error == 0) error = posix_spawn(&pid, path, &actions, &attributes, (char *const *)arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(pair[1]);
  if (error != 0) {
    close(pair[0]);
    errno = error;
    return -1;
  }
  *control = pair[0];
  return pid;
}

int clinux_spawner_send(int control, uint32_t number, uint32_t operation, const int *descriptors, int count) {
  uint32_t head[2] = {number, operation};
  char space[CMSG_SPACE(sizeof(int) * CLINUX_REQUEST_DESCRIPTORS)] __attribute__((aligned(8)));
  memset(space, 0, sizeof space);
  if (count < 1 || count > CLINUX_REQUEST_DESCRIPTORS) {
    errno = EINVAL;
    return -1;
  }
  struct iovec part = {head, sizeof head};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count)};
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
  memcpy(CMSG_DATA(rights), descriptors, sizeof(int) * (size_t)count);
  ssize_t sent;
  do {
    sent = sendmsg(control, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == sizeof head ? 0 : -1;
}

int clinux_spawner_receive(int control, struct clinux_reply *reply) {
  ssize_t got;
  do {
    got = recv(control, reply, sizeof *reply, 0);
  } while (got < 0 && errno == EINTR);
  if (got == sizeof *reply) {
    reply->text[CLINUX_REPLY_TEXT - 1] = 0;
    return 0;
  }
  if (got >= 0 || errno == ECONNRESET) errno = EPIPE;
  return -1;
}

int clinux_memory_file(const void *bytes, size_t length) {
  int fd = memfd_create("archetype", MFD_CLOEXEC);
  const char *at = bytes;
  while (fd >= 0 && length > 0) {
    ssize_t done = write(fd, at, length);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      int error = errno;
      close(fd);
      errno = error;
      return -1;
    }
    at += done;
    length -= (size_t)done;
  }
  return fd;
}

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

int clinux_detached_mount(const char *path) {
  return (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE);
}

/// struct pidfd_info of linux/pidfd.h in its first version, which Debian 12's headers lack.
struct pidfd_info_0 {
  uint64_t mask, cgroup;
  uint32_t pid, tgid, ppid, ids[8];
  int32_t exit_code;
};

int clinux_ended_status(int pidfd, int *status) {
  const uint64_t exit_bit = 1 << 3;
  struct pidfd_info_0 info = {.mask = exit_bit};
  if (ioctl(pidfd, _IOWR(0xFF, 11, struct pidfd_info_0), &info) != 0 || !(info.mask & exit_bit)) return -1;
  *status = info.exit_code;
  return 0;
}

int clinux_message_pair(int sockets[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets); }

int clinux_pipe(int ends[2], int blocking_end) {
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  return fcntl(ends[1 - blocking_end], F_SETFL, O_NONBLOCK);
}

int clinux_terminal(pid_t process, int ends[2]) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/root/dev/pts/ptmx", process);
  ends[0] = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (ends[0] < 0) return -1;
  int unlocked = 0;
  if (ioctl(ends[0], TIOCSPTLCK, &unlocked) == 0) {
    ends[1] = ioctl(ends[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ends[1] >= 0) return 0;
  }
  close(ends[0]);
  return -1;
}

int clinux_terminal_size(int terminal, uint16_t rows, uint16_t columns) {
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  return ioctl(terminal, TIOCSWINSZ, &size);
}

int clinux_timer_new(int milliseconds) {
  struct itimerspec every = {.it_interval = {milliseconds / 1000, milliseconds % 1000 * 1000000L}};
  every.it_value = every.it_interval;
  int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (timer < 0 || timerfd_settime(timer, 0, &every, NULL) == 0) return timer;
  close(timer);
  return -1;
}

int clinux_watch_mounts(int table) {
  struct epoll_event event = {.events = EPOLLPRI | EPOLLET};
  int watch = epoll_create1(EPOLL_CLOEXEC);
  if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, table, &event) == 0) return watch;
  close(watch);
  return -1;
}

int clinux_mounts_changed(int watch) {
  struct epoll_event event;
  return epoll_wait(watch, &event, 1, 0) > 0;
}

int clinux_watch_new(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_watch_add(int watch, int fd, uint64_t token) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = token};
  return epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event);
}

int clinux_watch_ready(int watch, uint64_t *tokens, int count) {
  struct epoll_event events[64];
  int got = epoll_wait(watch, events, count < 64 ? count : 64, 0);
  for (int i = 0; i < got; i++) tokens[i] = events[i].data.u64;
  return got;
}

int64_t clinux_seek_data(int fd, uint64_t offset) { return lseek(fd, (off_t)offset, SEEK_DATA); }

int clinux_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit);
}

int clinux_watch_remove(int watch, int fd) { return epoll_ctl(watch, EPOLL_CTL_DEL, fd, NULL); }

pid_t clinux_peer(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer = {0};
	socklen_t size = sizeof peer;
	int fd;
	if (strlen(path) >= sizeof address.sun_path || (fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		return 0;
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		peer.pid = 0;
	close(fd);
	return peer.pid;
}

int64_t clinux_epoch_seconds(const char *time)
{
	struct tm parts = {0};

	return strptime(time, "%Y-%m-%dT%H:%M:%S", &parts) ? (int64_t)timegm(&parts) : -1;
}
