#define _GNU_SOURCE
#include "include/reactor.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

int clinux_eventfd(int semaphore, int blocking) {
  return eventfd(0, EFD_CLOEXEC | (semaphore ? EFD_SEMAPHORE : 0) | (blocking ? 0 : EFD_NONBLOCK));
}

int clinux_signalfd(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  if (pthread_sigmask(SIG_BLOCK, &set, 0) != 0) return -1;
  return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int clinux_next_signal(int fd) {
  struct signalfd_siginfo info;
  return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

int clinux_is_terminal(int fd) { return isatty(fd); }

uint64_t clinux_boot_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct thread_start {
  void (*body)(void *);
  void *argument;
};

static void *run_thread(void *memory) {
  struct thread_start start = *(struct thread_start *)memory;
  free(memory);
  start.body(start.argument);
  return 0;
}

int clinux_start_thread(void (*body)(void *), void *argument) {
  struct thread_start *start = malloc(sizeof *start);
  if (start == 0) return 12;  // ENOMEM
  *start = (struct thread_start){body, argument};
  pthread_t thread;
  int error = pthread_create(&thread, 0, run_thread, start);
  if (error != 0) free(start);
  else pthread_detach(thread);
  return error;
}
