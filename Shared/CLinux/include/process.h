#pragma once
// Nodes' processes: the spawner of nodes (archetype-init --spawn), pidfds, mounts that are handed over.
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Longest error text of the spawner of nodes, with its end.
#define CLINUX_REPLY_TEXT 512
/// Descriptors that one request may carry.
#define CLINUX_REQUEST_DESCRIPTORS 70

/// An answer of the spawner of nodes.
struct clinux_reply {
  uint32_t number; ///< of the request
  uint32_t failed;
  int32_t pid; ///< of what was started
  uint32_t unused;
  uint64_t start_time; ///< of it, in clock ticks since boot
  char text[CLINUX_REPLY_TEXT]; ///< what failed
};

/// Starts `archetype-init --spawn` at `path` with a socket to it and the folders `keep` (ending in NULL). `*control` is the socket, on which
/// a receive takes at most `timeout` seconds. Its pid, which the caller reaps, or -1 with errno.
pid_t clinux_spawner_start(const char *path, const char *const *keep, int timeout, int *control);

/// Sends a request. 0, or -1 with errno.
int clinux_spawner_send(int control, uint32_t number, uint32_t operation, const int *descriptors, int count);

/// Receives an answer. 0, or -1 with errno: EPIPE when the spawner has gone, EAGAIN after the timeout.
int clinux_spawner_receive(int control, struct clinux_reply *reply);

/// An anonymous file in memory with these bytes; -1 with errno.
int clinux_memory_file(const void *bytes, size_t length);

/// A copy of the mounts at `path` that isn't mounted anywhere, for a bind in another mount namespace; -1 with errno.
int clinux_detached_mount(const char *path);

/// The wait status (as of wait(2)) of a process that has ended *and* was reaped, from kernel 6.15 on. 0, or -1 when it can't be known.
int clinux_ended_status(int pidfd, int *status);

/// A pair of connected sockets that keep messages apart, both close-on-exec. 0, or -1 with errno.
int clinux_message_pair(int sockets[2]);

/// A pipe, close-on-exec, of which the reading (`blocking_end` 0) or the writing end (1) blocks and the other doesn't. 0, or -1 with errno.
int clinux_pipe(int ends[2], int blocking_end);

/// A descriptor that is readable once every so many milliseconds, until its eight bytes are read; -1 with errno.
int clinux_timer_new(int milliseconds);

/// A descriptor that is readable when mounts have changed. `table` is an open /proc/PID/mountinfo. -1 with errno.
int clinux_watch_mounts(int table);
/// 1 if mounts have changed since this was last asked, else 0.
int clinux_mounts_changed(int watch);

/// A new terminal among those of `process`'s own root: in `ends` the side of whoever types (non-blocking) and the side of the command.
/// 0, or -1 with errno.
int clinux_terminal(pid_t process, int ends[2]);

/// Tells a terminal, and who runs in it, how large it is in characters. 0, or -1 with errno.
int clinux_terminal_size(int terminal, uint16_t rows, uint16_t columns);

/// An epoll descriptor; -1 with errno.
int clinux_watch_new(void);

/// Has `fd` watched until it is readable, once, under the name `token`. 0, or -1 with errno.
int clinux_watch_add(int watch, int fd, uint64_t token);

/// Fills `tokens` with what has become readable, without waiting. Their number, or -1 with errno.
int clinux_watch_ready(int watch, uint64_t *tokens, int count);

/// The first place at or after `offset` of a file that holds data; -1 with errno ENXIO when there is none.
int64_t clinux_seek_data(int fd, uint64_t offset);

/// Lets this process have as many descriptors as it may. 0, or -1 with errno.
int clinux_raise_descriptor_limit(void);

/// Who made the unix socket at `path` that is listened on: a pid, or 0 if it can't be told.
pid_t clinux_peer(const char *path);

/// Watches `fd` no longer. 0, or -1 with errno.
int clinux_watch_remove(int watch, int fd);

/// Seconds of the epoch that `time` names, as `2026-01-31T23:59:59` in UTC with anything behind; -1 for what isn't a time.
int64_t clinux_epoch_seconds(const char *time);
