#pragma once
#include <stdint.h>

/// An eventfd that starts at zero, non-blocking and close-on-exec; with `semaphore` each read takes one. -1 with errno.
int clinux_eventfd(int semaphore, int blocking);

/// Blocks the signals in the calling thread (and all threads it makes later) and returns a non-blocking signalfd for them; -1 with errno.
int clinux_signalfd(const int *signals, int count);

/// The next signal of a signalfd; 0 when there is none.
int clinux_next_signal(int fd);

/// Whether a descriptor is a terminal: 1 or 0.
int clinux_is_terminal(int fd);

/// Milliseconds since boot, also while suspended.
uint64_t clinux_boot_milliseconds(void);

/// Runs `body(argument)` on a detached thread. 0 or an error number.
int clinux_start_thread(void (*body)(void *), void *argument);
