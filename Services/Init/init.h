#pragma once
// archetype-init: the first process of every node, and the process that makes nodes. See main.c for its modes.
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Limits of one request; the agent checks them before it sends.
#define MAX_WORDS 1024    // arguments, and as many environment variables
#define MAX_BINDS 64      // descriptors of one message are at most 253 (SCM_MAX_FD)
#define MAX_INTERFACES 512
#define MAX_FILES 256
#define MAX_SETTINGS 64
#define MAX_MESSAGE 512   // an error's text
#define MAX_LOWERS 16     // separately mounted folders of the system
#define MAX_KILL_WAIT 500 // milliseconds until a killed process must be gone
#define MAX_STARTING 4    // nodes that are made at a time: two processors' work, and what one more would only queue for locks

/// A file that is put into a node before it starts.
struct file {
  uint32_t mode, user, group;
  const char *path;
  const char *bytes;
  size_t length;
};

/// What a request asks for. All pointers point into its body.
struct request {
  const char *log;         // absolute path of the file that its command's output goes to
  const char *disk_folder; // absolute; `upper` and `work` of the overlay are in it
  const char *run_folder;  // absolute; `state` and `exit` are in it
  const char *group;       // control group below each hierarchy, as in "archetype/…"
  const char *state;       // text of the record, to which pid and start time are added
  size_t state_length;
  const char *host_name;
  const char *hosts;       // content of /etc/hosts
  size_t hosts_length;
  const char *hidden;      // folder of the host that the node doesn't see, or NULL
  char *argv[MAX_WORDS + 1];
  char *envp[MAX_WORDS + 1];
  const char *folder;      // working folder of the command, or NULL
  uint32_t user, group_id; // of the command
  const char *interfaces[MAX_INTERFACES];
  struct file files[MAX_FILES];
  struct { bool read_only; const char *target; } binds[MAX_BINDS];
  struct { const char *path, *value; } settings[MAX_SETTINGS];
  int argc, envc, interface_count, file_count, bind_count, setting_count;
  uint32_t interface_wait; // milliseconds
  uint64_t pids_max, memory_max; // 0: none
};

/// How a process ended, as the `exit` file and the end of an `exec` say it.
enum ending { ENDED_CODE = 0, ENDED_SIGNAL = 1, ENDED_ERROR = 2 };

// request.c
/// Reads a request's body. False if it isn't well formed. An `exec` must have arguments; a node without is idle.
bool request_parse(const char *body, size_t length, struct request *request);

// machine.c
/// Reaps for ever; SIGTERM ends it and, where it is PID 1, all others.
int machine_main(void);

// pause.c
/// Goes into the network namespace pinned at `pin` in the mounts of the host, whose processes it sees, gives up its capabilities and waits as
/// `machine_main`.
int pause_main(const char *pin);

// spawner.c
/// Serves the agent at `control` until it goes away. `keep` are folders whose mounts nodes need.
int spawner_main(int control, char *const *keep, int keep_count);

// main.c
/// What `ps` shows of the calling process.
void show_as(const char *text);

// system.c
/// Leaves only those mounts that nodes are made from, in a mount namespace of the spawner's own.
void system_prepare(char *const *keep, int keep_count);
/// Folders of the system that are mounts of their own, outermost first.
extern const char *system_lowers[MAX_LOWERS];
extern int system_lower_count;
/// An empty read-only folder.
extern const char *const system_empty;

// groups.c
/// Finds the hierarchies of control groups and leaves the agent's groups.
void groups_prepare(void);
/// Makes the groups of a node with their limits. False with errno and `*step`.
bool groups_make(const struct request *request, const char **step);
/// Kills what runs in the node's groups and waits until they are empty: what has no record any more must not run beside a new life.
/// False with errno (EBUSY: a process doesn't end).
bool groups_kill(const char *group);
/// Kills what is in the node's groups and removes them, and those above that are empty then. Success also when there are none. False with
/// errno (EBUSY: still used).
bool groups_remove(const char *group);
/// A descriptor of the node's group for CLONE_INTO_CGROUP (version 2), or -1. The caller closes it.
int groups_descriptor(const char *group);
/// Moves the calling process into the node's groups. False with errno.
bool groups_join(const char *group);

// root.c
/// Makes the calling process's root that of a node. `binds` are detached mounts. Returns false with the error in `message`.
bool root_make(const struct request *request, const int *binds, char *message);

// node.c
/// What a new node holds of its maker: `channel` says "made" or why not, and waits there for leave to go on.
struct node_channels {
  int channel, sandbox, null;
};
/// The life of a node's first process; never returns.
void node_main(const struct request *request, struct node_channels channels, const int *binds) __attribute__((noreturn));

// command.c
/// Executes the request's command in the calling process, with `input` and `output` and `errors` as its first descriptors; never returns.
void command_execute(const struct request *request, int input, int output, int errors) __attribute__((noreturn));

// log.c
/// Appends to `log` what can be read of `output` (not waiting), and frees what is too old. What `read` returned.
ssize_t log_copy(int output, int log);
/// The same until nothing is left, for a bounded time.
void log_drain(int output, int log);

// exec.c
/// Runs a command in the node of `pidfd` and says at `channel` how it ended; never returns.
void exec_main(const struct request *request, int channel, int pidfd, const int *streams) __attribute__((noreturn));

// files.c
/// Writes a file anew, all or nothing (by rename) if `atomic`. False with errno.
bool file_write(int folder, const char *name, const char *bytes, size_t length, mode_t mode, bool atomic);
/// Makes the folders above `path` (relative to the current one). False with errno.
bool folders_above(const char *path);
/// One line of a small file under /proc or /sys; empty if it can't be read. Returns its length.
size_t file_read(const char *path, char *buffer, size_t size);
/// Start time of a process in clock ticks since boot; 0 if it is gone.
uint64_t process_start_time(pid_t pid);
