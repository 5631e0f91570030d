#pragma once
// Virtual machines of a testbed: a set of namespaces that lives as long as its PID 1, and programs started in them.
#include <sys/types.h>

/// Binds that one machine may have: a cgroup hierarchy each, and its folders.
#define CLINUX_BINDS 32

/// What became of a start: `error` is 0, or an errno with the step that failed.
struct clinux_report {
  pid_t pid; ///< as this process's PID namespace sees it
  int error;
  char step[64];
};

/// A program and its surroundings. All lists end in NULL.
struct clinux_command {
  const char *const *argv;
  const char *const *envp;
  const char *folder; ///< working directory inside; "/" if it can't be entered
  int output;         ///< stdout and stderr; -1: the caller's own stdin, stdout, stderr
};

/// A virtual machine: own network, mount, PID, UTS and IPC namespaces.
struct clinux_machine {
  const char *name;                 ///< host name
  struct clinux_command first;      ///< PID 1
  int own_system;                   ///< own `/sys` and an empty tmpfs on `/run`
  const char *const *binds;         ///< source, target, source, target, …; sources are opened before anything is hidden
  const char *const *settings;      ///< file, text, file, text, …: written before PID 1 starts
};

/// Makes a machine. PID 1 belongs to nobody here (it is no child of the caller). Returns 0, or -1 with `report->error` set.
int clinux_machine_boot(const struct clinux_machine *machine, struct clinux_report *report);

/// Starts a program in the machine of `pidfd`, in a session of its own and as a child of its PID 1. Returns 0 once it runs, or -1.
int clinux_machine_launch(int pidfd, const struct clinux_command *command, struct clinux_report *report);

/// Runs a program in the machine of `pidfd` and waits. `*status` is its exit code, or 128 and the signal. Returns 0, or -1 when it
/// didn't start.
int clinux_machine_exec(int pidfd, const struct clinux_command *command, int *status, struct clinux_report *report);

/// A socket that lives in the network namespace of the machine of `pidfd`; -1 with errno. No thread of the caller ever enters it.
int clinux_machine_socket(int pidfd, int domain, int type, int protocol);

/// A close-on-exec descriptor of a process; -1 with errno.
int clinux_pidfd_open(pid_t pid);

/// Sends a signal to exactly that process; -1 with errno.
int clinux_pidfd_signal(int pidfd, int signal);

/// Removes a file or folder with all in it, without following links or entering other file systems. 0 (also when there is none), or
/// -1 with errno.
int clinux_remove_tree(const char *path);

/// The caller's environment, ending in NULL; valid until somebody changes it.
char *const *clinux_environment(void);
