#pragma once
// A program in a container that enters the host it runs on.

/// Set for the program that runs in the host: its own file there, an absolute path.
#define CLINUX_ENTERED "ARCHETYPE_ENTERED"

/// In a container that shares the host's processes (`pid: host`) but not its files, runs this program again in the host's mount, control
/// group, host name, IPC and network namespaces, passes signals on to it and waits for it; the program and its libraries are still the
/// container's. Anywhere else it does nothing. To be called before any thread is made.
///
/// The exit code of the program that ran in the host; -1: not in such a container, or already in the host; -2 with errno: `*step` failed.
int clinux_enter_host(char *const *argv, const char **step);
