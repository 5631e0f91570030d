// archetype-floor N [--nodes] [--folder DIR]
//
// What the kernel itself needs for a ring of N nodes: the floor that the benchmarks compare the product with. Nothing is decided, stored,
// read back or watched; each phase is done over the whole batch, by raw netlink, on as many threads as there are processors where that is
// faster. With --nodes each node is a process in own network, mount, PID, UTS and IPC namespaces with an overlay root over "/"; without, a
// network namespace only. Prints one line of JSON and leaves nothing. What the kernel does after its answer (it frees namespaces in the
// background) isn't counted, here as in the product.
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most_nodes = 20000, most_workers = 16 };

struct node {
  pid_t pid;
  int net; // descriptor of its network namespace
};

struct part {
  int first, last; // of `nodes`
};

static struct node *nodes;
static int count, with_processes, ready[2];
static const char *folder = "/tmp/archetype-floor";

void fail(const char *what) {
  fprintf(stderr, "archetype-floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// Sets a device of the calling thread's namespace up.
static void set_up(const char *name) {
  struct ifreq request;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  memset(&request, 0, sizeof request);
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  request.ifr_flags = IFF_UP;
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0) fail(name);
  close(fd);
}

// The first process of a node; `number` names its folder.
static void be_node(int number) {
  char options[512], root[256], name[32];
  snprintf(name, sizeof name, "n%d", number);
  snprintf(root, sizeof root, "%s/%d/root", folder, number);
  snprintf(options, sizeof options, "lowerdir=/,upperdir=%s/%d/upper,workdir=%s/%d/work,volatile", folder, number, folder, number);
  if (sethostname(name, strlen(name)) < 0) fail("sethostname");
  if (mount("overlay", root, "overlay", 0, options) < 0) fail("mount overlay");
  if (chdir(root) < 0 || mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) fail("mount proc");
  if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0) fail("pivot_root");
  set_up("lo");
  if (write(ready[1], "", 1) != 1) fail("report");
  for (;;) pause();
}

static void make_folders(int number) {
  static const char *const names[] = {"", "/upper", "/work", "/root"};
  char path[256];
  for (int i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "%s/%d%s", folder, number, names[i]);
    if (mkdir(path, 0700) < 0) fail(path);
  }
}

static void *make_nodes(void *argument) {
  const struct part *part = argument;
  char path[64];
  for (int i = part->first; i < part->last; i++) {
    if (with_processes) {
      make_folders(i);
      nodes[i].pid =
          (pid_t)syscall(SYS_clone, CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD, 0, 0, 0, 0);
      if (nodes[i].pid < 0) fail("clone");
      if (nodes[i].pid == 0) be_node(i);
      snprintf(path, sizeof path, "/proc/%d/ns/net", nodes[i].pid);
    } else {
      if (unshare(CLONE_NEWNET) < 0) fail("unshare");
      set_up("lo");
      snprintf(path, sizeof path, "/proc/thread-self/ns/net");
    }
    nodes[i].net = open(path, O_RDONLY | O_CLOEXEC);
    if (nodes[i].net < 0) fail(path);
  }
  return NULL;
}

// Node ends, from inside each namespace: no request changes a device through another namespace's id.
static void *set_node_ends_up(void *argument) {
  const struct part *part = argument;
  for (int i = part->first; i < part->last; i++) {
    if (setns(nodes[i].net, CLONE_NEWNET) < 0) fail("setns");
    set_up("eth1");
    set_up("eth2");
  }
  return NULL;
}

// Runs `work` over all nodes on threads of its own, which may enter namespaces, and waits.
static void on_workers(void *(*work)(void *), int workers) {
  pthread_t threads[most_workers];
  struct part parts[most_workers];
  for (int w = 0; w < workers; w++) {
    parts[w] = (struct part){.first = count * w / workers, .last = count * (w + 1) / workers};
    if ((errno = pthread_create(&threads[w], NULL, work, &parts[w])) != 0) fail("thread");
  }
  for (int w = 0; w < workers; w++) pthread_join(threads[w], NULL);
}

static void wait_until_ready(void) {
  char bytes[256];
  close(ready[1]);
  for (int got = 0; with_processes && got < count;) {
    ssize_t n = read(ready[0], bytes, sizeof bytes);
    if (n <= 0) fail("a node didn't start");
    got += (int)n;
  }
}

static void end_nodes(void) {
  for (int i = 0; with_processes && i < count; i++) kill(nodes[i].pid, SIGKILL);
  for (int i = 0; i < count; i++) {
    if (with_processes && waitpid(nodes[i].pid, NULL, 0) < 0) fail("waitpid");
    close(nodes[i].net);
  }
}

// What an overlay with the option `volatile`, as the product's, leaves behind.
static void *remove_folders(void *argument) {
  static const char *const names[] = {
      "/root",      "/upper", "/work/work/incompat/volatile/dirty", "/work/work/incompat/volatile", "/work/work/incompat",
      "/work/work", "/work",  ""};
  const struct part *part = argument;
  char path[256];
  for (int i = part->first; i < part->last; i++)
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
      snprintf(path, sizeof path, "%s/%d%s", folder, i, names[k]);
      if (remove(path) < 0 && errno != ENOENT) fail(path);
    }
  return NULL;
}

static void write_setting(const char *path, const char *value) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, value, strlen(value)) < 0) fail(path);
  close(fd);
}

int main(int argc, char **argv) {
  int workers = (int)sysconf(_SC_NPROCESSORS_ONLN);
  count = argc > 1 ? atoi(argv[1]) : 0;
  for (int i = 2; i < argc; i++) {
    if (strcmp(argv[i], "--nodes") == 0) with_processes = 1;
    else if (strcmp(argv[i], "--folder") == 0 && i + 1 < argc) folder = argv[++i];
    else count = 0;
  }
  if (count < 2 || count > most_nodes) {
    fprintf(stderr, "usage: archetype-floor N [--nodes] [--folder DIR]   (N: 2 to %d)\n", most_nodes);
    return 2;
  }
  if (workers > most_workers) workers = most_workers;
  nodes = calloc((size_t)count, sizeof *nodes);
  if (!nodes || pipe2(ready, O_CLOEXEC) < 0) fail("prepare");
  if (with_processes && mkdir(folder, 0700) < 0) fail(folder);
  raise_descriptor_limit();
  // This process is in the fabric from here on, and in a mount namespace that nobody else's pins are copied into.
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail("unshare");
  write_setting("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
  write_setting("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  int fabric = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

  double start = now();
  on_workers(make_nodes, workers);
  wait_until_ready();
  double nodes_up = now();
  int socket = open_route_socket();
  int *nets = calloc((size_t)count, sizeof *nets);
  for (int i = 0; nets && i < count; i++) nets[i] = nodes[i].net;
  create_taps(socket, nets, count);
  on_workers(set_node_ends_up, workers);
  if (setns(fabric, CLONE_NEWNET) < 0) fail("setns");
  mark_and_raise(socket, count);
  patch_ring(socket, count);
  double cables_up = now();
  int up = count_carriers(socket);
  if (up != 2 * count) {
    errno = ENOLINK;
    fprintf(stderr, "archetype-floor: %d of %d ends have carrier\n", up, 2 * count);
    fail("check");
  }
  double checked = now();
  delete_taps(socket);
  double cables_down = now();
  end_nodes();
  if (with_processes) on_workers(remove_folders, workers);
  double nodes_down = now();
  if (with_processes && rmdir(folder) < 0) fail(folder);
  printf("{\"n\":%d,\"nodes\":%s,\"nodes_up_s\":%.4f,\"cables_up_s\":%.4f,\"down_s\":%.4f,\"nodes_down_s\":%.4f}\n", count,
         with_processes ? "true" : "false", nodes_up - start, cables_up - nodes_up, cables_down - checked, nodes_down - cables_down);
  free(nets);
  free(nodes);
  return 0;
}
